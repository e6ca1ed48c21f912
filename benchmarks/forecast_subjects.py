"""The real series by which forecasts are judged, and the public holidays of their places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from civicline.engine.forecast import Calendar, Series, read_history


@dataclass(frozen=True)
class Subject:
    """One series: its file, minutes of a slot, weeks to judge, and whose holidays it knows."""

    name: str
    file: str
    minutes: int
    weeks: int
    country: str
    part: str = ""


SUBJECTS = (
    Subject("bank 15 min", "fpp3_bank_calls_5min.csv", 15, 8, "US"),
    Subject("bank 30 min", "fpp3_bank_calls_5min.csv", 30, 8, "US"),
    Subject("911 60 min", "montgomery_911_15min.csv", 60, 8, "US", "PA"),
    Subject("911 15 min", "montgomery_911_15min.csv", 15, 8, "US", "PA"),
    Subject("NYPD daily", "nypd_911_daily.csv", 1440, 52, "US", "NY"),
    Subject("Vancouver daily", "vancouver_311_daily.csv", 1440, 52, "CA", "BC"),
)


def load(subject: Subject, cases: Path) -> tuple[Series, Calendar]:
    """The series, and the public holidays of its place."""
    import holidays

    with (cases / "volumes" / subject.file).open(encoding="utf-8") as lines:
        series = read_history(lines, interval=subject.minutes).series["all"]
    years = range(series.first.year, series.end.year + 1)
    days: dict[date, str] = dict(
        holidays.country_holidays(subject.country, subdiv=subject.part or None, years=years).items()
    )
    return series, Calendar(days)
