"""One replication of a row of days, counted by the day on which each call came."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from civicline.engine.simulation import Scenario
from civicline.engine.simulation.crowd import gather_crowd
from civicline.engine.simulation.duty import working
from civicline.engine.simulation.floor import run_floor
from civicline.engine.simulation.outcomes import Outcome
from civicline.engine.simulation.spreads import Floats
from civicline.engine.simulation.values import DAY


class Told(NamedTuple):
    """For each day, by the calls that came on it. Times in seconds, the last three of who was called back.

    `lost`: share that gave up, could not be reached, or was not called back as promised. `on_line`: mean time spent
    waiting on the telephone. `until_served`: mean time until an agent spoke, or the caller was lost. `called_back`: how
    many were. `next_day`: how many of them on a later day. `back_wait`: half of them waited for it no longer than so.
    """

    lost: Floats
    on_line: Floats
    until_served: Floats
    called_back: Floats
    next_day: Floats
    back_wait: Floats


def replayed(job: tuple[Scenario, int, int, int]) -> Told:
    """A scenario, the seed, the number of the replication, and by the end of which day after it a call is owed."""
    scenario, seed, number, promise = job
    crowd = gather_crowd(scenario, seed, number)
    fates = run_floor(scenario, crowd, working(scenario, seed, number))
    day = (crowd.arrived // DAY).astype(np.int64)
    back = fates.outcome == int(Outcome.CALLED_BACK)
    days_later = np.where(back, (crowd.arrived + fates.wait) // DAY - day, 0)
    served = (fates.outcome == int(Outcome.ANSWERED)) | (back & (days_later <= promise))

    def count(values: np.ndarray) -> Floats:
        return np.bincount(day, weights=values, minlength=scenario.days).astype(np.float64)

    came = np.maximum(count(np.ones(len(day))), 1.0)
    return Told(
        count(~served) / came,
        count(fates.hold) / came,
        count(fates.wait) / came,
        count(back & served),
        count(back & served & (days_later > 0)),
        np.array([_median(fates.wait[back & (day == at)]) for at in range(scenario.days)]),
    )


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else 0.0
