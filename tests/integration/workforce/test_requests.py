"""What agents ask for: approved at once where contract and cover hold, else left to a planner who gives a reason."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.workforce.models import Decision, Leave, Shift, ShiftTrade
from civicline.workforce.selectors import requests as selectors
from civicline.workforce.selectors import trades
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services.contracts import Hours, save_contract, save_wishes
from civicline.workforce.services.day_offers import close_offer, make_offer, take_offer
from civicline.workforce.services.decisions import LEAVE, SHIFT, decide_several
from civicline.workforce.services.feeds import end_feed, make_feed
from civicline.workforce.services.leaves import ask_leave, decide_leave, withdraw_leave
from civicline.workforce.services.rosters import change_shift, publish_week
from civicline.workforce.services.shift_trades import SHIFTS
from tests.integration.workforce.conftest import TODAY, shift
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)
Crew = dict[str, UUID]


def owner(row: Shift) -> UUID | None:
    return Shift.objects.get(pk=row.pk).agent_id


def test_a_shift_given_away_goes_to_whoever_takes_it_first(crew: Crew) -> None:
    one = shift(crew["Asha"], NEXT)
    publish_week(week=NEXT)
    trade = SHIFTS.give(thing_id=one.pk, agent_id=crew["Asha"])
    assert [row.pk for row in trades.SHIFTS.given_away(crew["Bela"])] == [trade.pk]
    assert trades.SHIFTS.given_away(crew["Asha"]) == []
    taken = SHIFTS.take(trade_id=trade.pk, agent_id=crew["Bela"])
    assert (taken.state, taken.by_rule, owner(one)) == (Decision.APPROVED, True, crew["Bela"])
    with pytest.raises(Conflict):
        SHIFTS.take(trade_id=trade.pk, agent_id=crew["Cora"])


def test_a_swap_needs_the_colleague_and_keeps_contract_and_cover(crew: Crew) -> None:
    one, other = shift(crew["Asha"], NEXT), shift(crew["Bela"], NEXT, 570, 1080)
    publish_week(week=NEXT)
    trade = SHIFTS.swap(thing_id=one.pk, other_id=other.pk, agent_id=crew["Asha"])
    with pytest.raises(Conflict):
        SHIFTS.take(trade_id=trade.pk, agent_id=crew["Cora"])
    with pytest.raises(Conflict):
        SHIFTS.decide(trade_id=trade.pk, approve=True)
    assert SHIFTS.take(trade_id=trade.pk, agent_id=crew["Bela"]).state == Decision.APPROVED
    assert (owner(one), owner(other)) == (crew["Bela"], crew["Asha"])


def test_nobody_is_asked_to_allow_two_shifts_at_once(crew: Crew) -> None:
    asha, bela, later = crew["Asha"], crew["Bela"], NEXT + timedelta(days=1)
    one, other = shift(asha, NEXT), shift(bela, later, 570, 1080)
    shift(asha, later)
    shift(crew["Cora"], later)
    same_day = shift(crew["Cora"], NEXT, 570, 1080)
    publish_week(week=NEXT)
    assert selectors.swaps_for(one, timedelta(days=7)) == [same_day]  # on the day after, Asha works herself
    with pytest.raises(Refused, match="one of you works at that time already"):
        SHIFTS.swap(thing_id=one.pk, other_id=other.pk, agent_id=asha)
    trade = SHIFTS.give(thing_id=one.pk, agent_id=asha, taker_id=crew["Cora"])
    with pytest.raises(Refused, match="one of you works at that time already"):
        SHIFTS.take(trade_id=trade.pk, agent_id=crew["Cora"])
    assert trades.SHIFTS.asked() == []


def test_what_breaks_a_contract_is_left_to_the_planner_with_the_reason(crew: Crew) -> None:
    save_contract(agent_id=crew["Bela"], week_min=0, week_max=6 * 60)
    save_wishes(agent_id=crew["Bela"], wishes=[Hours(1, "cannot")])
    one = shift(crew["Asha"], NEXT + timedelta(days=1))
    publish_week(week=NEXT)
    trade = SHIFTS.give(thing_id=one.pk, agent_id=crew["Asha"], taker_id=crew["Bela"])
    asked = SHIFTS.take(trade_id=trade.pk, agent_id=crew["Bela"])
    assert asked.state == Decision.ASKED
    assert {code for code, _values in asked.findings} == {"week_max", "cannot"}
    assert [row.pk for row in trades.SHIFTS.asked()] == [trade.pk]
    with pytest.raises(Invalid):
        SHIFTS.decide(trade_id=trade.pk, approve=False, reason=" ")
    SHIFTS.decide(trade_id=trade.pk, approve=False, reason="Tuesdays are too long for you.", by=crew["Cora"])
    assert owner(one) == crew["Asha"]
    assert ShiftTrade.objects.get(pk=trade.pk).reason == "Tuesdays are too long for you."


def test_an_open_shift_goes_to_the_first_bid_and_later_ones_are_told(crew: Crew) -> None:
    one = shift(None, NEXT)
    publish_week(week=NEXT)
    assert [row.pk for row in selectors.open_shifts(crew["Finn"])] == [one.pk]
    assert SHIFTS.bid(thing_id=one.pk, agent_id=crew["Asha"]).state == Decision.APPROVED
    with pytest.raises(Conflict):
        SHIFTS.bid(thing_id=one.pk, agent_id=crew["Bela"])
    assert owner(one) == crew["Asha"]


def test_nobody_trades_what_is_not_theirs_not_published_or_has_begun(crew: Crew, town: Town) -> None:
    one = shift(crew["Asha"], NEXT)
    with pytest.raises(NotFound):
        SHIFTS.give(thing_id=one.pk, agent_id=crew["Asha"])
    publish_week(week=NEXT)
    with pytest.raises(NotFound):
        SHIFTS.give(thing_id=one.pk, agent_id=crew["Bela"])
    trade = SHIFTS.give(thing_id=one.pk, agent_id=crew["Asha"])
    with pytest.raises(Conflict):
        SHIFTS.give(thing_id=one.pk, agent_id=crew["Asha"])
    SHIFTS.withdraw(trade_id=trade.pk, agent_id=crew["Asha"])
    again = SHIFTS.give(thing_id=one.pk, agent_id=crew["Asha"], taker_id=crew["Bela"])
    change_shift(shift_id=one.pk, agent_id=crew["Cora"])
    with pytest.raises(Conflict):
        SHIFTS.take(trade_id=again.pk, agent_id=crew["Bela"])
    town.clock.advance(8 * 86_400)
    with pytest.raises(Conflict):
        SHIFTS.give(thing_id=one.pk, agent_id=crew["Cora"])


def test_what_has_begun_is_not_taken_any_more_and_the_request_can_still_be_taken_back(
    crew: Crew, town: Town
) -> None:
    one = shift(crew["Asha"], NEXT)
    publish_week(week=NEXT)
    trade = SHIFTS.give(thing_id=one.pk, agent_id=crew["Asha"])
    town.clock.set(one.start)
    with pytest.raises(Conflict, match="This shift has begun"):
        SHIFTS.take(trade_id=trade.pk, agent_id=crew["Bela"])
    assert SHIFTS.withdraw(trade_id=trade.pk, agent_id=crew["Asha"]).state == Decision.WITHDRAWN


def test_leave_without_shifts_is_approved_and_shifts_under_leave_need_the_planner(crew: Crew) -> None:
    assert (
        ask_leave(agent_id=crew["Asha"], kind="holiday", first=NEXT + timedelta(days=14)).state
        == Decision.APPROVED
    )
    one = shift(crew["Bela"], NEXT)
    publish_week(week=NEXT)
    asked = ask_leave(agent_id=crew["Bela"], kind="holiday", first=NEXT, note="My sister visits")
    assert (asked.state, owner(one)) == (Decision.ASKED, crew["Bela"])
    with pytest.raises(Conflict):
        ask_leave(agent_id=crew["Bela"], kind="other", first=NEXT)
    with pytest.raises(Invalid):
        decide_leave(leave_id=asked.pk, approve=False)
    decide_leave(leave_id=asked.pk, approve=True, by=crew["Cora"])
    assert owner(one) is None  # open for bids
    withdraw_leave(leave_id=asked.pk, agent_id=crew["Bela"])
    with pytest.raises(NotFound):
        withdraw_leave(leave_id=asked.pk, agent_id=crew["Cora"])


def test_by_rule_not_more_than_a_third_is_away_and_sick_days_are_taken_as_told(crew: Crew) -> None:
    day = NEXT + timedelta(days=14)
    states = [
        ask_leave(agent_id=crew[name], kind="holiday", first=day).state for name in ("Asha", "Bela", "Cora")
    ]
    assert states == [Decision.APPROVED, Decision.APPROVED, Decision.ASKED]
    one = shift(crew["Dana"], TODAY, 600, 1080)
    publish_week(week=TODAY)
    assert ask_leave(agent_id=crew["Dana"], kind="sick", first=TODAY).state == Decision.APPROVED
    assert owner(one) is None
    assert Leave.objects.filter(state=Decision.ASKED).count() == selectors.asked_leaves().count() == 1
    with pytest.raises(Invalid) as refused:
        ask_leave(
            agent_id=crew["Edna"],
            kind="rest",
            first=TODAY - timedelta(days=3),
            last=TODAY - timedelta(days=5),
        )
    assert set(refused.value.fields) == {"kind", "first", "last"}


def test_more_hours_and_time_off_change_the_roster_within_the_contract(crew: Crew) -> None:
    one = shift(crew["Asha"], NEXT)
    publish_week(week=NEXT)
    more = make_offer(kind="overtime", start=slot_start(NEXT, 960), end=slot_start(NEXT, 1080))
    take_offer(offer_id=more.pk, agent_id=crew["Asha"])
    assert Shift.objects.filter(agent_id=crew["Asha"], kind="overtime").count() == 1
    with pytest.raises(Conflict):
        take_offer(offer_id=more.pk, agent_id=crew["Bela"])
    long = make_offer(kind="overtime", start=slot_start(NEXT, 1080), end=slot_start(NEXT, 1320), places=5)
    with pytest.raises(Refused, match="the contract allows 10"):
        take_offer(offer_id=long.pk, agent_id=crew["Asha"])
    less = make_offer(kind="time_off", start=slot_start(NEXT, 840), end=slot_start(NEXT, 960), places=2)
    take_offer(offer_id=less.pk, agent_id=crew["Asha"])
    assert Shift.objects.get(pk=one.pk).end == slot_start(NEXT, 840)
    with pytest.raises(Refused, match="do not work then"):
        take_offer(offer_id=less.pk, agent_id=crew["Bela"])
    close_offer(offer_id=less.pk)
    with pytest.raises(Conflict):
        close_offer(offer_id=less.pk)


def test_what_is_offered_to_everybody_is_shown_to_those_whose_shifts_let_them(crew: Crew) -> None:
    shift(crew["Asha"], NEXT, 480, 960)
    more = make_offer(kind="overtime", start=slot_start(NEXT, 900), end=slot_start(NEXT, 1080))
    less = make_offer(kind="time_off", start=slot_start(NEXT, 840), end=slot_start(NEXT, 960))
    middle = make_offer(kind="time_off", start=slot_start(NEXT, 600), end=slot_start(NEXT, 660))

    def shown(name: str) -> list[int]:
        return [one.pk for one in selectors.offers_to(crew[name], slot_start(TODAY, 600))[1]]

    assert shown("Asha") == [less.pk]
    assert shown("Bela") == [more.pk]
    take_offer(offer_id=less.pk, agent_id=crew["Asha"])
    assert less.pk in shown("Asha")  # theirs by now
    assert middle.pk not in shown("Bela")


def test_a_feed_opens_by_its_secret_until_it_is_ended(crew: Crew) -> None:
    first = make_feed(agent_id=crew["Asha"])
    second = make_feed(agent_id=crew["Asha"])
    assert selectors.agent_of_feed(first) is None
    assert selectors.agent_of_feed(second) == crew["Asha"]
    end_feed(agent_id=crew["Asha"])
    assert selectors.agent_of_feed(second) is None


def test_several_are_decided_at_once_and_what_got_harder_stays_open_with_the_reason(crew: Crew) -> None:
    rows = [shift(crew[name], NEXT) for name in ("Asha", "Bela", "Cora", "Dana")]
    publish_week(week=NEXT)
    asked = [ask_leave(agent_id=crew[name], kind="holiday", first=NEXT) for name in ("Asha", "Bela", "Cora")]
    assert {one.state for one in asked} == {Decision.ASKED}  # each would leave people too few
    chosen = [(LEAVE, one.pk) for one in reversed(asked)]
    found = decide_several(chosen=chosen, approve=True)
    assert [one.name for one in found] == ["Asha", "Bela", "Cora"]  # the earliest asked first
    assert [bool(one.why) for one in found] == [False, False, True]
    assert "Too many are away" in found[2].why
    assert [owner(row) for row in rows] == [None, None, crew["Cora"], crew["Dana"]]
    assert Leave.objects.get(pk=asked[2].pk).state == Decision.ASKED
    again = decide_several(chosen=chosen, approve=True)  # by now it is known, and a planner may say yes to it
    assert {one.name: one.why for one in again} == {"Cora": "", "": "This is decided already."}
    assert owner(rows[2]) is None


def test_of_two_who_want_one_shift_the_first_gets_it_and_the_other_is_told(crew: Crew, town: Town) -> None:
    town.clock.set(slot_start(TODAY, 960))  # an hour before it begins: the rule leaves it to the planner
    soon = shift(None, TODAY, 1020, 1200, breaks=[])
    publish_week(week=TODAY)
    first = SHIFTS.bid(thing_id=soon.pk, agent_id=crew["Bela"])
    town.clock.advance(1)
    second = SHIFTS.bid(thing_id=soon.pk, agent_id=crew["Cora"])
    found = decide_several(chosen=[(SHIFT, second.pk), (SHIFT, first.pk)], approve=True)
    assert owner(soon) == crew["Bela"]
    assert [(one.name, one.why) for one in found] == [("Bela", ""), ("Cora", "This is decided already.")]


def test_what_breaks_a_contract_wants_a_yes_of_its_own(crew: Crew) -> None:
    long_one = shift(None, NEXT, 360, 1260, breaks=[])
    publish_week(week=NEXT)
    bid = SHIFTS.bid(thing_id=long_one.pk, agent_id=crew["Bela"])
    (found,) = decide_several(chosen=[(SHIFT, bid.pk)], approve=True)
    assert "the contract allows 10" in found.why
    assert owner(long_one) is None
    SHIFTS.decide(trade_id=bid.pk, approve=True)
    assert owner(long_one) == crew["Bela"]


def test_open_shifts_are_shown_to_those_who_are_there_and_free(crew: Crew) -> None:
    one, other = shift(None, NEXT, 480, 720, breaks=[]), shift(None, NEXT, 720, 960, breaks=[])
    shift(crew["Bela"], NEXT, 600, 720, breaks=[])
    publish_week(week=NEXT)
    ask_leave(agent_id=crew["Cora"], kind="sick", first=NEXT)
    assert selectors.open_shifts(crew["Asha"]) == [one, other]
    assert selectors.open_shifts(crew["Bela"]) == [other]
    assert selectors.open_shifts(crew["Cora"]) == []


def test_a_no_to_several_needs_a_reason_and_is_told_to_each(crew: Crew) -> None:
    shift(crew["Asha"], NEXT)
    shift(crew["Bela"], NEXT)
    publish_week(week=NEXT)
    asked = [ask_leave(agent_id=crew[name], kind="holiday", first=NEXT) for name in ("Asha", "Bela")]
    chosen = [(LEAVE, one.pk) for one in asked]
    with pytest.raises(Invalid) as refused:
        decide_several(chosen=chosen, approve=False)
    assert "reason" in refused.value.fields
    with pytest.raises(Invalid):
        decide_several(chosen=[], approve=True)
    assert not any(one.why for one in decide_several(chosen=chosen, approve=False, reason="Too few people"))
    assert {(one.state, one.reason) for one in Leave.objects.all()} == {(Decision.REFUSED, "Too few people")}
