"""`kill -9` of the process that drives the exchange, and what people did with a call while nobody listened."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import UUID

import pytest

from tests.exchange import Exchange
from tests.integration.voice.office import OUTSIDE, Office
from tests.integration.voice.test_killed import again
from tests.servers import wait_until


@contextmanager
def stopped(house: Exchange) -> Iterator[None]:
    """The process stands still: what it had registered stays, and it does nothing. Others can write meanwhile."""
    process = house.voice.process
    assert process is not None
    wait_until(lambda: _stands_still(process.pid, house), what="it stands still, and not while it writes")
    try:
        yield
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGCONT)


def _stands_still(pid: int, house: Exchange) -> bool:
    """Stop it; if it held the file of the database at that moment, let it go on."""
    os.kill(pid, signal.SIGSTOP)
    file = house.var / "civicline.sqlite3"
    if not file.exists():
        return True
    with closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as beside:
        try:
            beside.execute("BEGIN IMMEDIATE")
            beside.execute("ROLLBACK")
        except sqlite3.OperationalError:
            os.kill(pid, signal.SIGCONT)
            return False
    return True


@pytest.mark.parametrize("muted", [False, True], ids=["", "muted"])
@pytest.mark.parametrize("dead", [False, True], ids=["alive", "dead"])
def test_a_hold_ends_with_the_hand_that_made_it(office: Office, dead: bool, muted: bool) -> None:
    office.talk()
    house, other = office.house, office.house.agents[office.other]
    if muted:
        house.do("verb", name="mute", contact=office.contact, agent=office.agent)
    house.do("verb", name="hold", contact=office.contact, agent=office.agent)
    house.reaches("held")
    if dead:
        house.voice.kill()
    house.do("give", contact=office.contact, agent=other, by=house.agents[2])
    if dead:
        office.caller.deaf()
        again(house)
    assert house.reaches("talking", contact="connected", seconds=25)["agent"] == other
    office.hear(office.other, "caller", apart=(office.me,))


def test_a_hold_stays_with_the_agent_whose_telephone_went_away_meanwhile(office: Office) -> None:
    office.talk()
    office.house.do("verb", name="hold", contact=office.contact, agent=office.agent)
    office.house.reaches("held")
    office.house.voice.kill()
    desk = office.desks[office.me]
    desk.hang_up()
    again(office.house)
    wait_until(lambda: desk.state == "talking", what="they are rung again, and pick up")
    office.caller.deaf()
    wait_until(lambda: abs(office.caller.sound(0.5)).sum() > 0, what="the caller hears music")
    assert office.house.call()["state"] == "held"
    office.house.do("verb", name="resume", contact=office.contact, agent=office.agent)
    office.hear(office.me, "caller")


@pytest.mark.parametrize("who", ["colleague", "outside"])
def test_whoever_said_no_while_nobody_listened_is_not_rung_again(office: Office, who: str) -> None:
    office.talk()
    phone = office.network if who == "outside" else office.desks[office.other]
    phone.picks_up, rang = None, phone.rang
    asked = {"number": OUTSIDE} if who == "outside" else {"to_agent_id": office.house.agents[office.other]}
    office.hand("consult", **asked)
    wait_until(lambda: phone.state == "ringing", what="it rings")
    office.house.voice.kill()
    phone.refuse()
    again(office.house)
    office.party("ended")
    assert (office.company()[-1]["outcome"], phone.rang) == ("no_answer", rang + 1)
    assert office.house.do("engaged") == []


@pytest.mark.parametrize("written", [False, True], ids=["", "written down"])
def test_a_leg_that_was_made_and_never_dialled_is_made_anew(office: Office, written: bool) -> None:
    office.talk()
    house, desk = office.house, office.desks[office.other]
    rang = desk.rang
    with stopped(house):
        office.hand("consult", to_agent_id=house.agents[office.other])
        (party,) = office.company()
        # As the process would have: made under this name, and then it dies before it dials.
        house.ari(
            "channels/create", endpoint=f"PJSIP/agent-{7001 + office.other}", app="civicline", appArgs="leg",
            channelId=f"party-{UUID(house.call()['id']).hex}-{UUID(party['id']).hex}",
        )  # fmt: skip
        if written:
            house.do("about_to_dial", party=party["id"])
        house.voice.kill()
    again(house)
    office.party("private")
    office.hear(office.me, office.other, apart=("caller",))
    assert desk.rang == rang + 1


@pytest.mark.parametrize("picked_up", ["before", "meanwhile"])
def test_a_colleague_whose_telephone_rings_is_spoken_to_afterwards(office: Office, picked_up: str) -> None:
    office.talk()
    desk = office.desks[office.other]
    desk.picks_up, rang = None, desk.rang
    office.hand("consult", to_agent_id=office.house.agents[office.other])
    wait_until(lambda: desk.state == "ringing", what="the colleague's telephone rings")
    office.house.voice.kill()
    if picked_up == "meanwhile":
        desk.pick_up()
        wait_until(lambda: desk.state == "talking", what="it was picked up")
    again(office.house)
    if picked_up == "before":
        desk.pick_up()
    office.party("private")
    office.hear(office.me, office.other, apart=("caller",))
    assert desk.rang == rang + 1
