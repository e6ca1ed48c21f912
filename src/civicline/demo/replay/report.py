"""What a replay found, in numbers for machines and in lines for people."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from civicline.demo.replay.desk import DeskLog
from civicline.demo.replay.resident import Visit

TARGET_SECONDS = 180.0
"""The service level counts answers within so many seconds of the day (the demo town's promise)."""


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of a replay. Times with `_day_s` are seconds of the replayed day, the others of the clock on the wall."""

    source: str
    day: str
    speed: float
    agents: int
    wall_seconds: float
    offered: int
    answered: int
    abandoned: int
    refused: int
    unfinished: int
    service_level: float
    target_day_s: float
    asa_day_s: float
    occupancy: float
    latency_count: int
    latency_p50_ms: float
    latency_p99_ms: float
    told: int
    told_coverage: float
    told_error_s: float
    accounted: int
    missing: int
    twice: int


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def make_report(
    visits: list[Visit],
    desks: list[DeskLog],
    *,
    source: str,
    day: str,
    speed: float,
    wall_seconds: float,
    ended: set[str],
    free_at_arrival: set[str],
) -> Report:
    """Count. `ended`: contacts that the server itself says are over; `free_at_arrival`: met by a free agent."""
    taken = [visit for visit in visits if visit.contact]
    answered = [visit for visit in taken if visit.answered is not None]
    waits = [(visit.answered or 0.0) - (visit.taken or 0.0) for visit in answered]
    outcomes = Counter(visit.outcome for visit in visits)
    hands = Counter(contact for desk in desks for contact in desk.accepted)
    shown = {contact: moment for desk in desks for contact, moment in desk.offered.items()}
    latencies = [
        max(0.0, shown[visit.contact] - (visit.taken or 0.0))
        for visit in taken
        if visit.contact in shown and visit.contact in free_at_arrival
    ]
    told = [(visit.told, wait) for visit, wait in zip(answered, waits, strict=True) if visit.told]
    covered = [low <= wait <= high for (low, high), wait in told]
    errors = [abs((low + high) / 2 - wait) for (low, high), wait in told]
    ready = sum(end - begin for desk in desks for begin, end in desk.ready)
    identities = Counter(visit.contact for visit in taken)
    known = {visit.contact for visit in taken if visit.outcome in ("answered", "abandoned")}
    within = sum(wait * speed <= TARGET_SECONDS for wait in waits)
    return Report(
        source=source,
        day=day,
        speed=speed,
        agents=len(desks),
        wall_seconds=round(wall_seconds, 1),
        offered=len(taken),
        answered=len(answered),
        abandoned=outcomes["abandoned"],
        refused=outcomes["refused"],
        unfinished=outcomes["open"],
        service_level=round(within / max(1, len(taken)), 4),
        target_day_s=TARGET_SECONDS,
        asa_day_s=round(sum(waits) / max(1, len(waits)) * speed, 1),
        occupancy=round(sum(desk.busy_seconds for desk in desks) / max(1e-9, ready), 4),
        latency_count=len(latencies),
        latency_p50_ms=round(percentile(latencies, 0.5) * 1000, 1),
        latency_p99_ms=round(percentile(latencies, 0.99) * 1000, 1),
        told=len(told),
        told_coverage=round(sum(covered) / max(1, len(covered)), 4),
        told_error_s=round(sum(errors) / max(1, len(errors)), 1),
        accounted=len(known & ended),
        missing=len({visit.contact for visit in taken} - ended),
        twice=sum(times > 1 for times in identities.values()) + sum(times > 1 for times in hands.values()),
    )


def as_dict(report: Report) -> dict[str, object]:
    """For --json."""
    return asdict(report)


def as_text(report: Report) -> str:
    """For people."""
    one = report
    return "\n".join(
        [
            f"Replay of {one.day} ({one.source}) at {one.speed:g}x, {one.agents} robot agents, {one.wall_seconds:g} s",
            f"  offered {one.offered}, answered {one.answered}, abandoned {one.abandoned}, "
            f"not taken in {one.refused}, unfinished {one.unfinished}",
            f"  service level {one.service_level:.1%} within {one.target_day_s:g} s of the day "
            f"({one.target_day_s / one.speed:.1f} s on the wall)",
            f"  average speed of answer {one.asa_day_s:g} s of the day, occupancy {one.occupancy:.1%}",
            f"  arrival to offer on the agent's screen, where an agent was free ({one.latency_count}): "
            f"p50 {one.latency_p50_ms:g} ms, p99 {one.latency_p99_ms:g} ms on the wall",
            f"  waits told {one.told}: {one.told_coverage:.1%} came true, mean error {one.told_error_s:g} s",
            f"  reconciliation: {one.accounted} of {one.offered} accounted for once by both sides, "
            f"{one.missing} missing, {one.twice} twice",
            f"  Service and patience are the day's divided by {one.speed:g}; what the server itself needs is not, "
            f"so it weighs {one.speed:g} times in the figures of the day.",
        ]
    )
