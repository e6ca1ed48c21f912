"""What a replay found, in numbers for machines and in lines for people."""

from __future__ import annotations

import math
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from civicline.demo.replay.desk import DeskLog
from civicline.demo.replay.resident import Visit

TARGET_SECONDS = 180.0
"""The service level counts answers within so many seconds of the day (the demo town's promise)."""


LEARNED = 100
"""A line estimates from its last hundred services. Before so many at this speed it still tells of a slower day."""
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A contact that could not be accounted for, with all that the robots know of it."""

    contact: str
    phase: str
    outcome: str
    accepted_by: list[str]
    troubles: list[str]


@dataclass(frozen=True, slots=True)
class OfService:
    """The contacts about one service, and the types of call that it stands for; as in `Report`."""

    service: str
    offered: int
    answered: int
    abandoned: int
    service_level: float
    asa_day_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of a replay. Times with `_day_s` are seconds of the replayed day, the others of the clock on the wall.

    planned: contacts of the day, of which `offered` were taken in (fewer than planned when it was stopped).
    occupancy: of the time at the desk, the share with at least one contact in hand; concurrency: how many were in
    hand then on average. latency: from the server's answer to the resident to the card on the agent's screen, of the
    arrivals for which a free desk was left over after everybody who waited already. told: first ranges told to
    residents who were answered; judged: those told when the line had seen `LEARNED` services at this speed; coverage
    and error in seconds on the wall are of these. troubles: how often a robot had to try something again. teams: who
    the robots were, as on the command line; none when they were the usual ones.
    """

    source: str
    day: str
    speed: float
    agents: int
    wall_seconds: float
    planned: int
    offered: int
    answered: int
    abandoned: int
    refused: int
    unfinished: int
    service_level: float
    target_day_s: float
    asa_day_s: float
    occupancy: float
    concurrency: float
    latency_count: int
    latency_p50_ms: float
    latency_p95_ms: float
    latency_p99_ms: float
    told: int
    told_judged: int
    told_coverage: float
    told_width_s: float
    told_error_s: float
    accounted: int
    missing: int
    twice: int
    troubles: int
    unsettled: list[Unsettled]
    by_service: list[OfService]
    teams: list[str]


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def overlap(some: Sequence[tuple[float, float]], others: Sequence[tuple[float, float]]) -> float:
    """How long two sets of spans hold at once; the spans of each set do not overlap."""
    shared = (min(end, until) - max(begin, since) for begin, end in some for since, until in others)
    return sum(max(0.0, length) for length in shared)


def waited(visit: Visit) -> float:
    """Seconds on the wall from the server's answer until somebody came."""
    return max(0.0, (visit.answered or 0.0) - (visit.taken or 0.0))


def make_report(
    visits: list[Visit],
    desks: list[DeskLog],
    *,
    source: str,
    day: str,
    planned: int,
    speed: float,
    wall_seconds: float,
    ended: set[str],
    free_at_arrival: set[str],
    unsettled: list[Unsettled],
    teams: Sequence[str] = (),
) -> Report:
    """Count. `ended`: contacts that the server itself says are over; `free_at_arrival`: a desk was left for them."""
    taken = [visit for visit in visits if visit.contact]
    answered = [visit for visit in taken if visit.answered is not None]
    waits = [waited(visit) for visit in answered]
    outcomes = Counter(visit.outcome for visit in visits)
    latencies = _latencies(taken, desks, free_at_arrival)
    told = _told(answered)
    at_desk = sum(end - begin for desk in desks for begin, end in desk.ready)
    in_hand = sum(end - begin for desk in desks for begin, end in desk.busy)
    hands = Counter(contact for desk in desks for contact in desk.accepted)
    identities = Counter(visit.contact for visit in taken)
    known = {visit.contact for visit in taken if visit.outcome in ("answered", "abandoned")}
    return Report(
        source=source,
        day=day,
        speed=speed,
        agents=len(desks),
        wall_seconds=round(wall_seconds, 1),
        planned=planned,
        offered=len(taken),
        answered=len(answered),
        abandoned=outcomes["abandoned"],
        refused=outcomes["refused"],
        unfinished=outcomes["open"],
        service_level=_level(waits, len(taken), speed),
        target_day_s=TARGET_SECONDS,
        asa_day_s=round(_mean(waits) * speed, 1),
        occupancy=round(sum(overlap(desk.busy, desk.ready) for desk in desks) / max(1e-9, at_desk), 4),
        concurrency=round(sum(desk.held_seconds for desk in desks) / max(1e-9, in_hand), 2),
        latency_count=len(latencies),
        latency_p50_ms=round(percentile(latencies, 0.5) * 1000, 1),
        latency_p95_ms=round(percentile(latencies, 0.95) * 1000, 1),
        latency_p99_ms=round(percentile(latencies, 0.99) * 1000, 1),
        told=sum(visit.told is not None for visit in answered),
        told_judged=len(told),
        told_coverage=round(_mean([low <= wait <= high for low, high, wait in told]), 4),
        told_width_s=round(_mean([high - low for low, high, _wait in told]), 1),
        told_error_s=round(_mean([abs((low + high) / 2 - wait) for low, high, wait in told]), 1),
        accounted=len(known & ended),
        missing=len({visit.contact for visit in taken} - ended),
        twice=sum(times > 1 for times in identities.values()) + sum(times > 1 for times in hands.values()),
        troubles=sum(len(one.troubles) for one in visits) + sum(len(one.troubles) for one in desks),
        unsettled=unsettled,
        by_service=_by_service(taken, speed),
        teams=list(teams),
    )


def _by_service(taken: list[Visit], speed: float) -> list[OfService]:
    codes = sorted({visit.service for visit in taken})
    return [_of_service(code, [visit for visit in taken if visit.service == code], speed) for code in codes]


def _of_service(code: str, taken: list[Visit], speed: float) -> OfService:
    waits = [waited(visit) for visit in taken if visit.answered is not None]
    left = sum(visit.outcome == "abandoned" for visit in taken)
    asa = round(_mean(waits) * speed, 1)
    return OfService(code, len(taken), len(waits), left, _level(waits, len(taken), speed), asa)


def _level(waits: Sequence[float], offered: int, speed: float) -> float:
    """The share of those offered that were answered within the target."""
    within = sum(wait * speed <= TARGET_SECONDS for wait in waits)
    return round(within / max(1, offered), 4)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def _latencies(taken: list[Visit], desks: list[DeskLog], free: set[str]) -> list[float]:
    shown = {contact: moment for desk in desks for contact, moment in desk.offered.items()}
    return [
        max(0.0, shown[visit.contact] - (visit.taken or 0.0))
        for visit in taken
        if visit.contact in shown and visit.contact in free
    ]


def _told(answered: list[Visit]) -> list[tuple[float, float, float]]:
    """Low, high and what came of it, of those told by a line that had learned this speed already."""
    over: dict[str, list[float]] = {}
    for visit in answered:
        if visit.ended is not None:
            over.setdefault(visit.service, []).append(visit.ended)
    for moments in over.values():
        moments.sort()
    return [
        (visit.told[0], visit.told[1], waited(visit))
        for visit in answered
        if visit.told and bisect(over.get(visit.service, []), visit.taken or 0.0) >= LEARNED
    ]


def as_dict(report: Report) -> dict[str, object]:
    """For --json."""
    return asdict(report)


def as_text(report: Report) -> str:
    """For people."""
    one = report
    stopped = f" (stopped: {one.planned} were planned)" if one.offered + one.refused < one.planned else ""
    lines = [
        f"Replay of {one.day} ({one.source}) at {one.speed:g}x, {one.agents} robot agents, {one.wall_seconds:g} s",
        *([f"  robots: {' '.join(one.teams)}"] if one.teams else []),
        f"  offered {one.offered}{stopped}, answered {one.answered}, abandoned {one.abandoned}, "
        f"not taken in {one.refused}, unfinished {one.unfinished}",
        f"  service level {one.service_level:.1%} within {one.target_day_s:g} s of the day "
        f"({one.target_day_s / one.speed:.1f} s on the wall)",
        f"  average speed of answer {one.asa_day_s:g} s of the day ({one.asa_day_s / one.speed:.2f} s on the wall)",
        *(_service_line(part) for part in one.by_service),
        f"  occupancy {one.occupancy:.1%} of the time at the desk, {one.concurrency:g} in hand at once",
        f"  arrival to offer on the agent's screen: p50 {one.latency_p50_ms:g} ms, p95 {one.latency_p95_ms:g} ms, "
        f"p99 {one.latency_p99_ms:g} ms on the wall",
        f"    ({one.latency_count} arrivals for whom a free desk was left beside all who waited already)",
        *_told_lines(one),
        f"  reconciliation: {one.accounted} of {one.offered} accounted for once by both sides, "
        f"{one.missing} missing, {one.twice} twice; {one.troubles} times a robot had to try again",
        *(_unsettled_line(left) for left in one.unsettled),
        f"  Service and patience are the day's divided by {one.speed:g}; what the server itself needs is not, "
        f"so it weighs {one.speed:g} times in the figures of the day.",
    ]
    return "\n".join(lines)


def _service_line(one: OfService) -> str:
    return (
        f"    {one.service:14} offered {one.offered:5}, answered {one.answered:5}, abandoned {one.abandoned:4}, "
        f"service level {one.service_level:6.1%}, speed of answer {one.asa_day_s:g} s"
    )


def _told_lines(one: Report) -> list[str]:
    first = f"  waits told to {one.told} who were answered, {one.told_judged} of them by lines that knew this speed"
    if not one.told_judged:
        return [f"{first}: too few to judge"]
    figures = (
        f"{one.told_coverage:.1%} came true, ranges {one.told_width_s:g} s wide, "
        f"mean error {one.told_error_s:g} s on the wall"
    )
    lines = [f"{first}:", f"    {figures}"]
    if one.asa_day_s / one.speed < MINUTE:
        lines.append(
            f"    (ranges are told in whole minutes, and a minute on the wall is {one.speed:g} of the day: "
            "with waits of seconds this says little)"
        )
    return lines


def _unsettled_line(left: Unsettled) -> str:
    hands = ", ".join(left.accepted_by) or "nobody"
    troubles = "; ".join(left.troubles) or "no trouble"
    return f"    {left.contact}: {left.phase}, {left.outcome}, accepted by {hands} ({troubles})"
