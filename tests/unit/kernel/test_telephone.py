"""Numbers are written in groups, and what is no number is left alone."""

from __future__ import annotations

import pytest

from civicline.kernel.telephone import in_groups, in_sentence, is_number


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ("+442079460318", "+44 20 7946 0318"),
        ("+44 20 7946 0318", "+44 20 7946 0318"),
        ("+33142685300", "+33 1 42 68 53 00"),
        ("Grace Okafor", "Grace Okafor"),
        ("Ring +442079460318 after six", "Ring +442079460318 after six"),
        ("+999999999999999999", "+999999999999999999"),
        ("", ""),
    ],
)
def test_a_number_is_written_in_the_groups_of_its_country(told: str, written: str) -> None:
    assert in_groups(told) == written


def test_a_sentence_with_a_number_in_it_is_no_number() -> None:
    assert is_number("+442079460318")
    assert not is_number("Ring +442079460318 after six")


def test_inside_a_sentence_a_number_keeps_its_own_direction() -> None:
    assert in_sentence("+442079460318") == "\u2066+44 20 7946 0318\u2069"
