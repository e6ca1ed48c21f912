"""Who changed an object, when, from what to what; and the stamp that tells whether somebody was faster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from civicline.kernel import selectors as kernel
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict
from civicline.web.admin import deeds
from civicline.web.admin.values import in_words, names_of

Object = tuple[str, str]
SHOWN = 30
Labels = Mapping[str, str]
"""Stored fields as the form of their page calls them."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that changed, its values in words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of an object's history."""

    who: str
    at: datetime
    action: str
    fields: tuple[FieldChange, ...]
    reason: str = ""


class Overtaken(Conflict):
    """Somebody stored the same object after this page was opened."""

    def __init__(self, since: Sequence[Change], stamp: str) -> None:
        latest = since[0]
        super().__init__(
            _("%(who)s changed this at %(time)s. Your text is kept."),
            code="overtaken",
            who=latest.who,
            time=_clock(latest.at),
        )
        self.since = since
        self.stamp = stamp


def _clock(at: datetime) -> str:
    return timezone.localtime(at).strftime("%H:%M")


def stamp_of(objects: Iterable[Object]) -> str:
    """What an object's history ends with: another stamp means that somebody changed it."""
    latest = [
        row.pk for kind, code in objects if (row := kernel.history(kind, code).only("pk").first()) is not None
    ]
    return str(max(latest, default=0))


@writes
def store_unless_overtaken(
    *, objects: Sequence[Object], stamp: str, write: Callable[[], Any], labels: Labels = MappingProxyType({})
) -> Any:
    """Do the write, unless an object was changed after the page with this stamp was made. Raises `Overtaken`."""
    now = stamp_of(objects)
    if stamp and stamp != now:
        after = int(stamp or 0)
        since = [one for kind, code in objects for one in changes_of(kind, code, after=after, labels=labels)]
        if since:
            raise Overtaken(sorted(since, key=lambda one: one.at, reverse=True), now)
    return write()


def history_of(objects: Iterable[Object], labels: Labels = MappingProxyType({})) -> list[Change]:
    """The history of the objects of one page, newest first; its fields are called as in `labels`."""
    found = [change for kind, code in objects for change in changes_of(kind, code, labels=labels)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:SHOWN]


def changes_of(
    kind: str, code: str, *, after: int = 0, labels: Labels = MappingProxyType({})
) -> list[Change]:
    """The changes of one object, newest first, those after an audit entry only when it is given."""
    rows = list(kernel.history(kind, code).filter(pk__gt=after)[:SHOWN])
    names = names_of({row.actor_id for row in rows})
    return [
        Change(
            who=who(row.actor_kind, row.actor_id, names),
            at=row.at,
            action=deeds.deed(row.action),
            fields=tuple(_fields(row.data, labels)),
            reason=row.reason,
        )
        for row in rows
    ]


def who(kind: str, actor_id: str, names: dict[str, str]) -> str:
    """An actor of the audit, as people call them."""
    if kind == "staff":
        return names.get(actor_id) or gettext("A former member of staff")
    words = {
        "system": gettext("Civicline"),
        "resident": gettext("A resident"),
        "token": gettext("A connected program"),
    }
    return words.get(kind, kind)


def _fields(data: dict[str, Any], labels: Labels) -> Iterable[FieldChange]:
    if isinstance(data.get("changes"), dict):
        for field, change in data["changes"].items():
            yield from _pairs(labels.get(field) or field_words(field), change.get("from"), change.get("to"))
    elif "before" in data:
        before, after = data["before"], data.get("after")
        if before or after:
            yield FieldChange(
                gettext("before"), in_words(before) if before else "", in_words(after) if after else ""
            )
    else:
        for field, value in data.items():
            yield FieldChange(labels.get(field) or field_words(field), "", in_words(value))


def _pairs(name: str, before: Any, after: Any) -> Iterable[FieldChange]:
    """A text in several languages is told language by language, and only where it changed."""
    codes = {code for code, _name in settings.LANGUAGES}
    texts = [one for one in (before, after) if isinstance(one, dict) and one]
    if texts and all(set(one) <= codes for one in texts):
        for code in sorted({code for one in texts for code in one}):
            was, now = (before or {}).get(code, ""), (after or {}).get(code, "")
            if was != now:
                yield FieldChange(f"{name} ({code})", str(was), str(now))
        return
    if _is_empty(before) and _is_empty(after):
        return
    yield FieldChange(name, "" if _is_empty(before) else in_words(before), in_words(after))


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def field_words(field: str) -> str:
    """A stored field in words; one that has none, without its underscores."""
    words = {
        "name": gettext("Name"),
        "title": gettext("Title"),
        "texts": gettext("Words"),
        "body": gettext("Text"),
        "description": gettext("Description"),
        "kind": gettext("Kind"),
        "calendar": gettext("Opening hours"),
        "active": gettext("In use"),
        "priority": gettext("Priority"),
        "queue": gettext("Queue"),
        "starts_at": gettext("Shown from"),
        "ends_at": gettext("Shown until"),
        "services": gettext("About the services"),
        "url": gettext("Address"),
        "events": gettext("Events"),
        "roles": gettext("Roles"),
        "skills": gettext("Skills"),
    }
    return words.get(field, field.replace("_", " "))
