"""Scenario files: TOML in, the simulator's frozen scenario out; whatever cannot be is named by line and key.

All keys stand in docs/subsystems/simulator.md. Times of day are "08:30" (to "24:00" and beyond), stretches
"08:00-16:30", durations seconds unless the key says minutes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from civicline.cli.scenario_arrivals import read_counts
from civicline.cli.scenario_tables import Places, Stretch, Table, toml_of
from civicline.engine.routing import Ring
from civicline.engine.simulation import (
    DAY,
    Agent,
    Callback,
    Queue,
    Rates,
    Scenario,
    Shift,
    Surge,
)

SCENARIO: Final = ("title", "days", "interval_minutes", "answer_seconds", "absence", "shrinkage")
QUEUE: Final = (
    "name", "channel", "arrivals", "arrivals_file", "arrivals_from", "arrivals_minutes", "service", "wrap_up",
    "patience", "skills", "languages", "priority", "emergency", "ageing_seconds", "rings", "hours", "within_seconds",
    "short_seconds", "self_service", "callback", "room", "offer_seconds",
)  # fmt: skip
TEAM: Final = (
    "name", "count", "queues", "shifts", "breaks", "breaks_paid", "skills", "languages", "capacity",
    "hourly_cost", "site", "days",
)  # fmt: skip
CALLBACK: Final = (
    "above_seconds", "accepted", "reached", "attempt_seconds", "later_seconds", "attempts", "again_seconds",
    "most",
)  # fmt: skip
MOST_AGENTS: Final = 20_000


def read_scenario(file: Path) -> Scenario:
    """The scenario of a file. Raises Problem with file, line and key for what cannot be used."""
    text, content = toml_of(file)
    return scenario_from(content, Places(file, text))


def scenario_from(content: dict[str, Any], places: Places) -> Scenario:
    """A scenario from what tomllib read. Raises Problem."""
    top = Table(content, places)
    top.only((*SCENARIO, "queue", "team", "surge"))
    days = int(top.number("days", 1, 1, 366, whole=True))
    interval = 60 * top.number("interval_minutes", 15, 1, 1440)
    queues = [_queue(table, days, interval) for table in _tables(top, "queue")]
    if not queues:
        raise top.refuse("queue", "is missing. Describe at least one [[queue]].")
    known: set[str] = set()
    for table, queue in zip(_tables(top, "queue"), queues, strict=True):
        if queue.queue_id in known:
            raise table.refuse("name", f"is {queue.queue_id!r}, as another queue's. Give each its own name.")
        known.add(queue.queue_id)
    for table, queue in zip(_tables(top, "queue"), queues, strict=True):
        _all_known(table, "rings", [other for ring in queue.rings for other in ring.overflow_queues], known)
    agents = [agent for table in _tables(top, "team") for agent in _team(table, days, known)]
    surges = tuple(_surge(table, days, known) for table in _tables(top, "surge"))
    if len(agents) > MOST_AGENTS:
        raise top.refuse("team", f"has more than {MOST_AGENTS:,} people in all.")
    scenario: Scenario = top.made(
        "title",
        lambda: Scenario(
            tuple(queues),
            tuple(agents),
            title=top.some("title", str, "") or places.file.stem,
            days=days,
            interval_seconds=interval,
            surges=surges,
            absence=top.number("absence", 0.0, 0.0, 0.99),
            shrinkage=top.number("shrinkage", 0.0, 0.0, 0.95),
            answer_seconds=_answer(top, queues),
        ),
    )
    return scenario


def _answer(top: Table, queues: list[Queue]) -> float:
    answer = top.number("answer_seconds", 0.0, 0.0, 3600.0)
    for queue in queues:
        if answer > queue.offer_seconds:
            raise top.refuse(
                "answer_seconds",
                f"is {answer:g}, and an offer of queue {queue.queue_id} ends after {queue.offer_seconds:g} seconds "
                "(offer_seconds): nobody would ever answer.",
            )
    return answer


def _tables(top: Table, name: str) -> list[Table]:
    told = top.some(name, list, [])
    if not all(isinstance(one, dict) for one in told):
        raise top.refuse(name, f"is a list of values; begin each with [[{name}]].")
    return [Table(one, top.places, name, at) for at, one in enumerate(told)]


def _all_known(table: Table, key: str, names: list[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise table.refuse(
                key, f"names {name!r}, which is no queue here. Queues are {', '.join(sorted(known))}."
            )


def _queue(table: Table, days: int, interval: float) -> Queue:
    table.only(QUEUE)
    name = table.some("name", str, "")
    service = table.spread("service")
    if not name or service is None:
        raise table.refuse("service" if name else "name", "is missing.")
    own = Table(table.content, table.places, table.name, table.at)
    queue: Queue = table.made(
        "name",
        lambda: Queue(
            name,
            _rates(own, days, interval),
            service,
            patience=own.spread("patience"),
            wrap_up=own.spread("wrap_up"),
            channel=own.some("channel", str, "voice"),
            skills=tuple(sorted(_levels(own).items())),
            languages=tuple(sorted(_shares(own).items())),
            priority=int(own.number("priority", 0, -1000, 1000, whole=True)),
            emergency=own.some("emergency", bool, False),
            ageing_seconds=own.number("ageing_seconds", 60.0),
            rings=tuple(_ring(own, ring) for ring in own.some("rings", list, [])),
            hours=_daily(own.stretches("hours"), range(days)),
            within_seconds=own.number("within_seconds", 20.0),
            short_seconds=own.number("short_seconds", 5.0),
            self_service=own.share("self_service"),
            callback=_callback(own),
            room=int(own.number("room", 0, 0, whole=True)) if "room" in own.content else None,
            offer_seconds=own.number("offer_seconds", 20.0, 1.0, 3600.0),
        ),
    )
    return queue


def _levels(table: Table) -> dict[str, int]:
    told = table.some("skills", dict, {})
    return {skill: int(table.checked("skills", level, 1, 5, whole=True)) for skill, level in told.items()}


def _shares(table: Table) -> dict[str, float]:
    told = table.some("languages", dict, {})
    return {name: table.checked("languages", share, 0.0, 1.0) for name, share in told.items()}


def _rates(table: Table, days: int, interval: float) -> Rates:
    """Arrivals; those of one day (or less) come again on each day."""
    counts, start = (
        table.some("arrivals", list, []),
        table.time("arrivals_from", table.some("arrivals_from", str, "00:00")),
    )
    seconds = 60 * table.number("arrivals_minutes", interval / 60, 1, 1440)
    if ("arrivals" in table.content) == ("arrivals_file" in table.content):
        raise table.refuse("arrivals", "or arrivals_file is needed, one of the two.")
    if "arrivals_file" in table.content:
        file = table.places.file.parent / table.some("arrivals_file", str, "")
        counts = read_counts(file, seconds)
    told = [table.checked("arrivals", one, 0.0, 1e6) for one in counts]
    slots = round(DAY / seconds)
    if start + len(told) * seconds <= DAY and days > 1:
        before = round(start / seconds)
        day = ([0.0] * before + told + [0.0] * slots)[:slots]
        return Rates(tuple(day * days), seconds)
    return Rates(tuple(told), seconds, start)


def _ring(table: Table, told: Any) -> Ring:
    if not isinstance(told, dict) or set(told) - {
        "after_seconds",
        "level_drop",
        "min_level",
        "overflow",
        "drop_languages",
    }:
        raise table.refuse(
            "rings", "are tables with after_seconds, level_drop, min_level, overflow and drop_languages."
        )
    inner = Table({**told, "rings": told}, table.places, table.name, table.at)
    ring: Ring = table.made(
        "rings",
        lambda: Ring(
            inner.number("after_seconds", None),
            int(inner.number("level_drop", 0, 0, 5, whole=True)),
            int(inner.number("min_level", 1, 1, 5, whole=True)) if "min_level" in told else None,
            tuple(inner.texts("overflow")),
            inner.some("drop_languages", bool, False),
        ),
    )
    return ring


def _callback(table: Table) -> Callback | None:
    told = table.some("callback", dict, {})
    if not told:
        return None
    inner = Table(told, table.places, table.name, table.at)
    for key in set(told) - set(CALLBACK):
        raise table.refuse("callback", f"has {key}, which is not known.")
    return Callback(
        inner.number("above_seconds", None),
        inner.number("accepted", 0.5, 0.0, 1.0),
        inner.number("reached", 1.0, 0.0, 1.0),
        inner.number("attempt_seconds", 30.0),
        inner.number("later_seconds", 0.0),
        int(inner.number("attempts", 1, 1, 20, whole=True)),
        inner.number("again_seconds", 900.0),
        int(inner.number("most", 0, 0, whole=True)) if "most" in told else None,
    )


def _daily(stretches: list[Stretch], days: range) -> tuple[Stretch, ...]:
    return tuple((start + day * DAY, end + day * DAY) for day in days for start, end in stretches)


def _team(table: Table, days: int, known: set[str]) -> list[Agent]:
    table.only(TEAM)
    name = table.some("name", str, "")
    queues = table.texts("queues")
    if not name or not queues:
        raise table.refuse("queues" if name else "name", "is missing.")
    _all_known(table, "queues", queues, known)
    shifts = table.stretches("shifts")
    if not shifts:
        raise table.refuse("shifts", 'is missing. Give stretches like ["08:00-16:00"].')
    on = [int(table.checked("days", one, 1, days, whole=True)) - 1 for one in table.some("days", list, [])]
    made = [_shift(table, shift, day) for day in on or range(days) for shift in shifts]
    count = int(table.number("count", 1, 0, MOST_AGENTS, whole=True))
    capacity = {
        kind: int(table.checked("capacity", n, 0, 100, whole=True))
        for kind, n in table.some("capacity", dict, {}).items()
    }
    for kind in capacity:
        if kind not in ("voice", "chat", "written"):
            raise table.refuse("capacity", f"names {kind}; known are voice, chat and written.")
    cost = table.number("hourly_cost", 0.0)
    levels, languages = _levels(table), frozenset(table.texts("languages"))
    site = table.some("site", str, "")
    return [
        Agent(
            f"{name} {number + 1:05}", frozenset(queues), tuple(made), group=name, site=site, skills=levels,
            languages=languages, capacity=capacity or {"voice": 1, "chat": 1, "written": 1}, hourly_cost=cost,
        )
        for number in range(count)
    ]  # fmt: skip


def _shift(table: Table, shift: Stretch, day: int) -> Shift:
    start, end = shift[0] + day * DAY, shift[1] + day * DAY
    away = [
        (a + day * DAY, b + day * DAY)
        for a, b in table.stretches("breaks")
        if a >= shift[0] and b <= shift[1]
    ]
    made: Shift = table.made(
        "breaks", lambda: Shift(start, end, tuple(away), table.some("breaks_paid", bool, False))
    )
    return made


def _surge(table: Table, days: int, known: set[str]) -> Surge:
    table.only(("from", "until", "factor", "queues", "day"))
    queues = table.texts("queues")
    _all_known(table, "queues", queues, known)
    day = DAY * (table.number("day", 1, 1, days, whole=True) - 1)
    begins = day + table.time("from", table.some("from", str, ""))
    ends = day + table.time("until", table.some("until", str, ""))
    surge: Surge = table.made(
        "until", lambda: Surge(begins, ends, table.number("factor", None), frozenset(queues))
    )
    return surge
