"""Who sits where in a call: whatever the states, everybody is at one place, and nobody is heard who should not be."""

from itertools import product

import pytest

from civicline.engine.lifecycle import can
from civicline.engine.parties import HEARING, PARTY, PRESENT, Sitting, seat

CALLER, AGENT = "caller", "agent"


def party(state: str, leg: str = "party", *, up: bool = True) -> Sitting:
    return Sitting(leg, state, up)


def test_a_plain_talk_and_a_plain_hold() -> None:
    assert seat(caller=CALLER, agent=AGENT, held=False).talk == {CALLER, AGENT}
    held = seat(caller=CALLER, agent=AGENT, held=True)
    assert (held.talk, held.music) == ({AGENT}, {CALLER})


def test_whoever_is_consulted_hears_the_agent_and_not_the_caller() -> None:
    seats = seat(caller=CALLER, agent=AGENT, held=True, parties=[party("private")])
    assert (seats.beside, seats.music, seats.talk) == ({AGENT, "party"}, {CALLER}, frozenset())


def test_set_aside_they_hear_music_while_the_agent_is_with_the_caller() -> None:
    seats = seat(caller=CALLER, agent=AGENT, held=False, parties=[party("aside")])
    assert (seats.talk, seats.music) == ({CALLER, AGENT}, {"party"})


def test_in_a_conference_all_are_in_one_room_and_the_agent_may_step_out_to_ask() -> None:
    seats = seat(caller=CALLER, agent=AGENT, held=False, parties=[party("joined"), party("private", "third")])
    assert seats.talk == {CALLER, "party"}
    assert seats.beside == {AGENT, "third"}


def test_after_the_agent_left_a_number_outside_goes_on_with_the_caller() -> None:
    assert seat(caller=CALLER, agent=None, held=False, parties=[party("joined")]).talk == {CALLER, "party"}


def test_a_caller_with_nobody_hears_music() -> None:
    seats = seat(caller=CALLER, agent=None, held=False, parties=[party("listening")])
    assert (seats.talk, seats.music, seats.hears) == (frozenset(), {CALLER, "party"}, frozenset())


@pytest.mark.parametrize("state", HEARING)
def test_whoever_listens_is_in_no_room_of_the_call(state: str) -> None:
    seats = seat(caller=CALLER, agent=AGENT, held=False, parties=[party(state)])
    assert seats.hears == {("party", state)}
    assert "party" not in seats.talk | seats.beside | seats.music


def test_a_telephone_that_rings_is_nowhere() -> None:
    for sitting in (party("ringing"), party("joined", up=False)):
        seats = seat(caller=CALLER, agent=AGENT, held=False, parties=[sitting])
        assert "party" not in seats.talk | seats.beside | seats.music


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("agent", [AGENT, None])
def test_everybody_is_at_one_place_at_most_and_the_caller_always_at_one(
    agent: str | None, held: bool
) -> None:
    for states in product([*PRESENT, "took_over", "ended"], repeat=3):
        sitting = [party(state, f"party{at}") for at, state in enumerate(states)]
        seats = seat(caller=CALLER, agent=agent, held=held, parties=sitting)
        hearing = frozenset(leg for leg, _way in seats.hears)
        places = [seats.talk, seats.beside, seats.music, hearing]
        assert sum(map(len, places)) == len(frozenset().union(*places))
        assert (CALLER in seats.talk) != (CALLER in seats.music)
        assert CALLER not in seats.beside


@pytest.mark.parametrize("state", [*PRESENT, "took_over"])
def test_from_everywhere_one_can_leave(state: str) -> None:
    assert can(PARTY, state, "ended")


def test_what_is_over_stays_over() -> None:
    assert PARTY.finals == {"ended"}
