"""What came of the work: resolved at once, avoidable, digital, and what it cost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from civicline.engine.measures.values import SETTING, Counts, Measured, measured, wilson

ResolutionBasis = Literal["claimed", "observed"]


@dataclass(frozen=True)
class ResolutionCounts(Counts):
    """Contacts assessed, and those resolved without a repeat within `days`; by whose word (`basis`)."""

    assessed: int = 0
    resolved: int = 0
    days: int = field(default=7, kw_only=True, metadata=SETTING)
    basis: ResolutionBasis = field(default="observed", kw_only=True, metadata=SETTING)

    def parts(self) -> tuple[tuple[str, str], ...]:
        return (("resolved", "assessed"),)


def first_contact_resolution(counts: ResolutionCounts) -> Measured:
    """FCR; its N days and its basis (claimed by the agent, or observed) are in `params` and must be shown."""
    return measured(counts.resolved, counts.assessed, "fcr", days=counts.days, basis=counts.basis)


@dataclass(frozen=True, slots=True)
class Handled:
    """One handled contact: who, about what, when it arrived, when it closed."""

    resident: str
    matter: str
    arrived: datetime
    closed: datetime


def observe_resolution(contacts: Iterable[Handled], *, days: int, until: datetime) -> ResolutionCounts:
    """Counts by observation: a contact is resolved when nobody came back on the matter within `days`.

    Only a resident's FIRST contact on a matter (none in the `days` before it) is assessed, and only when its
    `days` have gone by at `until`: a young contact has not had the time to be repeated.
    """
    lines: dict[tuple[str, str], list[Handled]] = {}
    for one in sorted(contacts, key=lambda one: one.arrived):
        lines.setdefault((one.resident, one.matter), []).append(one)
    window = timedelta(days=days)
    assessed = resolved = 0
    for line in lines.values():
        for index, one in enumerate(line):
            first = index == 0 or one.arrived - line[index - 1].closed > window
            if not first or one.closed + window > until:
                continue
            assessed += 1
            repeated = index + 1 < len(line) and line[index + 1].arrived - one.closed <= window
            resolved += not repeated
    return ResolutionCounts(assessed, resolved, days=days, basis="observed")


@dataclass(frozen=True)
class AvoidableCounts(Counts):
    """A sample of contacts: assessed, avoidable by reason code, and how many the sample was drawn from."""

    assessed: int = 0
    by_reason: Mapping[str, int] = field(default_factory=dict)
    population: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.avoidable > self.assessed:
            raise ValueError("avoidable must not be more than assessed")

    @property
    def avoidable(self) -> int:
        """All avoidable contacts of the sample."""
        return sum(self.by_reason.values())


def avoidable_contact(
    counts: AvoidableCounts, *, reason: str | None = None, confidence: float = 0.95
) -> Measured:
    """NI14 with its Wilson interval in `low` and `high`; of one reason code when `reason` is given."""
    avoidable = counts.avoidable if reason is None else counts.by_reason.get(reason, 0)
    share = measured(
        avoidable,
        counts.assessed,
        "avoidable_contact",
        confidence=confidence,
        population=counts.population,
        reason=reason or "",
    )
    bounds = wilson(avoidable, counts.assessed, confidence=confidence)
    return share if bounds is None else replace(share, low=bounds[0], high=bounds[1])


@dataclass(frozen=True)
class CompletionCounts(Counts):
    """Completed matters: all, by digital channels (assisted included), and the assisted among those."""

    completed: int = 0
    digital: int = 0
    assisted: int = 0

    def parts(self) -> tuple[tuple[str, str], ...]:
        return (("digital", "completed"), ("assisted", "digital"))


def digital_take_up(counts: CompletionCounts) -> Measured:
    """Digital completions, assisted included, of all completions."""
    return measured(counts.digital, counts.completed, "digital_take_up", assisted=counts.assisted)


@dataclass(frozen=True)
class CostCounts(Counts):
    """All-channel cost in the smallest unit of `currency` (pence, cents), and what was completed with it."""

    cost: int = 0
    completed: int = 0
    currency: str = field(default="", kw_only=True, metadata=SETTING)
    model: str = field(default="", kw_only=True, metadata=SETTING)
    unit: Literal["contact", "transaction"] = field(default="contact", kw_only=True, metadata=SETTING)


def cost_per(counts: CostCounts) -> Measured:
    """Cost per contact or transaction; the cost model's name is in `params` and must be shown."""
    return measured(
        counts.cost,
        counts.completed,
        "cost_per",
        currency=counts.currency,
        model=counts.model,
        unit=counts.unit,
    )
