"""The first page of administration: what keeps residents from being served, before anything else."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET

from civicline.engine import hours
from civicline.intake import selectors as intake
from civicline.kernel import clock
from civicline.kernel import selectors as kernel
from civicline.people import selectors as people
from civicline.people.roles import Role
from civicline.routing import selectors as routing
from civicline.routing.gaps import list_gaps
from civicline.web.admin import pages
from civicline.web.admin.access import admin_view

SOON_DAYS = 30


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
        "cards": _cards(),
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


def _cards() -> list[dict[str, Any]]:
    items = [
        ("admin:services", gettext("Services"), gettext("What residents choose: words, ways in, questions, route.")),
        ("admin:queues", gettext("Queues"), gettext("The promise, who serves it, how it relaxes, when it alarms.")),
        ("admin:calendars", gettext("Opening hours"), gettext("Weeks, public holidays, single days.")),
        ("admin:skills", gettext("Skills"), gettext("What staff can do: services, languages, certificates.")),
        ("admin:staff", gettext("Staff"), gettext("Accounts, roles, skills, capacity, invitations.")),
        ("admin:promises", gettext("Promises"), gettext("How fast cases are answered and done.")),
        ("admin:connections", gettext("Connections"), gettext("Other programs, other sites, wall screens.")),
    ]  # fmt: skip
    return [{"href": reverse(name), "label": label, "text": text} for name, label, text in items]
