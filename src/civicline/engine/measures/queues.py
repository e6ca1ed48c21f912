"""How long residents wait: service level, speed of answer, abandonment, told waits, emergencies, diallers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from civicline.engine.measures.values import SETTING, Counts, Measured, ShortAbandons, measured

EMERGENCY_TARGETS: tuple[tuple[float, float | None], ...] = ((10.0, None), (15.0, 0.90), (20.0, 0.95))
"""(seconds, share to reach): NENA-STA-020.1-2020, section 2.2.1. Data: an installation may give its own."""


@dataclass(frozen=True)
class QueueCounts(Counts):
    """One queue over one stretch of time. Seconds are summed over answered contacts.

    `short_abandoned` left in under `short_seconds` and are part of `abandoned`; `answered_within` waited at
    most `target_seconds` and are part of `answered`.
    """

    offered: int = 0
    answered: int = 0
    answered_within: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    waited_seconds: float = 0.0
    target_seconds: float = field(default=20.0, kw_only=True, metadata=SETTING)
    short_seconds: float = field(default=5.0, kw_only=True, metadata=SETTING)

    def parts(self) -> tuple[tuple[str, str], ...]:
        return (
            ("answered_within", "answered"),
            ("short_abandoned", "abandoned"),
            ("answered", "offered"),
            ("abandoned", "offered"),
        )


def service_level(counts: QueueCounts, *, short_abandons: ShortAbandons = "counted") -> Measured:
    """Share answered within the target, of those offered; name the variant wherever it is shown."""
    offered = counts.offered - (counts.short_abandoned if short_abandons == "left_out" else 0)
    return measured(
        counts.answered_within,
        offered,
        f"service_level_{short_abandons}",
        seconds=counts.target_seconds,
        short=counts.short_seconds,
    )


def average_speed_of_answer(counts: QueueCounts) -> Measured:
    """ASA in seconds, over answered contacts only."""
    return measured(counts.waited_seconds, counts.answered, "asa")


def abandonment(counts: QueueCounts, *, short_abandons: ShortAbandons = "counted") -> Measured:
    """Share that left the queue; `left_out` takes short abandons out of both sides."""
    short = counts.short_abandoned if short_abandons == "left_out" else 0
    return measured(
        counts.abandoned - short,
        counts.offered - short,
        f"abandonment_{short_abandons}",
        short=counts.short_seconds,
    )


def short_abandonment(counts: QueueCounts) -> Measured:
    """Share that left at once, reported apart from abandonment."""
    return measured(counts.short_abandoned, counts.offered, "short_abandonment", short=counts.short_seconds)


@dataclass(frozen=True)
class WaitCounts(Counts):
    """Told waits that have come true: ranges told, ranges that held the wait, and the error in seconds."""

    told: int = 0
    held: int = 0
    absolute_error_seconds: float = 0.0
    coverage: float = field(default=0.8, kw_only=True, metadata=SETTING)

    def parts(self) -> tuple[tuple[str, str], ...]:
        return (("held", "told"),)


def ewt_calibration(counts: WaitCounts) -> Measured:
    """Share of ranges that held the true wait; 80 % ranges are good when it is 78-82 %."""
    return measured(counts.held, counts.told, "ewt_calibration", coverage=counts.coverage)


def ewt_mean_absolute_error(counts: WaitCounts) -> Measured:
    """Mean absolute error of the told wait (the middle of the range), in seconds."""
    return measured(counts.absolute_error_seconds, counts.told, "ewt_mae")


@dataclass(frozen=True)
class EmergencyCounts(Counts):
    """Emergency contacts of one hour, from ARRIVAL; `within` has one count for each of `thresholds`."""

    answered: int = 0
    abandoned: int = 0
    within: tuple[int, ...] = (0, 0, 0)
    thresholds: tuple[tuple[float, float | None], ...] = field(
        default=EMERGENCY_TARGETS, kw_only=True, metadata=SETTING
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.within) != len(self.thresholds):
            raise ValueError("within needs one count for each threshold")
        if any(count > self.answered for count in self.within):
            raise ValueError("within must not be more than answered")


@dataclass(frozen=True, slots=True)
class EmergencyShare:
    """One threshold: the share answered in time, the share to reach (None: no target), and whether it did."""

    share: Measured
    target: float | None
    reached: bool | None


def emergency_answer_times(counts: EmergencyCounts) -> tuple[EmergencyShare, ...]:
    """A row for each threshold. n is the denominator; abandoned contacts are apart."""
    rows = []
    for count, (seconds, target) in zip(counts.within, counts.thresholds, strict=True):
        share = measured(count, counts.answered, "emergency_answer", seconds=seconds)
        reached = None if target is None or share.value is None else share.value >= target
        rows.append(EmergencyShare(share, target, reached))
    return tuple(rows)


def emergency_abandonment(counts: EmergencyCounts) -> Measured:
    """Share of arrived emergency contacts that were never answered."""
    return measured(counts.abandoned, counts.answered + counts.abandoned, "emergency_abandonment")


def busiest_hour(hours: Mapping[datetime, EmergencyCounts]) -> datetime | None:
    """The hour with the most arrivals, the earliest among equals; None without any hour."""
    return min(hours, key=lambda at: (-(hours[at].answered + hours[at].abandoned), at), default=None)


@dataclass(frozen=True)
class DiallerCounts(Counts):
    """One campaign: live answers, and those that were not connected to an agent in time."""

    live_answers: int = 0
    not_connected: int = 0
    seconds: float = field(default=2.0, kw_only=True, metadata=SETTING)

    def parts(self) -> tuple[tuple[str, str], ...]:
        return (("not_connected", "live_answers"),)


def dialler_abandon_rate(counts: DiallerCounts) -> Measured:
    """Silent calls as a share of live answers; the limit is 3 % (47 CFR 64.1200(a)(7), over 30 days)."""
    return measured(counts.not_connected, counts.live_answers, "dialler_abandon", seconds=counts.seconds)
