"""Stored values as the history of changes tells them to people: names for ids, hours for lists of hours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import get_language, gettext

from civicline.kernel.texts import localized
from civicline.people import selectors as people

MOMENT = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
UUID_TEXT = re.compile(r"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
SPAN = frozenset({"day", "start", "end"})


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """The names of members of staff by their id as text."""
    known = [UUID(one) for one in ids if UUID_TEXT.match(one)]
    return {str(user.pk): user.name for user in people.list_staff().filter(pk__in=known)} if known else {}


def in_words(value: Any) -> str:
    """One stored value, whatever its shape."""
    if value is None or value in ("", [], {}):
        return gettext("nothing")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, str):
        return _moment(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {in_words(one)}" for key, one in value.items())
    if isinstance(value, list):
        return _list(value)
    return str(value)


def _list(values: list[Any]) -> str:
    if all(isinstance(one, str) for one in values):
        names = names_of(values)
        return ", ".join(names.get(one, one) for one in values)
    if all(isinstance(one, Mapping) and set(one) >= SPAN for one in values):
        return ", ".join(f"{WEEKDAYS_ABBR[one['day']]} {one['start']}-{one['end']}" for one in values)
    if all(isinstance(one, Mapping) and set(one) == {"key", "name"} for one in values):
        language = get_language() or "en"
        return ", ".join(f"{one['key']} = {localized(one['name'], language)}" for one in values)
    return "; ".join(_row(one) for one in values)


def _row(value: Any) -> str:
    """One of several values that are not plain texts."""
    if isinstance(value, list):
        return ", ".join(in_words(one) for one in value if one not in (None, "", [], {}))
    return in_words(value)


def _moment(text: str) -> str:
    """A stored moment as the clock on the wall showed it; other texts as they are."""
    if not MOMENT.match(text):
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at.tzinfo else text
