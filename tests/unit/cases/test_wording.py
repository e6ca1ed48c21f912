"""Every code of the workflow tables has its words, and no words are left over."""

import pytest

from civicline.cases import wording
from civicline.engine.workflow import WORKFLOWS

TABLES = list(WORKFLOWS.values())


def test_types_and_states_and_steps_and_buttons_are_all_worded() -> None:
    assert set(wording.TYPES) == set(WORKFLOWS)
    assert set(wording.STATES) == {state.code for table in TABLES for state in table.states}
    assert set(wording.STEPS) == {step for table in TABLES for step in table.steps}
    assert set(wording.TRANSITIONS) == {row.name for table in TABLES for row in table.transitions}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.type)
def test_residents_are_always_told_what_happens_next(table: object) -> None:
    for state in table.states:  # type: ignore[attr-defined]  # a Workflow
        words = wording.what_next(state.code)
        assert words.endswith((".", "?")), state.code
        assert ("reply" in words) == (state.for_resident and state.code != "draft"), state.code


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert wording.type_label("petition") == "petition"
    assert wording.what_next("limbo") == ""
    assert wording.entry_label("strange", transition="", to_state="", data={}) == "strange"


def test_lines_of_a_history_read_well() -> None:
    def line(kind: str, **data: object) -> str:
        return wording.entry_label(kind, transition="acknowledge", to_state="acknowledged", data=data)

    assert line("step") == "Acknowledge: Acknowledged"
    assert line("owner", name="Mo Adeyemi") == "Given to Mo Adeyemi"
    assert line("owner") == "Given back: nobody owns it now"
    assert line("breach", clock="first_answer") == "The time we promised has passed: First answer"
    assert line("merge", reference="SM-1") == "Merged with SM-1"
