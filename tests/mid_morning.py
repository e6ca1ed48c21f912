"""Where it is mid-morning now: tests of a whole town find it open, at whatever hour they run."""

from __future__ import annotations

from datetime import UTC, datetime

MID_MORNING = 10
FARTHEST_BEHIND = -12  # there is no zone beyond Etc/GMT+12


def mid_morning(now: datetime | None = None) -> str:
    """A time zone in which it is between ten and eleven."""
    ahead = MID_MORNING - (now or datetime.now(UTC)).hour
    if ahead < FARTHEST_BEHIND:
        ahead += 24
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"
