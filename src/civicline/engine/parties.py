"""Who else is in a telephone call, and who hears whom: one table, and one rule of seats.

Beside the caller and the agent there may be parties: somebody consulted (a colleague, or a number outside), and a
supervisor who listens. Where everybody sits follows from the states alone, so a process that takes over after a crash
seats them as they were.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from civicline.engine.lifecycle import Move, Table

Kind = Literal["consult", "monitor"]
PartyState = Literal["ringing", "private", "aside", "joined", "listening", "whispering", "took_over", "ended"]
PRESENT: Final = ("ringing", "private", "aside", "joined", "listening", "whispering")
"""Their telephone rings, or they are on the line, as a party."""
TALKING: Final = ("private", "aside", "joined")
HEARING: Final = ("listening", "whispering")
LEFT: Final = (
    "hung_up", "dropped", "cancelled", "no_answer", "busy", "refused", "unreachable", "call_over", "lost",
)  # fmt: skip
"""Why a party is not there any more."""
MOST: Final = 4
"""Parties in one call at once: a room of six is the most that people can follow on a telephone."""

PARTY: Final = Table(
    "party",
    states=("ringing", "private", "aside", "joined", "listening", "whispering", "took_over", "ended"),
    initial="ringing",
    moves=(
        Move("ringing", "private", "call.consult_answered"),
        Move("private", "aside", "call.consult_set_aside"),
        Move("aside", "private", "call.consult_resumed"),
        Move("private", "joined", "call.party_joined"),
        Move("aside", "joined", "call.party_joined"),
        *(
            Move(origin, target, "call.monitored")
            for origin in ("ringing", "listening", "whispering", "joined")
            for target in ("listening", "whispering", "joined")
            if origin != target
        ),
        *(
            Move(origin, "took_over", "call.taken_over")
            for origin in ("private", "aside", "joined", "listening", "whispering")
        ),
        *(Move(origin, "ended", "call.party_left", LEFT) for origin in (*PRESENT, "took_over")),
    ),
)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One party with the name of its leg; `up`: its telephone was picked up."""

    leg: str
    state: str
    up: bool = True


@dataclass(frozen=True, slots=True)
class Seats:
    """Where every leg belongs. `talk`: the caller's room; `beside`: the agent with whom they consult; `music`: alone.

    `hears`: who listens to the agent's leg, and whether the agent hears them ("whispering").
    """

    talk: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    music: frozenset[str] = frozenset()
    hears: frozenset[tuple[str, str]] = frozenset()


def seat(*, caller: str, agent: str | None, held: bool, parties: Iterable[Sitting] = ()) -> Seats:
    """Where everybody sits. `agent`: the leg that is up, None while nobody is with the caller.

    A caller on hold hears music. The agent is in the caller's room unless they speak with one party alone. Whoever
    listens without an agent to listen to waits with music.
    """
    present = [one for one in parties if one.up and one.state in PRESENT and one.state != "ringing"]
    joined = {one.leg for one in present if one.state == "joined"}
    private = {one.leg for one in present if one.state == "private"}
    aside = {one.leg for one in present if one.state == "aside"}
    hearing = {(one.leg, one.state) for one in present if one.state in HEARING}
    alone = agent is None and not joined
    talk = set(joined)
    music = set(aside)
    if held or alone:
        music.add(caller)
    else:
        talk.add(caller)
    if agent is None:
        return Seats(frozenset(talk), frozenset(), frozenset(music | private | {leg for leg, _ in hearing}))
    if private:
        beside = private | {agent}
    else:
        beside = set()
        talk.add(agent)
    return Seats(frozenset(talk), frozenset(beside), frozenset(music), frozenset(hearing))
