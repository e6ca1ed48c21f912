"""Forecasts as they would have been made in past weeks, each from what was known then and nothing later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from civicline.engine.forecast.calendar import Calendar
from civicline.engine.forecast.model import LEAST_DAYS, Expected, expect
from civicline.engine.forecast.series import DAY_MINUTES, WEEK, FloatArray, Series

WEEKS_INTERVAL: Final = 16
WEEKS_DAILY: Final = 52
FIRST_ORIGIN: Final = 42
MOST_LEADS: Final = 8
PLAIN_SHARES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
FEWEST_TO_CHOOSE: Final = 4


@dataclass(frozen=True, slots=True)
class Past:
    """Past forecasts and what came, forecasts x days x slots; NaN where it had not come yet."""

    full: FloatArray
    plain: FloatArray
    actual: FloatArray

    def plain_share(self) -> float:
        """How much of the plain forecast would have served best in the first week ahead."""
        if len(self.actual) < FEWEST_TO_CHOOSE:
            return PLAIN_SHARES[0]
        errors = [
            float(np.nansum(np.abs(self.blend(share)[:, :WEEK] - self.actual[:, :WEEK])))
            for share in PLAIN_SHARES
        ]
        return PLAIN_SHARES[int(np.argmin(errors))]

    def blend(self, plain_share: float) -> FloatArray:
        """The past forecasts with that share of the plain one."""
        return self.full + plain_share * (self.plain - self.full)


@dataclass
class Rolling:
    """The weekly forecasts of one series, each made once and kept. `horizon`: days ahead."""

    series: Series
    calendar: Calendar
    horizon: int
    made: dict[int, Expected] = field(default_factory=dict)

    def at(self, origin: int) -> Expected:
        """The forecast made after the first `origin` days. Raises TooShort."""
        if origin not in self.made:
            self.made[origin] = expect(self.series.until(origin), self.calendar, self.horizon)
        return self.made[origin]

    def on_eves(self, origin: int) -> Expected:
        """The same, but each day of its first week as told on its own eve, from what came before that day."""
        known = self.series.without(self.calendar.outliers).counts
        return self.at(origin).followed(known[origin : origin + WEEK])

    def before(self, origin: int, *, eves: bool = False) -> Past:
        """The weekly forecasts before that one, with what was known of their days when it was made.

        `eves`: each day of their first week as told on its own eve.
        """
        leads = min(MOST_LEADS, -(-self.horizon // WEEK))
        weeks = (WEEKS_DAILY if self.series.interval == DAY_MINUTES else WEEKS_INTERVAL) + leads - 1
        origins = [origin - WEEK * back for back in range(weeks, 0, -1)]
        origins = [at for at in origins if self._enough(at)]
        shape = (len(origins), self.horizon, len(self.series.starts))
        actual = np.full(shape, np.nan)
        known = self.series.without(self.calendar.outliers).counts[:origin]
        for row, at in enumerate(origins):
            came = known[at : at + self.horizon]
            actual[row, : len(came)] = came
        made = [self.on_eves(at) if eves else self.at(at) for at in origins]
        return Past(
            np.array([one.full for one in made]).reshape(shape),
            np.array([one.plain for one in made]).reshape(shape),
            actual,
        )

    def _enough(self, origin: int) -> bool:
        if origin < FIRST_ORIGIN:
            return False
        known = self.series.until(origin).without(self.calendar.outliers).counts
        return int(np.isfinite(known).any(axis=1).sum()) >= LEAST_DAYS
