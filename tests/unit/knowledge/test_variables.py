"""The small renderer fills what it knows, names what it does not, and runs nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.knowledge.variables import VARIABLES, examples, fill, find_faults, variables_in

VALUES = {"resident.name": "Samira", "case.reference": "SM-4K7-291"}


def test_what_is_known_is_filled_in() -> None:
    filled = fill("Dear {{resident.name}}, your case is {{ case.reference }}.", VALUES)
    assert filled.text == "Dear Samira, your case is SM-4K7-291."
    assert filled.missing == ()


def test_what_is_not_known_is_named_or_replaced_by_the_word_given_for_it() -> None:
    filled = fill("Dear {{resident.name|neighbour}}, {{agent.name}} of {{queue.name}}, {{agent.name}}", {})
    assert filled.text == "Dear neighbour, of,"
    assert filled.missing == ("agent.name", "queue.name")


def test_what_is_not_known_leaves_no_gap() -> None:
    assert (
        fill("Hello {{resident.name}}, I am {{agent.name}}.", {"agent.name": "Mo"}).text == "Hello, I am Mo."
    )
    assert fill("About {{queue.name}} and\t{{ service.name }}\n{{town.name}}!", {}).text == "About and\n!"


def test_an_unknown_variable_stays_visible() -> None:
    filled = fill("{{resident.password}}", {"resident.password": "x"})
    assert (filled.text, filled.missing) == ("{{resident.password}}", ("resident.password",))


@pytest.mark.parametrize(
    "name", ["{{case.reference}}", "{{7*7}}", "{% raw %}", "${x}", "%(x)s", "\\1 \\g<0>", "<script>"]
)
def test_a_name_is_never_run(name: str) -> None:
    assert fill("Dear {{resident.name}}!", {**VALUES, "resident.name": name}).text == f"Dear {name}!"


def test_faults_are_named() -> None:
    faults = find_faults("{{resident.nmae}} {{resident.name}} {{x.__class__}} {{resident.nmae}}")
    assert faults.unknown == ("resident.nmae", "x.__class__")
    assert not faults.open_braces
    assert find_faults("Dear {{resident.name").open_braces
    assert find_faults("Dear resident.name}}").open_braces
    assert find_faults("{{}}").unknown == ("",)
    assert find_faults("no variables { at } all") == find_faults("")


def test_the_preview_has_an_example_of_everything() -> None:
    text = " ".join(f"{{{{{name}}}}}" for name in VARIABLES)
    assert list(variables_in(text)) == list(VARIABLES)
    assert fill(text, examples()).missing == ()


@given(st.text(max_size=200), st.text(max_size=50))
def test_no_text_breaks_it_and_text_without_braces_is_untouched(text: str, name: str) -> None:
    filled = fill(text, {"resident.name": name})
    if "{{" not in text:
        assert filled.text == text
    assert set(filled.missing) <= set(variables_in(text))
