"""Turns on call change hands: at once where the rule holds, refused in words, or left to the planner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.models import AuditEntry
from civicline.routing.models import Queue
from civicline.workforce.models import CallOut, DutyTrade, OnCallDuty, OnCallRule
from civicline.workforce.selectors import duty_trades as selectors
from civicline.workforce.selectors import on_call as turns
from civicline.workforce.selectors import trades
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services import on_call
from civicline.workforce.services.contracts import save_contract
from civicline.workforce.services.duty_trades import TURNS
from civicline.workforce.services.leaves import ask_leave
from civicline.workforce.services.rosters import publish_week
from tests.integration.workforce.conftest import TODAY, shift
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)  # a Monday
Crew = dict[str, UUID]


@pytest.fixture
def nights(crew: Crew) -> list[OnCallDuty]:
    """Five published nights from 18:00 to 8:00: Asha has Monday, Bela Tuesday, Cora the next two, nobody Friday."""
    for name in ("Asha", "Bela", "Cora", "Dana"):
        save_contract(agent_id=crew[name], on_call=True)
    on_call.save_rule(name="Nights", start=1080, minutes=840, weekdays=[0, 1, 2, 3, 4])
    on_call.share_out(week=NEXT)
    duties = turns.duties_of_week(NEXT)
    for duty, who in zip(duties, ("Asha", "Bela", "Cora", "Cora", None), strict=True):
        on_call.give_duty(duty_id=duty.pk, agent_id=crew[who] if who else None)
    shift(crew["Finn"], NEXT)
    publish_week(week=NEXT)
    return duties


def owner(duty: OnCallDuty) -> UUID | None:
    return OnCallDuty.objects.get(pk=duty.pk).agent_id


def test_a_turn_offered_to_all_goes_to_whoever_takes_it_first(crew: Crew, nights: list[OnCallDuty]) -> None:
    monday = nights[0]
    trade = TURNS.give(thing_id=monday.pk, agent_id=crew["Asha"])
    assert owner(monday) == crew["Asha"]  # hers until somebody takes it
    assert [one.pk for one in trades.TURNS.given_away(crew["Dana"])] == [trade.pk]
    assert selectors.duties_asked_about([one.pk for one in nights]) == {monday.pk}
    with pytest.raises(Conflict, match="not yours to take"):
        TURNS.take(trade_id=trade.pk, agent_id=crew["Asha"])
    done = TURNS.take(trade_id=trade.pk, agent_id=crew["Dana"])
    assert (done.state, done.by_rule, owner(monday)) == ("approved", True, crew["Dana"])
    assert [one.pk for one in turns.own_duties(crew["Dana"], NEXT, NEXT)] == [monday.pk]
    with pytest.raises(Conflict, match="decided already"):
        TURNS.take(trade_id=trade.pk, agent_id=crew["Bela"])
    told = AuditEntry.objects.filter(object_kind="duty_trade").values_list("action", flat=True)
    assert list(told) == ["duty_trade.approved"]


def test_a_swap_needs_the_colleague_and_moves_both_turns(crew: Crew, nights: list[OnCallDuty]) -> None:
    monday, tuesday = nights[:2]
    trade = TURNS.swap(thing_id=monday.pk, other_id=tuesday.pk, agent_id=crew["Asha"])
    with pytest.raises(Conflict, match="not yours to take"):
        TURNS.take(trade_id=trade.pk, agent_id=crew["Cora"])
    with pytest.raises(Conflict, match="has not agreed yet"):
        TURNS.decide(trade_id=trade.pk, approve=True)
    TURNS.take(trade_id=trade.pk, agent_id=crew["Bela"])
    assert (owner(monday), owner(tuesday)) == (crew["Bela"], crew["Asha"])
    with pytest.raises(Invalid, match="colleague's turn"):
        TURNS.swap(thing_id=tuesday.pk, other_id=nights[4].pk, agent_id=crew["Asha"])


@pytest.mark.parametrize("why", ["busy", "on call", "away", "queue", "rest"])
def test_who_cannot_have_it_is_told_why_and_others_still_may(
    crew: Crew, nights: list[OnCallDuty], town: Town, why: str
) -> None:
    monday, dana = nights[0], crew["Dana"]
    trade = TURNS.give(thing_id=monday.pk, agent_id=crew["Asha"])
    if why == "busy":
        shift(dana, NEXT, 1140, 1320, breaks=[])
        words = "Has a shift during the turn on Mon 9 Mar."
    elif why == "on call":
        other = on_call.save_rule(name="Late", start=1200, minutes=120, weekdays=[0])
        values = {"rule": other, "schedule": monday.schedule, "agent_id": dana}
        OnCallDuty.objects.create(start=slot_start(NEXT, 1200), end=slot_start(NEXT, 1320), **values)
        words = "On call already on Mon 9 Mar."
    elif why == "away":
        ask_leave(agent_id=dana, kind="sick", first=NEXT, last=NEXT)
        words = "Away on Mon 9 Mar."
    elif why == "queue":
        monday.rule.queue = Queue.objects.get(code="benefits")
        monday.rule.save()
        words = "Does not serve the queue of the turn on Mon 9 Mar."
    else:
        end = monday.start - timedelta(hours=2)
        CallOut.objects.create(
            duty=nights[4], agent_id=dana, start=end - timedelta(hours=1), end=end, told_at=end
        )
        words = "Was called out and is not rested before the turn on Mon 9 Mar."
    with pytest.raises(Refused) as refused:
        TURNS.take(trade_id=trade.pk, agent_id=dana)
    assert refused.value.message() == words
    kept = DutyTrade.objects.get(pk=trade.pk)
    assert (kept.state, kept.taker_id, kept.agreed) == ("asked", None, False)
    assert owner(monday) == crew["Asha"]


def test_what_the_rule_leaves_open_waits_for_the_planner(crew: Crew, nights: list[OnCallDuty]) -> None:
    friday, edna = nights[4], crew["Edna"]
    trade = TURNS.bid(thing_id=friday.pk, agent_id=edna)  # her contract has no turns
    assert (trade.state, owner(friday)) == ("asked", None)
    assert [one.pk for one in trades.TURNS.asked()] == [trade.pk]
    with pytest.raises(Invalid, match="Say why not"):
        TURNS.decide(trade_id=trade.pk, approve=False)
    TURNS.decide(trade_id=trade.pk, approve=True)
    assert owner(friday) == edna
    with pytest.raises(Conflict, match="Somebody has this turn already"):
        TURNS.bid(thing_id=friday.pk, agent_id=crew["Dana"])


def test_many_turns_in_a_week_and_short_notice_are_the_planners_too(
    crew: Crew, nights: list[OnCallDuty], town: Town
) -> None:
    on_call.give_duty(duty_id=nights[1].pk, agent_id=crew["Cora"])
    monday = nights[0]
    trade = TURNS.give(thing_id=monday.pk, agent_id=crew["Asha"], taker_id=crew["Cora"])
    town.clock.set(monday.start - timedelta(hours=1))
    TURNS.take(trade_id=trade.pk, agent_id=crew["Cora"])
    codes = [code for code, _values in DutyTrade.objects.get(pk=trade.pk).findings]
    assert codes == ["duty_many", "duty_notice"]
    TURNS.decide(trade_id=trade.pk, approve=False, reason="Four nights are too many")
    assert owner(monday) == crew["Asha"]
    town.clock.set(monday.start)
    with pytest.raises(Conflict, match="This turn has begun"):
        TURNS.give(thing_id=monday.pk, agent_id=crew["Asha"])


def test_only_those_see_open_turns_who_could_have_them(crew: Crew, nights: list[OnCallDuty]) -> None:
    assert [one.pk for one in selectors.open_duties(crew["Dana"])] == [nights[4].pk]
    assert selectors.open_duties(crew["Edna"]) == []
    assert {name for _agent, name in selectors.colleagues(nights[0])} == {"Bela", "Cora", "Dana"}


def test_open_turns_are_found_by_one_question_however_many_there_are(
    crew: Crew, nights: list[OnCallDuty], django_assert_num_queries: Any
) -> None:
    OnCallDuty.objects.update(agent=None)
    dana, nights = crew["Dana"], list(OnCallDuty.objects.all())
    with django_assert_num_queries(2):  # her contract, then all turns
        assert selectors.open_duties(dana) == nights
    with django_assert_num_queries(1):  # she takes no turns at all
        assert selectors.open_duties(crew["Edna"]) == []


def test_open_turns_leave_out_what_she_would_be_refused(crew: Crew, nights: list[OnCallDuty]) -> None:
    OnCallDuty.objects.update(agent=None)
    dana, (monday, tuesday, wednesday, thursday, friday) = crew["Dana"], OnCallDuty.objects.all()
    shift(dana, NEXT, 1140, 1320, breaks=[])
    ask_leave(agent_id=dana, kind="sick", first=NEXT + timedelta(days=1), last=NEXT + timedelta(days=1))
    late = OnCallRule.objects.create(name="Late", start=1200, minutes=120, weekdays=[2])
    during = {"start": wednesday.start + timedelta(hours=2), "end": wednesday.start + timedelta(hours=3)}
    OnCallDuty.objects.create(rule=late, schedule=wednesday.schedule, agent_id=dana, **during)
    end = thursday.start - timedelta(hours=2)
    CallOut.objects.create(duty=tuesday, agent_id=dana, start=end - timedelta(hours=1), end=end, told_at=end)
    assert selectors.open_duties(dana) == [friday]
    assert all(selectors.duty_findings(one, dana) for one in (monday, tuesday, wednesday, thursday))
    assert selectors.duty_findings(friday, dana) == []
    friday.rule.queue = Queue.objects.get(code="benefits")  # which she does not serve
    friday.rule.save()
    assert selectors.open_duties(dana) == []


def test_a_request_is_taken_back_by_its_owner_and_refused_by_the_colleague(
    crew: Crew, nights: list[OnCallDuty]
) -> None:
    first = TURNS.give(thing_id=nights[0].pk, agent_id=crew["Asha"], taker_id=crew["Bela"])
    with pytest.raises(Conflict, match="asked for this already"):
        TURNS.give(thing_id=nights[0].pk, agent_id=crew["Asha"])
    with pytest.raises(NotFound):
        TURNS.withdraw(trade_id=first.pk, agent_id=crew["Dana"])
    assert TURNS.withdraw(trade_id=first.pk, agent_id=crew["Bela"]).state == "refused"
    second = TURNS.give(thing_id=nights[0].pk, agent_id=crew["Asha"])
    assert TURNS.withdraw(trade_id=second.pk, agent_id=crew["Asha"]).state == "withdrawn"
    with pytest.raises(NotFound):
        TURNS.give(thing_id=nights[1].pk, agent_id=crew["Asha"])


def test_a_turn_that_the_planner_gave_to_somebody_else_is_not_handed_over(
    crew: Crew, nights: list[OnCallDuty]
) -> None:
    trade = TURNS.give(thing_id=nights[0].pk, agent_id=crew["Asha"])
    on_call.give_duty(duty_id=nights[0].pk, agent_id=crew["Bela"])
    with pytest.raises(Conflict, match="has changed since"):
        TURNS.take(trade_id=trade.pk, agent_id=crew["Dana"])
    assert owner(nights[0]) == crew["Bela"]
