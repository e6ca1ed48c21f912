"""A planner's town: weeks of history with a known shape."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from civicline.kernel.jobs import Worker
from civicline.routing.models import Queue
from civicline.workforce.models import Shift
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services.contracts import save_contract, save_pattern
from civicline.workforce.services.forecasts import ask_forecast
from civicline.workforce.services.history import keep_days
from civicline.workforce.services.rosters import add_shift
from civicline.workforce.services.staffing import save_staffing
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
    """Council tax, with ten weeks behind it."""
    found = Queue.objects.get(code="council-tax")
    remember(found, weeks=10)
    yield found


def work() -> None:
    """Do every job that is due."""
    from civicline.config import wiring

    Worker(wiring.jobs()).run_due()


def hire(town: Town, name: str, queues: list[str], **contract: Any) -> UUID:
    """An agent with a contract of 24 to 40 hours."""
    agent = town.agent(name, queues=queues, skills=dict.fromkeys(queues, 4))
    save_contract(agent_id=agent, **({"week_min": 24 * 60, "week_max": 40 * 60} | contract))
    return agent


def shift(agent: UUID | None, day: date, start: int = 480, end: int = 960, **more: Any) -> Shift:
    """A shift from `start` to `end`, minutes of the local day, with half an hour for lunch."""
    more.setdefault("breaks", [[240, 30, False]])
    return add_shift(agent_id=agent, start=slot_start(day, start), end=slot_start(day, end), **more)


@pytest.fixture
def crew(queue: Queue, town: Town) -> dict[str, UUID]:
    """Six people, two kinds of shifts, and a forecast of the weeks to come."""
    save_pattern(
        code="early", name="Early", start=480, minutes=510, breaks=[[240, 30, False]], weekdays=range(6)
    )
    save_pattern(
        code="late", name="Late", start=570, minutes=510, breaks=[[240, 30, False]], weekdays=range(6)
    )
    save_staffing(
        queue_id=queue.pk, handle_seconds=600, shrinkage=0.0, max_occupancy=0.9, weekdays=list(range(6))
    )
    ask_forecast(queue_id=queue.pk, days=21)
    work()
    names = ("Asha", "Bela", "Cora", "Dana", "Edna", "Finn")
    return {name: hire(town, name, ["council-tax"]) for name in names}
