"""More than two in a call: consult, swap, join, pass on, leave; a supervisor who listens; with the real exchange."""

from __future__ import annotations

from tests.integration.voice.office import OUTSIDE, Office
from tests.servers import wait_until
from tests.sip_phone import BUSY

BEGINS_FIRST = True


def consults(office: Office, colleague: int, note: str = "") -> str:
    """The agent speaks with a colleague, and the caller hears music; the party's key."""
    office.hand("consult", to_agent_id=office.house.agents[colleague], note=note)
    party = office.party("private")
    office.hear(office.me, colleague, apart=("caller",))
    return party


# --- Consult


def test_the_agent_asks_a_colleague_swaps_and_leaves_the_caller_to_them(office: Office) -> None:
    call = office.talk()
    party = consults(office, office.other, note="About the bins in Mill Lane.")
    office.house.reaches("held")
    wait_until(lambda: abs(office.caller.sound(0.5)).sum() > 0, what="the caller hears music")
    assert office.house.do("engaged") == [office.house.agents[office.other]]
    office.hand("swap", party_id=party)
    office.hear(office.me, "caller", apart=(office.other,))
    office.hand("swap", party_id=party)
    office.hear(office.me, office.other, apart=("caller",))
    office.hand("complete", party_id=party)
    office.hear(office.other, "caller")
    wait_until(lambda: office.desks[office.me].state == "over", what="the first agent is free")
    now = office.house.call()
    assert (now["id"], now["agent"]) == (call["id"], office.house.agents[office.other])
    assert now["state"] == "talking"
    assert office.house.do("engaged") == []
    names = office.house.do("events", contact=office.contact)
    assert {"call.party_asked", "call.consult_answered", "call.taken_over", "contact.transferred"} <= set(
        names
    )
    office.desks[office.other].hang_up()
    over = office.house.reaches("wrapup", contact="wrap_up")
    assert over["agent"] == office.house.agents[office.other]


def test_a_consultation_that_is_ended_brings_the_caller_back(office: Office) -> None:
    office.talk()
    party = consults(office, office.other)
    office.hand("drop", party_id=party)
    office.hear(office.me, "caller", apart=(office.other,))
    wait_until(lambda: office.desks[office.other].state == "over", what="the colleague is free")
    assert office.company()[0]["outcome"] == "dropped"


def test_a_colleague_who_is_busy_or_says_no_is_told_and_the_caller_waits_with_music(office: Office) -> None:
    office.talk()
    office.desks[office.other].refuses = BUSY
    office.hand("consult", to_agent_id=office.house.agents[office.other])
    party = office.party("ended")
    assert office.company()[0]["outcome"] == "busy"
    assert office.house.call()["state"] == "held"
    office.house.do("verb", name="resume", contact=office.contact, agent=office.agent)
    office.hear(office.me, "caller")
    assert party


def test_the_agent_who_puts_the_telephone_down_leaves_the_caller_to_the_colleague(office: Office) -> None:
    office.talk()
    consults(office, office.other)
    office.desks[office.me].hang_up()
    office.hear(office.other, "caller")
    assert office.house.reaches("talking")["agent"] == office.house.agents[office.other]


def test_somebody_of_a_queue_is_asked(office: Office) -> None:
    office.talk()
    office.hand("consult", queue_code="second")
    office.party("private")
    office.hear(office.me, 2, apart=("caller",))


def test_a_number_outside_is_asked_and_talks_on_with_the_caller(office: Office) -> None:
    office.talk()
    office.hand("consult", number=OUTSIDE)
    party = office.party("private")
    office.hear(office.me, "outside", apart=("caller",))
    office.hand("complete", party_id=party)
    office.hear("outside", "caller")
    office.house.reaches("outside", contact="wrap_up")
    wait_until(lambda: office.desks[office.me].state == "over", what="the agent is free")
    office.house.do("complete", contact=office.contact, agent=office.agent)
    office.hear("outside", "caller")
    office.network.hang_up()
    wait_until(lambda: office.caller.state == "over", what="the caller hears that it is over")
    office.house.reaches("ended", contact="closed")


def test_a_caller_who_hangs_up_meanwhile_ends_the_consultation(office: Office) -> None:
    office.talk()
    consults(office, office.other)
    office.caller.hang_up()
    office.house.reaches("wrapup", contact="wrap_up")
    assert office.party("ended")
    wait_until(lambda: office.desks[office.other].state == "over", what="the colleague is free")


# --- Conference


def test_three_hear_each_other_and_one_leaves_while_the_others_go_on(office: Office) -> None:
    office.talk()
    party = consults(office, office.other)
    office.hand("join", party_id=party)
    office.hear(office.me, office.other, "caller")
    office.hand("leave")
    office.hear(office.other, "caller")
    wait_until(lambda: office.desks[office.me].state == "over", what="the first agent is free")
    assert office.house.call()["agent"] == office.house.agents[office.other]


def test_four_are_in_a_conference_and_one_is_put_out_of_it(office: Office) -> None:
    office.talk()
    first = consults(office, office.other)
    office.hand("join", party_id=first)
    office.hear(office.me, office.other, "caller")
    office.hand("consult", number=OUTSIDE)
    second = office.party("private")
    office.hear(office.me, "outside", apart=("caller", office.other))
    office.hear(office.other, "caller")
    office.hand("join", party_id=second)
    office.hear(office.me, office.other, "caller", "outside")
    office.hand("drop", party_id=first)
    office.hear(office.me, "caller", "outside", apart=(office.other,))


# --- A supervisor


def test_a_supervisor_listens_whispers_and_barges_in(office: Office) -> None:
    office.talk()
    third = 2
    office.supervise("monitor", third, way="listen", reason="Coaching")
    office.party("listening")
    boss, me, caller = office.desks[third], office.desks[office.me], office.caller
    wait_until(
        lambda: boss.hears(caller.hertz) and boss.hears(me.hertz), what="the supervisor hears both sides"
    )
    me.deaf()
    caller.deaf()
    office.hear(office.me, "caller")
    assert not me.hears(boss.hertz, 100)
    assert not caller.hears(boss.hertz, 100)
    office.supervise("monitor", third, way="whisper", reason="Coaching")
    wait_until(lambda: me.hears(boss.hertz), what="the agent hears the supervisor")
    assert not caller.hears(boss.hertz, 100)
    office.supervise("monitor", third, way="barge", reason="To help")
    office.hear(office.me, third, "caller")
    office.supervise("monitor", third, way="listen", reason="Coaching")
    wait_until(lambda: not caller.hears(boss.hertz, 100), what="the caller hears the agent alone")
    wait_until(lambda: boss.hears(caller.hertz) and boss.hears(me.hertz), what="the supervisor hears both")
    office.supervise("stop_monitoring", third)
    wait_until(lambda: boss.state == "over", what="the supervisor is gone")
    office.hear(office.me, "caller")
    told = office.house.do("audited", contact=office.contact)
    assert [one for one in told if one[0].startswith("call.")] == [
        ["call.listened", "Coaching"], ["call.whispered", "Coaching"], ["call.barged", "To help"],
        ["call.listened", "Coaching"],
    ]  # fmt: skip


def test_a_supervisor_who_listens_takes_over_at_once(office: Office) -> None:
    office.talk()
    office.supervise("monitor", 2, way="listen", reason="Complaint")
    office.party("listening")
    office.supervise("take_over", 2, reason="They ask for a supervisor")
    office.hear(2, "caller", apart=(office.me,))
    wait_until(lambda: office.desks[office.me].state == "over", what="the agent is free")
    assert office.house.reaches("talking")["agent"] == office.house.agents[2]
    assert ["contact.taken_over", "They ask for a supervisor"] in office.house.do(
        "audited", contact=office.contact
    )


def test_a_supervisor_takes_over_from_afar_and_the_caller_hears_music_until_they_are_there(
    office: Office,
) -> None:
    office.talk()
    office.desks[2].picks_up = None
    office.supervise("take_over", 2, reason="They ask for a supervisor")
    wait_until(lambda: office.desks[2].state == "ringing", what="the supervisor's telephone rings")
    wait_until(
        lambda: (
            not office.caller.hears(office.tone(office.me), 100) and abs(office.caller.sound(0.5)).sum() > 0
        ),
        what="the caller hears music",
    )
    office.desks[2].pick_up()
    office.hear(2, "caller")
