"""How many people to hire when: what will be needed each month beside what today's people will bring."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from civicline.engine.hiring import FLAT, HiringTerms, Leaving, Range, Trend, plan_hiring, trend
from civicline.engine.seasons import Seasons, seasons, told
from civicline.kernel.errors import Invalid, Refused
from civicline.workforce.models import Forecast, Staffing
from civicline.workforce.selectors.forecasts import days_of, newest_of_all
from civicline.workforce.selectors.history import Line, series
from civicline.workforce.selectors.rosters import list_contracts
from civicline.workforce.selectors.staffing import all_staffing, week_hours

WEEKS_A_MONTH = 52.18 / 12
SIZES = (0.35, 0.5, 0.75, 1.0, 1.35, 1.8, 2.5)
"""How much comes beside now: the need is worked out at these, and read between them."""
MOST_WEEKS = 104
YEARS_OF_SEASON = 4
MOST_AGREED = 500


@dataclass(frozen=True, slots=True)
class HiringAsked:
    """What people say. `leavers` of `person_years`: how many left lately. `week_hours`: of somebody new.

    `away`: per cent of paid time for leave, sickness, training. `chance`: per cent with which a month has enough.
    `season`: {"1" to "12": per cent of a mean month's contacts}, where people know better than the history.
    `agreed`: {"2026-03": people who start then, whatever is decided now}.
    """

    months: int = 12
    leavers: int = 0
    person_years: float = 0.0
    lead: int = 3
    training: int = 1
    away: int = 18
    week_hours: float = 38.0
    chance: int = 80
    season: dict[str, float] = field(default_factory=dict)
    agreed: dict[str, int] = field(default_factory=dict)

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
        if any(one not in MONTHS_OF_YEAR or not 5 <= self.season[one] <= 500 for one in self.season):
            wrong["season"] = _("Give each month from 5 to 500 per cent.")
        if any(not _is_month(one) or not 0 <= self.agreed[one] <= MOST_AGREED for one in self.agreed):
            wrong["agreed"] = _("Give months with people, like 2026-03 2.")
        if wrong:
            raise Invalid(fields=wrong, code="hiring-invalid")


MONTHS_OF_YEAR = tuple(str(number) for number in range(1, 13))


def _is_month(text: str) -> bool:
    try:
        return date.fromisoformat(f"{text}-01").strftime("%Y-%m") == text
    except ValueError:
        return False


def months_from(day: date, count: int) -> list[date]:
    """The firsts of so many months after the month of `day`."""
    number = day.year * 12 + day.month
    return [date((number + at) // 12, (number + at) % 12 + 1, 1) for at in range(count)]


def hiring_answer(day: date, asked: HiringAsked, *, seed: int = 1) -> dict[str, Any]:
    """The plan as plain data, month by month. Refused without a forecast or without contracts."""
    months = months_from(day, asked.months)
    outlook = _outlook(months, day, {int(number): share for number, share in asked.season.items()})
    left = 1 - asked.away / 100
    people = [(one.week_min + one.week_max) / 2 / 60 * WEEKS_A_MONTH * left for one in list_contracts()]
    if not people:
        raise Refused(_("There are no contracts yet. Say first who works how much."), code="no-contracts")
    terms = HiringTerms(
        asked.week_hours * WEEKS_A_MONTH * left, asked.lead, asked.training, asked.chance / 100, seed=seed
    )
    agreed = {at: asked.agreed.get(f"{month:%Y-%m}", 0) for at, month in enumerate(months)}
    plan = plan_hiring(outlook.need, people, Leaving(asked.leavers, asked.person_years), terms, agreed)
    return {
        "months": [
            {
                "month": months[row.number].isoformat(), "need": round(row.need, 1),
                "contacts": round(outlook.contacts[row.number]),
                "season": round(outlook.season.of(months[row.number]), 3),
                "present": _rounded(row.present), "planned": _rounded(row.planned), "people": _rounded(row.people),
                "chance_present": row.chance_present, "chance_planned": row.chance_planned, "starts": row.starts,
                "agreed": agreed[row.number], "decide": row.decide,
            }
            for row in plan.months
        ],
        "yearly": [round(one, 4) for one in plan.yearly], "late": list(plan.late), "hires": plan.hires,
        "growth": [round(one, 4) for one in outlook.growth], "team": len(people),
        "season_weeks": outlook.season.weeks, "season_from": outlook.source,
    }  # fmt: skip


def _rounded(told: Range) -> list[float]:
    return [round(one, 1) for one in told]


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What comes in each month: hours at work that it takes, and contacts. `source`: history, told or none."""

    need: list[float]
    contacts: list[float]
    growth: Trend
    season: Seasons
    source: str


def _outlook(months: list[date], day: date, percent: dict[int, float]) -> _Outlook:
    """Paid hours at work of each month, by the forecast's mean week, its growth and its season."""
    rules, made = all_staffing(), newest_of_all()
    known = {pk: one for pk, one in made.items() if pk in rules and len(_weeks(one)) == 7}
    if not known:
        raise Refused(_("There is no forecast of a whole week. Make one first."), code="no-forecast")
    weekly = _weekly(known, day)
    learned = seasons(weekly)
    season = told(percent, learned)
    growth = _growth(weekly, learned)
    now = _season_now(known, season)
    grids = [(rules[pk], one.interval, one.starts, _weeks(one)) for pk, one in known.items()]
    hours = [
        sum(_hours(rule, interval, starts, week, size) for rule, interval, starts, week in grids)
        for size in SIZES
    ]
    contacts = sum(sum(map(sum, week.values())) for _rule, _interval, _starts, week in grids) / 7
    sizes = [growth.yearly ** ((month - day).days / 365.25) * season.of(month) / now for month in months]
    days = [(_next(month) - month).days for month in months]
    return _Outlook(
        [float(np.interp(size, SIZES, hours)) / 7 * count for size, count in zip(sizes, days, strict=True)],
        [contacts * size * count for size, count in zip(sizes, days, strict=True)],
        growth, season, "told" if percent else "history" if learned.known else "none",
    )  # fmt: skip


def _season_now(known: dict[int, Forecast], season: Seasons) -> float:
    """The season that the forecast's weeks have in them already."""
    found = [
        season.of(made.first + timedelta(days=number))
        for made in known.values()
        if made.first is not None
        for number in range(made.days)
    ]
    return float(np.mean(found)) if found else 1.0


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


def _weekly(known: dict[int, Forecast], day: date) -> list[tuple[date, float]]:
    """Contacts of all queues in each whole week before a day, the oldest first: (the middle of the week, count)."""
    sums: dict[int, float] = {}
    for pk, made in known.items():
        past = series(Line(pk), made.interval, until=day)
        if past is None:
            continue
        totals = np.nansum(past.counts, axis=1)
        for back in range(1, min(YEARS_OF_SEASON * 53, (day - past.first).days // 7) + 1):
            at = (day - past.first).days - 7 * back
            sums[back] = sums.get(back, 0.0) + float(totals[at : at + 7].sum())
    return [(day - timedelta(days=7 * back - 3), sums[back]) for back in sorted(sums, reverse=True)]


def _growth(weekly: list[tuple[date, float]], season: Seasons) -> Trend:
    """How much more comes in a year, once the season is taken out."""
    rows = weekly[-MOST_WEEKS:]
    return trend([count / season.of(middle) for middle, count in rows]) if rows else FLAT
