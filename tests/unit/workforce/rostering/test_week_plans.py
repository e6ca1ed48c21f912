"""A week of one's own: requirements met, law and contract kept, and reasons in words where that cannot be."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from civicline.workforce.rostering import (
    Break,
    Contract,
    Demand,
    Infeasible,
    OnCall,
    Past,
    Pattern,
    Person,
    Plan,
    Training,
    WeekError,
    Wish,
    plan_week,
    select_shifts,
)

EARLY = Pattern("early", 7 * 60, 480, (Break(240, 30),))
LATE = Pattern("late", 13 * 60, 480, (Break(240, 30),), unpopular=1.0)
SHORT = Pattern("short", 9 * 60, 240)
PATTERNS = (EARLY, LATE, SHORT)
FULL = Contract(max_minutes=2400, min_minutes=1800)


def required(people: float, *, first: int = 8, last: int = 20, days: int = 7) -> tuple[float, ...]:
    """So many from `first` to `last` o'clock on working days, half as many at the weekend; by the hour."""
    return tuple(
        (people if day < 5 else people / 2) if first <= hour < last else 0.0
        for day in range(days)
        for hour in range(24)
    )


def team(count: int, **changes: object) -> list[Person]:
    return [
        replace(Person(f"p{number}", f"Person {number}", frozenset({"tax"}), FULL), **changes)
        for number in range(count)
    ]


def demand(people: float = 2, **changes: object) -> Demand:
    return replace(Demand(60, 7, {"tax": required(people)}), **changes)


def planned(*args: object, **options: object) -> Plan:
    plan = plan_week(*args, seconds=4, **options)  # type: ignore[arg-type]
    assert isinstance(plan, Plan)
    return plan


def test_law_and_contract_are_kept_for_everybody() -> None:
    people = team(6, places=("office", "home"))
    plan = planned(demand(3, seats=2), people, PATTERNS)
    for person in people:
        own = sorted((shift for shift in plan.shifts if shift.person == person.key), key=lambda s: s.start)
        assert len(own) <= 5
        assert 1800 <= sum(450 if shift.pattern != "short" else 240 for shift in own) <= 2400
        assert all(later.start - sooner.end >= 660 for sooner, later in pairwise(own))
        assert sum(shift.day in (5, 6) for shift in own) <= 1
    for minute in range(0, 7 * 1440, 30):
        sitting = [s for s in plan.shifts if s.place == "office" and s.start <= minute < s.end]
        assert len(sitting) <= 2
    assert plan.under < 0.3 * sum(required(3)), "the team has hours for nearly all of it"
    assert plan.cost == pytest.approx(sum(plan.costs.values()))


def test_who_has_two_skills_serves_where_somebody_is_missing() -> None:
    both = [replace(person, skills=frozenset({"tax", "civil"})) for person in team(4)]
    wanted = Demand(60, 7, {"tax": required(1, last=14), "civil": required(1, first=14)})
    plan = planned(wanted, both, PATTERNS)
    lone = planned(wanted, team(4), PATTERNS)
    assert plan.under < 0.4 * lone.under
    assert sum(lone.covered["civil"]) == 0


def test_wishes_history_and_what_was_fixed_by_hand_shape_the_week() -> None:
    people = team(4)
    people[0] = replace(people[0], wishes=(Wish(0, None, -5.0), Wish(1, None, -5.0)))
    people[1] = replace(people[1], fixed={0: "late", 1: None})
    plan = planned(demand(1), people, PATTERNS, {"p2": Past(unpopular=20)})
    at = {(shift.person, shift.day): shift.pattern for shift in plan.shifts}
    assert ("p0", 0) not in at and ("p0", 1) not in at
    assert at["p1", 0] == "late" and ("p1", 1) not in at
    assert all(pattern != "late" for (who, _), pattern in at.items() if who == "p2")


def test_rest_holds_over_the_first_midnight_and_so_do_runs_of_days() -> None:
    people = team(2, contract=replace(FULL, min_minutes=0))
    past = {"p0": Past(last_end=-60), "p1": Past(worked_days=6, last_end=-600)}
    plan = planned(demand(3), people, PATTERNS, past)
    first = [(shift.person, shift.pattern) for shift in plan.shifts if shift.day == 0]
    assert all(pattern == "late" for who, pattern in first if who == "p0")
    assert all(who != "p1" for who, _ in first)


def test_a_training_finds_a_slot_outside_the_break_and_takes_from_the_cover() -> None:
    learner = replace(team(1)[0], trainings=(Training("first aid", 60, frozenset({2})),))
    plan = planned(demand(1), [learner, *team(4)[1:]], PATTERNS)
    (shift,) = [shift for shift in plan.shifts if shift.sessions]
    (session,) = shift.sessions
    pauses = [
        (shift.start + pause.after, shift.start + pause.after + pause.minutes) for pause in shift.breaks
    ]
    assert shift.day == 2 and shift.start <= session.start and session.start + 60 <= shift.end
    assert all(session.start >= end or session.start + 60 <= begin for begin, end in pauses)


def test_on_call_goes_to_who_is_free_and_open_places_are_told() -> None:
    night = OnCall("night", 2, 20 * 60, 600)
    lone = OnCall("judge", 3, 20 * 60, 60, skills=frozenset({"law"}))
    people = [replace(person, on_call=person.key in {"p0", "p1"}) for person in team(4)]
    plan = planned(demand(1, on_call=(night, lone)), people, PATTERNS, {"p0": Past(unpopular=5)})
    assert [(duty.duty, duty.person) for duty in plan.duties] == [("night", "p1")]
    assert [note.code for note in plan.notes] == ["on_call"]
    assert not [
        s for s in plan.shifts if s.person == "p1" and s.start < 2 * 1440 + 1800 and s.end > 2 * 1440 + 1200
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"days_off": frozenset({0, 1, 2, 3})},
            "Person 0: at least 30 hours of work a week cannot go together with the days off on days 1, 2, 3 and 4",
        ),
        (
            {"away": ((0, 5 * 1440),)},
            "at least 30 hours of work a week cannot go together with 120 hours away",
        ),
        ({"fixed": {0: "late", 1: "early"}}, "what was fixed by hand for days 1 and 2"),
        ({"patterns": frozenset({"short"})}, "the few patterns this person may work"),
    ],
)
def test_why_there_is_no_roster_is_told_in_words(changes: dict[str, object], words: str) -> None:
    found = plan_week(demand(1), [*team(1, **changes), *team(3)[1:]], PATTERNS, seconds=4)
    assert isinstance(found, Infeasible)
    (reason,) = found.reasons
    assert words in reason.text
    assert reason.values["person"] == "p0"


def test_too_few_seats_are_told() -> None:
    found = plan_week(demand(1, seats=1), team(4), (EARLY,), seconds=3)
    assert isinstance(found, Infeasible)
    assert "The office has too few seats (1)" in str(found.reasons[0])


def test_values_that_contradict_themselves_are_refused_with_names() -> None:
    with pytest.raises(WeekError, match="tax: 24 requirements for 168 intervals"):
        plan_week(Demand(60, 7, {"tax": (1.0,) * 24}), team(1), PATTERNS)
    with pytest.raises(WeekError, match="there is no pattern night"):
        plan_week(demand(), team(1, fixed={0: "night"}), PATTERNS)
    with pytest.raises(WeekError, match="Pattern early is there 2 times"):
        plan_week(demand(), team(1), (EARLY, EARLY))


def test_shift_selection_meets_a_requirement_exactly_where_the_patterns_allow() -> None:
    """Two early and one late make this curve, and nothing else does."""
    plain = (Pattern("early", 480, 240), Pattern("late", 600, 240))
    curve = tuple(float(2 * (8 <= hour < 12) + (10 <= hour < 14)) for hour in range(24))
    chosen, cost = select_shifts(Demand(60, 1, {"tax": curve}), plain)
    assert {slot.pattern: count for slot, count in chosen.items()} == {"early": 2, "late": 1}
    assert cost == pytest.approx(0)


def test_offices_have_their_own_seats_and_wishes_for_home_or_office_count() -> None:
    flexible: tuple[str, ...] = ("office", "home")
    people = [
        replace(person, site="hall" if number < 3 else "depot", places=flexible)
        for number, person in enumerate(team(4))
    ]
    people[0] = replace(people[0], prefers=dict.fromkeys(range(7), "home"))
    people[2] = replace(people[2], prefers=dict.fromkeys(range(7), "office"))
    plan = planned(demand(2, sites={"hall": 1, "depot": 0}), people, (EARLY,))
    places = {key: {one.place for one in plan.shifts if one.person == key} for key in ("p0", "p2", "p3")}
    assert places == {"p0": {"home"}, "p2": {"office"}, "p3": {"home"}}
    bound = [replace(person, site="depot", places=("office",)) for person in team(2)]
    found = plan_week(demand(1, sites={"depot": 0}), bound, (EARLY,), seconds=3)
    assert isinstance(found, Infeasible)
    assert found.reasons[0].values == {"site": "depot", "seats": 0, "people": 2}


def test_turns_on_call_go_round_within_a_week() -> None:
    nights = tuple(OnCall(f"night{day}", day, 20 * 60, 600) for day in range(4))
    people = [replace(person, on_call=True) for person in team(4)]
    plan = planned(demand(1, on_call=nights), people, PATTERNS)
    assert sorted(duty.person for duty in plan.duties) == ["p0", "p1", "p2", "p3"]
