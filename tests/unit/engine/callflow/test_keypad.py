"""References typed on a telephone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from civicline.engine.callflow.keypad import MOST_CANDIDATES, candidates, keys_of
from civicline.engine.references import make

NUMBERS = st.integers(0, 32**5 - 1)


def test_letters_are_the_keys_that_bear_them() -> None:
    assert keys_of("SM-4K7-291") == "76457291"
    assert keys_of("pqrs wxyz é٣") == "77779999"


@given(NUMBERS, st.booleans(), st.sampled_from(["SM", "TOWN", "ABC"]))
def test_every_reference_is_found_again_from_its_keys(number: int, with_prefix: bool, prefix: str) -> None:
    reference = make(prefix, number, key=b"k")
    typed = keys_of(str(reference) if with_prefix else reference.body)
    found = candidates(f"*{typed[:3]} {typed[3:]}#", prefix=prefix)
    assert reference in found
    assert all(keys_of(one.body) in (typed, typed.removeprefix(keys_of(prefix))) for one in found)
    assert len(set(found)) == len(found)


def test_few_references_share_the_same_keys() -> None:
    assert len(candidates("777777", prefix="SM")) < MOST_CANDIDATES / 32 * 2


def test_a_reference_typed_with_or_without_its_prefix() -> None:
    reference = make("SM", 7, key=b"k")
    for text in (str(reference), reference.body):
        assert reference in candidates(keys_of(text), prefix="SM")


def test_what_cannot_be_a_reference_has_no_candidates() -> None:
    for keys in ("", "1", "12345", "7612345", "9" * 9, "9" * 10_000, "٣٣٣٣٣٣"):
        assert candidates(keys, prefix="SM") == ()


def test_a_body_that_begins_like_the_prefix_is_read_both_ways() -> None:
    both = candidates("762011", prefix="SM")
    assert all(len(one.body) == 6 for one in both)
