"""How work time is spent. All fields of one value are in the same unit, seconds or minutes."""

from dataclasses import dataclass

from civicline.engine.measures.values import Counts, Measured, measured


@dataclass(frozen=True)
class WorkTime(Counts):
    """Signed-in time of agents by what they did."""

    talk: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    available: float = 0.0


def occupancy(time: WorkTime) -> Measured:
    """Busy share of the time in which contacts could be taken."""
    busy = time.talk + time.hold + time.wrap_up
    return measured(busy, busy + time.available, "occupancy")


@dataclass(frozen=True)
class PaidTime(Counts):
    """Paid time, and the part of it not available for work (leave, training, breaks, meetings)."""

    paid: float = 0.0
    unavailable: float = 0.0

    def parts(self) -> tuple[tuple[str, str], ...]:
        return (("unavailable", "paid"),)


def shrinkage(time: PaidTime) -> Measured:
    """Share of paid time that is not available for work."""
    return measured(time.unavailable, time.paid, "shrinkage")


def scheduled_for(required: float, shrinkage_share: float) -> float:
    """Staff to schedule so that `required` are at work: required / (1 - shrinkage), 0 <= shrinkage < 1."""
    if not 0 <= shrinkage_share < 1:
        raise ValueError("shrinkage must be at least 0 and below 1")
    return required / (1 - shrinkage_share)


@dataclass(frozen=True)
class ScheduleTime(Counts):
    """Scheduled time, how much of it was spent in the scheduled state, and how much was worked in all."""

    scheduled: float = 0.0
    in_scheduled_state: float = 0.0
    worked: float = 0.0

    def parts(self) -> tuple[tuple[str, str], ...]:
        return (("in_scheduled_state", "scheduled"),)


def adherence(time: ScheduleTime) -> Measured:
    """Right state at the right time, as a share of scheduled time."""
    return measured(time.in_scheduled_state, time.scheduled, "adherence")


def conformance(time: ScheduleTime) -> Measured:
    """Worked time as a share of scheduled time, whenever it was; may be above 1."""
    return measured(time.worked, time.scheduled, "conformance")
