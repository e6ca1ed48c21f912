"""How the parts of a call are called in the exchange, so that a new process knows them by their names alone."""

from __future__ import annotations

from uuid import UUID

LEG, TALK = "leg-", "talk-"


def leg(call_id: UUID, of: UUID) -> str:
    """The agent's leg of a call, for an offer (or, without one, for an agent)."""
    return f"{LEG}{call_id.hex}-{of.hex}"


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
