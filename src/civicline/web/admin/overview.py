"""The first page of administration: what keeps residents from being served, before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from civicline.engine import hours
from civicline.intake import selectors as intake
from civicline.kernel import clock
from civicline.kernel import selectors as kernel
from civicline.people import selectors as people
from civicline.people.permissions import may
from civicline.people.roles import Role
from civicline.routing import selectors as routing
from civicline.routing.gaps import list_gaps
from civicline.web.admin import pages
from civicline.web.admin.access import admin_view, user_of

if TYPE_CHECKING:
    from civicline.people.models import User

SOON_DAYS = 30
CARDS = [
    ("config.read", "services", _("Services"), _("What residents choose: words, ways in, questions, route.")),
    ("config.read", "queues", _("Queues"), _("The promise, who serves it, how it relaxes, when it alarms.")),
    ("config.read", "calendars", _("Opening hours"), _("Weeks, public holidays, single days.")),
    ("config.read", "skills", _("Skills"), _("What staff can do: services, languages, certificates.")),
    ("staff.read", "staff", _("Staff"), _("Accounts, roles, skills, capacity, invitations.")),
    ("config.read", "promises", _("Promises"), _("How fast cases are answered and done.")),
    (
        "resident.export",
        "residents",
        _("Residents"),
        _("A copy of all that we hold about somebody, and erasing it."),
    ),
    (
        "hold.read",
        "holds",
        _("Legal holds"),
        _("What has to stay as it is. Retention and erasure pass it by."),
    ),
    (
        "retention.read",
        "retention",
        _("Retention"),
        _("What goes by itself, and when. The times stand in the configuration."),
    ),
    ("token.edit", "connections", _("Connections"), _("Other programs, other sites and wall screens.")),
]
"""The ways to what is kept: who may (an action), the page, its name, what is there."""


@require_GET
@admin_view("config.read")
def home(request: HttpRequest) -> HttpResponse:
    """Problems first, then the ways to everything that is kept."""
    found = [
        *_unserved(),
        *_empty_queues(),
        *_closed_calendars(),
        *_certificates(),
        *_unrouted(),
        *_lonely(),
        *_records(),
    ]
    context = {
        "title": gettext("Administration"),
        "meta": ngettext("%(count)d thing to put right", "%(count)d things to put right", len(found))
        % {"count": len(found)},
        "problems": found,
        "cards": _cards(user_of(request)),
    }
    return pages.page(request, "admin/overview.html", context, section="overview")


def _problem(title: str, text: str, link: str, href: str, kind: str = "critical") -> dict[str, str]:
    return {"title": title, "text": text, "link": link, "href": href, "kind": kind}


def _unserved() -> list[dict[str, str]]:
    names = {row.code: pages.text_of(row.name) for row in intake.list_kept_services()}
    problems = []
    for gap in list_gaps():
        needs = ", ".join(
            gettext("%(skill)s at level %(level)s") % {"skill": skill, "level": level}
            for skill, level in gap.skills
        )
        text = gettext("Its queue “%(queue)s” needs %(needs)s.") % {
            "queue": gap.queue,
            "needs": needs or gettext("at least one member of staff"),
        }
        if gap.later:
            text += " " + gettext("Somebody can once the rings relax; until then residents wait.")
        title = gettext("Nobody can serve “%(service)s”.") % {"service": names.get(gap.service, gap.service)}
        kind = "attention" if gap.later else "critical"
        link = gettext("Change the queue's staff and rings")
        problems.append(_problem(title, text, link, reverse("admin:queue", args=[gap.queue]), kind))
    return problems


def _empty_queues() -> list[dict[str, str]]:
    return [
        _problem(
            gettext("Nobody serves the queue “%(queue)s”.") % {"queue": pages.text_of(queue.name)},
            gettext("Whoever is put into it waits for ever."),
            gettext("Choose who serves it"),
            reverse("admin:queue", args=[queue.code]),
        )
        for queue in routing.list_kept_queues()
        if queue.active and not queue.members.all()
    ]


def _records() -> list[dict[str, str]]:
    """What is wrong with the records: a broken audit log, holds that somebody wanted to look at again."""
    problems = []
    checked = kernel.last_audit("audit.checked")
    if checked is not None and checked.data.get("broken"):
        title = gettext("The audit log was meddled with.")
        text = gettext("Its chain is broken at the entries %(run)s.") % {"run": checked.data["broken"]}
        problems.append(_problem(title, text, gettext("See the check"), reverse("admin:retention")))
    for hold in people.list_holds().filter(review_on__lte=clock.now().date()):
        name = hold.reference or gettext("a resident")
        title = gettext("The hold on %(name)s wants to be looked at again.") % {"name": name}
        text = gettext("End it, or let it go on.")
        href = reverse("admin:hold", args=[hold.pk])
        problems.append(_problem(title, text, gettext("To the hold"), href, "attention"))
    return problems


def _closed_calendars() -> list[dict[str, str]]:
    now = clock.now()
    return [
        _problem(
            gettext("“%(calendar)s” never opens.") % {"calendar": pages.text_of(calendar.name)},
            gettext("Services with these hours are told as closed for good."),
            gettext("Write the opening hours"),
            reverse("admin:calendar", args=[calendar.code]),
        )
        for calendar in intake.list_calendars()
        if not hours.is_open(intake.hours_of(calendar), now)
        and hours.next_opening(intake.hours_of(calendar), now) is None
    ]


def _certificates() -> list[dict[str, str]]:
    today = clock.now().date()
    problems = []
    for held in people.expiring_skills(within_days=SOON_DAYS):
        if held.expires_on is None:
            continue
        words = {
            "name": held.agent.user.name,
            "skill": pages.text_of(held.skill.name) or held.skill.code,
            "day": formats.date_format(held.expires_on),
        }
        over = held.expires_on < today
        title = (
            gettext("The certificate “%(skill)s” of %(name)s ran out on %(day)s.")
            if over
            else gettext("The certificate “%(skill)s” of %(name)s runs out on %(day)s.")
        )
        problems.append(
            _problem(
                title % words,
                gettext("Contacts that need it do not reach this person any more.") if over else "",
                gettext("Change the skills"),
                reverse("admin:person", args=[held.agent.pk]),
                "critical" if over else "attention",
            )
        )
    return problems


def _unrouted() -> list[dict[str, str]]:
    return [
        _problem(
            gettext("“%(service)s” leads to no queue.") % {"service": pages.text_of(service.name)},
            gettext("Its contacts cannot be put in line."),
            gettext("Choose a queue"),
            reverse("admin:service", args=[service.code]),
        )
        for service in intake.list_kept_services()
        if service.active and routing.get_route(service.pk) is None
    ]


def _lonely() -> list[dict[str, str]]:
    if people.users_with_role(Role.ADMINISTRATOR).count() != 1:
        return []
    return [
        _problem(
            gettext("There is only one administrator."),
            gettext("When they are ill or lose their second factor, nobody can change anything."),
            gettext("Give the role to a second person"),
            reverse("admin:staff"),
            "attention",
        )
    ]


def _cards(user: User) -> list[dict[str, Any]]:
    """The ways to all that this person may open."""
    return [
        {"href": reverse(f"admin:{name}"), "label": label, "text": text}
        for action, name, label, text in CARDS
        if may(user, action)
    ]
