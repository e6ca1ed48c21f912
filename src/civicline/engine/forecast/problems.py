"""What can be wrong with a history, and what should be known of one: codes with values, and plain English for each.

Whoever speaks other languages words them anew by `code` and `values`; the command line prints them as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

SHOWN_ROWS: Final = 10
LONGEST_CELL: Final = 300

TEXTS: Final[Mapping[str, str]] = MappingProxyType({
    "short_row": "Row %(row)s has %(cells)s of the %(columns)s columns of the heading.",
    "many_series": "There are more than %(most)s series. Is the column of --by the right one?",
    "no_rows": "The table has a heading, but no rows.",
    "empty": "The table is empty: its first row must name the columns.",
    "no_column": "There is no column '%(name)s'. There are: %(there)s.",
    "no_time": "No column of the time was found among: %(there)s. Say which it is.",
    "no_count": "No column of the count was found among: %(there)s. Say which it is.",
    "no_series": "No column of the series was found among: %(there)s. Say which it is.",
    "no_zone": "There is no time zone '%(zone)s'. One is Europe/London.",
    "no_moment": "Row %(row)s: '%(cell)s' is not a time like %(form)s. "
    "Say its form with --date-format, as in %%d/%%m/%%Y %%H:%%M.",
    "not_local": "Row %(row)s: '%(cell)s' is not local time. Say the zone with --timezone, as in Europe/London.",
    "year": "Row %(row)s: the year %(year)s is not from %(first)s to %(last)s.",
    "no_number": "Row %(row)s: '%(cell)s' is not a count.",
    "negative": "Row %(row)s: a count cannot be %(cell)s.",
    "too_many": "Row %(row)s: %(cell)s contacts in one slot is more than can be.",
    "seconds": "Row %(row)s: slots begin at whole minutes, and %(moment)s does not.",
    "repeats": "Row %(row)s repeats %(moment)s. If the clock was put back there, say --timezone; "
    "if the rows are of several queues, say their column with --by.",
    "more_rows": "More rows that cannot be used: %(count)s.",
    "span": "The history spans %(days)s days, from %(first)s to %(last)s. Are the dates right?",
    "cells": "There are too many series and days for one run. Take longer slots, or a part of the table.",
    "interval": "A day does not divide into slots of %(minutes)s minutes. Take 15, 30, 60 or 1440.",
    "coarse": "The table counts every %(native)s minutes: slots of %(minutes)s cannot be made of them.",
    "twice": "%(count)s slots came twice when the clock was put back: their mean was taken.",
    "gaps": "%(series)s: slots without a count on days that have others: %(count)s. They are unknown, not zero.",
    "closed": "%(series)s: no counts on %(count)s of %(days)s days; nothing is learned from them.",
    "too_short": "There are only %(days)s days with counts; a forecast needs %(least)s or more.",
})  # fmt: skip


class Told(str):
    """A sentence in English that knows its code and what stands in it."""

    __slots__ = ("code", "values")
    code: str
    values: Mapping[str, object]

    def __new__(cls, code: str, **values: object) -> Told:
        """The sentence of a code. KeyError for one that is not in TEXTS."""
        values = {name: _plain(value) if isinstance(value, str) else value for name, value in values.items()}
        made = super().__new__(cls, TEXTS[code] % values)
        made.code, made.values = code, values
        return made


def _plain(text: str) -> str:
    """What a file says, fit for one line of a terminal: control characters spelt out, and not without end."""
    shown = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text[: LONGEST_CELL + 1])
    return shown if len(text) <= LONGEST_CELL else f"{shown[:LONGEST_CELL]}…"


class HistoryError(ValueError):
    """The table cannot be used; `told` says why, and the row (1 is the heading) where there is one.

    `every`: all that is to be told, where more than one row is wrong; `told` is the first of it.
    """

    def __init__(self, code: str, **values: object) -> None:
        self.told = Told(code, **values)
        self.every: tuple[Told, ...] = (self.told,)
        super().__init__(self.told)

    @classmethod
    def of_rows(cls, faults: Sequence[Told]) -> HistoryError:
        """What is wrong with several rows, one sentence each: the first ten, and how many more there are."""
        error = cls(faults[0].code, **faults[0].values)
        more = len(faults) - SHOWN_ROWS
        error.every = (*faults[:SHOWN_ROWS], *([Told("more_rows", count=more)] if more > 0 else []))
        return error

    def __str__(self) -> str:
        return " ".join(self.every)


class TooShort(ValueError):
    """There is too little history to forecast from; `told` says how little."""

    def __init__(self, code: str, **values: object) -> None:
        self.told = Told(code, **values)
        super().__init__(self.told)
