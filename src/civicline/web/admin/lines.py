"""Queues: the promise, who serves them, how they relax, when they alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.insight.wording import clock_words
from civicline.intake import selectors as intake
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.people import selectors as people
from civicline.people.permissions import may
from civicline.routing import selectors as routing
from civicline.routing import services as routing_services
from civicline.routing.gaps import list_gaps
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view, user_of
from civicline.web.admin.forms import PageForm, code_field, whole

if TYPE_CHECKING:
    from civicline.routing.models import Queue

RINGS = 5
"""So many are asked for, and as many as there are where a queue has more."""
SERVES = [("", _("Does not serve it")), ("member", _("Serves it")), ("partner", _("Lent: last ring only"))]
SECONDS = _("In seconds.")


class QueueForm(PageForm):
    """A queue with its rings and the people who serve it."""

    texts: ClassVar[Any] = {"name": (_("Name"), 1)}
    calendar = forms.ChoiceField(label=_("Opening hours"))
    position = whole(_("Place on the boards"), _("Small numbers come first."), most=100_000)
    emergency = forms.BooleanField(
        label=_("Emergency line"),
        required=False,
        help_text=_("Its contacts come before all others and may interrupt written work."),
    )
    active = forms.BooleanField(label=_("In use"), required=False)
    target_share = whole(
        _("Share that is answered in time, in per cent"),
        _("With the time below: our promise."),
        least=1,
        most=100,
    )
    target_seconds = whole(_("Answered within"), _("In seconds: 180 is three minutes."), least=1)
    written_target_seconds = whole(
        _("Written work answered within"), _("In seconds of opening hours: 86400 is 24 open hours."), least=1
    )
    short_abandon_seconds = whole(
        _("Not counted as given up when they left within"), _("In seconds: 5 is usual."), most=600
    )
    offer_seconds = whole(_("Time to answer an offer"), SECONDS, least=5, most=120)
    wrap_up_seconds = whole(
        _("Time for wrap-up"), _("In seconds; then the contact closes by itself."), most=7200
    )
    preferred_seconds = whole(
        _("Kept for the person who knows the case"), _("In seconds, before others are asked."), most=7200
    )
    ageing_seconds = whole(
        _("One step of priority is worth this much waiting"),
        _("In seconds: with 300, somebody of priority 1 goes before people who came up to 5 minutes earlier, "
          "and behind all who came before that. So nobody waits for ever."),
        least=1,
        most=86_400,
    )  # fmt: skip
    max_waiting = whole(
        _("Most who may wait"),
        _("More are asked to write instead, and told the wait. Empty: no limit."),
        least=1,
        most=100_000,
        required=False,
    )
    alarm_waiting = whole(_("Alarm when so many wait"), least=1, most=100_000)
    alarm_longest_seconds = whole(_("Alarm when somebody waits longer than"), SECONDS, least=1)

    def __init__(self, *args: Any, queue: Queue | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if queue is None:
            self.fields["code"] = code_field()
        calendars: Any = self.fields["calendar"]
        calendars.choices = [(row.code, pages.text_of(row.name)) for row in intake.list_calendars()]
        others = [("", _("No other queue"))] + [
            (row.code, pages.text_of(row.name))
            for row in routing.list_queues()
            if queue is None or row.pk != queue.pk
        ]
        self.numbers = range(1, max(RINGS, queue.rings.count() if queue is not None else 0) + 1)
        for number in self.numbers:
            after = _("Ring %(number)s: after seconds") % {"number": number}
            self.fields[f"ring_{number}_after"] = whole(after, required=False)
            self.fields[f"ring_{number}_drop"] = forms.ChoiceField(
                label=_("Lower levels by"), choices=[(str(n), str(n)) for n in range(5)], required=False
            )
            self.fields[f"ring_{number}_overflow"] = forms.ChoiceField(
                label=_("Ask the staff of"), choices=others, required=False
            )
        self.agents = list(people.list_agents())
        for agent in self.agents:
            self.fields[f"agent_{agent.pk}"] = forms.ChoiceField(
                label=agent.user.name, choices=SERVES, required=False
            )

    def rings(self) -> list[routing_services.RingSpec]:
        """The rings that were filled in. Raises `Invalid` for one without a time."""
        rings = []
        for number in self.numbers:
            after = self.cleaned_data.get(f"ring_{number}_after")
            drop = int(self.cleaned_data.get(f"ring_{number}_drop") or 0)
            overflow = self.cleaned_data.get(f"ring_{number}_overflow") or ""
            if after is None and (drop or overflow):
                raise Invalid(fields={f"ring_{number}_after": _("Say after how many seconds this begins.")})
            if after is not None:
                rings.append(routing_services.RingSpec(after, drop, overflow))
        return rings

    def serving(self, how: str) -> list[UUID]:
        """Who serves it in this way."""
        return [agent.pk for agent in self.agents if self.cleaned_data.get(f"agent_{agent.pk}") == how]


def sections_of_queue(form: QueueForm, new: bool) -> list[editing.Section]:
    """The parts of the form."""
    rings = [f"ring_{n}_{part}" for n in form.numbers for part in ("after", "drop", "overflow")]
    return [
        editing.Section(
            _("The queue"), [*(["code"] if new else []), "name", "calendar", "position", "emergency", "active"]
        ),
        editing.Section(
            _("The promise"), ["target_share", "target_seconds", "written_target_seconds", "short_abandon_seconds"]
        ),
        editing.Section(
            _("Times and order"),
            ["offer_seconds", "wrap_up_seconds", "preferred_seconds", "ageing_seconds", "max_waiting"],
        ),
        editing.Section(
            _("Rings"),
            rings,
            _("When somebody has waited this long, we ask for less: lower levels, then another queue's staff. "
              "They keep their place in the line."),
            table=True,
        ),
        editing.Section(
            _("Who serves it"),
            [f"agent_{agent.pk}" for agent in form.agents],
            _("Lent people of another body are reached by the last ring only."),
            table=True,
        ),
        editing.Section(_("Alarms on the board"), ["alarm_waiting", "alarm_longest_seconds"]),
    ]  # fmt: skip


PLAIN = (
    "target_seconds", "written_target_seconds", "short_abandon_seconds", "offer_seconds", "wrap_up_seconds",
    "preferred_seconds", "ageing_seconds", "max_waiting", "alarm_waiting", "alarm_longest_seconds", "position",
    "emergency", "active",
)  # fmt: skip


@require_GET
@admin_view("config.read")
def queues(request: HttpRequest) -> HttpResponse:
    """Every queue, closed ones too, with what is wrong with it."""
    gaps = {gap.queue for gap in list_gaps() if not gap.later}
    rows = []
    for queue in routing.list_kept_queues():
        members = len(queue.members.all())
        tags = [] if queue.active else [("idle", pgettext("line", "Closed"))]
        if queue.active and not members:
            tags.append(("critical", gettext("Nobody serves it")))
        elif queue.code in gaps:
            tags.append(("critical", gettext("A service nobody can serve")))
        if queue.emergency:
            tags.append(("info", gettext("Emergency")))
        promise = gettext("%(share)s%% within %(time)s") % {
            "share": round(queue.target_share * 100),
            "time": clock_words(queue.target_seconds),
        }
        rows.append(
            {
                "href": reverse("admin:queue", args=[queue.code]),
                "name": pages.text_of(queue.name),
                "tags": tags,
                "cells": [promise, members, len(queue.rings.all()), len(queue.routes.all())],
            }
        )
    add = {"href": reverse("admin:new_queue"), "label": gettext("New queue")}
    context = {
        "title": gettext("Queues"),
        "meta": gettext("Lines of contacts that share a promise."),
        "columns": [_("Queue"), _("Promise"), _("Staff"), _("Rings"), _("Services")],
        "rows": rows,
        "add": add if may(user_of(request), "config.edit") else None,
        "empty_text": gettext("There are no queues yet. Make the first one."),
        "empty_more": gettext(
            "In a queue contacts wait for those who serve it. It says how fast we promise to answer."
        ),
        "empty_icon": "users",
    }
    return pages.page(request, "admin/list.html", context, section="queues")


@require_http_methods(["GET", "POST"])
@admin_view("config.edit")
def new_queue(request: HttpRequest) -> HttpResponse:
    """Make a queue."""
    return _page(request, None)


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def queue(request: HttpRequest, code: str) -> HttpResponse:
    """Change a queue."""
    found = routing.get_kept_queue(code)
    if found is None:
        raise NotFound(_("There is no such queue."), code="queue-unknown")
    return _page(request, found)


def _page(request: HttpRequest, queue: Queue | None) -> HttpResponse:
    form = QueueForm(request.POST or None, initial=_initial(queue), queue=queue)
    code = queue.code if queue is not None else ""
    gaps = [gap for gap in list_gaps() if queue is not None and gap.queue == queue.code]
    page = editing.Editing(
        form=form,
        title=pages.text_of(queue.name) if queue is not None else gettext("New queue"),
        meta=code,
        section="queues",
        back=reverse("admin:queues"),
        sections=sections_of_queue(form, queue is None),
        write=lambda: _store(form, queue),
        done=lambda: reverse("admin:queue", args=[code or form.cleaned_data["code"]]),
        objects=[("queue", code)] if code else [],
        template="admin/queue.html",
        extra={"gaps": gaps, "queue": queue},
    )
    return editing.answer(request, page)


def _store(form: QueueForm, queue: Queue | None) -> None:
    data = form.cleaned_data
    code = queue.code if queue is not None else data["code"]
    if queue is None and routing.get_kept_queue(code) is not None:
        raise Conflict(_("There is already a queue called “%(short)s”."), code="code-taken", short=code)
    calendar = intake.get_calendar(data["calendar"])
    if calendar is None:
        raise NotFound(_("These opening hours are gone. Choose others."), code="gone")
    if queue is not None and queue.active and not data["active"]:
        routing_services.retire_queue(code=code)
    kept = routing_services.save_queue(
        code=code,
        name=form.texts_of("name"),
        calendar=calendar,
        target_share=data["target_share"] / 100,
        **{name: data[name] for name in PLAIN},
    )
    routing_services.set_rings(queue=kept, rings=form.rings())
    routing_services.set_members(
        queue=kept, agent_ids=form.serving("member"), partner_ids=form.serving("partner")
    )


def _initial(queue: Queue | None) -> dict[str, Any]:
    if queue is None:
        return {
            "target_share": 80, "target_seconds": 180, "written_target_seconds": 86_400, "offer_seconds": 20,
            "short_abandon_seconds": 5, "wrap_up_seconds": 120, "preferred_seconds": 60, "ageing_seconds": 300,
            "alarm_waiting": 10, "alarm_longest_seconds": 600, "position": 0, "active": True,
        }  # fmt: skip
    rings: dict[str, Any] = {}
    for number, ring in enumerate(queue.rings.all(), start=1):
        rings[f"ring_{number}_after"] = ring.after_seconds
        rings[f"ring_{number}_drop"] = str(ring.level_drop)
        rings[f"ring_{number}_overflow"] = ring.overflow.code if ring.overflow else ""
    members = {f"agent_{row.agent_id}": "partner" if row.partner else "member" for row in queue.members.all()}
    return {
        **{name: getattr(queue, name) for name in PLAIN},
        **rings,
        **members,
        "name": queue.name,
        "calendar": queue.calendar.code,
        "target_share": round(queue.target_share * 100),
    }


@require_POST
@admin_view("config.edit")
def retire_queue(request: HttpRequest, code: str) -> HttpResponse:
    """Close a queue for good."""
    routing_services.retire_queue(code=code)
    messages.success(request, gettext("This queue is closed."))
    return HttpResponseRedirect(reverse("admin:queues"))
