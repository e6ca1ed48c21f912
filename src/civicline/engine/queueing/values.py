"""What the queueing formulas take and give: arrays that broadcast, times in seconds, loads in erlangs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


LARGEST = 1_000_000
"""The largest load and team that are counted; more is a slip of the pen, and would take minutes."""


class QueueingError(ValueError):
    """A number that cannot be; the message is a sentence for people."""


class Performance(NamedTuple):
    """How a line does in the long run; every field has the shape of what was asked for.

    `wait_probability`: share of all contacts that do not find somebody free. `mean_wait`: seconds, of all
    contacts, those who give up included (ASA where nobody gives up). `abandon_probability`: share of all who
    give up. `occupancy`: share of their time that people are busy. `queue`: mean number waiting.
    Three ways to count who was answered within the time asked about: `answered_within` of all contacts;
    `answered_within_of_patient` of all but those who gave up within that same time; and
    `answered_within_of_answered` of those who were answered.
    """

    wait_probability: Floats
    mean_wait: Floats
    abandon_probability: Floats
    occupancy: Floats
    queue: Floats
    answered_within: Floats
    answered_within_of_patient: Floats
    answered_within_of_answered: Floats


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised: at least `share` of all contacts answered within `within_seconds`.

    None of the limits is exceeded: `max_mean_wait` in seconds, `max_abandon` and `max_occupancy` as shares;
    None is no limit. `of_patient`: who gives up within `within_seconds` is left out of the count.
    """

    share: float = 0.8
    within_seconds: float = 20.0
    max_mean_wait: float | None = None
    max_abandon: float | None = None
    max_occupancy: float | None = None
    of_patient: bool = False

    def __post_init__(self) -> None:
        """Refuse what nobody can keep."""
        if not 0 < self.share < 1:
            raise QueueingError(
                f"A service level of {self.share} cannot be planned. Give a share between 0 and 1."
            )
        if not 0 <= self.within_seconds < float("inf"):
            raise QueueingError(
                f"{self.within_seconds} is no time to answer within. Give seconds from 0 upwards."
            )
        for name, limit in (("mean wait", self.max_mean_wait), ("abandonment", self.max_abandon)):
            if limit is not None and not limit > 0:
                raise QueueingError(f"A limit of {limit} for {name} cannot be kept. Give more than 0.")
        if self.max_occupancy is not None and not 0 < self.max_occupancy <= 1:
            raise QueueingError(f"An occupancy of {self.max_occupancy} cannot be. Give a share up to 1.")


def floats(name: str, values: ArrayLike, *, least: float = 0.0, above: bool = False) -> Floats:
    """The values as an array. QueueingError for text, what is not finite, and what is below (or at) `least`."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise QueueingError(f"The {name} must be numbers.") from error
    good = np.isfinite(found) & ((found > least) if above else (found >= least))
    if not good.all():
        wrong = found[~good].flat[0]
        bound = f"above {least:g}" if above else f"from {least:g} upwards"
        raise QueueingError(f"A {name} of {wrong:g} cannot be. Give a number {bound}.")
    return found


def erlangs(values: ArrayLike) -> Floats:
    """Loads from 0 to LARGEST. QueueingError for any other."""
    found = floats("load", values)
    _not_too_large("load", found)
    return found


def _not_too_large(name: str, values: Floats) -> None:
    if (values > LARGEST).any():
        raise QueueingError(f"A {name} of {values.max():g} is beyond any team. Give at most {LARGEST}.")


def whole(name: str, values: ArrayLike) -> Whole:
    """The values as whole numbers from 0 to LARGEST. QueueingError for any other."""
    found = floats(name, values)
    _not_too_large(f"number of {name}", found)
    if (found != np.floor(found)).any():
        raise QueueingError(f"The {name} must be whole numbers.")
    return found.astype(np.int64)
