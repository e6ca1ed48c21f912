"""The calls of now: who talks with whom, how long and how; and what a supervisor does about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from civicline.channels.voice import selectors as voice
from civicline.channels.voice import services
from civicline.channels.voice.company import selectors as company
from civicline.insight import wording
from civicline.kernel import clock
from civicline.kernel.errors import Refused
from civicline.kernel.telephone import in_groups
from civicline.people.permissions import may
from civicline.web.supervisor import pages
from civicline.web.supervisor.access import load_contact, supervisor_view, user_of, wants_parts, words_of

if TYPE_CHECKING:
    from civicline.channels.voice.company.models import Party
    from civicline.channels.voice.models import Call
    from civicline.intake.models import Contact

STATES = {
    "ringing": (pgettext_lazy("call", "Rings"), "away"),
    "ivr": (pgettext_lazy("call", "In the menu"), "away"),
    "queued": (pgettext_lazy("call", "Waits"), "away"),
    "offered": (pgettext_lazy("call", "Rings at a desk"), "away"),
    "talking": (pgettext_lazy("call", "Talks"), "contact"),
    "held": (pgettext_lazy("call", "On hold"), "away"),
    "consult": (pgettext_lazy("call", "On hold, a colleague is asked"), "away"),
    "conference": (pgettext_lazy("call", "Conference"), "contact"),
    "outside": (pgettext_lazy("call", "With somebody outside"), "contact"),
    "passed": (pgettext_lazy("call", "Passed on, it rings outside"), "away"),
}
HOW = {
    "ringing": _("is rung"),
    "listening": _("listens"),
    "whispering": _("speaks to the agent"),
    "joined": _("is in the talk"),
    "private": _("is asked"),
    "aside": _("waits with music"),
}
WAYS = {
    "listen": (_("Listen"), _("You hear both. Nobody hears you."), "ear"),
    "whisper": (_("Whisper"), _("Only the agent hears you."), "whisper"),
    "barge": (_("Join in"), _("Everybody hears you."), "users"),
}
WITH_AGENT = ("talking", "held")


@dataclass(frozen=True, slots=True)
class Row:
    """One call. `since`: since when it is as it is with an agent, or since it came. `others`: (name, how)."""

    contact_id: UUID
    reference: str
    number: str
    from_page: bool
    queue: str
    agent: str
    state: str
    words: str
    glyph: str
    since: datetime
    time: str
    recorded: bool
    with_agent: bool
    others: tuple[tuple[str, str], ...]
    own: str
    """How whoever looks is in the call themselves; "" when they are not."""


def rows(user_id: UUID) -> list[Row]:
    """All calls with a caller on the line, the longest first; three queries however many."""
    calls = voice.live_calls_with_contacts()
    parties = company.parties_of_calls([call.pk for call in calls])
    return [_row(call, parties.get(call.pk, []), user_id) for call in calls]


def _state(call: Call, parties: list[Party]) -> str:
    states = {one.state for one in parties if one.kind == "consult"}
    if call.state == "held" and states & {"ringing", "private"}:
        return "consult"
    if call.state == "outside" and "ringing" in states:
        return "passed"
    return "conference" if call.state == "talking" and "joined" in states else call.state


def _row(call: Call, parties: list[Party], user_id: UUID) -> Row:
    contact = call.contact
    state = _state(call, parties)
    words, glyph = STATES.get(state, (state, "away"))
    since = call.talking_at or call.started_at
    return Row(
        contact_id=contact.pk,
        reference=contact.reference,
        number=call.number,
        from_page=voice.is_from_page(contact),
        queue=wording.name_of(contact.queue) if contact.queue else "",
        agent=contact.agent.user.name if contact.agent and contact.state != "queued" else "",
        state=state,
        words=str(words),
        glyph=glyph,
        since=since,
        time=wording.clock_words((clock.now() - since).total_seconds()),
        recorded=bool(call.recording) and call.state in WITH_AGENT,
        with_agent=call.state in WITH_AGENT and contact.state == "connected",
        others=tuple((_name(one), str(HOW.get(one.state, ""))) for one in parties),
        own=next((one.state for one in parties if one.agent_id == user_id), ""),
    )


def _name(party: Party) -> str:
    return party.agent.user.name if party.agent else in_groups(party.number)


def _context(request: HttpRequest) -> dict[str, Any]:
    user = user_of(request)
    found = rows(user.pk)
    return {
        "calls": found,
        "counts": {
            "talking": sum(one.state in ("talking", "conference", "outside") for one in found),
            "held": sum(one.state in ("held", "consult") for one in found),
            "waiting": sum(one.state in ("ringing", "ivr", "queued", "offered", "passed") for one in found),
        },
        "may_act": any(may(user, f"call.{way}") for way in WAYS) or may(user, "contact.take_over"),
        "counted_at": clock.now(),
    }


@require_GET
@supervisor_view("board.read")
def calls(request: HttpRequest) -> HttpResponseBase:
    """All calls of now, as a page that keeps itself true."""
    return pages.page(request, "supervisor/calls.html", _context(request), section="calls")


@require_GET
@supervisor_view("board.read")
def now(request: HttpRequest) -> HttpResponseBase:
    """The list as it is now, for the script."""
    context = pages.frame(request, section="calls") | _context(request) | {"oob": True}
    response: HttpResponse = render(request, "supervisor/_calls.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@supervisor_view("contact.read", obj=load_contact)
def call(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """One call with what can be done: as a page, or as the content of a dialog."""
    return _call(request, contact)


def _call(
    request: HttpRequest,
    contact: Contact,
    *,
    problem: str = "",
    told: str = "",
    deed: str = "",
    status: int = 200,
) -> HttpResponse:
    user = user_of(request)
    row = next((one for one in rows(user.pk) if one.contact_id == contact.pk), None)
    own = row.own if row is not None else ""
    context = {
        "row": row,
        "contact": contact,
        "ways": [
            {"code": code, "label": label, "what": what, "icon": icon, "now": own == services.WAYS[code]}
            for code, (label, what, icon) in WAYS.items()
            if may(user, f"call.{code}")
        ],
        "may_take_over": may(user, "contact.take_over", contact) and getattr(user, "agent", None) is not None,
        "own": own,
        "mine": contact.agent_id == user.pk and contact.state == "connected",
        "words": told,
        "sign": company.shows_listening(),
        "problem": problem,
        "deed": deed,
        "reason": request.POST.get("reason", ""),
    }
    if wants_parts(request):
        return render(request, "supervisor/_call.html", pages.frame(request, section="calls") | context)
    return pages.page(request, "supervisor/call.html", context, section="calls", status=status)


def _deed(
    request: HttpRequest, contact: Contact, deed: str, act: Callable[[], tuple[str, str]]
) -> HttpResponseBase:
    """Do it, and show the dialog as it stands then, or with what is wrong.

    With a telephone in the browser the talk lives in this page: it is never left for another one. `act` returns the
    words and, where one's own telephone rings for it, the leg, which that telephone picks up by itself.
    """
    try:
        words, leg = act()
    except Refused as refused:
        fresh = load_contact(request, contact.pk)
        return _call(request, fresh, problem=words_of(refused), deed=deed, status=refused.status)
    if not wants_parts(request):
        return pages.done(request, words, reverse("supervisor:calls"))
    response = _call(request, load_contact(request, contact.pk), told=words)
    if leg:
        response["HX-Trigger"] = json.dumps({"telephone:asked": {"leg": leg}})
    return response


def _rings(request: HttpRequest) -> str:
    phone = voice.phone_of(user_of(request).pk)
    if phone is not None and phone.kind == "browser":
        return gettext("Your telephone answers by itself, and you are in the call.")
    return gettext("Your telephone rings. Pick it up, and you are in the call.")


def _monitor(request: HttpRequest, contact: Contact, way: str) -> HttpResponseBase:
    def act() -> tuple[str, str]:
        party = services.monitor(
            contact_id=contact.pk, by=user_of(request).pk, way=way, reason=request.POST.get("reason", "")
        )
        if party.state == "ringing":
            return _rings(request), str(party.pk)
        return str(WAYS[way][1]), ""

    return _deed(request, contact, way, act)


@require_POST
@supervisor_view("call.listen", obj=load_contact)
def listen(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Hear a call; nobody hears the supervisor."""
    return _monitor(request, contact, "listen")


@require_POST
@supervisor_view("call.whisper", obj=load_contact)
def whisper(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Speak to the agent alone."""
    return _monitor(request, contact, "whisper")


@require_POST
@supervisor_view("call.barge", obj=load_contact)
def barge(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Speak to everybody."""
    return _monitor(request, contact, "barge")


@require_POST
@supervisor_view("call.listen", obj=load_contact)
def stop(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Leave the call again."""

    def act() -> tuple[str, str]:
        services.stop_monitoring(contact_id=contact.pk, by=user_of(request).pk)
        return gettext("You are not in this call any more."), ""

    return _deed(request, contact, "stop", act)


@require_POST
@supervisor_view("contact.take_over", obj=load_contact)
def take_over(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Have the caller from now on."""

    def act() -> tuple[str, str]:
        services.take_over(
            contact_id=contact.pk, by=user_of(request).pk, reason=request.POST.get("reason", "")
        )
        words = gettext("The caller is yours. %(reference)s is on your desk.")
        return words % {"reference": contact.reference}, ""

    return _deed(request, contact, "take_over", act)
