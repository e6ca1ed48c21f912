"""What Saltmere's planner has made: weeks of counts, special days, contracts, kinds of shifts, two published weeks.

The counts are invented from a seed, the same each time. Forecasts are asked for and made by the worker, so that the
first start does not wait for them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from civicline.kernel import clock
from civicline.kernel.db import writes
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.routing import selectors as routing
from civicline.workforce.selectors.coverage import shifts_between
from civicline.workforce.selectors.history import today
from civicline.workforce.selectors.rosters import list_patterns, monday_of
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services import (
    contracts,
    day_offers,
    forecasts,
    history,
    leaves,
    marks,
    on_call,
    rosters,
    sites,
    staffing,
)

SEED = 42
WEEKS = 16
SIZES = {"council-tax": 3.6, "benefits": 3.2, "streets": 2.2, "homes": 1.6, "general": 1.4, "health": 1.0}
"""Contacts of a usual half hour in the morning."""
LANGUAGES = {"benefits": {"en": 0.7, "es": 0.2, "ar": 0.1}}
WEEKDAYS = (1.3, 1.05, 1.0, 0.95, 0.85)
PATTERNS = (
    ("early", "Early", 465, 510, [[150, 15, True], [240, 30, False]], [0, 1, 2, 3, 4]),
    ("day", "Day", 510, 510, [[120, 15, True], [240, 30, False]], [0, 1, 2, 3, 4]),
    ("late", "Late", 570, 510, [[120, 15, True], [270, 30, False]], [0, 1, 2, 3, 4]),
    ("short", "Short morning", 480, 300, [[150, 15, True]], [0, 1, 2, 3, 4]),
)
HALF_DAYS = "ruth"
ROTA = ("early", "day", "late")


def plan_the_town() -> None:
    """Make all of it. Needs the town's queues and staff."""
    chance = np.random.default_rng(SEED)
    queues = {queue.code: queue for queue in routing.list_queues() if queue.code in SIZES}
    letters = [today() - timedelta(days=number) for number in (20, 55, 90)]
    for code, queue in queues.items():
        _remember(code, queue.pk, chance, letters)
    _know_days(letters)
    _rules({code: queue.pk for code, queue in queues.items()})
    _crew()
    on_call.save_rule(name="Storms and floods", start=1080, minutes=840, weekdays=[0, 1, 2, 3])
    for number in (-1, 0, 1):
        _week(monday_of(today()) + timedelta(days=7 * number))
    _work_a_day(random.Random(SEED))  # noqa: S311 -- a story, the same each time
    _ask()
    for queue in queues.values():
        forecasts.ask_forecast(queue_id=queue.pk, days=28)


def _profile(code: str, day: date) -> Any:
    """Mean contacts of each half hour: most at ten, a second rise after lunch, nothing at night and on Sundays."""
    hours = np.arange(48) / 2
    shape = np.exp(-(((hours - 10) / 1.9) ** 2)) + 0.75 * np.exp(-(((hours - 14.5) / 1.8) ** 2)) + 0.25
    size = 0.0 if day.weekday() > 4 else WEEKDAYS[day.weekday()]
    return np.where((hours >= 8) & (hours < 18), SIZES[code] * size * shape, 0.0)


def _remember(code: str, queue_id: int, chance: Any, letters: list[date]) -> None:
    days = [today() - timedelta(days=number) for number in range(WEEKS * 7, 0, -1)]
    kept: dict[tuple[int, str, str], dict[date, list[float]]] = {}
    for language, share in LANGUAGES.get(code, {"en": 1.0}).items():
        counts = {}
        for day in days:
            more = 1.5 if day in letters and code in ("council-tax", "benefits") else 1.0
            mood = chance.gamma(60, 1 / 60)  # some days are busier than anybody can tell
            counts[day] = [
                float(count) for count in chance.poisson(_profile(code, day) * share * more * mood)
            ]
        kept[queue_id, "chat", language] = counts
    history.keep_days(days=kept, interval=30)


def _know_days(letters: list[date]) -> None:
    for day in (*letters, _workday(today() + timedelta(days=9))):
        marks.mark_days(kind="event", name="Bills and letters go out", first=day, factor=1.4)
    storm = _workday(today() - timedelta(days=36))
    marks.mark_days(kind="outlier", name="Telephone fault", first=storm)


def _workday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


@writes
def _rules(queues: Mapping[str, int]) -> None:
    for code, queue_id in queues.items():
        queue = routing.get_queue(code)
        if queue is not None:
            staffing.save_staffing(
                queue_id=queue_id, share=queue.target_share, within_seconds=queue.target_seconds, handle_seconds=200,
                patience_seconds=300, max_occupancy=0.88, shrinkage=0.08, opens=480, closes=1080,
                weekdays=[0, 1, 2, 3, 4],
            )  # fmt: skip


@writes
def _crew() -> None:
    """Contracts: most have the choice between the town hall and home, every second takes turns at night."""
    hall = sites.save_site(code="town-hall", name="Town hall", seats=7)
    for code, name, start, minutes, breaks, weekdays in PATTERNS:
        contracts.save_pattern(
            code=code, name=name, start=start, minutes=minutes, breaks=breaks, weekdays=weekdays
        )
    for number, (agent_id, _name) in enumerate(people.agent_names()):
        half = _email(agent_id).startswith(HALF_DAYS)
        contracts.save_contract(
            agent_id=agent_id, week_min=1200 if half else 1920, week_max=1500 if half else 2400, weekends=False,
            hour_cost=24, patterns=["short"] if half else list(ROTA), site_id=hall.pk, on_call=number % 2 == 0,
            place=("either", "office", "either")[number % 3],
        )  # fmt: skip
        if number % 3 == 0:
            sites.save_place_wishes(agent_id=agent_id, places={0: "home", 4: "home"})


def _email(agent_id: UUID) -> str:
    return people.get_user(agent_id).email


@writes
def _week(week: date) -> None:
    """A rota by hand: early, day and late go round; whoever works mornings works mornings."""
    kinds = {row.code: row for row in list_patterns()}
    for number, (agent_id, _name) in enumerate(people.agent_names()):
        half = _email(agent_id).startswith(HALF_DAYS)
        kind = kinds["short"] if half else kinds[ROTA[(number + week.toordinal() // 7) % len(ROTA)]]
        for day in range(5):
            if (number + day) % 9 == 8:  # everybody is away some day
                continue
            begin = slot_start(week + timedelta(days=day), kind.start)
            rosters.add_shift(
                agent_id=agent_id, start=begin, end=slot_start(week + timedelta(days=day), kind.start + kind.minutes),
                breaks=kind.breaks,
            )  # fmt: skip
    on_call.share_out(week=week)
    rosters.publish_week(week=week)


def _work_a_day(dice: random.Random) -> None:
    """The last working day but one, so that what was kept can be looked at: nearly as planned, nobody perfect."""
    day = today() - timedelta(days=2)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    steps = []
    for shift in shifts_between(day, 1):
        if shift.agent_id is None:
            continue
        late = timedelta(minutes=dice.choice((-4, -2, -1, 0, 1, 2, 9)))
        steps.append((shift.start + late, shift.agent_id, "available", ""))
        for after, minutes, paid in shift.breaks:
            begin = shift.start + timedelta(minutes=after + dice.choice((-2, 0, 0, 1, 6)))
            steps.append((begin, shift.agent_id, "break", "rest" if paid else "lunch"))
            steps.append((begin + timedelta(minutes=minutes), shift.agent_id, "available", ""))
        steps.append(
            (
                shift.end + timedelta(minutes=dice.choice((0, 1, 3, 5))),
                shift.agent_id,
                "signed_out",
                "end_of_shift",
            )
        )
    for at, agent_id, state, reason in sorted(steps, key=lambda step: (step[0], str(step[1]))):
        with clock.use(clock.ManualClock(at)):
            people_services.set_presence(agent_id=agent_id, state=state, reason=reason, by=agent_id)


def _ask() -> None:
    """Something for the planner to decide, and something for agents to take."""
    monday = monday_of(today()) + timedelta(days=7)
    agents = {_email(agent_id).split("@")[0]: agent_id for agent_id, _name in people.agent_names()}
    leaves.ask_leave(
        agent_id=agents["nadia"], kind="holiday", first=monday + timedelta(days=2), last=monday + timedelta(days=3),
        note="My daughter's school play",
    )  # fmt: skip
    day_offers.make_offer(
        kind="overtime", start=slot_start(monday, 960), end=slot_start(monday, 1080), places=2
    )
