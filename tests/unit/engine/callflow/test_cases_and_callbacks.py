"""A caller asks about a case by its number, and leaves a number to be called back on."""

from __future__ import annotations

import pytest

from civicline.engine.callflow import (
    Answered,
    Facts,
    Failed,
    Position,
    Spelled,
    Spoken,
    Started,
    actions,
    walk,
)
from tests.unit.engine.callflow.menus import TOWN, Caller, changed, last

FOUND = Answered("verified", noted={"case": "c1"})


def caller_at_case(**answers: Answered) -> Caller:
    caller = Caller(TOWN, answers, Facts("+12025550123", "en"))
    caller.presses("2")
    assert caller.heard == ["case_ask"]
    return caller


def test_reference_and_pin_open_the_case_and_its_status_is_told() -> None:
    caller = caller_at_case()
    caller.presses("7645*7291")
    assert caller.asked[-1] == actions.LookUp("case", {"keys": "76457291", "attempt": "1"})
    assert caller.heard == ["case_ask_pin"]
    caller.presses("482913")
    assert caller.asked[-2] == actions.LookUp("check_pin", {"cases": "c1,c2", "pin": "482913"})
    assert caller.asked[-1] == actions.LookUp("status", {"case": "c1"})
    assert caller.heard == ["case_status", "menu"]
    assert caller.step.position.get("verified") == "pin"
    assert caller.step.position.get("cases") == ""


def test_a_vouched_number_needs_no_pin() -> None:
    caller = caller_at_case(case=FOUND)
    caller.presses("457291")
    assert caller.heard == ["case_status", "menu"]
    assert caller.step.position.get("verified") == "number"
    caller.presses("2")
    assert caller.step.position.get("case") == "", "the next question is about no case yet"


def test_an_unknown_reference_is_asked_for_again_and_then_people_help() -> None:
    caller = caller_at_case(case=Answered("none"))
    caller.presses("1")
    assert caller.heard == ["case_not_found", "case_ask"]
    caller.presses("2")
    assert caller.asked[-2].values["attempt"] == "2"
    assert caller.heard == ["case_not_found", "wait_range", "please_wait"]


def test_silence_at_the_reference_and_at_the_pin_leads_to_people() -> None:
    caller = caller_at_case()
    caller.waits()
    assert caller.heard == ["not_heard", "case_ask"]
    caller.presses("*")
    assert caller.at == "line"
    caller = caller_at_case()
    caller.presses("457291")
    caller.waits()
    assert caller.heard == ["not_heard", "case_ask"]
    caller.waits()
    assert caller.at == "line"


def test_a_wrong_pin_is_told_and_a_locked_case_stays_shut() -> None:
    caller = caller_at_case(check_pin=Answered("wrong"))
    caller.presses("457291")
    caller.presses("1")
    assert caller.heard == ["case_wrong_pin", "case_ask"], "nobody is told which half was wrong"
    caller.presses("457291")
    caller.presses("2")
    assert caller.at == "line"
    locked = caller_at_case(check_pin=Answered("locked"))
    locked.presses("457291")
    locked.presses("1")
    assert locked.heard[0] == "case_locked"
    at_once = caller_at_case(case=Answered("locked"))
    at_once.presses("457291")
    assert at_once.heard[0] == "case_locked"
    assert at_once.at == "line"


def test_an_answer_without_a_case_opens_nothing() -> None:
    caller = caller_at_case(case=Answered("verified"), check_pin=Answered("verified"))
    caller.presses("457291")
    assert caller.heard == ["case_not_found", "case_ask"]
    other = caller_at_case(check_pin=Answered("verified"))
    other.presses("457291")
    other.presses("1")
    assert other.heard == ["case_wrong_pin", "case_ask"]


def test_a_look_up_that_fails_is_like_one_that_finds_nothing() -> None:
    facts = Facts()
    at_case = walk(TOWN, Position("case", "case"), Failed(), facts)
    assert at_case.position.phase == "reference"
    at_check = walk(TOWN, Position("case", "check_pin"), Failed(), facts)
    assert at_check.position.phase == "reference"


def test_no_status_is_read_without_a_case() -> None:
    assert walk(TOWN, Position("status"), Started(), Facts()).position.node == "case"
    onward = changed("status", unknown="")
    assert walk(onward, Position("status"), Started(), Facts()).position.node == "menu"


def caller_at_offer(number: str = "+12025550123", **answers: Answered) -> Caller:
    long_wait = Answered("known", number=30)
    caller = Caller(TOWN, {"wait": long_wait, **answers}, Facts(number, "en"))
    caller.presses("1")
    assert caller.heard == ["callback_offer"]
    return caller


def test_the_number_they_call_from_is_read_back_and_booked() -> None:
    caller = caller_at_offer()
    step = caller.presses("1")
    say = step.actions[0]
    assert isinstance(say, actions.Say)
    assert say.spoken == (Spoken("callback_this_number", {"number": Spelled("+12025550123")}),)
    caller.presses("1")
    values = {"queue": "general", "service": "repair", "number": "+12025550123"}
    assert caller.asked[-1] == actions.LookUp("book_callback", values)
    assert caller.heard == ["callback_booked", "goodbye"]
    assert caller.step.position.ended


def test_another_number_is_typed_and_confirmed() -> None:
    caller = caller_at_offer()
    caller.presses("1")
    caller.presses("2")
    assert caller.heard == ["callback_type_number"]
    caller.presses("12")
    assert caller.heard == ["callback_type_number"]
    caller.presses("2025550188")
    assert caller.heard == ["callback_confirm"]
    caller.presses("2")
    assert caller.heard == ["callback_type_number"]
    caller.presses("2025550199")
    caller.presses("1")
    assert caller.asked[-1].values["number"] == "2025550199"


def test_a_withheld_number_is_asked_for_and_nonsense_ends_in_the_line() -> None:
    caller = caller_at_offer("")
    caller.presses("1")
    assert caller.heard == ["callback_type_number"]
    for keys in ("1", "2", "9" * 10_000):
        caller.presses(keys)
    assert caller.at == "line"


@pytest.mark.parametrize("keys", [[], ["1"], ["1", "2"], ["1", "2", "2025550188"]])
def test_silence_refuses_wherever_it_comes(keys: list[str]) -> None:
    caller = caller_at_offer()
    for one in keys:
        caller.presses(one)
    for _ in range(3):
        if caller.at == "line":
            break
        caller.waits()
    assert caller.at == "line"


def test_a_refused_booking_goes_on_in_the_line_with_words() -> None:
    caller = caller_at_offer(book_callback=Answered("refused"))
    caller.presses("1")
    caller.presses("1")
    assert caller.heard == ["callback_not_possible", "please_wait"]
    own_words = caller_at_offer(book_callback=Answered("booked", (Spoken("callback_booked"),)))
    own_words.presses("1")
    own_words.presses("1")
    assert own_words.heard == ["callback_booked", "goodbye"]
    assert isinstance(last(own_words.step), actions.HangUp)


def test_a_booking_that_cannot_be_made_leads_on() -> None:
    step = walk(TOWN, Position("callback", "book_callback", language="en"), Failed("away"), Facts())
    assert step.position.node == "line"


OWED = Answered("owed", (Spoken("wait_range", {"low": 5, "high": 10}),), noted={"callback": "cb1"})


def caller_who_is_owed(known: Answered = OWED, **answers: Answered) -> Caller:
    """They ring again, and hear of the call that we owe them before anything is offered."""
    facts = Facts("+12025550123", "en")
    caller = Caller(TOWN, {"wait": Answered("known", number=30), "callback": known, **answers}, facts)
    caller.presses("1")
    return caller


def test_who_is_owed_a_call_is_told_number_and_wait_and_keeps_it() -> None:
    for keeps in (Caller.waits, lambda caller: caller.presses("1"), lambda caller: caller.presses("7")):
        caller = caller_who_is_owed()
        assert caller.heard == ["callback_known", "wait_range", "callback_known_choices"]
        assert actions.LookUp("callback", {"queue": "general"}) in caller.asked
        keeps(caller)
        assert caller.heard == ["callback_booked", "goodbye"]
        assert caller.step.position.ended


def test_a_call_that_is_owed_is_called_off() -> None:
    caller = caller_who_is_owed()
    caller.presses("2")
    assert caller.asked[-1] == actions.LookUp("cancel_callback", {"callback": "cb1"})
    assert caller.heard == ["callback_called_off", "goodbye"]


def test_who_is_owed_a_call_waits_on_the_line_instead() -> None:
    caller = caller_who_is_owed()
    caller.presses("3")
    assert caller.asked[-1] == actions.LookUp("join_callback", {"callback": "cb1"})
    assert last(caller.step) == actions.EnterQueue("general", "repair")
    caller.hears(Failed("full"))
    assert caller.at == "line"


@pytest.mark.parametrize("key", ["2", "3"])
def test_a_call_that_changed_meanwhile_leads_on(key: str) -> None:
    caller = caller_who_is_owed(cancel_callback=Answered("gone"), join_callback=Answered("gone"))
    caller.presses(key)
    assert caller.heard == ["callback_gone", "please_wait"]
    assert caller.at == "line"


def test_while_the_line_rests_nobody_can_wait_on_it() -> None:
    caller = caller_who_is_owed(Answered("resting", noted={"callback": "cb1"}))
    assert caller.heard == ["callback_known", "callback_known_resting"]
    caller.presses("3")
    assert caller.heard == ["callback_booked", "goodbye"]


@pytest.mark.parametrize("answer", [Answered("unknown"), Answered("owed")])
def test_what_is_owed_and_cannot_be_read_is_offered_as_ever(answer: Answered) -> None:
    assert caller_who_is_owed(answer).heard == ["callback_offer"]
    step = walk(TOWN, Position("callback", "callback", language="en"), Failed("away"), Facts())
    assert step.position.phase == "offer"


def test_changing_the_mind_about_a_number_ends_too() -> None:
    caller = caller_at_offer("")
    caller.presses("1")
    for _ in range(2):
        caller.presses("2025550188")
        caller.presses("2")
    caller.presses("2025550188")
    caller.presses("2")
    assert caller.at == "line"
