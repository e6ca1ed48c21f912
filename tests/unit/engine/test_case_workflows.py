"""The four kinds of case: each way through its table, and each refusal."""

from dataclasses import replace

import pytest

from civicline.engine.workflow import (
    WORKFLOWS,
    Role,
    State,
    Transition,
    TransitionRefused,
    Workflow,
    allowed,
    apply,
    find_faults,
    markdown,
    mermaid,
    opening_clocks,
    public_step,
)

FACTS = {"note": "As discussed", "reason": "Because", "duplicate_of": "SM-4K7-291"}


def walk(case_type: str, role: Role, *steps: str) -> str:
    state = WORKFLOWS[case_type].initial  # type: ignore[index] # the test names one of the four types
    for step in steps:
        state = apply(case_type, state, step, role, FACTS).state
    return state


@pytest.mark.parametrize(
    ("case_type", "steps", "end"),
    [
        ("complaint", "acknowledge investigate ask_resident resident_replied answer close", "closed"),
        (
            "complaint",
            "investigate answer escalate ask_resident_again resident_replied_again answer_review close",
            "closed",
        ),
        ("complaint", "investigate ask_resident close_unanswered reopen investigate", "investigating"),
        ("complaint", "withdraw reopen", "reopened"),
        ("application", "check grant close", "closed"),
        (
            "application",
            "check ask_resident resident_replied refuse request_review grant_on_review",
            "decided_granted",
        ),
        ("application", "check refuse request_review uphold_refusal close", "closed"),
        (
            "information_request",
            "ask_resident resident_replied refuse request_review answer_review close",
            "closed",
        ),
        ("information_request", "collect answer close reopen collect", "collecting"),
        ("incident", "triage schedule start_work hold start_work resolve close", "closed"),
        ("incident", "triage resolve not_fixed triage", "triaged"),
        ("incident", "mark_duplicate reopen triage close_without_work", "closed"),
    ],
)
def test_the_ways_of_a_case(case_type: str, steps: str, end: str) -> None:
    assert walk(case_type, "supervisor", *steps.split()) == end


@pytest.mark.parametrize("table", WORKFLOWS.values(), ids=lambda table: table.type)
def test_every_table_is_sound(table: Workflow) -> None:
    assert find_faults(table) == []


def test_asking_the_resident_pauses_the_clocks_and_the_reply_lets_them_run() -> None:
    asked = apply("complaint", "investigating", "ask_resident", "agent", {"note": "Which street?"})
    assert (asked.pauses, asked.resumes, asked.public.for_resident) == (True, False, True)
    replied = apply("complaint", asked.state, "resident_replied", "resident")
    assert (replied.state, replied.pauses, replied.resumes) == ("investigating", False, True)
    assert replied.events == ("case.step_taken",)


def test_steps_start_and_stop_the_clocks() -> None:
    assert opening_clocks("application", "draft") == ()
    assert opening_clocks("application", "submitted") == ("first_answer", "resolution")
    submitted = apply("application", "draft", "submit", "resident")
    assert submitted.starts == ("first_answer", "resolution")
    assert apply("application", "submitted", "check", "agent").stops == ("first_answer",)
    assert apply("application", "checking", "grant", "agent", FACTS).stops == ("resolution",)
    assert apply("application", "decided_refused", "request_review", "resident", FACTS).starts == ("review",)
    assert apply("incident", "triaged", "withdraw", "resident", FACTS).calls_off


def test_closing_and_reopening_are_told_to_the_log_and_to_open311() -> None:
    fixed = apply("incident", "in_progress", "resolve", "system", {"note": "Lamp replaced"})
    assert (fixed.open311, fixed.events) == ("closed", ("case.step_taken", "case.closed"))
    assert apply("incident", "resolved", "close", "system").events == ("case.step_taken",)
    again = apply("incident", "resolved", "not_fixed", "resident", {"reason": "Still dark"})
    assert (again.open311, again.restarts, again.events) == (
        "open",
        ("resolution",),
        ("case.step_taken", "case.reopened"),
    )
    assert again.past == "reported as not fixed"


def test_the_public_line_counts_from_one() -> None:
    step = public_step("incident", "in_progress")
    assert (step.code, step.number, step.of, step.for_resident) == ("in_progress", 3, 4, False)


def test_the_buttons_of_each_role() -> None:
    assert [one.name for one in allowed("complaint", "answered", "resident")] == ["escalate"]
    assert "answer_review" not in [one.name for one in allowed("complaint", "escalated", "agent")]
    assert "answer_review" in [one.name for one in allowed("complaint", "escalated", "supervisor")]
    assert [one.name for one in allowed("application", "draft", "system")] == ["discard"]


REVIEW = {**FACTS, "actor": 7, "decided_by": 7}


@pytest.mark.parametrize(
    ("case_type", "state", "step", "role", "facts", "code"),
    [
        ("petition", "received", "answer", "agent", {}, "unknown_type"),
        ("complaint", "nowhere", "answer", "agent", {}, "unknown_state"),
        ("complaint", "received", "explode", "agent", {}, "unknown_transition"),
        ("complaint", "received", "answer", "agent", FACTS, "not_from_here"),
        ("complaint", "investigating", "answer", "resident", FACTS, "not_your_role"),
        ("complaint", "investigating", "answer", "agent", {"note": "  "}, "needs_note"),
        ("complaint", "answered", "escalate", "resident", {"reason": None}, "needs_reason"),
        ("complaint", "received", "mark_duplicate", "agent", {}, "needs_duplicate_of"),
        ("complaint", "escalated", "answer_review", "supervisor", REVIEW, "same_person"),
        ("complaint", "closed", "reopen", "agent", {"reason": "x", "days_since_closed": 90.5}, "too_late"),
    ],
)
def test_each_refusal_has_its_code(
    case_type: str, state: str, step: str, role: Role, facts: dict[str, object], code: str
) -> None:
    with pytest.raises(TransitionRefused) as caught:
        apply(case_type, state, step, role, facts)
    assert caught.value.code == code


def test_a_refusal_says_what_would_do() -> None:
    with pytest.raises(TransitionRefused) as caught:
        apply("complaint", "investigating", "answer", "resident")
    assert caught.value.params == {
        "type": "complaint",
        "state": "investigating",
        "transition": "answer",
        "role": "resident",
        "value": ("agent", "supervisor"),
    }


def test_another_supervisor_in_time_may_review() -> None:
    facts = {**FACTS, "actor": 8, "decided_by": 7, "days_since_closed": 3}
    assert apply("complaint", "escalated", "answer_review", "supervisor", facts).state == "review_answered"
    assert apply("complaint", "closed", "reopen", "resident", facts).state == "reopened"


def test_every_state_is_on_the_line_and_every_row_can_be_taken() -> None:
    for table in WORKFLOWS.values():
        for state in table.states:
            assert 1 <= public_step(table.type, state.code).number <= len(table.steps)
        for one in table.transitions:
            for origin in one.origins:
                for role in one.roles:
                    assert one in allowed(table.type, origin, role)
                    assert apply(table.type, origin, one.name, role, FACTS).state == one.target


def test_a_bad_table_is_found_out() -> None:
    agents: frozenset[Role] = frozenset({"agent"})
    bad = Workflow(
        type="incident",
        steps=("one", "two"),
        entries=("open", "elsewhere"),
        states=(
            State("open", "one"),
            State("shut", "one", open311="closed"),
            State("island", "three"),
            State("swamp", "one"),
        ),
        transitions=(
            Transition("go", "gone", ("open",), "shut", frozenset()),
            Transition("go", "gone", ("open", "swamp"), "swamp", agents),
            Transition("fly", "flown", ("open",), "moon", agents),
        ),
    )
    assert find_faults(bad) == [
        "unknown state moon",
        "unknown entry elsewhere",
        "name used twice: go",
        "unreachable island",
        "no exit from island",
        "no exit from shut",
        "no way to an end from island",
        "no way to an end from swamp",
        "nobody may go",
        "the progress line has three to five steps",
        "step three is not on the progress line",
        "no state shows step two",
    ]
    assert "| fly | open | moon | agent |  |  |" in markdown(bad)


def test_the_tables_can_be_printed() -> None:
    complaint = WORKFLOWS["complaint"]
    picture = mermaid(complaint)
    assert picture.startswith("stateDiagram-v2\n    [*] --> received\n")
    assert "    investigating --> answered: answer\n" in picture
    text = markdown(complaint)
    assert "| answer | investigating | answered | agent, supervisor | note | stops resolution |" in text
    assert "| note, another person | stops review |" in text
    assert "| reason, within 56 days | starts review |" in text
    assert "| reason, within 90 days | restarts resolution |" in text
    assert "| note | pauses |" in text
    assert "| reason | calls off |" in text


def test_names_are_unique_and_tables_are_values() -> None:
    table = WORKFLOWS["incident"]
    assert replace(table) == table
    assert table.state("resolved") is not None
    assert table.transition("resolve") is not None
