"""Seats of offices, work at home, turns on call, and the rest after being called out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from civicline.kernel import clock
from civicline.kernel import selectors as kernel
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.workforce import wording
from civicline.workforce.models import Contract, OnCallDuty, Schedule, Shift, Site
from civicline.workforce.rules import check
from civicline.workforce.selectors import on_call as turns
from civicline.workforce.selectors import rosters
from civicline.workforce.selectors.seats import free_seats, place_for, seat_days
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services import on_call
from civicline.workforce.services.contracts import Hours, save_contract, save_wishes
from civicline.workforce.services.leaves import ask_leave
from civicline.workforce.services.planning import ask_plan
from civicline.workforce.services.rosters import change_shift, draft_shift, publish_week
from civicline.workforce.services.sites import save_place_wishes, save_site
from tests.integration.workforce.conftest import TODAY, shift, work

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)  # a Monday
Crew = dict[str, UUID]


def at(day: date, hour: float) -> datetime:
    return slot_start(day, int(hour * 60))


def turns_of(crew: Crew, *names: str) -> None:
    """These take turns at being on call."""
    for name in names:
        save_contract(agent_id=crew[name], on_call=True)


def night(**more: object) -> int:
    """A duty on weeknights from 18:00 to 8:00."""
    values = {"name": "Nights", "start": 1080, "minutes": 840, "weekdays": [0, 1, 2, 3]} | more
    return on_call.save_rule(**values).pk  # type: ignore[arg-type]  # a table of fields


def test_an_office_has_seats_and_a_shift_too_many_is_told(crew: Crew) -> None:
    hall = save_site(code="hall", name="Town hall", seats=1)
    for name in ("Asha", "Bela"):
        save_contract(agent_id=crew[name], site_id=hall.pk)
    shift(crew["Asha"], NEXT, 480, 960)
    come = draft_shift(agent_id=crew["Bela"], start=at(NEXT, 15), end=at(NEXT, 20))
    found = rosters.consequences([], [come]).hard
    assert [one.words() for one in found] == ["Town hall has no seat left on Mon 9 Mar at 15:00."]
    later = draft_shift(agent_id=crew["Bela"], start=at(NEXT, 16), end=at(NEXT, 20))
    assert rosters.consequences([], [later]).hard == []
    shift(crew["Bela"], NEXT, 900, 1200)
    (monday, *_rest) = seat_days(NEXT)
    assert (monday.site, monday.most, monday.full_from) == (hall, 2, 900)
    assert seat_days(NEXT + timedelta(days=1), 1)[0].most == 0


def test_an_office_that_is_too_full_already_takes_nobody_more_at_that_time(crew: Crew) -> None:
    hall = save_site(code="hall", name="Town hall", seats=1)
    for name in ("Asha", "Bela", "Cora"):
        save_contract(agent_id=crew[name], site_id=hall.pk)
    for name, hours in (("Asha", (480, 720)), ("Bela", (480, 720)), ("Asha", (900, 1080))):
        shift(crew[name], NEXT, *hours, breaks=[])
    come = draft_shift(agent_id=crew["Cora"], start=at(NEXT, 15), end=at(NEXT, 18))
    found = rosters.consequences([], [come]).hard
    assert [one.words() for one in found] == ["Town hall has no seat left on Mon 9 Mar at 15:00."]
    assert free_seats(NEXT).full_with(come) in found
    between = draft_shift(agent_id=crew["Cora"], start=at(NEXT, 12), end=at(NEXT, 15))
    assert rosters.consequences([], [between]).hard == []
    assert free_seats(NEXT).full_with(between) is None


def test_where_somebody_works_follows_contract_then_hand_then_wish(crew: Crew) -> None:
    agent = crew["Asha"]
    assert place_for(agent, NEXT, "home") == "office"
    save_contract(agent_id=agent, place="either")
    save_place_wishes(agent_id=agent, places={0: "home"})
    assert (place_for(agent, NEXT), place_for(agent, NEXT, "office")) == ("home", "office")
    assert place_for(agent, NEXT + timedelta(days=1)) == "office"
    save_wishes(agent_id=agent, wishes=[Hours(2, "cannot")])
    assert place_for(agent, NEXT) == "home"  # what was said of hours leaves it alone
    one = shift(agent, NEXT)
    assert one.place == "home"
    given = change_shift(shift_id=one.pk, agent_id=crew["Bela"])
    assert given.place == "office"
    with pytest.raises(Refused, match="Your contract says where you work"):
        save_place_wishes(agent_id=crew["Bela"], places={0: "home"})
    one.place = "home"
    contract = Contract.objects.get(pk=crew["Bela"])
    assert "Works at home on Mon 9 Mar; the contract says office." in [
        f.words() for f in check([one], contract)
    ]


@pytest.mark.parametrize(
    ("changes", "field"), [({"code": "no good"}, "code"), ({"name": " "}, "name"), ({"seats": 6000}, "seats")]
)
def test_an_office_that_cannot_be_is_refused_at_its_field(
    crew: Crew, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        save_site(**({"code": "hall", "name": "Hall", "seats": 3} | changes))  # type: ignore[arg-type]  # a table
    assert field in refused.value.fields
    assert not Site.objects.exists()


def test_a_planned_week_keeps_the_seats_and_gives_the_nights_out(crew: Crew) -> None:
    hall = save_site(code="hall", name="Town hall", seats=2)
    for name, agent in crew.items():
        save_contract(agent_id=agent, site_id=hall.pk, place="either" if name < "E" else "office")
    turns_of(crew, "Asha", "Bela")
    night()
    save_place_wishes(agent_id=crew["Cora"], places=dict.fromkeys(range(7), "office"))
    ask_plan(week=NEXT, seconds=4)
    work()
    row = Schedule.objects.get(week=NEXT)
    assert row.planning == "done", wording.finding_words(row.findings)
    assert all(one.full_from is None for one in seat_days(NEXT))
    assert {one.place for one in row.shifts.all()} == {"office", "home"}
    duties = list(row.duties.all())
    assert len(duties) == 4
    assert {one.agent_id for one in duties} == {crew["Asha"], crew["Bela"]}
    for one in duties:
        assert not row.shifts.filter(agent_id=one.agent_id, start__lt=one.end, end__gt=one.start).exists()


def test_duties_are_shared_out_to_those_who_had_the_fewest_and_are_free(crew: Crew) -> None:
    turns_of(crew, "Asha", "Bela", "Cora")
    rule = night()
    before = NEXT - timedelta(days=7)
    assert on_call.share_out(week=before) == 0
    had = turns.turns(NEXT)
    assert sorted(had.values()) == [1, 1, 2]
    shift(crew["Bela"], NEXT, 1140, 1380, breaks=[])
    ask_leave(agent_id=crew["Cora"], kind="sick", first=NEXT, last=NEXT + timedelta(days=6))
    assert on_call.share_out(week=NEXT) == 0
    duties = turns.duties_of_week(NEXT)
    assert duties[0].agent_id == crew["Asha"]  # Bela works, Cora is ill
    assert {one.agent_id for one in duties} <= {crew["Asha"], crew["Bela"]}
    assert on_call.share_out(week=NEXT) == 0
    assert len(turns.duties_of_week(NEXT)) == 4  # again is anew, not twice
    ask_leave(agent_id=crew["Asha"], kind="sick", first=NEXT, last=NEXT + timedelta(days=6))
    assert crew["Asha"] not in {
        one.agent_id for one in turns.duties_of_week(NEXT)
    }  # her turns are open again
    save_contract(agent_id=crew["Dana"], on_call=True)
    on_call.save_rule(rule_id=rule, name="Nights", start=1080, minutes=840, weekdays=[0], people=3)
    assert on_call.share_out(week=NEXT) == 2
    assert turns.duties_of_week(NEXT)[0].agent_id in (crew["Dana"], None)


def test_a_duty_is_given_by_hand_as_far_as_rules_allow(crew: Crew) -> None:
    turns_of(crew, "Asha")
    night(weekdays=[0])
    on_call.share_out(week=NEXT)
    (duty,) = turns.duties_of_week(NEXT)
    shift(crew["Bela"], NEXT, 1080, 1320, breaks=[])
    with pytest.raises(Conflict, match="has a shift at that time"):
        on_call.give_duty(duty_id=duty.pk, agent_id=crew["Bela"])
    given = on_call.give_duty(duty_id=duty.pk, agent_id=crew["Cora"], version=duty.version)
    assert given.agent_id == crew["Cora"]
    with pytest.raises(Conflict, match="Somebody else has changed this duty"):
        on_call.give_duty(duty_id=duty.pk, agent_id=None, version=duty.version)
    come = draft_shift(agent_id=crew["Cora"], start=at(NEXT, 20), end=at(NEXT, 23))
    assert "on_call_shift" in {one.code for one in rosters.consequences([], [come]).hard}
    assert kernel.history("schedule", NEXT.isoformat())[0].action == "on_call.given"


def test_after_a_call_out_the_next_shift_begins_once_the_rest_is_over(crew: Crew) -> None:
    asha = crew["Asha"]
    turns_of(crew, "Asha")
    night(weekdays=[0])
    on_call.share_out(week=NEXT)
    (duty,) = turns.duties_of_week(NEXT)
    tuesday = NEXT + timedelta(days=1)
    one = shift(asha, tuesday, 600, 1080)
    publish_week(week=NEXT)
    with clock.use(clock.ManualClock(at(tuesday, 6))):
        row = on_call.tell_call_out(
            duty_id=duty.pk, agent_id=asha, start=at(tuesday, 1), end=at(tuesday, 3), note="Flood"
        )
        assert turns.rested_from(asha, row.end) == at(tuesday, 14)
        moved = Shift.objects.get(pk=one.pk)
        assert (moved.start, moved.end, moved.breaks) == (at(tuesday, 14), at(tuesday, 18), [])
        with pytest.raises(Conflict, match="told a call-out at that time already"):
            on_call.tell_call_out(duty_id=duty.pk, agent_id=asha, start=at(tuesday, 2), end=at(tuesday, 4))
        on_call.tell_call_out(duty_id=duty.pk, agent_id=asha, start=at(tuesday, 5), end=at(tuesday, 7))
    assert Shift.objects.get(pk=one.pk).agent_id is None  # nothing was left of it: it is open for bids
    early = draft_shift(agent_id=asha, start=at(tuesday, 12), end=at(tuesday, 16))
    words = [finding.words() for finding in rosters.consequences([], [early]).hard]
    assert "Only 5 hours of rest after being called out before the shift on Tue 10 Mar; 11 are due." in words


@pytest.mark.parametrize(
    ("begin", "end", "field"), [(-9, -8, "start"), (1, 0.5, "end"), (1, 20, "end"), (7, 8, "start")]
)
def test_a_call_out_that_cannot_be_is_refused_at_its_field(
    crew: Crew, begin: float, end: float, field: str
) -> None:
    turns_of(crew, "Asha")
    night(weekdays=[0])
    on_call.share_out(week=NEXT)
    (duty,) = turns.duties_of_week(NEXT)
    tuesday = NEXT + timedelta(days=1)
    with clock.use(clock.ManualClock(at(tuesday, 6))), pytest.raises(Invalid) as refused:
        on_call.tell_call_out(
            duty_id=duty.pk, agent_id=crew["Asha"], start=at(tuesday, 0) + timedelta(hours=begin),
            end=at(tuesday, 0) + timedelta(hours=end),
        )  # fmt: skip
    assert field in refused.value.fields
    with pytest.raises(NotFound):
        on_call.tell_call_out(
            duty_id=duty.pk, agent_id=crew["Bela"], start=at(tuesday, 1), end=at(tuesday, 2)
        )


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": ""}, "name"), ({"minutes": 30}, "end"), ({"people": 0}, "people"), ({"start": 1500}, "start")],
)
def test_a_duty_that_cannot_be_is_refused_at_its_field(
    crew: Crew, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        night(**changes)
    assert field in refused.value.fields
    with pytest.raises(Conflict, match="There are no duties yet"):
        on_call.share_out(week=NEXT)
    assert not OnCallDuty.objects.exists()
