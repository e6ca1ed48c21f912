"""Wherever tests lay the town to find it open, there is such a place, and it is mid-morning there."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.mid_morning import MID_MORNING, mid_morning


@pytest.mark.parametrize("hour", range(24))
def test_it_is_mid_morning_there_at_every_hour(hour: int) -> None:
    now = datetime(2026, 11, 23, hour, 30, tzinfo=UTC)
    assert now.astimezone(ZoneInfo(mid_morning(now))).hour == MID_MORNING
