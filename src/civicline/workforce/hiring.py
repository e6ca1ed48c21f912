"""How many people to hire when: what will be needed each month beside what today's people will bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from civicline.engine.hiring import FLAT, HiringTerms, Leaving, Range, Trend, plan_hiring, trend
from civicline.kernel.errors import Invalid, Refused
from civicline.workforce.models import Forecast, Staffing
from civicline.workforce.selectors.forecasts import days_of, newest_of_all
from civicline.workforce.selectors.history import Line, series
from civicline.workforce.selectors.rosters import list_contracts
from civicline.workforce.selectors.staffing import all_staffing, week_hours

WEEKS_A_MONTH = 52.18 / 12
SIZES = (0.5, 0.75, 1.0, 1.35, 1.8)
"""How much comes beside now: the need is worked out at these, and read between them."""
MOST_WEEKS = 104


@dataclass(frozen=True, slots=True)
class HiringAsked:
    """What people say. `leavers` of `person_years`: how many left lately. `week_hours`: of somebody new.

    `away`: per cent of paid time for leave, sickness, training. `chance`: per cent with which a month has enough.
    """

    months: int = 12
    leavers: int = 0
    person_years: float = 0.0
    lead: int = 3
    training: int = 1
    away: int = 18
    week_hours: float = 38.0
    chance: int = 80

    def check(self) -> None:
        """Raise Invalid for what cannot be planned."""
        bounds = {
            "months": (2, 36), "lead": (0, 24), "training": (0, 12), "away": (0, 60), "week_hours": (5, 60),
            "chance": (50, 99), "leavers": (0, 5000), "person_years": (0, 20_000),
        }  # fmt: skip
        wrong: dict[str, Any] = {
            name: _("Give a number in sensible bounds.")
            for name, (least, most) in bounds.items()
            if not least <= getattr(self, name) <= most
        }
        if not wrong and self.leavers > self.person_years:
            wrong["leavers"] = _("More people left than were there.")
        if wrong:
            raise Invalid(fields=wrong, code="hiring-invalid")


def months_from(day: date, count: int) -> list[date]:
    """The firsts of so many months after the month of `day`."""
    number = day.year * 12 + day.month
    return [date((number + at) // 12, (number + at) % 12 + 1, 1) for at in range(count)]


def hiring_answer(day: date, asked: HiringAsked, *, seed: int = 1) -> dict[str, Any]:
    """The plan as plain data, month by month. Refused without a forecast or without contracts."""
    months = months_from(day, asked.months)
    need, growth = _need(months, day)
    left = 1 - asked.away / 100
    people = [(one.week_min + one.week_max) / 2 / 60 * WEEKS_A_MONTH * left for one in list_contracts()]
    if not people:
        raise Refused(_("There are no contracts yet. Say first who works how much."), code="no-contracts")
    terms = HiringTerms(
        asked.week_hours * WEEKS_A_MONTH * left, asked.lead, asked.training, asked.chance / 100, seed=seed
    )
    plan = plan_hiring(need, people, Leaving(asked.leavers, asked.person_years), terms)
    return {
        "months": [
            {
                "month": months[row.number].isoformat(), "need": round(row.need, 1),
                "present": _rounded(row.present), "planned": _rounded(row.planned), "people": _rounded(row.people),
                "chance_present": row.chance_present, "chance_planned": row.chance_planned, "starts": row.starts,
                "decide": row.decide,
            }
            for row in plan.months
        ],
        "yearly": [round(one, 4) for one in plan.yearly], "late": list(plan.late), "hires": plan.hires,
        "growth": [round(one, 4) for one in growth], "team": len(people),
    }  # fmt: skip


def _rounded(told: Range) -> list[float]:
    return [round(one, 1) for one in told]


def _need(months: list[date], day: date) -> tuple[list[float], Trend]:
    """Paid hours at work of each month, and how much more comes in a year (of all queues together)."""
    rules, made = all_staffing(), newest_of_all()
    known = {pk: one for pk, one in made.items() if pk in rules and len(_weeks(one)) == 7}
    if not known:
        raise Refused(_("There is no forecast of a whole week. Make one first."), code="no-forecast")
    growth = _growth(known, day)
    grids = [(rules[pk], one.interval, one.starts, _weeks(one)) for pk, one in known.items()]
    hours = [
        sum(_hours(rule, interval, starts, week, size) for rule, interval, starts, week in grids)
        for size in SIZES
    ]
    sizes = [growth.yearly ** ((month - day).days / 365.25) for month in months]
    days = [(_next(month) - month).days for month in months]
    return [
        float(np.interp(size, SIZES, hours)) / 7 * count for size, count in zip(sizes, days, strict=True)
    ], growth


def _hours(
    rule: Staffing, interval: int, starts: list[int], week: dict[int, list[float]], size: float
) -> float:
    return week_hours(rule, interval, starts, {day: [size * one for one in row] for day, row in week.items()})


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _weeks(made: Forecast) -> dict[int, list[float]]:
    """The mean day of each weekday in the forecast."""
    if made.first is None:
        return {}
    rows: dict[int, list[list[float]]] = {}
    for one in days_of(made, made.first, made.days):
        rows.setdefault(one.day.weekday(), []).append(one.expected)
    return {weekday: np.mean(found, axis=0).tolist() for weekday, found in rows.items()}


def _growth(known: dict[int, Forecast], day: date) -> Trend:
    """How much more comes in a year, from whole weeks of all queues."""
    weekly = np.zeros(MOST_WEEKS)
    longest = 0
    for pk, made in known.items():
        past = series(Line(pk), made.interval, until=day)
        if past is None:
            continue
        totals = np.nansum(past.counts, axis=1)
        weeks = min(MOST_WEEKS, len(totals) // 7)
        sums = totals[len(totals) - 7 * weeks :].reshape(weeks, 7).sum(axis=1)
        weekly[MOST_WEEKS - weeks :] += sums
        longest = max(longest, weeks)
    return trend(weekly[MOST_WEEKS - longest :].tolist()) if longest else FLAT
