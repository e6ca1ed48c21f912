"""What the engines of forecast and roster tell, worded for planners in their own language.

The engines give codes with values, and plain English for the command line. Here the same codes have the words of the
page: no options of a command, days by their names, hours as people say them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import Refused

if TYPE_CHECKING:
    from civicline.engine.forecast import Told
    from civicline.workforce.rostering import problems


class Worded(Protocol):
    """Lazy words, in the number that their `count` asks for."""

    def __mod__(self, values: Mapping[str, Any], /) -> str: ...


HISTORY: dict[str, Promise] = {
    "short_row": _("Row %(row)s has %(cells)s of the %(columns)s columns of the heading."),
    "many_series": _(
        "There are more than %(most)s series. Are queue, channel and language the right columns?"
    ),
    "no_rows": _("The table has a heading, but no rows."),
    "empty": _("The table is empty: its first row must name the columns."),
    "no_column": _("There is no column “%(name)s”. There are: %(there)s."),
    "no_time": _("No column of the time was found among: %(there)s. Name one of them “interval_start”."),
    "no_count": _("No column of the count was found among: %(there)s. Name one of them “count”."),
    "no_series": _("No column of the series was found among: %(there)s. Name one of them “queue”."),
    "no_zone": _("There is no time zone “%(zone)s”. One is Europe/London."),
    "no_moment": _("Row %(row)s: “%(cell)s” is not a time like %(form)s."),
    "not_local": _("Row %(row)s: “%(cell)s” is not local time. Give the time zone, as in Europe/London."),
    "year": _("Row %(row)s: the year %(year)s is not from %(first)s to %(last)s."),
    "no_number": _("Row %(row)s: “%(cell)s” is not a count."),
    "negative": _("Row %(row)s: a count cannot be %(cell)s."),
    "too_many": _("Row %(row)s: %(cell)s contacts in one slot is more than can be."),
    "seconds": _("Row %(row)s: slots begin at whole minutes, and %(moment)s does not."),
    "repeats": _(
        "Row %(row)s repeats %(moment)s. If the clock was put back there, give the time zone; if the rows are of "
        "several queues, name them in a column “queue”."
    ),
    "more_rows": _("More rows that cannot be used: %(count)s."),
    "span": _("The history spans %(days)s days, from %(first)s to %(last)s. Are the dates right?"),
    "cells": _("There are too many series and days for one import. Import the table in parts."),
    "interval": _("A day does not divide into slots of %(minutes)s minutes. Take 15, 30 or 60."),
    "coarse": _("The table counts every %(native)s minutes: slots of %(minutes)s cannot be made of them."),
    "twice": _("%(count)s slots came twice when the clock was put back: their mean was taken."),
    "gaps": _(
        "%(series)s: slots without a count on days that have others: %(count)s. They are unknown, not zero."
    ),
    "too_short": _("There are only %(days)s days with counts; a forecast needs %(least)s or more."),
    "closed": _("%(series)s: no counts on %(count)s of %(days)s days; nothing is learned from them."),
}
GIVEN_UP = _(
    "This was begun several times and never came to its end. Ask for it again; if that does not help, "
    "tell whoever runs this system."
)
PLAN: dict[str, Promise] = {
    "given_up": GIVEN_UP,
    "no_contracts": _("There are no contracts yet."),
    "no_patterns": _("There are no kinds of shifts yet."),
    "seats": _(
        "%(site)s has too few seats (%(seats)s) for those who can work nowhere else (people: %(people)s) and "
        "their contracts' hours. Let some work at home, offer shifts at other hours, or add seats."
    ),
    "training": _("%(name)s: %(training)s finds no room between the breaks of the shifts."),
    "on_call": _(
        "On call %(duty)s: %(missing)s of %(people)s places stay open; nobody who may take it is free."
    ),
    "contract_hours": _("%(name)s: the least hours of the contract are more than the most."),
    "no_place": _("%(name)s may work nowhere: give office, home or both."),
    "no_pattern": _("%(name)s is kept to the kind of shift “%(pattern)s”, which is not in use."),
    "no_day": _("%(name)s: day %(day)s is not in the plan."),
    "pattern_hours": _("The kind of shift “%(pattern)s” has impossible hours."),
    "pattern_breaks": _("The kind of shift “%(pattern)s”: its breaks overlap each other or its end."),
    "interval": _("An interval of %(minutes)s minutes does not divide the day; give 15, 30 or 60."),
    "no_days": _("A plan needs one day at least."),
    "requirements": _("The need of %(skill)s is not known for the whole week."),
    "twice": _("%(key)s is there %(count)s times."),
}
PARTS: dict[str, Worded] = {
    "min_minutes": _("at least %(hours)s hours of work a week"),
    "max_minutes": _("at most %(hours)s hours of work a week"),
    "fixed": _("what was fixed by hand for %(days)s"),
    "training": _("a shift with room for %(names)s"),
    "days_off": _("the days off on %(days)s"),
    "away": _("%(hours)s hours away"),
    "max_days": ngettext_lazy(
        "at most %(count)s working day a week", "at most %(count)s working days a week", "count"
    ),
    "rest": _("%(hours)s hours of rest between shifts"),
    "max_consecutive": ngettext_lazy(
        "at most %(count)s working day on end (after %(before)s before the plan)",
        "at most %(count)s working days on end (after %(before)s before the plan)",
        "count",
    ),
    "weekends": ngettext_lazy(
        "at most %(count)s weekend day of work", "at most %(count)s weekend days of work", "count"
    ),
    "max_minutes_day": _("at most %(hours)s hours of work on a day"),
    "patterns": _("the few kinds of shifts this person may work"),
}
INSTANCE: dict[str, Promise] = {
    "file": _("%(file)s cannot be read (%(reason)s)."),
    "no_text": _("%(file)s is no text in UTF-8. Save it as plain text in UTF-8."),
    "missing": _("The section %(section)s is missing or empty."),
    "no_section": _("Row %(row)s: there is no section %(section)s; known: %(known)s."),
    "section_twice": _("Row %(row)s: %(section)s stands there twice."),
    "before": _("Row %(row)s: “%(text)s” stands before any section."),
    "cells": _("Row %(row)s (%(section)s): %(cells)s cells where %(expected)s are expected."),
    "no_name": _("Row %(row)s (%(section)s): the name is missing."),
    "name_twice": _("Row %(row)s (%(section)s): %(name)s is there twice."),
    "days": _("Row %(row)s (%(section)s): %(days)s days; give 1 to %(most)s."),
    "length": _("Row %(row)s (%(section)s): shift %(name)s has %(minutes)s minutes; give 1 to 1440."),
    "limit": _("Row %(row)s (%(section)s): “%(part)s” is no shift=number."),
    "outside": _("Row %(row)s (%(section)s): day %(day)s is outside the horizon (days 0 to %(last)s)."),
    "no_shift": _("Row %(row)s (%(section)s): there is no shift “%(name)s”; known: %(known)s."),
    "no_employee": _("Row %(row)s (%(section)s): there is no employee “%(name)s”."),
    "whole": _("Row %(row)s (%(section)s): %(column)s is “%(cell)s”, and must be a whole number from 0."),
    "cover_twice": _("SECTION_COVER: day %(day)s has shift %(name)s twice."),
    "more": _("And %(count)s more."),
    "time": _("No roster was found in the time given. Give more seconds."),
    "alone": _("%(name)s: %(rule)s cannot be kept within %(days)s days."),
    "together": _("%(name)s: %(rule)s cannot go together with %(others)s in %(days)s days."),
    "people_more": _("And %(count)s employees more."),
}
"""What `civicline roster` tells of a published instance."""
INSTANCE_RULES: dict[str, Worded] = {
    "min_minutes": _("at least %(hours)s hours of work"),
    "days_off": _("the days off on %(days)s"),
    "max_minutes": _("at most %(hours)s hours of work"),
    "max_run": ngettext_lazy("at most %(count)s shift on end", "at most %(count)s shifts on end", "count"),
    "min_run": ngettext_lazy("at least %(count)s shift on end", "at least %(count)s shifts on end", "count"),
    "min_off": ngettext_lazy(
        "at least %(count)s day off on end", "at least %(count)s days off on end", "count"
    ),
    "max_weekends": ngettext_lazy("at most %(count)s weekend", "at most %(count)s weekends", "count"),
    "max_shifts": _("the most shifts of each kind"),
    "succession": _("the shifts that must not follow each other"),
}
INSTANCE_COSTS: dict[str, Promise] = {
    "on_requests": _("Wishes to work not met"),
    "off_requests": _("Wishes not to work broken"),
    "under": _("Too few at work"),
    "over": _("Too many at work"),
}
"""What the cost of a published instance's roster is made of."""


def history_words(told: Told) -> str:
    """A sentence about a table of history."""
    return str(HISTORY[told.code]) % told.values


def to_keep(text: str | Promise, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The fields of a row that keeps why it failed: the sentence as the source has it, and what fills its places.

    A job has no reader: who opens the page later reads it in their own language, by `kept_words`.
    """
    with translation.override(None):
        sentence = str(text)
    return {"problem": sentence, "problem_values": dict(values or {})}


def refused_to_keep(refused: Refused) -> dict[str, Any]:
    """`to_keep` of a refusal."""
    return to_keep(refused.text, refused.params)


def kept_words(problem: str, values: Mapping[str, Any]) -> str:
    """The sentence that `to_keep` kept, in the reader's language; "" for none."""
    return Refused(gettext(problem), **values).message() if problem else ""


def instance_words(told: problems.Told) -> str:
    """A sentence about a published rostering instance, or why it has no roster."""
    shown = dict(told.values)
    if "rule" in shown:
        shown["rule"] = _rule_words(shown["rule"])
    if "others" in shown:
        shown["others"] = get_text_list([_rule_words(one) for one in shown["others"]], gettext("and"))
    return str(INSTANCE[told.code]) % shown


def _rule_words(part: problems.Part) -> str:
    code, values = part
    return str(INSTANCE_RULES[code] % values)


def plan_words(code: str, values: Mapping[str, Any], week: date | None = None) -> str:
    """A sentence of the roster's: why there is none, or what it could not do. KeyError for a code not known here."""
    if code == "person":
        return _person(values, week)
    shown = dict(values)
    if code == "seats":
        shown["site"] = values.get("site") or gettext("The office")
    return str(PLAN[code]) % shown


def known(code: str) -> bool:
    """Whether there are words of the roster for a code."""
    return code == "person" or code in PLAN


def _person(values: Mapping[str, Any], week: date | None) -> str:
    parts = [_part(rule, facts, week) for rule, facts in values.get("parts", ())]
    if not parts:
        return gettext("%(name)s cannot be rostered.") % values
    if len(parts) == 1:
        words = gettext("%(name)s: %(rule)s cannot be kept with the shifts offered.")
        return words % {"name": values["name"], "rule": parts[0]}
    words = gettext("%(name)s: %(rule)s cannot go together with %(others)s.")
    others = get_text_list(parts[1:], gettext("and"))
    return words % {"name": values["name"], "rule": parts[0], "others": others}


def _part(rule: str, facts: Mapping[str, Any], week: date | None) -> str:
    shown: dict[str, Any] = dict(facts)
    if "minutes" in facts:
        shown["hours"] = f"{facts['minutes'] / 60:g}"
    if "days" in facts:
        shown["days"] = _days(facts["days"], week)
    if "names" in facts:
        shown["names"] = get_text_list(list(map(str, facts["names"])) or ["–"], gettext("and"))
    return str(PARTS[rule] % shown)


def _days(days: Iterable[int], week: date | None) -> str:
    """Days of the plan by their names; without a week only the weekday, as plans begin on a Monday."""
    first = week or date(2024, 1, 1)
    form = "D j M" if week else "l"
    names = [date_format(first + timedelta(days=int(day)), form) for day in days]
    return get_text_list(names or ["–"], gettext("and"))
