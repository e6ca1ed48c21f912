"""The live board and its parts, one queue with its contacts, one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from civicline.insight import wording
from civicline.intake import selectors as intake
from civicline.intake.wording import owed_label
from civicline.kernel import clock
from civicline.kernel.telephone import in_groups
from civicline.routing.channels import is_live
from civicline.web.supervisor import pages
from civicline.web.supervisor.access import load_queue, supervisor_view

if TYPE_CHECKING:
    from civicline.intake.models import Contact
    from civicline.routing.models import Queue


@require_GET
@supervisor_view("board.read")
def home(request: HttpRequest) -> HttpResponseBase:
    """The live board, of all queues or of one."""
    code = request.GET.get("queue", "")
    context = pages.board_context(code) | {"tabs": pages.tabs(request, code)}
    return pages.page(request, "supervisor/board.html", context)


@require_GET
@supervisor_view("board.read")
def now(request: HttpRequest) -> HttpResponseBase:
    """The parts of the board as they are now, for the script that keeps the page true."""
    context = pages.frame(request, section="live") | pages.board_context(request.GET.get("queue", ""))
    response: HttpResponse = render(request, "supervisor/_now.html", context | {"oob": True})
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@supervisor_view("board.read", obj=load_queue)
def queue(request: HttpRequest, queue: Queue) -> HttpResponseBase:
    """The contacts of one queue: who waits, in which order and why, and what is in whose hands."""
    rows = [
        contact
        for contact in intake.contacts_in_states(
            ["queued", "offered", "connected", "wrap_up", "parked"]
        ).select_related("service", "agent__user", "queue")
        if contact.queue_id == queue.pk
    ]
    waiting = sorted(
        (one for one in rows if one.state in ("queued", "offered")), key=lambda one: place_key(one, queue)
    )
    inhand = [one for one in rows if one.state not in ("queued", "offered")]
    context = {
        "queue": queue,
        "name": wording.name_of(queue),
        "waiting": [line(contact, place) for place, contact in enumerate(waiting, start=1)],
        "inhand": [line(contact, 0) for contact in inhand],
    }
    return pages.page(request, "supervisor/queue.html", context)


def place_key(contact: Contact, queue: Queue) -> tuple[int, float, str]:
    """The order of the line, as the engine has it: emergencies, then arrival with priority counted in."""
    urgent = 0 if contact.emergency or queue.emergency else 1
    return urgent, contact.arrived_at.timestamp() - contact.priority * queue.ageing_seconds, str(contact.pk)


def line(contact: Contact, place: int) -> dict[str, Any]:
    """One contact in words, with the reasons for where it stands."""
    at = clock.now()
    begun = contact.queued_at or contact.arrived_at
    since = (
        begun
        if contact.state in ("queued", "offered")
        else (contact.wrapped_at or contact.connected_at or begun)
    )
    return {
        "id": contact.pk,
        "place": place,
        "reference": contact.reference,
        "subject": in_groups(contact.subject)
        or (wording.name_of(contact.service) if contact.service else ""),
        "channel": contact.channel,
        "channel_words": owed_label(contact.data) or wording.CHANNELS.get(contact.channel, contact.channel),
        "state": wording.CONTACT_STATES.get(contact.state, contact.state),
        "agent": contact.agent.user.name if contact.agent else "",
        "since": since,
        "time": wording.clock_words((at - since).total_seconds()),
        "late": is_late(contact, (at - since).total_seconds()),
        "due": contact.due_at,
        "reasons": reasons(contact),
    }


def is_late(contact: Contact, seconds: float) -> bool:
    """Whether its promise has passed: open seconds for written work, seconds waited for who is there."""
    if contact.state not in ("queued", "offered"):
        return False
    if not is_live(contact.channel):
        return contact.due_at is not None and contact.due_at < clock.now()
    return contact.queue is not None and seconds > contact.queue.target_seconds


def reasons(contact: Contact) -> list[str]:
    """Why it stands where it stands, and whom it needs."""
    return wording.reasons(contact)
