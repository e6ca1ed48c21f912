"""References survive being read out, typed in capitals or not, and copied with a slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.engine.references import (
    ALPHABET,
    SMALLEST,
    BadReference,
    Reference,
    check_character,
    make,
    parse,
    spoken,
)

KEY = b"an installation's own secret"


def test_a_reference_looks_as_promised_and_is_read_in_threes() -> None:
    reference = make("SM", 0, key=KEY)
    text = str(reference)
    assert len(text) == len("SM-4K7-291")
    assert text[:3] == "SM-"
    assert text[6] == "-"
    assert spoken(Reference("SM", "4K7291")) == "S M, 4 K 7, 2 9 1"


def test_numbers_never_collide_and_do_not_lead_to_the_next() -> None:
    bodies = [make("SM", number, key=KEY).body for number in range(5000)]
    assert len(set(bodies)) == 5000
    assert bodies != sorted(bodies)
    assert len({body[:3] for body in bodies[:500]}) > 450, "spread all over, not counted up"
    assert [make("SM", number, key=b"another").body for number in range(20)] != bodies[:20]


def test_the_permutation_is_a_bijection() -> None:
    from civicline.engine.references import _permute

    assert {_permute(number, 3, KEY) for number in range(32**3)} == set(range(32**3))


def test_longer_ones_follow_when_the_short_ones_are_used_up() -> None:
    assert len(make("SM", SMALLEST - 1, key=KEY).body) == 6
    longer = make("SM", SMALLEST, key=KEY)
    assert len(longer.body) == 9
    assert len(str(longer).split("-")) == 4
    assert parse(str(longer)) == longer
    with pytest.raises(ValueError, match="beyond"):
        make("SM", 32**40)


@pytest.mark.parametrize(("prefix", "number"), [("S", 1), ("sm", 1), ("SALTM", 1), ("S1", 1), ("SM", -1)])
def test_a_bad_prefix_or_number_is_refused(prefix: str, number: int) -> None:
    with pytest.raises(ValueError, match=r"prefix|number"):
        make(prefix, number)


def test_every_wrong_character_and_every_neighbours_swap_is_noticed() -> None:
    # The check is linear over GF(32): what passes from one word to another is told by their difference
    # alone, so all differences at all places, tried on one word, prove it for every word.
    data = "4K729"
    word = data + check_character(data)
    for place in range(len(word)):
        for sign in ALPHABET:
            if sign != word[place]:
                slip = word[:place] + sign + word[place + 1 :]
                assert check_character(slip[:-1]) != slip[-1]
    for a in ALPHABET:
        for b in ALPHABET:
            for place in range(len(data) - 1):
                base = data[:place] + a + b + data[place + 2 :]
                swapped = data[:place] + b + a + data[place + 2 :]
                assert a == b or check_character(base) != check_character(swapped)
            # and the swap of the last data character with the check character
            left = data[:4] + a
            check = check_character(left)
            assert check == a or check_character(data[:4] + check) != a


@given(st.integers(0, SMALLEST + 32**8), st.data())
def test_single_errors_and_swaps_in_any_reference(number: int, data: st.DataObject) -> None:
    body = make("SM", number, key=KEY).body
    place = data.draw(st.integers(0, len(body) - 1))
    sign = data.draw(st.sampled_from([sign for sign in ALPHABET if sign != body[place]]))
    other = data.draw(st.integers(0, len(body) - 1))
    signs = list(body)
    signs[place], signs[other] = signs[other], signs[place]
    for slip in (body[:place] + sign + body[place + 1 :], "".join(signs)):
        if slip != body:
            with pytest.raises(BadReference) as caught:
                parse(f"SM-{slip}")
            assert caught.value.code == "check_failed"


@given(
    st.sampled_from(["SM", "SAL", "TOWN"]),
    st.integers(0, SMALLEST * 3),
    st.sampled_from(["{}", " {} ", "\u2009{}"]),
    st.sampled_from(["-", "", " ", " - ", "\u2013", "."]),
    st.booleans(),
    st.sampled_from(["o0", "i1", "l1"]),
)
def test_what_residents_type_is_understood(
    prefix: str, number: int, frame: str, hyphen: str, lower: bool, alike: str
) -> None:
    reference = make(prefix, number, key=KEY)
    body = str(reference).split("-", 1)[1].replace(alike[1], alike[0].upper())
    text = frame.format(f"{prefix}-{body}".replace("-", hyphen))
    text = text.lower() if lower else text
    assert parse(text, prefix=prefix) == reference
    assert parse(text) == reference
    assert parse(body, prefix=prefix) == reference, "the town's own prefix may be left out"


def test_a_reference_typed_without_any_break_is_understood() -> None:
    for prefix in ("SM", "SAL", "TOWN"):
        reference = make(prefix, 7, key=KEY)
        assert parse(str(reference).replace("-", "").lower()) == reference


GOOD = make("SM", 1, key=KEY)


@pytest.mark.parametrize(
    ("text", "prefix", "code"),
    [
        ("", None, "empty"),
        (" - ", "SM", "empty"),
        ("4K7-291", None, "no_prefix"),
        ("12345", None, "no_prefix"),
        ("SM4K729", None, "wrong_length"),
        ("SM-4K7-29", None, "wrong_length"),
        ("SM-4K7", "SM", "wrong_length"),
        ("SM-" + "4" * 36, None, "wrong_length"),
        ("SM-4U7-291", None, "bad_character"),
        ("SM-4É7-291", "SM", "bad_character"),
        ("XY-4K7-291", "SM", "wrong_prefix"),
        ("SM-4K7-292", None, "check_failed"),
    ],
)
def test_each_fault_has_its_code(text: str, prefix: str | None, code: str) -> None:
    with pytest.raises(BadReference) as caught:
        parse(text, prefix=prefix)
    assert caught.value.code == code


def test_a_fault_carries_its_values() -> None:
    with pytest.raises(BadReference) as caught:
        parse("SM-4U7-291")
    assert caught.value.params == {"character": "U", "position": 2}
