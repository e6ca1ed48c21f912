"""Who changed an object, when, from what to what; and the stamp that tells whether somebody was faster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from civicline.kernel import selectors as kernel
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict
from civicline.web.admin.values import in_words, names_of

Object = tuple[str, str]
SHOWN = 30


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
def store_unless_overtaken(*, objects: Sequence[Object], stamp: str, write: Callable[[], Any]) -> Any:
    """Do the write, unless an object was changed after the page with this stamp was made. Raises `Overtaken`."""
    now = stamp_of(objects)
    if stamp and stamp != now:
        since = [change for kind, code in objects for change in changes_of(kind, code, after=int(stamp or 0))]
        if since:
            raise Overtaken(sorted(since, key=lambda one: one.at, reverse=True), now)
    return write()


def history_of(objects: Iterable[Object]) -> list[Change]:
    """The history of the objects of one page, newest first."""
    found = [change for kind, code in objects for change in changes_of(kind, code)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:SHOWN]


def changes_of(kind: str, code: str, *, after: int = 0) -> list[Change]:
    """The changes of one object, newest first, those after an audit entry only when it is given."""
    rows = list(kernel.history(kind, code).filter(pk__gt=after)[:SHOWN])
    names = names_of({row.actor_id for row in rows})
    return [
        Change(
            who=who(row.actor_kind, row.actor_id, names),
            at=row.at,
            action=action_words(row.action),
            fields=tuple(_fields(row.data)),
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


def action_words(action: str) -> str:
    """What an action's last part says, in words."""
    words = {
        "created": gettext("created"),
        "changed": gettext("changed"),
        "removed": gettext("removed"),
        "rings_changed": gettext("changed the rings"),
        "members_changed": gettext("changed who serves it"),
        "roles_changed": gettext("changed the roles"),
        "skills_changed": gettext("changed the skills"),
        "capacity_changed": gettext("changed the capacity"),
        "account_changed": gettext("changed the account"),
        "active_changed": gettext("let in or shut out"),
        "invited": gettext("invited"),
        "signed_out": gettext("signed out everywhere"),
        "secret_changed": gettext("made a new secret"),
        "disabled": gettext("switched it off"),
        "published": gettext("published"),
        "recorded": gettext("stored a recording"),
        "recording_removed": gettext("removed a recording"),
        "placed": gettext("put it on hold"),
        "ended": gettext("ended the hold"),
    }
    return words.get(action.rpartition(".")[2], action)


def _fields(data: dict[str, Any]) -> Iterable[FieldChange]:
    if isinstance(data.get("changes"), dict):
        for field, change in data["changes"].items():
            yield from _pairs(field, change.get("from"), change.get("to"))
    elif "before" in data:
        before, after = data["before"], data.get("after")
        if before or after:
            yield FieldChange(
                gettext("before"), in_words(before) if before else "", in_words(after) if after else ""
            )
    else:
        for field, value in data.items():
            yield FieldChange(field_words(field), "", in_words(value))


def _pairs(field: str, before: Any, after: Any) -> Iterable[FieldChange]:
    """A text in several languages is told language by language, and only where it changed."""
    codes = {code for code, _name in settings.LANGUAGES}
    texts = [one for one in (before, after) if isinstance(one, dict) and one]
    if texts and all(set(one) <= codes for one in texts):
        for code in sorted({code for one in texts for code in one}):
            was, now = (before or {}).get(code, ""), (after or {}).get(code, "")
            if was != now:
                yield FieldChange(f"{field_words(field)} ({code})", str(was), str(now))
        return
    if _is_empty(before) and _is_empty(after):
        return
    yield FieldChange(field_words(field), "" if _is_empty(before) else in_words(before), in_words(after))


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def field_words(field: str) -> str:
    """A stored field as its page calls it; one that no page names, without its underscores."""
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
