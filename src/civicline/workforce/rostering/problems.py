"""What can be wrong with an instance, and why it has no roster: codes with values, and plain English for each.

Whoever speaks other languages words them anew by `code` and `values` (`workforce.refusals` does).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

TEXTS: Final[Mapping[str, str]] = MappingProxyType({
    "file": "%(file)s cannot be read (%(reason)s).",
    "no_text": "%(file)s is no text in UTF-8. Save it as plain text in UTF-8.",
    "missing": "The section %(section)s is missing or empty.",
    "no_section": "Row %(row)s: there is no section %(section)s; known: %(known)s.",
    "section_twice": "Row %(row)s: %(section)s stands there twice.",
    "before": "Row %(row)s: '%(text)s' stands before any section.",
    "cells": "Row %(row)s (%(section)s): %(cells)s cells where %(expected)s are expected.",
    "no_name": "Row %(row)s (%(section)s): the name is missing.",
    "name_twice": "Row %(row)s (%(section)s): %(name)s is there twice.",
    "days": "Row %(row)s (%(section)s): %(days)s days; give 1 to %(most)s.",
    "length": "Row %(row)s (%(section)s): shift %(name)s has %(minutes)s minutes; give 1 to 1440.",
    "limit": "Row %(row)s (%(section)s): '%(part)s' is no shift=number.",
    "outside": "Row %(row)s (%(section)s): day %(day)s is outside the horizon (days 0 to %(last)s).",
    "no_shift": "Row %(row)s (%(section)s): there is no shift '%(name)s'; known: %(known)s.",
    "no_employee": "Row %(row)s (%(section)s): there is no employee '%(name)s'.",
    "whole": "Row %(row)s (%(section)s): %(column)s is '%(cell)s', and must be a whole number from 0.",
    "cover_twice": "SECTION_COVER: day %(day)s has shift %(name)s twice.",
    "more": "And %(count)s more.",
    "time": "No roster was found in the time given. Give more seconds.",
    "alone": "%(name)s: %(rule)s cannot be kept within %(days)s days.",
    "together": "%(name)s: %(rule)s cannot go together with %(others)s in %(days)s days.",
    "people_more": "And %(count)s employees more.",
})  # fmt: skip
RULES: Final[Mapping[str, str]] = MappingProxyType({
    "min_minutes": "at least %(hours)s hours of work",
    "days_off": "the days off on %(days)s",
    "max_minutes": "at most %(hours)s hours of work",
    "max_run": "at most %(count)s shifts on end",
    "min_run": "at least %(count)s shifts on end",
    "min_off": "at least %(count)s days off on end",
    "max_weekends": "at most %(count)s weekends",
    "max_shifts": "the most shifts of each kind",
    "succession": "the shifts that must not follow each other",
})  # fmt: skip
SINGULAR: Final = re.compile(r"(\b1 (?:shift|day|weekend))s\b")
"""What stands in `alone` and `together`: the code of a rule with its own values."""
Part = tuple[str, Mapping[str, Any]]


class Told(str):
    """A sentence in English that knows its code and what stands in it; of rules the codes with their values."""

    __slots__ = ("code", "values")
    code: str
    values: Mapping[str, Any]

    def __new__(cls, code: str, **values: Any) -> Told:
        """The sentence of a code. KeyError for one that is not in TEXTS."""
        shown = {name: _shown(name, value) for name, value in values.items()}
        made = super().__new__(cls, TEXTS[code] % shown)
        made.code, made.values = code, values
        return made


def _shown(name: str, value: Any) -> Any:
    if name == "rule":
        return _rule(value)
    if name == "others":
        parts = [_rule(one) for one in value]
        return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return value


def _rule(part: Part) -> str:
    code, values = part
    words = RULES[code] % values
    return SINGULAR.sub(r"\1", words) if values.get("count") == 1 else words


class RowError(ValueError):
    """A cell that cannot be used; the row and its section are known to whoever reads the file."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class InstanceError(ValueError):
    """The file is no instance; `sentences` say what is wrong and in which rows."""

    def __init__(self, *sentences: Told) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences
