"""How often somebody may do something: by window, by person and by deed; a counter that is away closes no door."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from redis.exceptions import ConnectionError as Lost

from civicline.kernel import clock, limits
from civicline.kernel.clock import ManualClock
from civicline.kernel.limits import Limit, TooOften

NOON = datetime(2026, 3, 2, 12, 0, 20, tzinfo=UTC)


class Away:
    """A cache that cannot be reached."""

    def add(self, *_what: object, **_more: object) -> None:
        raise Lost

    get = add


@pytest.fixture
def door() -> str:
    """Counted by nobody else, also where the counter is shared."""
    return f"door-{os.urandom(4).hex()}"


def test_past_the_limit_one_is_told_when_to_come_back_and_then_may(door: str) -> None:
    twice = Limit("knock", 2, 60)
    with clock.use(ManualClock(NOON)) as hands:
        limits.spend(twice, "ruth", door=door)
        limits.spend(twice, "ruth", door=door)
        with pytest.raises(TooOften) as refused:
            limits.spend(twice, "ruth", door=door)
        assert (refused.value.status, refused.value.retry_after) == (429, 40)
        limits.spend(twice, "somebody else, with any signs: \n\0é", door=door)
        limits.spend(Limit("ring", 2, 60), "ruth", door=door)
        assert limits.seen(f"{door}:knock", "ruth", seconds=60) == 3
        hands.advance(40)
        assert limits.seen(f"{door}:knock", "ruth", seconds=60) == 0
        limits.spend(twice, "ruth", door=door)


def test_a_counter_that_is_away_says_what_the_caller_wants_it_to(
    door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "cache", Away())
    limits.spend(Limit("knock", 1, 60), "ruth", door=door)
    limits.spend(Limit("knock", 1, 60), "ruth", door=door)
    assert limits.count(door, "ruth", seconds=60, away=99).used == 99
    assert limits.seen(door, "ruth", seconds=60, away=99) == 99
