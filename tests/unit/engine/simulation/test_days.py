"""Days so small that everybody's fate can be told beforehand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicline.engine.routing import Ring
from civicline.engine.simulation import (
    DAY,
    Callback,
    Queue,
    Rates,
    Results,
    Scenario,
    Shift,
    SimulationError,
    Surge,
    Trace,
    Traced,
    constant,
    simulate,
)
from civicline.engine.simulation.floor import policy_of
from tests.unit.engine.simulation.centre import NEVER, line, person


def once(scenario: Scenario, *, live: bool = True) -> Results:
    """One replication."""
    return simulate(scenario, 1, seed=1, live=live)


def mean(results: Results, name: str, queue: str | None = None) -> float:
    """One figure."""
    return (results.queue(queue) if queue else results.total)[name].mean


@pytest.mark.parametrize("live", [False, True], ids=["short way", "live engine"])
def test_the_second_waits_for_the_first_and_the_third_gives_up(live: bool) -> None:
    day = Scenario((line(0, 10, 20, patience=constant(90)),), (person("Ada"),))
    results = once(day, live=live)
    assert mean(results, "answered") == 2
    assert mean(results, "abandoned") == 1
    assert mean(results, "mean_wait") == pytest.approx((0 + 50 + 90) / 3)
    assert mean(results, "asa") == 25
    assert mean(results, "service_level") == pytest.approx(1 / 3)
    assert mean(results, "occupancy") == pytest.approx(120 / DAY)


@pytest.mark.parametrize("live", [False, True], ids=["short way", "live engine"])
def test_a_break_begins_when_the_contact_is_finished_and_ends_as_planned(live: bool) -> None:
    shifts = (Shift(0, 1000, ((100, 200),)),)
    day = Scenario((line(90, 160, 300),), (person("Ada", shifts=shifts),))
    results = once(day, live=live)
    assert mean(results, "mean_wait") == pytest.approx((0 + 40 + 0) / 3)
    assert results.groups()["all"]["staffed_hours"].mean == pytest.approx(900 / 3600)
    assert results.paid_hours == pytest.approx(900 / 3600)


@pytest.mark.parametrize("live", [False, True], ids=["short way", "live engine"])
def test_nobody_is_busy_for_more_than_all_of_their_time(live: bool) -> None:
    shifts = (Shift(0, 100, ((40, 60),)), Shift(200, 300))
    late = (person("Ada", shifts=shifts), person("Bo", "other", shifts=(Shift(0, 30), Shift(40, 70))))
    day = Scenario((line(0, 30, 99, 280, service=50), line(20, queue="other", service=100)), late)
    ada, everybody = (
        once(replace(day, queues=day.queues[:1], agents=late[:1]), live=live),
        once(day, live=live),
    )
    # Finished at 50, 110, 250 and 330: in the break 10 seconds, after the first shift 10, after the second 30;
    # the one of 99 waits for the second shift. There 180 seconds, and not busy in 20 of those in the second.
    assert mean(ada, "busy_hours") == pytest.approx(200 / 3600)
    assert mean(ada, "late_hours") == pytest.approx((10 + 10 + 30) / 3600)
    assert mean(ada, "occupancy") == pytest.approx(200 / 230)
    # Bo takes a call at 20 and has it in hand until 120: 10 seconds before the second shift and 50 after.
    assert mean(everybody, "late_hours") == pytest.approx((50 + 60) / 3600)
    assert everybody.groups()["all"]["occupancy"].mean < 1


@pytest.mark.parametrize("live", [False, True], ids=["short way", "live engine"])
def test_whom_nobody_ever_answers_has_waited_until_midnight(live: bool) -> None:
    early = (person("Ada", shifts=(Shift(0, 100),)), person("Bo", shifts=()))
    day = Scenario((line(50, 40_000), line(7, queue="other")), early)
    results = once(day, live=live)
    assert mean(results, "abandoned") == 2
    assert mean(results, "longest_wait") == DAY - 7


def test_nothing_left_to_come_leaves_people_idle() -> None:
    day = Scenario((line(),), (person("Ada"),))
    assert mean(once(day), "offered") == mean(once(day, live=False), "mean_wait") == 0


def test_who_comes_outside_the_hours_or_is_served_by_the_machine_is_counted_apart() -> None:
    day = Scenario(
        (line(5, 15, 25, hours=((10, 20),)), line(5, queue="bot", self_service=1.0)), (person("A"),)
    )
    results = once(day)
    assert mean(results, "closed") == 2
    assert mean(results, "self_served") == 1
    assert mean(results, "offered", "calls") == 1


def test_a_full_line_sends_the_next_to_another_way_in() -> None:
    day = Scenario((line(0, 1, 2, 3, room=2),), (person("Ada"),))
    results = once(day)
    assert mean(results, "diverted") == 1
    assert mean(results, "answered") == 3
    no_line = once(Scenario((line(0, room=0),), (person("Ada"),)))
    assert mean(no_line, "diverted") == 1


def test_a_ring_lets_another_team_help_when_its_time_has_come() -> None:
    slow = line(0, 0, 5, queue="calls", service=500, rings=(Ring(30, overflow_queues=("other",)),))
    day = Scenario((slow, line(queue="other")), (person("Ada"), person("Bo", "other")))
    results = once(day)
    assert (
        mean(results, "longest_wait") == 495
    )  # the second is helped after 30 seconds, the third waits for Ada
    assert mean(results, "wait_p50") == 30


def test_a_contact_of_a_language_waits_for_somebody_who_speaks_it() -> None:
    speaking = Queue(
        "calls",
        Trace((Traced(0, language="fr"), Traced(0, language="es"))),
        constant(60),
        languages=(("es", 0.0),),
    )
    day = Scenario((speaking,), (person("Ada", languages=frozenset({"es"})),))
    results = once(day)
    assert results.languages()["es"]["mean_wait"].mean == 0
    assert results.languages()["fr"]["mean_wait"].mean == DAY
    assert mean(results, "language_gap") == DAY


def test_an_offer_rings_before_it_is_taken_and_may_come_too_late() -> None:
    day = Scenario((line(0, 100, patience=constant(9)),), (person("Ada"),), answer_seconds=8)
    assert mean(once(day), "asa") == 8
    hasty = Scenario((line(0, patience=constant(5)),), (person("Ada"),), answer_seconds=8)
    assert mean(once(hasty), "abandoned") == 1


def test_an_offer_ends_when_its_queue_says() -> None:
    rings = policy_of(line(0, offer_seconds=7))
    assert rings.offer_seconds == 7
    with pytest.raises(SimulationError, match="ends after 7 seconds, and people take 8 to answer"):
        Scenario((line(0, offer_seconds=7),), (person("Ada"),), answer_seconds=8)
    slow = Scenario((line(0, offer_seconds=45),), (person("Ada"),), answer_seconds=40)
    assert mean(once(slow), "asa") == 40


def test_a_call_interrupts_written_work_which_then_takes_longer() -> None:
    mail = line(0, 150, queue="mail", service=100, channel="email")
    both = person("Ada", "calls", "mail", capacity={"voice": 1, "written": 1})
    results = once(Scenario((line(50, service=60), mail), (both,)))
    assert mean(results, "mean_wait", "calls") == 0
    assert mean(results, "longest_wait", "mail") == 10  # 100 of work and 60 of rest: free at 160


def test_a_callback_keeps_the_place_and_the_line_is_short() -> None:
    calls = line(0, 1, 2, service=100, patience=constant(50), callback=Callback(150, accepted=1.0))
    results = once(Scenario((calls,), (person("Ada"),)))
    assert mean(results, "answered") == 2  # the second may expect 100 seconds: not asked, and gives up
    assert mean(results, "called_back") == 1
    assert mean(results, "longest_wait") == 98
    assert mean(results, "mean_hold") == pytest.approx(50 / 3)


def test_a_callback_that_may_be_later_lets_the_line_go_first() -> None:
    calls = line(0, 1, 2, 80, service=100, patience=NEVER, callback=Callback(150, 1.0, later_seconds=3600))
    results = once(Scenario((calls,), (person("Ada"),)))
    assert mean(results, "called_back") == 2
    early = line(0, 1, 2, 80, service=100, patience=NEVER, callback=Callback(150, 1.0))
    assert mean(once(Scenario((early,), (person("Ada"),))), "mean_hold") >= mean(results, "mean_hold")


def test_who_comes_is_not_told_of_callbacks_that_stand_behind_them() -> None:
    owed = Callback(150, 1.0, later_seconds=3600)
    calls = line(0, 1, 2, 3, 4, service=100, patience=NEVER, callback=owed)
    results = once(Scenario((calls,), (person("Ada"),)))
    assert mean(results, "called_back") == 3  # the second waits on the line, in front of all who follow


@pytest.mark.parametrize(("comes", "called"), [(3500, 1), (3700, 2), (20_000, 1)])
def test_a_callback_stands_in_front_of_others_once_it_is_due(comes: int, called: int) -> None:
    hour_behind = Callback(2500, 1.0, later_seconds=3600)
    calls = line(0, 1, 2, comes, service=2000, patience=NEVER, callback=hour_behind)
    assert mean(once(Scenario((calls,), (person("Ada"),))), "called_back") == called


def test_no_more_callbacks_are_promised_than_may_be_owed() -> None:
    few = Callback(0, 1.0, most=2)
    calls = line(0, 1, 2, 3, 4, 700, 701, service=100, patience=NEVER, callback=few)
    assert (
        mean(once(Scenario((calls,), (person("Ada"),))), "called_back") == 3
    )  # two, and one after they were made
    unreached = replace(few, reached=0.0)
    given_up = line(0, 1, 2, 3, 4, 700, 701, service=100, patience=NEVER, callback=unreached)
    assert mean(once(Scenario((given_up,), (person("Ada"),))), "unreached") == 3


def test_a_callback_rests_between_two_attempts() -> None:
    again = Callback(0, 1.0, reached=0.0, attempt_seconds=30, attempts=2, again_seconds=600)
    calls = line(0, 1, 750, service=100, patience=NEVER, callback=again)
    results = once(Scenario((calls,), (person("Ada"),)))
    # Tried at 100, again at 730 for half a minute; so that the third finds Ada on the telephone, and is called as well.
    assert mean(results, "unreached") == 2
    assert mean(results, "longest_wait") == 729


def test_who_does_not_answer_a_callback_costs_an_attempt_and_is_not_reached() -> None:
    calls = line(0, 1, service=100, callback=Callback(0, 1.0, reached=0.0, attempt_seconds=30))
    results = once(Scenario((calls, line(queue="quiet")), (person("Ada"), person("Bo", "quiet"))))
    assert mean(results, "unreached") == 1
    assert mean(results, "busy_hours") == pytest.approx(130 / 3600)


def test_a_callback_that_nobody_answered_is_made_again() -> None:
    twice = Callback(0, 1.0, reached=0.5, attempt_seconds=30, attempts=40, again_seconds=60)
    calls = line(0, 1, 2, 3, 4, service=100, callback=twice)
    results = once(Scenario((calls,), (person("Ada"),)))
    assert mean(results, "called_back") == 4
    assert mean(results, "busy_hours") > 500 / 3600


def test_nobody_is_promised_a_callback_when_none_would_take_it() -> None:
    calls = line(0, 1, callback=Callback(0, accepted=0.0))
    assert mean(once(Scenario((calls,), (person("Ada"),))), "called_back") == 0


def test_with_nobody_there_any_callback_is_better() -> None:
    calls = line(10, 20, callback=Callback(1e9, accepted=1.0))
    late = person("Ada", shifts=(Shift(100, 1000),))
    assert mean(once(Scenario((calls,), (late,))), "called_back") == 2


def test_absent_people_are_paid_and_pauses_make_lines_longer() -> None:
    calls = Queue("calls", Rates((300,) * 24, 3600), constant(100))
    people = tuple(person(f"p{n:02}") for n in range(12))
    full = Scenario((calls,), people)
    tired = Scenario((calls,), people, absence=0.1, shrinkage=0.1)
    there, away = simulate(full, 5), simulate(tired, 5)
    share = away.total["staffed_hours"].mean / there.total["staffed_hours"].mean
    assert share == pytest.approx(0.81, abs=0.06)
    assert away.paid_hours == there.paid_hours == 288
    assert away.total["mean_wait"].mean > there.total["mean_wait"].mean


def test_a_surge_brings_more_of_both_kinds_of_arrivals() -> None:
    planned = Queue("calls", Rates((100.0,) * 24, 3600), constant(1))
    traced = line(*range(0, 86_400, 864), queue="other", service=1)
    people = (person("Ada", "calls", "other"),)
    surge = Surge(0, DAY / 2, 3.0)
    plain = simulate(Scenario((planned, traced), people), 3)
    busy = simulate(Scenario((planned, traced), people, surges=(surge,)), 3)
    gone = simulate(Scenario((planned, traced), people, surges=(Surge(0, DAY, 0, frozenset({"other"})),)), 1)
    assert mean(plain, "offered", "other") == 100
    assert mean(busy, "offered", "other") == 200
    assert mean(busy, "offered", "calls") == pytest.approx(4800, rel=0.05)
    assert mean(gone, "offered", "other") == 0
    assert mean(gone, "offered", "calls") > 0


def test_arrivals_after_the_last_day_do_not_count() -> None:
    late = Queue("calls", Rates((10.0,), 3600, start=2 * DAY), constant(1))
    assert mean(once(Scenario((late,), (person("Ada"),))), "offered") == 0


def test_figures_come_by_day_by_queue_and_by_interval() -> None:
    calls = line(10, DAY + 10, DAY + 4000)
    two_days = Scenario((calls,), (person("Ada", shifts=(Shift(0, 2 * DAY),), hourly_cost=10.0),), days=2)
    results = once(two_days)
    assert [results.day(n)["offered"].mean for n in (0, 1)] == [1, 2]
    assert results.day(1, "calls")["offered"].mean == 2
    assert sum(results.by_interval()["offered"]) == sum(results.by_interval("calls")["offered"]) == 3
    assert results.cost == 480
    assert mean(results, "cost_per_answer") == 160
    assert results.plain()["queues"]["calls"]["offered"] == [3, 3, 3]
    with pytest.raises(SimulationError, match="no queue bins"):
        results.queue("bins")
