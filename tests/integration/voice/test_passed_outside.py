"""A caller is passed on to a number outside without a word before; nobody there gives them back, first in the line."""

from __future__ import annotations

import pytest

from civicline.kernel.telephone import in_groups
from tests.integration.voice.office import OUTSIDE, Office
from tests.integration.voice.test_killed import again
from tests.servers import wait_until
from tests.sip_phone import BUSY, DECLINED


def passed_on(office: Office, *, note: str = "") -> None:
    """The agent passes the caller on, and is free."""
    office.talk()
    office.hand("pass_to_number", number=OUTSIDE, note=note)
    office.house.reaches("outside", contact="parked")
    wait_until(lambda: office.desks[office.me].state == "over", what="the agent's telephone is on the hook")
    office.caller.deaf()


def rings(office: Office) -> None:
    """The caller is passed on, and it rings outside."""
    office.network.picks_up = None
    passed_on(office)
    wait_until(lambda: office.network.state == "ringing", what="it rings outside")


def hears_music(office: Office) -> None:
    """The caller hears something, and nobody."""
    wait_until(lambda: abs(office.caller.sound(0.5)).sum() > 0, what="the caller hears music")


def taken_again(office: Office) -> None:
    """An agent has the caller again, who is first in the line, and the note says why."""
    call = office.house.reaches("talking", contact="connected", seconds=30)
    office.me = office.house.agents.index(call["agent"])
    office.hear(office.me, "caller", apart=("outside",))
    told = office.house.do("events", contact=office.contact)
    assert "contact.returned_to_queue" in told and "contact.changed" in told


def test_whoever_answers_outside_talks_with_the_caller_and_the_end_closes_it(office: Office) -> None:
    passed_on(office)
    office.hear("outside", "caller")
    assert office.house.do("engaged") == []
    office.network.hang_up()
    office.house.reaches("ended", contact="closed")
    wait_until(lambda: office.caller.state == "over", what="the caller's call is over")


def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing(office: Office) -> None:
    rings(office)
    hears_music(office)
    office.caller.hang_up()
    office.house.reaches("ended", contact="closed")
    wait_until(lambda: office.network.state in ("idle", "over"), what="it rings no more")


@pytest.mark.parametrize("why", ["busy", "refused"])
def test_whoever_is_not_reached_gives_the_caller_back(office: Office, why: str) -> None:
    office.network.refuses = BUSY if why == "busy" else 0
    if why == "busy":
        passed_on(office, note="About the water bill")
    else:
        rings(office)
        office.network.refuse(DECLINED)
    taken_again(office)
    note = office.house.do("notes", contact=office.contact)[-1]
    assert in_groups(OUTSIDE) in note and "back in the line" in note
    assert ("About the water bill" in note) == (why == "busy")
    assert office.house.do("priority", contact=office.contact) == 5


@pytest.mark.parametrize("at", ["ringing", "answered meanwhile", "refused meanwhile", "talking"])
def test_a_crash_changes_nothing(office: Office, at: str) -> None:
    rings(office)
    if at == "talking":
        office.network.pick_up()
        office.hear("outside", "caller")
    office.house.voice.kill()
    if at == "answered meanwhile":
        office.network.pick_up()
        wait_until(lambda: office.network.state == "talking", what="it was picked up")
    if at == "refused meanwhile":
        office.network.refuse()
    office.caller.deaf()
    again(office.house)
    if at == "ringing":
        hears_music(office)
        office.network.pick_up()
    if at == "refused meanwhile":
        taken_again(office)
        assert office.network.rang == 1, "who has said no is not rung again"
        return
    office.hear("outside", "caller")
    office.house.reaches("outside", contact="parked")
    assert office.network.rang == 1
    office.network.hang_up()
    office.house.reaches("ended", contact="closed")


@pytest.mark.parametrize(("number", "words"), [("+33123456789", "abroad"), ("+442079460200", "do-not-call")])
def test_what_may_not_be_called_is_refused_and_the_talk_goes_on(
    office: Office, number: str, words: str
) -> None:
    office.talk()
    if words == "do-not-call":
        office.house.do("bar", number=number)
    with pytest.raises(AssertionError, match=words):
        office.hand("pass_to_number", number=number)
    if words == "do-not-call":
        office.house.do("unbar", number=number)
    office.hear(office.me, "caller")
