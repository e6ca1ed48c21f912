"""What an administrator is told before a menu goes live."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicline.engine.callflow import Around, Flow, Node, Problem, nodes, prompts_of, validate
from tests.unit.engine.callflow.menus import MENU, PROMPTS, TOWN, changed, of

AROUND = Around(queues={"general"}, calendars={"town-hall"}, numbers={"+12025550100"})


def problems(flow: Flow) -> list[tuple[str, str]]:
    found = validate(flow, ("en", "ar"), PROMPTS, around=AROUND)
    return [(one.node, one.code) for one in found if one.code != "missing_prompt"]


def test_the_towns_menu_is_sound() -> None:
    assert validate(TOWN, ("en", "ar"), PROMPTS, around=AROUND) == []
    assert validate(TOWN, ("en", "ar"), PROMPTS) == []


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (nodes.Say("x", ""), "dead_end"),
        (nodes.Say("x", "nowhere"), "unknown_node"),
        (nodes.Say("", "bye"), "no_prompt"),
        (nodes.AskDigit("x", (), "bye", "bye"), "no_choices"),
        (
            nodes.AskDigit("x", (nodes.Choice("1", "bye"), nodes.Choice("1", "bye")), "bye", "bye"),
            "digit_twice",
        ),
        (nodes.AskDigit("x", (nodes.Choice("12", "bye"),), "bye", "bye"), "bad_digit"),
        (nodes.AskDigit("x", (nodes.Choice("A", "bye"),), "bye", "bye"), "bad_digit"),
        (nodes.AskDigit("x", (nodes.Choice("1", "bye"),), "bye", "bye", repeats=10), "bad_number"),
        (nodes.Language("x", (nodes.LanguageChoice("1", "tr"),), "bye"), "unknown_language"),
        (nodes.Hours("night", "bye", "bye"), "unknown_calendar"),
        (nodes.Queue("nobody", "bye"), "unknown_queue"),
        (nodes.AnnounceWait("nobody", "bye"), "unknown_queue"),
        (nodes.Transfer("queue", "nobody", "bye"), "unknown_queue"),
        (nodes.Transfer("number", "+18005550100", "bye"), "number_not_allowed"),
        (nodes.Voicemail("general", "bye", seconds=601), "bad_number"),
    ],
)
def test_each_fault_is_told_at_its_node(node: Node, expected: str) -> None:
    assert ("start", expected) in problems(of(node))


def test_a_voicemail_may_be_longer_than_a_pause() -> None:
    assert problems(of(nodes.Voicemail("general", "bye", seconds=600))) == []


def test_the_flow_as_a_whole_is_checked() -> None:
    assert ("", "no_start") in problems(replace(TOWN, start="nowhere"))
    assert ("", "no_languages") in problems(replace(TOWN, languages=()))
    assert ("", "unknown_language") in problems(replace(TOWN, languages=("en", "ar", "tr")))
    assert ("", "bad_give_up") in problems(replace(TOWN, give_up=""))
    assert ("", "bad_give_up") in problems(replace(TOWN, give_up="menu"))


def test_nobody_comes_to_a_lonely_node() -> None:
    assert problems(replace(TOWN, nodes={**MENU, "lonely": nodes.HangUp()})) == [("lonely", "unreachable")]


def test_a_ring_without_an_exit_is_told() -> None:
    ring = of(nodes.Say("x", "b"), b=nodes.Say("y", "start"))
    assert ("start", "no_way_out") in problems(ring)
    assert ("start", "silent_loop") not in problems(ring)


def test_a_menu_that_turns_in_silence_is_told_though_a_key_leads_out() -> None:
    menu = nodes.AskDigit("x", (nodes.Choice("1", "bye"),), silence="start", invalid="bye")
    assert problems(of(menu)) == [("start", "silent_loop")]
    by_key = nodes.AskDigit("x", (nodes.Choice("1", "start"),), silence="bye", invalid="start")
    assert problems(of(by_key)) == []


def test_every_language_needs_every_prompt() -> None:
    without = {"en": PROMPTS["en"], "ar": PROMPTS["ar"] - {"menu", "sorry"}}
    found = validate(TOWN, ("en", "ar"), without)
    assert found == [
        Problem("menu", "missing_prompt", {"prompt": "menu", "language": "ar"}),
        Problem("", "missing_prompt", {"prompt": "sorry", "language": "ar"}),
    ]
    nothing = validate(TOWN, ("en",), PROMPTS)
    assert {one.params["language"] for one in nothing} == {"ar"}


def test_prompts_of_a_node_are_its_own_and_the_built_in_ones() -> None:
    assert prompts_of(MENU["case"])[:2] == ("case_ask", "case_ask_pin")
    assert prompts_of(nodes.Queue("q", "bye")) == ()
    assert "wait_range" in prompts_of(changed("wait").nodes["wait"])
