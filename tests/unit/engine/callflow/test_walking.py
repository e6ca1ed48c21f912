"""A resident calls: what they hear, what they press, and where it leads."""

from __future__ import annotations

import pytest

from civicline.engine.callflow import (
    Answered,
    Digits,
    Facts,
    Failed,
    Flow,
    HungUp,
    Position,
    Recorded,
    Silence,
    Spelled,
    Spoken,
    Started,
    Words,
    actions,
    as_plain,
    begin,
    from_plain,
    nodes,
    walk,
)
from civicline.engine.callflow.position import MOST_NODES, MOST_TURNS
from tests.unit.engine.callflow.menus import TOWN, Caller, changed, last, of, told


def test_every_language_offers_itself_and_the_chosen_one_stays() -> None:
    caller = Caller(TOWN)
    offered = [one for act in caller.step.actions if isinstance(act, actions.Say) for one in act.spoken]
    assert [(one.language, one.values["digit"]) for one in offered] == [
        ("en", Spelled("1")),
        ("ar", Spelled("2")),
    ]
    step = caller.presses("2")
    assert step.position.language == "ar"
    assert caller.at == "menu"
    assert caller.heard == ["menu"]


def test_a_known_caller_is_not_asked_for_the_language() -> None:
    step = begin(TOWN, Facts(language="ar"))
    assert step.actions[:2] == (actions.SetLanguage("ar"), actions.SetLanguage("ar"))
    assert actions.Remember({"language": "ar"}) in step.actions
    asked = begin(changed("language", ask_known=True), Facts(language="ar"))
    assert isinstance(last(asked), actions.Collect)
    assert begin(TOWN, Facts(language="tr")).position.language == "en"
    assert begin(Flow("x"), Facts()).position.language == "en"


def test_whoever_does_not_choose_a_language_is_asked_again_and_then_served() -> None:
    caller = Caller(TOWN)
    assert caller.presses("7").position.node == "language"
    caller.waits()
    assert (caller.at, caller.step.position.language) == ("menu", "en")


def test_silence_in_the_menu_is_told_again_and_leads_to_people() -> None:
    caller = Caller(TOWN)
    caller.presses("1")
    caller.waits()
    assert caller.heard == ["not_heard", "menu"]
    caller.waits()
    assert caller.heard == ["wait_range", "please_wait"]
    assert last(caller.step) == actions.EnterQueue("general", "", key_leaves=True)


def test_a_wrong_key_has_its_own_words_and_way() -> None:
    caller = Caller(changed("menu", invalid="bye"))
    caller.presses("1")
    caller.presses("*")
    assert caller.heard == ["not_understood", "menu"]
    assert caller.presses("8888").position.ended
    assert caller.heard == ["goodbye"]
    assert walk(TOWN, caller.step.position, Digits("1"), Facts()).actions == ()


def test_a_key_remembers_the_service_for_the_line() -> None:
    caller = Caller(TOWN)
    caller.presses("1")
    caller.presses("1")
    assert actions.Remember({"service": "repair"}) in caller.step.actions or caller.asked
    assert last(caller.step) == actions.EnterQueue("general", "repair", key_leaves=True)


@pytest.mark.parametrize(
    ("outcome", "holiday", "at"),
    [
        ("open", "", "menu"),
        ("closed", "", "voicemail"),
        ("holiday", "", "voicemail"),
        ("holiday", "bye", "bye"),
        ("broken", "", "menu"),
    ],
)
def test_hours_branch_and_tell_when_they_open(outcome: str, holiday: str, at: str) -> None:
    says = (Spoken("opens_again"),)
    caller = Caller(
        changed("hours", holiday=holiday), {"hours": Answered(outcome, says)}, Facts(language="en")
    )
    assert caller.at == at
    assert ("opens_again" in caller.heard) == (at != "menu")
    silent = Caller(changed("hours", tell=False), {"hours": Answered("closed", says)}, Facts(language="en"))
    assert "opens_again" not in silent.heard


def test_a_look_up_that_fails_does_not_stop_the_call() -> None:
    step = begin(of(nodes.Hours("x", "bye", "bye")), Facts())
    assert last(step) == actions.LookUp("hours", {"calendar": "x"})
    assert walk(of(nodes.Hours("x", "bye", "bye")), step.position, Failed("away"), Facts()).position.ended


@pytest.mark.parametrize(("told_goes", "at"), [("", "menu"), ("closed", "voicemail")])
def test_notices_are_told_and_may_lead_elsewhere(told_goes: str, at: str) -> None:
    says = (Spoken("notice"),)
    caller = Caller(
        changed("notices", told=told_goes, services=("a", "b")),
        {"notices": Answered("some", says)},
        Facts(language="en"),
    )
    assert caller.asked[0].values == {"services": "a,b"}
    assert "notice" in caller.heard
    assert caller.at == at


@pytest.mark.parametrize(("minutes", "at"), [(10, "line"), (11, "callback"), (None, "line")])
def test_a_long_wait_offers_a_callback(minutes: int | None, at: str) -> None:
    caller = Caller(TOWN, {"wait": Answered("known", number=minutes)}, Facts(language="en"))
    caller.presses("1")
    assert caller.at == at


def test_a_call_that_waits_may_leave_by_a_key_or_because_the_line_is_full() -> None:
    caller = Caller(TOWN, facts=Facts(language="en"))
    caller.presses("1")
    in_line = caller.step.position
    assert walk(TOWN, in_line, Digits("1"), Facts()).position.node == "callback"
    assert walk(TOWN, in_line, Failed("full"), Facts()).position.node == "voicemail"
    without_key = changed("line", key="")
    assert walk(without_key, in_line, Digits("1"), Facts()).position.node == "voicemail"


@pytest.mark.parametrize(
    ("heard", "thanks"), [(Recorded(4.5), True), (Recorded(0), False), (Failed("disk"), False)]
)
def test_a_message_is_thanked_for_when_there_is_one(heard: Recorded | Failed, thanks: bool) -> None:
    step = begin(of(nodes.Voicemail("general", "bye", seconds=60)), Facts())
    assert last(step) == actions.RecordVoicemail("general", 60)
    after = walk(of(nodes.Voicemail("general", "bye")), step.position, heard, Facts())
    assert (told(after) == ["voicemail_thanks", "goodbye"]) == thanks
    assert after.position.ended


def test_a_transfer_dials_or_enters_a_line_and_comes_back_when_it_fails() -> None:
    for kind, action in (("number", actions.Dial("x1")), ("queue", actions.EnterQueue("x1"))):
        flow = of(nodes.Transfer(kind, "x1", "bye"))  # type: ignore[arg-type]  # both kinds
        step = begin(flow, Facts())
        assert last(step) == action
        assert walk(flow, step.position, Failed("busy"), Facts()).position.ended


def test_who_hangs_up_is_gone() -> None:
    step = begin(TOWN, Facts())
    over = walk(TOWN, step.position, HungUp(), Facts())
    assert over.position.ended
    assert over.actions == ()


def test_a_missing_node_leads_to_the_last_resort_once() -> None:
    broken = Flow("nowhere", {"line": nodes.Queue("general", "gone")}, ("en",), "line")
    step = begin(broken, Facts())
    assert last(step) == actions.EnterQueue("general")
    over = walk(broken, step.position, Failed("full"), Facts())
    assert told(over) == ["sorry"]
    assert over.position.ended


def test_without_a_last_resort_the_caller_hears_an_apology() -> None:
    for resort in ("", "say"):
        flow = Flow("nowhere", {"say": nodes.Say("hello", "say")}, ("en",), resort)
        step = begin(flow, Facts())
        assert told(step) == ["sorry"]
        assert step.position.ended


def test_a_ring_of_sentences_is_never_played() -> None:
    flow = Flow(
        "a", {"a": nodes.Say("x", "b"), "b": nodes.Say("y", "a"), "bye": nodes.HangUp()}, ("en",), "bye"
    )
    step = begin(flow, Facts())
    assert told(step) == ["goodbye"]
    assert actions.SetLanguage("en") in step.actions
    assert told(begin(Flow("a", {"a": nodes.Say("x", "a")}), Facts())) == ["sorry"]


def test_a_long_row_of_sentences_is_played() -> None:
    row = {f"n{n}": nodes.Say(f"p{n}", f"n{n + 1}") for n in range(MOST_NODES - 1)}
    flow = Flow("n0", {**row, f"n{MOST_NODES - 1}": nodes.HangUp()}, ("en",))
    assert len(told(begin(flow, Facts()))) == MOST_NODES


def test_a_call_that_never_decides_is_brought_to_people() -> None:
    caller = Caller(TOWN, facts=Facts(language="en"))
    for _ in range(MOST_TURNS + 1):
        if caller.at == "line":
            break
        caller.presses("9")
    assert caller.at == "line"
    assert caller.hears(Failed("full")).position.node == "voicemail"
    assert caller.hears(Recorded(3)).position.ended


def test_even_a_last_resort_does_not_go_on_for_ever() -> None:
    flow = of(nodes.AskDigit("menu", (nodes.Choice("1", "start"),), "start", "start"))
    resort = Flow("start", {**flow.nodes, "line": nodes.Queue("q", "start")}, ("en",), "line")
    step = begin(resort, Facts())
    for _ in range(MOST_TURNS * 2):
        if step.position.ended:
            break
        in_line = isinstance(last(step), actions.EnterQueue)
        step = walk(resort, step.position, Failed("full") if in_line else Digits("1"), Facts())
    assert step.position.ended
    assert step.position.turns < MOST_TURNS + 30
    assert told(step) == ["sorry"]


def test_a_restarted_process_goes_on_from_the_stored_position() -> None:
    caller = Caller(TOWN)
    caller.presses("2")
    caller.waits()
    stored = from_plain(as_plain(caller.step.position))
    assert stored == caller.step.position
    again = walk(TOWN, stored, Started(), Facts())
    assert told(again) == ["menu"]
    assert (again.position.language, again.position.tries) == ("ar", 0)


@pytest.mark.parametrize(
    "plain",
    [{}, {"node": 3}, {"node": "a", "tries": "x"}, {"node": "a", "kept": []}, {"node": "a", "phase": None}],
)
def test_what_is_no_position_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a position"):
        from_plain(plain)


def test_a_storm_of_keys_is_one_key() -> None:
    caller = Caller(TOWN, facts=Facts(language="en"))
    caller.presses("9" * 10_000)
    assert caller.at == "menu"
    caller.presses("*#" * 5_000)
    assert caller.heard == ["not_understood", "menu"]
    stored = Position("menu", "key", language="en")
    assert told(walk(TOWN, stored, Digits("ABC\x00é"), Facts())) == ["not_heard", "menu"]
    assert told(walk(TOWN, stored, Silence(), Facts())) == ["not_heard", "menu"]


def test_words_of_every_language_are_equal_in_any_order() -> None:
    assert Words.of({"tr": "b", "en": "a"}) == Words.of({"en": "a", "tr": "b"})
