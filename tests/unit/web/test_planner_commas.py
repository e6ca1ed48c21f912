"""Lists on planning pages are parted as the reader's language parts them, and read as people of it type them."""

from __future__ import annotations

from django.utils import translation

from civicline.web.planner.shifts import read_breaks
from civicline.web.planner.teams import _days


def test_days_of_the_week_stand_apart_in_the_readers_language() -> None:
    with translation.override("ar"):
        assert "، " in _days([0, 1])
        assert ", " not in _days([0, 1])
    with translation.override("en"):
        assert ", " in _days([0, 1])


def test_breaks_may_be_parted_by_an_arabic_comma() -> None:
    assert read_breaks("10:15 15، 12:30 30", 480) == read_breaks("10:15 15, 12:30 30", 480)
