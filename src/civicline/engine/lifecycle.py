"""What may become of a contact, an offer, a delivery and a presence: four tables, and who is asked.

    check(CONTACT, "queued", "offered")     # the Move, whose `event` is the past-tense name for the log
    can(DELIVERY, "read", "queued")         # False

A move that is not in a table is refused with MoveRefused, whatever the caller's reason: services compare and
set on the `from` state, so a late click loses calmly.
"""

from dataclasses import dataclass
from typing import Literal

ContactState = Literal[
    "received", "queued", "offered", "connected", "parked", "wrap_up", "closed", "abandoned"
]
OfferState = Literal["open", "accepted", "declined", "timed_out", "withdrawn"]
DeliveryState = Literal["queued", "in_flight", "retry", "sent", "delivered", "read", "failed"]
PresenceState = Literal[
    "available", "with_resident", "wrap_up", "break", "training", "away", "not_responding", "signed_out"
]


class MoveRefused(ValueError):
    """A move that its table does not allow. `code`: unknown_state, not_allowed, reason_needed, derived."""

    def __init__(self, code: str, *, table: str, origin: str, target: str) -> None:
        super().__init__(f"{table}: {origin} -> {target}: {code}")
        self.code = code
        self.params = {"table": table, "from": origin, "to": target}


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed change. `reasons` are the codes to choose from for the log; () = it explains itself."""

    origin: str
    target: str
    event: str
    reasons: tuple[str, ...] = ()


class Table:
    """The allowed moves between named states; `finals` have no move out, `derived` only the system sets."""

    def __init__(
        self,
        name: str,
        *,
        states: tuple[str, ...],
        initial: str,
        moves: tuple[Move, ...],
        derived: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.states = states
        self.initial = initial
        self.moves = moves
        self.derived = derived
        self._by_pair = {(move.origin, move.target): move for move in moves}
        self.finals = frozenset(states) - {move.origin for move in moves}

    def move(self, origin: str, target: str) -> Move | None:
        """The move from one state to another, None when there is none."""
        return self._by_pair.get((origin, target))

    def targets(self, origin: str) -> tuple[str, ...]:
        """Where one may go from a state, in the table's order."""
        return tuple(move.target for move in self.moves if move.origin == origin)


_BACK_TO_QUEUE = ("declined", "timed_out", "withdrawn", "agent_lost", "preempted_by_emergency")
_CLOSED_UNQUEUED = ("spam", "duplicate", "self_served", "outside_hours_message", "merged", "automatic_answer")
_LEFT = ("resident_left", "connection_lost", "hung_up", "callback_unreached", "short_abandon")
_SENT_BACK = ("transfer_queue", "transfer_agent", "agent_lost", "supervisor_took_back", "agent_signed_out")

CONTACT = Table(
    "contact",
    states=("received", "queued", "offered", "connected", "parked", "wrap_up", "closed", "abandoned"),
    initial="received",
    moves=(
        Move("received", "queued", "contact.queued"),
        Move("received", "closed", "contact.closed", _CLOSED_UNQUEUED),
        Move("received", "abandoned", "contact.abandoned", _LEFT),
        Move("queued", "offered", "contact.offered"),
        Move("queued", "connected", "contact.connected", ("picked_by_agent", "assigned_by_supervisor")),
        Move("queued", "parked", "contact.parked", ("callback_rests",)),
        Move("queued", "abandoned", "contact.abandoned", _LEFT),
        Move("queued", "closed", "contact.closed", _CLOSED_UNQUEUED),
        Move("offered", "connected", "contact.connected"),
        Move("offered", "queued", "contact.returned_to_queue", _BACK_TO_QUEUE),
        Move("offered", "abandoned", "contact.abandoned", _LEFT),
        Move("connected", "queued", "contact.returned_to_queue", _SENT_BACK),
        Move(
            "connected",
            "parked",
            "contact.parked",
            ("preempted_by_emergency", "preempted_by_live_contact", "callback_rests", "passed_outside"),
        ),
        Move("connected", "wrap_up", "contact.wrap_up_started"),
        Move(
            "connected", "closed", "contact.closed", ("no_wrap_up_needed", "resident_left", "merged", "spam")
        ),
        Move("parked", "connected", "contact.connected"),
        Move(
            "parked",
            "queued",
            "contact.returned_to_queue",
            (*_SENT_BACK, "parked_too_long", "callback_due", "outside_unreached"),
        ),
        Move("parked", "closed", "contact.closed", ("passed_on",)),
        Move("parked", "abandoned", "contact.abandoned", _LEFT),
        Move("wrap_up", "closed", "contact.closed"),
        Move("wrap_up", "connected", "contact.connected", ("resident_wrote_again", "closed_by_mistake")),
        Move("wrap_up", "queued", "contact.returned_to_queue", _SENT_BACK),
    ),
)

OFFER = Table(
    "offer",
    states=("open", "accepted", "declined", "timed_out", "withdrawn"),
    initial="open",
    moves=(
        Move("open", "accepted", "offer.accepted"),
        Move("open", "declined", "offer.declined", ("busy", "not_my_skill", "conflict_of_interest", "other")),
        Move("open", "timed_out", "offer.timed_out"),
        Move(
            "open",
            "withdrawn",
            "offer.withdrawn",
            ("resident_left", "agent_lost", "supervisor_moved", "emergency", "contact_closed", "shutdown"),
        ),
    ),
)

DELIVERY = Table(
    "delivery",
    states=("queued", "in_flight", "retry", "sent", "delivered", "read", "failed"),
    initial="queued",
    moves=(
        Move("queued", "in_flight", "message.send_started"),
        Move("queued", "failed", "message.failed", ("cancelled", "expired", "no_address")),
        Move("in_flight", "sent", "message.sent"),
        Move("in_flight", "retry", "message.postponed", ("peer_busy", "peer_gone", "timeout", "lease_lost")),
        Move(
            "in_flight", "failed", "message.failed", ("refused", "bad_address", "too_many_tries", "expired")
        ),
        Move("retry", "in_flight", "message.send_started"),
        Move("retry", "failed", "message.failed", ("cancelled", "expired", "too_many_tries")),
        Move("sent", "delivered", "message.delivered"),
        Move("sent", "read", "message.read"),
        Move("sent", "failed", "message.failed", ("bounced", "undeliverable")),
        Move("delivered", "read", "message.read"),
    ),
)

_REST = ("rest", "lunch", "end_of_shift_near")
_TRAIN = ("course", "coaching", "reading")
_AWAY = ("meeting", "personal", "technical", "other")
_UNANSWERED = ("offer_timed_out", "connection_lost")
_LEAVE = ("end_of_shift", "signed_out_by_supervisor", "connection_lost", "session_expired")

PRESENCE = Table(
    "presence",
    states=(
        "available",
        "with_resident",
        "wrap_up",
        "break",
        "training",
        "away",
        "not_responding",
        "signed_out",
    ),
    initial="signed_out",
    moves=(
        Move("signed_out", "available", "presence.signed_in"),
        Move("signed_out", "away", "presence.signed_in", _AWAY),
        *(
            Move(origin, target, "presence.changed", reasons)
            for origin in ("available", "wrap_up", "break", "training", "away", "not_responding")
            for target, reasons in (
                ("available", ()),
                ("break", _REST),
                ("training", _TRAIN),
                ("away", _AWAY),
                ("signed_out", _LEAVE),
            )
            if origin != target
        ),
        Move("available", "with_resident", "presence.contact_taken"),
        Move("wrap_up", "with_resident", "presence.contact_taken"),
        Move("with_resident", "wrap_up", "presence.wrap_up_started"),
        Move("with_resident", "available", "presence.contact_ended"),
        Move(
            "with_resident", "signed_out", "presence.changed", ("connection_lost", "signed_out_by_supervisor")
        ),
        Move("available", "not_responding", "presence.stopped_responding", _UNANSWERED),
        Move("with_resident", "not_responding", "presence.stopped_responding", _UNANSWERED),
        Move("wrap_up", "not_responding", "presence.stopped_responding", _UNANSWERED),
    ),
    derived=frozenset({"with_resident", "wrap_up", "not_responding"}),
)
"""With a resident, wrap-up and not responding follow from the work; an agent chooses among the other five."""

TABLES: dict[str, Table] = {table.name: table for table in (CONTACT, OFFER, DELIVERY, PRESENCE)}


def can(table: Table, origin: str, target: str) -> bool:
    """Whether the table has this move, whoever asks and whatever the reason."""
    return table.move(origin, target) is not None


def check(
    table: Table, origin: str, target: str, *, reason: str | None = None, by_person: bool = False
) -> Move:
    """The move, for its event name; MoveRefused when there is none.

    With `reason` given (not None), a move that has reasons wants one of them (reason_needed). `by_person`
    says that somebody chose the target by hand: a derived state is then refused (derived).
    """
    if origin not in table.states or target not in table.states:
        raise MoveRefused("unknown_state", table=table.name, origin=origin, target=target)
    move = table.move(origin, target)
    if move is None:
        raise MoveRefused("not_allowed", table=table.name, origin=origin, target=target)
    if by_person and target in table.derived:
        raise MoveRefused("derived", table=table.name, origin=origin, target=target)
    if reason is not None and move.reasons and reason not in move.reasons:
        raise MoveRefused("reason_needed", table=table.name, origin=origin, target=target)
    return move


def choices(origin: str) -> tuple[Move, ...]:
    """The moves of presence that an agent may choose in this state, with their reasons, for the menu."""
    return tuple(
        move for move in PRESENCE.moves if move.origin == origin and move.target not in PRESENCE.derived
    )
