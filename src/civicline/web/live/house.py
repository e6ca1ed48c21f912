"""The house's own answers to the edge's questions: sessions, permissions, secrets, presence."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from datetime import datetime
from importlib import import_module
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.db import close_old_connections
from django.http import HttpRequest

from civicline.channels.voice import at_door, guest_lines, tickets
from civicline.channels.voice.tickets import Ticket
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.kernel import actors, bus, ids
from civicline.kernel.errors import NotFound
from civicline.people import permissions
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.web.live.doors import Doors, Staff
from civicline.web.live.edge import LiveEdge
from civicline.web.live.limits import Limits
from civicline.web.live.telephone import Exchange

P = ParamSpec("P")
T = TypeVar("T")

WALL_SALT = "civicline.wall"
WALL_SECONDS = 400 * 86_400  # a screen on a wall is set up once a year


def doors() -> Doors:
    """The doors of a running installation."""
    return Doors(
        staff_of=_in_thread(staff_of),
        may_watch=_in_thread(may_watch),
        opens_contact=_in_thread(opens_contact),
        opens_wall=opens_wall,
        got=_in_thread(got),
        seen=_in_thread(seen),
        agents_seen=_in_thread(agents_seen),
        agents_vanished=_in_thread(agents_vanished),
    )


def live_edge() -> LiveEdge:
    """The live edge of this installation, by its settings."""
    return LiveEdge(
        doors=doors(),
        bus=bus,
        allowed_hosts=settings.ALLOWED_HOSTS,
        origins=settings.CIVICLINE.embed_origins,
        session_cookie=settings.SESSION_COOKIE_NAME,
        limits=Limits(total=settings.CIVICLINE.web_connections),
        exchange=exchange(),
    )


def exchange() -> Exchange | None:
    """The door to the exchange; None while there is no telephone."""
    if settings.CIVICLINE.voice_mode == "off":
        return None
    return Exchange(
        socket=settings.CIVICLINE.voice_socket,
        admits=_in_thread(telephone_of),
        keeps=_in_thread(guest_stays),
        leaves=_in_thread(guest_left),
        misses=_in_thread(at_door.missed),
    )


def _in_thread(question: Callable[P, T]) -> Callable[P, T]:
    """The edge's threads live long: give back database connections that died or grew old, as a request would."""

    @functools.wraps(question)
    def asked(*given: P.args, **named: P.kwargs) -> T:
        close_old_connections()
        try:
            return question(*given, **named)
        finally:
            close_old_connections()

    return asked


def staff_of(session_key: str) -> Staff | None:
    """Who this session belongs to, checked as Django does (password changes end sessions); None when nobody."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    request = HttpRequest()
    request.session = store
    user = get_user(request)
    if not isinstance(user, AbstractBaseUser) or not permissions.roles_of(user):
        return None
    agent = getattr(user, "agent", None)
    return Staff(
        user_id=str(user.pk),
        is_agent=agent is not None and agent.active and permissions.may(user, "desk.use"),
        sees_board=permissions.may(user, "board.read"),
    )


def may_watch(user_id: str, topic: str) -> bool:
    """Whether a member of staff may hear of one contact or case: whoever may read it may."""
    kind, _, object_id = topic.partition(":")
    wanted = ids.read(object_id)
    if wanted is None:
        return False
    try:
        user = people.get_user(UUID(user_id))
    except NotFound:
        return False
    if kind == "contact":
        contact = intake.get_contact(wanted)
        return contact is not None and permissions.may(user, "contact.read", contact)
    if kind == "case":
        return permissions.may(user, "case.read")
    return False


def opens_contact(contact_id: str, secret: str) -> bool:
    """Whether a resident's secret opens this contact."""
    wanted = ids.read(contact_id)
    return intake.opens(intake.get_contact(wanted) if wanted else None, secret)


def telephone_of(text: str, session_key: str) -> Ticket | None:
    """Who comes in with this ticket: an agent with the session of whom it names, or a guest, once."""
    ticket = tickets.read(text)
    if ticket is None:
        return None
    if ticket.kind == tickets.AGENT:
        staff = staff_of(session_key) if session_key else None
        known = staff is not None and staff.is_agent and staff.user_id == ticket.who
    else:
        known = tickets.tear(ticket)
    if not known:
        return None
    at_door.came(ticket)
    return ticket


def guest_stays(ticket: Ticket) -> None:
    """A guest's line stays taken."""
    if ticket.kind == tickets.GUEST:
        guest_lines.keep(guest_lines.number_of(ticket), ticket.holder)


def guest_left(ticket: Ticket) -> None:
    """A guest's line is free again, in a moment."""
    if ticket.kind == tickets.GUEST:
        guest_lines.leave(guest_lines.number_of(ticket), ticket.holder)


def wall_token(name: str) -> str:
    """A token that lets one wall screen see the live board, and nothing else. `name` says which screen it is."""
    return signing.dumps(name, salt=WALL_SALT)


def opens_wall(token: str) -> bool:
    """Whether a wall screen's token is ours and not too old."""
    try:
        signing.loads(token, salt=WALL_SALT, max_age=WALL_SECONDS)
    except signing.BadSignature:
        return False
    return True


def got(contact_id: str, number: int) -> None:
    """The resident's browser holds our messages up to `number`: what was sent is delivered."""
    for message in intake.list_messages(UUID(contact_id)):
        waiting = message.direction == "out" and message.number <= number and message.read_at is None
        if waiting and message.delivery.state not in {"delivered", "read", "failed"}:
            intake_services.mark_delivered(message_id=message.id)


def seen(contact_id: str, number: int) -> None:
    """The resident has seen our messages up to `number`."""
    with actors.acting_as(actors.Actor("resident", contact_id)):
        intake_services.mark_read(contact_id=UUID(contact_id), up_to=number, reader="resident")


def agents_seen(agent_ids: Collection[str]) -> None:
    """These agents have a desk open."""
    people_services.agents_seen(agent_ids=[UUID(agent_id) for agent_id in agent_ids])


def agents_vanished(before: datetime) -> None:
    """Agents whose last desk closed before then get no offers: one would ring in an empty room."""
    people_services.agents_vanished(before=before)
