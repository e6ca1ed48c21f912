"""How the parts of a call are called in the exchange, so that a new process knows them by their names alone."""

from __future__ import annotations

from uuid import UUID, uuid5

LEG, PARTY, SPY = "leg-", "party-", "spy-"
TALK, BESIDE, WATCH = "talk-", "beside-", "watch-"


def leg(call_id: UUID, of: UUID) -> str:
    """The agent's leg of a call, for an offer (or, without one, for an agent)."""
    return f"{LEG}{call_id.hex}-{of.hex}"


def outside(call_id: UUID, number: int) -> str:
    """The leg to a number outside, for the try of this number: made from both alone, so none can be made twice."""
    return leg(call_id, uuid5(call_id, f"try {number}"))


def read_leg(name: str) -> tuple[UUID, UUID] | None:
    """The call and the offer of a leg; None when it is no leg of ours."""
    call, _, of = name.removeprefix(LEG).partition("-")
    try:
        return (UUID(hex=call), UUID(hex=of)) if name.startswith(LEG) else None
    except ValueError:
        return None


def bridge(call_id: UUID) -> str:
    """Where caller and agent meet."""
    return f"{TALK}{call_id.hex}"


def party(call_id: UUID, party_id: UUID) -> str:
    """The leg of somebody else in a call: consulted, or listening."""
    return f"{PARTY}{call_id.hex}-{party_id.hex}"


def read_party(name: str) -> UUID | None:
    """The party of a leg; None when it is nobody's of these."""
    call, _, of = name.removeprefix(PARTY).partition("-")
    try:
        return UUID(hex=of) if name.startswith(PARTY) and UUID(hex=call) else None
    except ValueError:
        return None


def spy(call_id: UUID, of: UUID) -> str:
    """An ear at the agent's leg; each time anew."""
    return f"{SPY}{call_id.hex}-{of.hex}"


def call_of(name: str) -> UUID | None:
    """The call of a leg or a room of ours; None when it is none."""
    for prefix in (LEG, PARTY, SPY, TALK, BESIDE, WATCH):
        if name.startswith(prefix):
            try:
                return UUID(hex=name.removeprefix(prefix).partition("-")[0])
            except ValueError:
                return None
    return None


def beside(call_id: UUID) -> str:
    """Where the agent and whoever is consulted speak alone."""
    return f"{BESIDE}{call_id.hex}"


def watch(call_id: UUID, of: UUID) -> str:
    """Where a supervisor hears what the ear hears; each time anew."""
    return f"{WATCH}{call_id.hex}-{of.hex}"


def recording(call_id: UUID, number: int) -> str:
    """A recording of a call, in the exchange's folder of recordings."""
    return f"{call_id.hex}-{number}"


def read_recording(name: str) -> UUID | None:
    """The call of a recording; None when it is none of ours."""
    try:
        return UUID(hex=name.partition("-")[0])
    except ValueError:
        return None


def playback(call_id: UUID | None, number: int) -> str:
    """One sentence of a menu."""
    return f"say-{call_id.hex if call_id else ''}-{number}"


def read_playback(name: str) -> UUID | None:
    """The call that hears it; None when it is none of ours."""
    try:
        return UUID(hex=name.split("-")[1]) if name.startswith("say-") else None
    except ValueError:
        return None
