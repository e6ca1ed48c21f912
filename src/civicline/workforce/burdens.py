"""Which shifts nobody likes. Such shifts go round: whoever had fewest is planned for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils import timezone

from civicline.workforce.rules import day_of

if TYPE_CHECKING:
    from civicline.workforce.models import Shift

EARLY: Final = 7 * 60
"""A shift that begins before this minute of the day is an early one."""
LATE: Final = 19 * 60
"""A shift that ends after this minute of the day on which it began is a late one."""
SATURDAY: Final = 5


def is_early(shift: Shift) -> bool:
    """Whether it begins before seven."""
    return _begins(shift) < EARLY


def is_late(shift: Shift) -> bool:
    """Whether it ends after nineteen o'clock, on the same day or the next."""
    return _begins(shift) + (shift.end - shift.start).total_seconds() / 60 > LATE


def on_weekend(shift: Shift) -> bool:
    """Whether it begins on a Saturday or Sunday."""
    return day_of(shift).weekday() >= SATURDAY


def burden(shift: Shift) -> int:
    """How many of these three it is."""
    return is_early(shift) + is_late(shift) + on_weekend(shift)


def _begins(shift: Shift) -> int:
    local = timezone.localtime(shift.start)
    return local.hour * 60 + local.minute
