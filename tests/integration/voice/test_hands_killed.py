"""`kill -9` of the process that drives the exchange while more than two are in a call: all go on as they were."""

from __future__ import annotations

import pytest

from tests.integration.voice.office import OUTSIDE, Office
from tests.integration.voice.test_killed import again
from tests.servers import wait_until


def killed(office: Office) -> None:
    """The process dies and comes again; whatever was heard before does not count."""
    office.house.voice.kill()
    for phone in (*office.desks, office.caller, office.network):
        phone.deaf()
    again(office.house)


def consult(office: Office) -> str:
    """The agent speaks with a colleague."""
    office.talk()
    office.hand("consult", to_agent_id=office.house.agents[office.other])
    party = office.party("private")
    office.hear(office.me, office.other, apart=("caller",))
    return party


def test_a_consultation_goes_on_and_is_completed_afterwards(office: Office) -> None:
    party = consult(office)
    killed(office)
    office.hear(office.me, office.other, apart=("caller",))
    wait_until(lambda: abs(office.caller.sound(0.5)).sum() > 0, what="the caller hears music")
    office.hand("complete", party_id=party)
    office.hear(office.other, "caller")
    killed(office)
    office.hear(office.other, "caller")
    assert office.house.call()["agent"] == office.house.agents[office.other]
    office.desks[office.other].hang_up()
    office.house.reaches("wrapup", contact="wrap_up")


def test_a_colleague_set_aside_is_fetched_again(office: Office) -> None:
    party = consult(office)
    office.hand("swap", party_id=party)
    office.hear(office.me, "caller", apart=(office.other,))
    killed(office)
    office.hear(office.me, "caller", apart=(office.other,))
    office.hand("swap", party_id=party)
    office.hear(office.me, office.other, apart=("caller",))


def test_a_conference_goes_on_and_can_be_left(office: Office) -> None:
    party = consult(office)
    office.hand("join", party_id=party)
    office.hear(office.me, office.other, "caller")
    killed(office)
    office.hear(office.me, office.other, "caller")
    office.hand("leave")
    office.hear(office.other, "caller", apart=(office.me,))


def test_whoever_left_while_nobody_listened_is_gone_afterwards(office: Office) -> None:
    party = consult(office)
    office.hand("join", party_id=party)
    office.hear(office.me, office.other, "caller")
    office.house.voice.kill()
    office.desks[office.other].hang_up()
    again(office.house)
    office.party("ended")
    office.hear(office.me, "caller", apart=(office.other,))


@pytest.mark.parametrize("way", ["listen", "whisper", "barge"])
def test_a_supervisor_goes_on_hearing(office: Office, way: str) -> None:
    office.talk()
    boss, me = office.desks[2], office.desks[office.me]
    office.supervise("monitor", 2, way=way, reason="Coaching")
    wait_until(lambda: boss.hears(office.caller.hertz) and boss.hears(me.hertz), what="they hear both sides")
    killed(office)
    wait_until(
        lambda: boss.hears(office.caller.hertz) and boss.hears(me.hertz), what="they hear both sides again"
    )
    office.hear(office.me, "caller")
    wait_until(lambda: me.hears(boss.hertz) == (way != "listen"), what="the agent hears them or does not")
    wait_until(lambda: office.caller.hears(boss.hertz) == (way == "barge"), what="and so the caller")


def test_a_caller_with_somebody_outside_talks_on(office: Office) -> None:
    office.talk()
    office.hand("consult", number=OUTSIDE)
    party = office.party("private")
    office.hand("complete", party_id=party)
    office.house.reaches("outside", contact="wrap_up")
    office.hear("outside", "caller")
    killed(office)
    office.hear("outside", "caller")
    office.caller.hang_up()
    office.house.reaches("ended")
    wait_until(lambda: office.network.state == "over", what="the other side hears that it is over")
