"""Counts that add up, the result of a measure, and the sentence that defines each."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from statistics import NormalDist
from typing import Any, Literal, Self

ShortAbandons = Literal["counted", "left_out"]


SETTING = {"setting": True}
"""Metadata of a field that is no count (a threshold, a basis): it must be equal in counts that are added."""


def _joined(mine: Any, theirs: Any) -> Any:
    if isinstance(mine, Mapping):
        return {key: _joined(mine.get(key, 0), theirs.get(key, 0)) for key in {**mine, **theirs}}
    if isinstance(mine, tuple) or isinstance(theirs, tuple):
        # A missing row (0) joins as zeros, so that mappings with different keys add up.
        length = len(mine or theirs)
        pairs = zip(mine or (0,) * length, theirs or (0,) * length, strict=True)
        return tuple(a + b for a, b in pairs)
    return mine + theirs


def _negative(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_negative(one) for one in value.values())
    if isinstance(value, tuple):
        return any(_negative(one) for one in value)
    return bool(value < 0)


@dataclass(frozen=True)
class Counts:
    """The base of all counts: never negative, added field by field, `sum(counts, start=...)` included.

    `parts` names (smaller, larger) pairs where the first is contained in the second: ValueError otherwise.
    """

    def __post_init__(self) -> None:
        for one in fields(self):
            if not one.metadata.get("setting") and _negative(getattr(self, one.name)):
                raise ValueError(f"{one.name} must not be negative")
        for smaller, larger in self.parts():
            if getattr(self, smaller) > getattr(self, larger):
                raise ValueError(f"{smaller} must not be more than {larger}")

    def parts(self) -> tuple[tuple[str, str], ...]:
        """Pairs of fields of which the first is part of the second."""
        return ()

    def __add__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        values: dict[str, Any] = {}
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            if not one.metadata.get("setting"):
                values[one.name] = _joined(mine, theirs)
            elif mine == theirs:
                values[one.name] = mine
            else:
                raise ValueError(f"counts of different {one.name} cannot be added: {mine} and {theirs}")
        return type(self)(**values)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with what it is made of.

    value        numerator / denominator, in the measure's unit (a share 0-1, seconds, a score); None when the
                 denominator is 0: nothing was measured, which is not a zero.
    definition   a key of DEFINITIONS.   params   the thresholds that belong to it.
    low, high    bounds of a confidence interval, where the measure has one.
    """

    value: float | None
    numerator: float
    denominator: float
    definition: str
    params: tuple[tuple[str, float | str], ...] = ()
    low: float | None = None
    high: float | None = None


def measured(numerator: float, denominator: float, definition: str, **params: float | str) -> Measured:
    """The quotient, or None over zero."""
    value = numerator / denominator if denominator else None
    return Measured(value, numerator, denominator, definition, tuple(sorted(params.items())))


def wilson(successes: float, trials: float, *, confidence: float = 0.95) -> tuple[float, float] | None:
    """The score interval for a share (E. B. Wilson, JASA 22, 1927, p. 209); None without trials."""
    if trials <= 0:
        return None
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / trials
    spread = z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * ((share * (1 - share) + spread / 4) / trials) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)


DEFINITIONS: dict[str, str] = {
    "service_level_counted": "Contacts answered within {seconds} s / contacts offered, "
    "short abandons counted.",
    "service_level_left_out": "Contacts answered within {seconds} s / contacts offered, without "
    "those abandoned in under {short} s.",
    "asa": "Total queue wait of answered contacts in seconds / answered contacts.",
    "abandonment_counted": "Contacts abandoned in queue / contacts offered, short abandons counted.",
    "abandonment_left_out": "Contacts abandoned in queue after {short} s or more / contacts offered without "
    "those abandoned sooner.",
    "short_abandonment": "Contacts abandoned in under {short} s / contacts offered.",
    "occupancy": "(Talk + hold + wrap-up) / (talk + hold + wrap-up + available).",
    "shrinkage": "Paid time not available for work / paid time.",
    "adherence": "Minutes in the scheduled state / scheduled minutes.",
    "conformance": "Minutes worked / scheduled minutes.",
    "fcr": "Contacts resolved with no repeat from the same resident on the same matter within {days} days / "
    "contacts assessed; {basis}.",
    "avoidable_contact": "Contacts of low or no value to the resident / contacts assessed in the "
    "sample, with the {confidence} confidence interval.",
    "csat": "Five levels of satisfaction weighted 0, 25, 50, 75, 100: the mean (GOV.UK).",
    "top_two_box": "Satisfied or very satisfied / all answers.",
    "nps": "Share of scores 9-10 minus share of scores 0-6, times 100.",
    "ces": "Mean of 1-7 for «The organisation made it easy for me to handle my issue» (CES 2.0).",
    "a11": "Agree or strongly agree (4-5 of 5) / answers to this question (OMB A-11 section 280).",
    "a11_mean": "Mean of 1-5 agreement (OMB A-11 section 280).",
    "a11_response": "Respondents / residents to whom the survey was offered.",
    "digital_take_up": "Completions by a digital channel, assisted ones included / all completions.",
    "cost_per": "Total cost of all channels / {unit}s completed; cost model: {model}.",
    "emergency_answer": "Emergency contacts answered within {seconds} s of arrival / answered, in one hour.",
    "emergency_abandonment": "Emergency contacts abandoned before an answer / arrived.",
    "ewt_calibration": "Told wait ranges that held the true wait / told ranges (goal {coverage} ± 0.02).",
    "ewt_mae": "Mean absolute difference of told and true wait, in seconds.",
    "dialler_abandon": "Live answers not connected within {seconds} s / live answers, one campaign, 30 days.",
}
"""Definition code -> the sentence that is printed beside the number; {names} are in Measured.params."""
