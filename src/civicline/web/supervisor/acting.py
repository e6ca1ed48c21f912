"""Deeds of a supervisor: on contacts, alarms and presences, each with a reason that stays in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from civicline.engine import lifecycle
from civicline.insight import wording
from civicline.kernel import audit
from civicline.kernel.errors import Invalid, Refused
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.people.permissions import may
from civicline.people.wording import LENT
from civicline.routing import selectors as routing
from civicline.routing import services as routing_services
from civicline.routing.services.supervise import PRIORITIES
from civicline.web.supervisor import pages, views
from civicline.web.supervisor.access import (
    load_agent,
    load_alarm,
    load_contact,
    supervisor_view,
    user_of,
    wants_parts,
    words_of,
)

if TYPE_CHECKING:
    from civicline.intake.models import Contact
    from civicline.people.models import Agent
    from civicline.people.selectors import AgentFacts
    from civicline.routing.models import Alarm

DEEDS = ("move", "assign", "prioritise", "take_over")
SET_BY_SUPERVISOR = {"signed_out": "signed_out_by_supervisor", "away": "other"}


@require_GET
@supervisor_view("contact.read", obj=load_contact)
def contact(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """One contact with what can be done: as a page, or as the content of a dialog."""
    audit.record("resident.read", object=("contact", contact.pk), resident_id=contact.resident_id)
    return _contact(request, contact)


def _known_of(fact: AgentFacts, lent: dict[UUID, bool]) -> str:
    """What somebody does, and whether a partner body lends them: the contact would leave the house with them."""
    state = str(wording.STATES.get(fact.state, fact.state))
    return f"{state}, {LENT}" if lent.get(fact.agent_id) else state


def _contact(
    request: HttpRequest, contact: Contact, *, problem: str = "", deed: str = "", status: int = 200
) -> HttpResponse:
    user = user_of(request)
    signed_in = [fact for fact in people.agent_states() if fact.state != "signed_out"]
    lent = routing.lent_by_agent(contact.queue_id)
    context = {
        "contact": contact,
        "line": views.line(contact, 0),
        "queue_name": wording.name_of(contact.queue),
        "queues": [
            (one.code, wording.name_of(one)) for one in routing.list_queues() if one.pk != contact.queue_id
        ],
        "agents": [
            (str(fact.agent_id), f"{fact.name} ({_known_of(fact, lent)})")
            for fact in sorted(signed_in, key=lambda fact: fact.name.casefold())
            if fact.agent_id != contact.agent_id
        ],
        "priorities": [(str(step), f"{step:+d}" if step else "0") for step in reversed(PRIORITIES)],
        "allowed": {deed: may(user, f"contact.{deed}", contact) for deed in DEEDS},
        "waiting": contact.state in ("queued", "offered"),
        "over": contact.state in ("closed", "abandoned"),
        "is_agent": getattr(user, "agent", None) is not None,
        "problem": problem,
        "deed": deed,
        "given": {name: request.POST.get(name, "") for name in ("queue", "agent", "priority", "reason")},
    }
    if wants_parts(request):
        # Shown inside the dialog whatever the outcome: htmx swaps 200 only, the words carry the refusal.
        return render(request, "supervisor/_contact.html", pages.frame(request, section="live") | context)
    return pages.page(request, "supervisor/contact.html", context, status=status)


def _deed(request: HttpRequest, contact: Contact, deed: str, act: Callable[[], str]) -> HttpResponseBase:
    """Do it, and go back to the queue; or show the form again with what is wrong and what was typed."""
    try:
        words = act()
    except Refused as refused:
        fresh = load_contact(request, contact.pk)
        return _contact(request, fresh, problem=words_of(refused), deed=deed, status=refused.status)
    to = (
        reverse("supervisor:queue", args=[contact.queue.code])
        if contact.queue
        else reverse("supervisor:home")
    )
    return pages.done(request, words, to)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")


@require_POST
@supervisor_view("contact.move", obj=load_contact)
def move(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Put a waiting contact into another queue, at its place by arrival."""

    def act() -> str:
        queue = routing.get_queue(request.POST.get("queue", ""))
        if queue is None:
            raise Invalid(code="queue-missing", fields={"queue": _("Choose a queue.")})
        routing_services.move(
            contact_id=contact.pk, queue=queue, by=user_of(request).pk, reason=_reason(request)
        )
        return gettext("%(reference)s waits in %(queue)s now, at its own place.") % {
            "reference": contact.reference,
            "queue": wording.name_of(queue),
        }

    return _deed(request, contact, "move", act)


@require_POST
@supervisor_view("contact.assign", obj=load_contact)
def assign(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Give a contact straight into an agent's hands."""

    def act() -> str:
        try:
            agent = people.get_agent(UUID(request.POST.get("agent", "")))
        except ValueError:
            raise Invalid(code="agent-missing", fields={"agent": _("Choose a person.")}) from None
        routing_services.assign(
            contact_id=contact.pk, agent_id=agent.pk, by=user_of(request).pk, reason=_reason(request)
        )
        return gettext("%(name)s has %(reference)s now.") % {
            "name": agent.user.name,
            "reference": contact.reference,
        }

    return _deed(request, contact, "assign", act)


@require_POST
@supervisor_view("contact.prioritise", obj=load_contact)
def prioritise(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Give a waiting contact another priority."""

    def act() -> str:
        try:
            priority = int(request.POST.get("priority", ""))
        except ValueError:
            raise Invalid(code="priority-missing", fields={"priority": _("Choose a priority.")}) from None
        routing_services.prioritise(
            contact_id=contact.pk, priority=priority, by=user_of(request).pk, reason=_reason(request)
        )
        return gettext("%(reference)s has priority %(priority)s now.") % {
            "reference": contact.reference,
            "priority": f"{priority:+d}" if priority else "0",
        }

    return _deed(request, contact, "prioritise", act)


@require_POST
@supervisor_view("contact.take_over", obj=load_contact)
def take_over(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Take a contact into one's own hands."""

    def act() -> str:
        routing_services.take_over(contact_id=contact.pk, by=user_of(request).pk, reason=_reason(request))
        return gettext("%(reference)s is in your hands. It is on your desk.") % {
            "reference": contact.reference
        }

    return _deed(request, contact, "take_over", act)


@require_GET
@supervisor_view("presence.read", obj=load_agent)
def person(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """One agent: what they do, and setting it for them."""
    return _person(request, agent)


def _person(request: HttpRequest, agent: Agent, *, problem: str = "", status: int = 200) -> HttpResponse:
    presence = getattr(agent, "presence", None)
    state = presence.state if presence else "signed_out"
    choices = [
        (target, str(wording.STATES[target]))
        for target in SET_BY_SUPERVISOR
        if target != state and lifecycle.can(lifecycle.PRESENCE, state, target)
    ]
    context = {
        "agent": agent,
        "presence": presence,
        "state": state,
        "state_words": wording.STATES.get(state, state),
        "glyph_name": wording.GLYPHS.get(state, "away"),
        "choices": choices,
        "given": {name: request.POST.get(name, "") for name in ("state", "reason")},
        "problem": problem,
        "allowed": may(user_of(request), "presence.set", agent),
    }
    if wants_parts(request):
        return render(request, "supervisor/_person.html", pages.frame(request, section="live") | context)
    return pages.page(request, "supervisor/person.html", context, status=status)


@require_POST
@supervisor_view("presence.set", obj=load_agent)
def presence(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Set an agent away, or sign them out, with a reason."""
    state, reason = request.POST.get("state", ""), _reason(request).strip()
    try:
        if state not in SET_BY_SUPERVISOR:
            raise Invalid(code="state-missing", fields={"state": _("Choose what to set.")})
        if len(reason) < 3:
            raise Invalid(
                code="reason-missing", fields={"reason": _("Say why. The reason stays in the log.")}
            )
        people_services.set_presence(
            agent_id=agent.pk, state=state, reason=SET_BY_SUPERVISOR[state], by=user_of(request).pk
        )
        audit.record("presence.set", object=("agent", agent.pk), reason=reason[:500], data={"state": state})
    except Refused as refused:
        return _person(
            request, load_agent(request, agent.pk), problem=words_of(refused), status=refused.status
        )
    words = gettext("%(name)s: %(state)s.") % {"name": agent.user.name, "state": wording.STATES[state]}
    return pages.done(request, words, reverse("supervisor:home"))


@require_POST
@supervisor_view("alarm.take", obj=load_alarm)
def take_alarm(request: HttpRequest, alarm: Alarm) -> HttpResponseBase:
    """Take an alarm: everybody sees who cares for it, and since when."""
    routing_services.take_alarm(alarm_id=alarm.pk, by=user_of(request).pk)
    return _after_alarm(request)


@require_POST
@supervisor_view("alarm.take", obj=load_alarm)
def snooze_alarm(request: HttpRequest, alarm: Alarm) -> HttpResponseBase:
    """Keep an alarm quiet for some minutes."""
    minutes: Any = request.POST.get("minutes", "")
    routing_services.snooze_alarm(
        alarm_id=alarm.pk, minutes=int(minutes) if minutes.isdecimal() else 0, by=user_of(request).pk
    )
    return _after_alarm(request)


def _after_alarm(request: HttpRequest) -> HttpResponseBase:
    """Back to the board the alarm was taken on."""
    to = reverse("supervisor:home")
    code = request.POST.get("on", "")
    if routing.get_queue(code) is not None:
        to = f"{to}?queue={code}"
    return pages.done(request, gettext("Noted."), to)
