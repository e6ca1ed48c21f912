"""A planner's town: weeks of history with a known shape."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest

from civicline.kernel.jobs import Worker
from civicline.routing.models import Queue
from civicline.workforce.services.history import keep_days
from tests.town import MONDAY_MORNING, Town

TODAY: date = MONDAY_MORNING.date()


def shape(weekday: int) -> list[float]:
    """Mean contacts each half hour: from 8 to 18, most at ten, fewer on Fridays, none on Sunday."""
    if weekday == 6:
        return [0.0] * 48
    size = (1.3, 1.0, 1.0, 1.0, 0.8, 0.3)[weekday]
    hours = np.arange(48) / 2
    inside = (hours >= 8) & (hours < 18)
    return list(np.where(inside, size * (6 + 8 * np.exp(-(((hours - 10) / 2.2) ** 2))), 0.0))


def remember(queue: Queue, weeks: int = 16, *, size: float = 1.0, seed: int = 7, until: date = TODAY) -> None:
    """So many weeks of Poisson counts before `until`."""
    chance = np.random.default_rng(seed)
    days = [until - timedelta(days=number) for number in range(weeks * 7, 0, -1)]
    counts = {
        day: [float(count) for count in chance.poisson(np.array(shape(day.weekday())) * size)] for day in days
    }
    keep_days(days={(queue.pk, "chat", "en"): counts}, interval=30)


@pytest.fixture
def queue(town: Town) -> Iterator[Queue]:
    """Council tax, with sixteen weeks behind it."""
    found = Queue.objects.get(code="council-tax")
    remember(found)
    yield found


def work() -> None:
    """Do every job that is due."""
    from civicline.config import wiring

    Worker(wiring.jobs()).run_due()
