"""Mentions in notes, and why an offer is theirs, in words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from civicline.web.desk import mentions


def colleague(name: str) -> Any:
    """As much of an agent as a mention looks at."""
    return SimpleNamespace(pk=uuid4(), user=SimpleNamespace(name=name))


INES, JONAS, NADIA = colleague("Inés Ortega"), colleague("Jonas"), colleague("Nadia Rahman")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Jonas can you look?", [JONAS]),
        ("over to @ines.ortega.", [INES]),
        ("@INÉS.ORTEGA and @Jonas, and @Jonas again", [INES, JONAS]),
        ("mail jonas@council.example", []),
        ("@nobody knows", []),
        ("no names", []),
    ],
)
def test_who_is_named_in_a_note(text: str, named: list[Any]) -> None:
    assert mentions.find_named(text, [INES, JONAS, NADIA]) == [one.pk for one in named]


@pytest.mark.parametrize(
    ("name", "typed", "fits"),
    [
        ("Inés Ortega", "ine", True),
        ("Inés Ortega", "ort", True),
        ("Inés Ortega", "rtega", False),
        ("Jonas", "", True),
    ],
)
def test_a_name_is_found_by_the_beginning_of_its_parts(name: str, typed: str, fits: bool) -> None:
    assert mentions.begins(name, typed) is fits


def test_a_handle_is_one_word() -> None:
    assert mentions.handle("  Nadia  Rahman ") == "Nadia.Rahman"
