"""An administrator draws a menu, publishes it, changes it and takes an older one back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from civicline.channels.voice.flows import selectors, services
from civicline.channels.voice.flows.checking import problems_of
from civicline.channels.voice.flows.menus import read_flow
from civicline.channels.voice.flows.models import CallFlow
from civicline.channels.voice.flows.wording import PROBLEMS, problem_words
from civicline.engine.callflow import Flow, flow_as_plain, flow_from_plain, nodes
from civicline.kernel import selectors as kernel
from civicline.kernel.errors import Conflict, Invalid, NotFound
from tests.integration.channels.voice.flows.conftest import FLOW
from tests.town import Town


def draft() -> Flow:
    return read_flow(selectors.get_flow("main").draft)


def test_a_sound_menu_is_published_and_answers_every_number(menu: CallFlow) -> None:
    assert list(problems_of(draft())) == []
    assert selectors.menu_for("+12025550100") is None, "a draft answers nobody"
    version = services.publish(code="main", note=" first ")
    assert (version.number, version.note) == (1, "first")
    found = selectors.menu_for("+12025550100")
    assert found is not None
    assert found.flow == FLOW
    assert found.sentence("menu", "ar").text == "للإعانات اضغط 1."
    assert selectors.menu_of_version(version.pk) == found
    assert kernel.history("call_flow", "main").first().action == "call_flow.published"  # type: ignore[union-attr]  # written just now


def test_a_hundred_calls_a_second_read_a_menu_once(
    menu: CallFlow, django_assert_num_queries: Callable[[int], AbstractContextManager[Any]]
) -> None:
    services.publish(code="main")
    first = selectors.menu_for("")
    with django_assert_num_queries(1):
        assert selectors.menu_for("") is first
    services.publish(code="main")
    assert selectors.menu_for("") is not first, "but never an old one"


def test_what_is_not_sound_is_not_published_and_says_why(menu: CallFlow) -> None:
    services.put_node(code="main", key="line", node=nodes.Queue("nobody", full=""))
    with pytest.raises(services.NotSound) as refused:
        services.publish(code="main")
    assert "There is no queue “nobody” in use." in refused.value.problems
    assert "“line full or closed” leads nowhere." in refused.value.problems
    assert "cannot be published yet" in refused.value.message()


def test_a_prompt_that_is_changed_waits_for_the_next_version(menu: CallFlow) -> None:
    services.publish(code="main")
    services.save_prompt(key="menu", texts={"en": "New words.", "ar": "كلمات جديدة."})
    found = selectors.menu_for("")
    assert found is not None
    assert found.sentence("menu", "en").text == "For benefits press 1."
    assert selectors.draft_menu(menu).sentence("menu", "en").text == "New words."
    services.publish(code="main")
    again = selectors.menu_for("")
    assert again is not None
    assert again.sentence("menu", "en").text == "New words."


def test_rolling_back_brings_the_words_back_as_a_new_version(menu: CallFlow) -> None:
    services.publish(code="main")
    services.save_prompt(key="menu", texts={"en": "Bad words.", "ar": "سيئة."})
    services.put_node(code="main", key="menu", node=nodes.Say("menu", "line"))
    services.remove_node(code="main", key="case")
    services.remove_node(code="main", key="status")
    services.publish(code="main")
    version = services.roll_back(code="main", number=1)
    assert version.number == 3
    assert draft() == FLOW
    found = selectors.menu_for("")
    assert found is not None
    assert found.sentence("menu", "en").text == "For benefits press 1."
    assert [one.number for one in selectors.list_versions(selectors.get_flow("main"))] == [3, 2, 1]
    with pytest.raises(NotFound):
        services.roll_back(code="main", number=9)


def test_a_number_has_its_own_menu_and_only_one_is_the_main_one(menu: CallFlow) -> None:
    services.publish(code="main")
    services.save_flow(code="night", name={"en": "Night"}, numbers=["+1 202 555 0111"], main=False)
    services.replace_draft(code="night", plain=flow_as_plain(FLOW))
    services.publish(code="night")
    answers = {number: selectors.menu_for(number) for number in ("+12025550111", "+12025550100", "")}
    assert [menu.code for menu in answers.values() if menu] == ["night", "main", "main"]
    with pytest.raises(Invalid) as refused:
        services.save_flow(code="third", name={"en": "Third"}, numbers=["+12025550111"])
    assert "night" in refused.value.field_messages()["numbers"]
    services.save_flow(code="night", name={"en": "Night"}, main=True)
    assert [row.code for row in selectors.list_flows() if row.main] == ["night"]


@pytest.mark.parametrize(
    ("code", "name", "field"), [("Bad Code", {"en": "x"}, "code"), ("good", {"en": " "}, "name")]
)
def test_a_menu_needs_a_short_name_and_a_name(
    town: Town, code: str, name: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        services.save_flow(code=code, name=name)
    assert field in refused.value.field_messages()


def test_a_new_menu_is_empty_and_its_first_step_begins_it(town: Town) -> None:
    row = services.save_flow(code="new", name={"en": "New"})
    assert {one.code for one in problems_of(read_flow(row.draft))} >= {"no_start", "bad_give_up"}
    services.put_node(code="new", key="bye", node=nodes.HangUp())
    services.set_frame(code="new", start="bye", languages=["en"], give_up="bye")
    assert list(problems_of(read_flow(selectors.get_flow("new").draft))) == []


def test_a_step_that_is_removed_is_passed_over(menu: CallFlow) -> None:
    services.remove_node(code="main", key="status")
    assert draft().nodes["case"] == nodes.IdentifyCase(found="line", not_found="line")
    services.remove_node(code="main", key="line")
    assert draft().give_up == ""
    menu_node = draft().nodes["menu"]
    assert isinstance(menu_node, nodes.AskDigit)
    assert [one.next for one in menu_node.choices] == ["message", "case"]
    services.remove_node(code="main", key="hours")
    assert draft().start == "", "two ways led on: nobody can say which"
    with pytest.raises(NotFound):
        services.remove_node(code="main", key="hours")


def test_a_change_is_in_the_history_by_field(menu: CallFlow) -> None:
    before = FLOW.nodes["menu"]
    assert isinstance(before, nodes.AskDigit)
    services.put_node(code="main", key="menu", node=replace(before, repeats=1))
    entry = kernel.history("call_flow", "main").first()
    assert entry is not None
    assert entry.data["changes"] == {"menu.repeats": {"from": 2, "to": 1}}
    count = kernel.history("call_flow", "main").count()
    services.put_node(code="main", key="menu", node=draft().nodes["menu"])
    assert kernel.history("call_flow", "main").count() == count, "nothing changed, nothing told"


def test_steps_have_short_names_and_bounds(menu: CallFlow) -> None:
    with pytest.raises(Invalid):
        services.put_node(code="main", key="With Space", node=nodes.HangUp())
    with pytest.raises(Invalid):
        services.replace_draft(code="main", plain={"nodes": []})
    with pytest.raises(NotFound):
        services.put_node(code="gone", key="a", node=nodes.HangUp())


def test_a_draft_that_cannot_be_read_is_empty_and_told(menu: CallFlow) -> None:
    CallFlow.objects.filter(code="main").update(draft={"nodes": 3})
    assert draft() == Flow("")
    assert problems_of(draft())


def test_outside_numbers_are_kept_on_a_list(menu: CallFlow) -> None:
    services.allow_number(number="+1 202 555 0199", name="Water board")
    with pytest.raises(Conflict):
        services.allow_number(number="+12025550199", name="Again")
    with pytest.raises(Invalid):
        services.allow_number(number="", name="Nobody")
    services.put_node(code="main", key="line", node=nodes.Transfer("number", "+12025550199", "message"))
    services.publish(code="main")
    with pytest.raises(Conflict):
        services.forbid_number(number="+12025550199")
    services.put_node(code="main", key="line", node=FLOW.nodes["line"])
    services.publish(code="main")
    services.forbid_number(number="+12025550199")
    with pytest.raises(NotFound):
        services.forbid_number(number="+12025550199")


def test_every_problem_of_the_engine_has_its_sentence(menu: CallFlow) -> None:
    broken = {
        "start": "x",
        "languages": ["tr", "xx"],
        "nodes": {
            "a": {"kind": "ask_digit", "choices": [{"digit": "11", "next": "gone"}], "repeats": 99},
            "b": {"kind": "transfer", "to": "number", "target": "+1", "failed": "b"},
            "c": {"kind": "hours", "calendar": "gone", "open": "c", "closed": "c"},
        },
    }
    found = problems_of(flow_from_plain(broken))
    assert {one.code for one in found} <= set(PROBLEMS)
    assert all("%(" not in problem_words(one) for one in found)
