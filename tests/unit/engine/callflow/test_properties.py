"""Whatever is pressed and answered: no error, no call without end."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from civicline.engine.callflow import (
    Answered,
    Digits,
    Facts,
    Failed,
    Flow,
    Heard,
    HungUp,
    Node,
    Position,
    Recorded,
    Silence,
    Spoken,
    Started,
    actions,
    begin,
    nodes,
    validate,
    walk,
)
from civicline.engine.callflow.position import MOST_TURNS
from tests.unit.engine.callflow.menus import last, silence_to_the_end

KEYS = st.sampled_from(["a", "b", "c", "d", "e", "bye", "line"])
DIGITS = st.one_of(st.text("0123456789*#", max_size=20), st.text(max_size=8), st.just("#" * 10_000))
ANSWERS = st.builds(
    Answered,
    st.sampled_from(
        [
            "open",
            "closed",
            "holiday",
            "some",
            "none",
            "known",
            "verified",
            "pin",
            "wrong",
            "locked",
            "booked",
            "?",
        ]
    ),
    st.sampled_from([(), (Spoken("notice"),)]),
    st.sampled_from([{}, {"case": "c1"}, {"cases": "c1"}]),
    st.sampled_from([None, 1, 99]),
)
HEARD: st.SearchStrategy[Heard] = st.one_of(
    DIGITS.map(Digits),
    ANSWERS,
    st.sampled_from([Silence(), Started(), Failed("full"), Recorded(2), HungUp()]),
)
CHOICES = st.lists(
    st.builds(nodes.Choice, st.sampled_from("123456789*#"), KEYS),
    min_size=1,
    max_size=3,
    unique_by=lambda one: one.digit,
).map(tuple)
NODES: st.SearchStrategy[Node] = st.one_of(
    st.builds(nodes.Say, st.just("p"), KEYS),
    st.builds(nodes.AskDigit, st.just("p"), CHOICES, KEYS, KEYS, st.integers(0, 2)),
    st.builds(nodes.Hours, st.just("c"), KEYS, KEYS, KEYS),
    st.builds(nodes.Language, st.just("p"), st.just((nodes.LanguageChoice("1", "en"),)), KEYS),
    st.builds(nodes.IdentifyCase, KEYS, KEYS),
    st.builds(nodes.ReadStatus, KEYS, KEYS),
    st.builds(nodes.AnnounceWait, st.just("q"), KEYS, KEYS),
    st.builds(nodes.OfferCallback, st.just("q"), KEYS, KEYS),
    st.builds(nodes.Queue, st.just("q"), KEYS, KEYS),
    st.builds(nodes.Voicemail, st.just("q"), KEYS),
    st.builds(nodes.Transfer, st.just("queue"), st.just("q"), KEYS),
    st.builds(nodes.Notice, KEYS, KEYS),
)  # fmt: skip
FIXED: dict[str, Node] = {"bye": nodes.HangUp(), "line": nodes.Queue("q", "bye")}
FLOWS = st.builds(
    lambda made, resort: Flow("a", {**made, **FIXED}, ("en", "ar"), resort),
    st.dictionaries(st.sampled_from("abcde"), NODES, max_size=5),
    st.sampled_from(["line", "bye", "", "nowhere", "a"]),
)
FACTS = st.builds(Facts, st.sampled_from(["", "+12025550123"]), st.sampled_from(["", "en", "tr"]))
SHAPES = {"silent_loop", "no_way_out", "dead_end", "unknown_node", "no_start", "bad_give_up"}


@settings(max_examples=150, deadline=None)
@given(FLOWS, FACTS, st.lists(HEARD, max_size=30))
def test_no_story_breaks_a_call(flow: Flow, facts: Facts, story: list[Heard]) -> None:
    step = begin(flow, facts)
    for heard in story:
        if step.position.ended:
            assert walk(flow, step.position, heard, facts).actions == ()
            return
        waiting = [
            one
            for one in step.actions
            if not isinstance(one, actions.Say | actions.SetLanguage | actions.Remember)
        ]
        assert waiting == [last(step)], "exactly one action waits, the last"
        step = walk(flow, step.position, heard, facts)


@settings(max_examples=150, deadline=None)
@given(FLOWS, FACTS, st.lists(HEARD, max_size=12), st.data())
def test_silence_ends_a_valid_flow_from_wherever_it_was_reached(
    flow: Flow, facts: Facts, story: list[Heard], data: st.DataObject
) -> None:
    step = begin(flow, facts)
    for heard in story:
        step = walk(flow, step.position, heard, facts)
    if step.position.ended:
        return
    sound = not {one.code for one in validate(flow, ("en", "ar"), {})} & SHAPES
    over, count = silence_to_the_end(flow, step, facts, lambda _asked: data.draw(ANSWERS))
    assert over.position.ended or isinstance(last(over), actions.EnterQueue)
    longest = sum(8 for _ in flow.nodes) + 8 if sound else MOST_TURNS + 25
    assert count <= longest


@settings(max_examples=100, deadline=None)
@given(FLOWS, KEYS, st.text(max_size=10), st.integers(0, 300), st.integers(0, 300), HEARD)
def test_no_stored_position_breaks_a_call(
    flow: Flow, node: str, phase: str, tries: int, turns: int, heard: Heard
) -> None:
    step = walk(flow, Position(node, phase, tries, turns, "en"), heard, Facts())
    assert step.position.ended or step.actions
