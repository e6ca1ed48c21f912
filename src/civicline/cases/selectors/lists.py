"""Cases in lists: filtered, searched, paged by a cursor. Each list is one query, however long."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from civicline.cases.models import Case, CaseContact, CaseFollower, CasePolicy, SlaClock
from civicline.kernel import rows as fast
from civicline.kernel.errors import Invalid
from civicline.kernel.readings import Reading

Order = Literal["newest", "updated", "due"]
_COLUMNS: dict[str, tuple[str, bool]] = {
    "newest": ("opened_at", True),
    "updated": ("updated_at", True),
    "due": ("due", False),
}
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
MOST = 200


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list shows; what is None, empty or False filters nothing.

    `open` True: something is still owed; False: closed (Open311's sense). `unowned` and `breached` keep only
    those; `text` searches reference, title, place and resident.
    """

    open: bool | None = None
    types: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    service_codes: tuple[str, ...] = ()
    owner_id: UUID | None = None
    follower_id: UUID | None = None
    resident_id: UUID | None = None
    unowned: bool = False
    breached: bool = False
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    updated_after: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page: `cases` with service, resident, owner and `breached` loaded; `next` is "" on the last page."""

    cases: Sequence[Case] = ()
    next: str = ""


def list_cases(
    filter: CaseFilter | None = None, *, order: Order = "newest", cursor: str = "", limit: int = 50
) -> CasePage:
    """One page of cases. The cursor is that of the page before; Invalid when it is none of ours.

    A cursor names the last case shown, so that cases opened meanwhile neither repeat nor hide one.
    """
    column, limit = _COLUMNS[order][0], max(1, min(limit, MOST))
    rows = _ordered(filter or CaseFilter(), order, cursor)
    found = list(rows.select_related("service", "resident", "owner__user")[: limit + 1])
    shown = found[:limit]
    more = len(found) > limit
    return CasePage(shown, _cursor(order, getattr(shown[-1], column), shown[-1].pk) if more else "")


@dataclass(frozen=True, slots=True)
class CaseLine:
    """What a table shows of a case. `resident` and `owner` are what they are called, "" when there is none."""

    reference: str
    title: str
    state: str
    resident: str
    owner: str
    expected_at: datetime | None
    closed_at: datetime | None
    breached: bool


@dataclass(frozen=True, slots=True)
class LinePage:
    """One page of lines; `next` is "" on the last page."""

    lines: Sequence[CaseLine] = ()
    next: str = ""


def list_lines(filter: CaseFilter, *, order: Order = "newest", cursor: str = "", limit: int = 50) -> LinePage:
    """The page of `list_cases`, with what a table shows of each case and nothing more: a tenth of its time."""
    limit = max(1, min(limit, MOST))
    whose = {"owner_id": filter.owner_id, "follower_id": filter.follower_id}
    given = {name: value for name, value in whose.items() if value is not None}
    shape = replace(filter, owner_id=None, follower_id=None)
    if not cursor and shape == CaseFilter(open=shape.open, unowned=shape.unowned, breached=shape.breached):
        found = _reading(shape, tuple(given), order, limit)(**given)
    else:
        found = list(_line_values(filter, order, cursor, limit))
    shown = found[:limit]
    following = _cursor(order, shown[-1][1], shown[-1][0]) if len(found) > limit else ""
    return LinePage([_case_line(row) for row in shown], following)


@cache
def _reading(shape: CaseFilter, _names: tuple[str, ...], order: Order, limit: int) -> Reading:
    """One for each list that the desk offers; searches and later pages are asked anew."""
    return Reading(lambda **given: _line_values(replace(shape, **given), order, "", limit))


def _line_values(
    filter: CaseFilter, order: Order, cursor: str, limit: int
) -> QuerySet[Case, tuple[Any, ...]]:
    people = ("resident_id", "resident__name", "resident__email", "resident__phone", "owner__user__name")
    shown = ("reference", "title", "state", "expected_at", "closed_at", "breached", *people)
    return _ordered(filter, order, cursor).values_list("pk", _COLUMNS[order][0], *shown)[: limit + 1]


def _case_line(row: tuple[Any, ...]) -> CaseLine:
    reference, title, state, expected_at, closed_at, breached, resident_id, name, email, phone, owner = row[
        2:
    ]
    resident = name or email or phone or (str(resident_id) if resident_id else "")
    return CaseLine(reference, title, state, resident, owner or "", expected_at, closed_at, bool(breached))


def _ordered(filter: CaseFilter, order: Order, cursor: str) -> QuerySet[Case]:
    """The cases of a filter after the cursor, in order, with `due` and `breached`."""
    column, down = _COLUMNS[order]
    rows = _filtered(filter).annotate(
        due=Coalesce("expected_at", _NEVER),
        breached=Exists(SlaClock.objects.filter(case_id=OuterRef("pk"), breached_at__isnull=False)),
    )
    if cursor:
        at, pk = _read_cursor(cursor, order)
        way = "lt" if down else "gt"
        rows = rows.filter(Q(**{f"{column}__{way}": at}) | Q(**{column: at, f"pk__{way}": pk}))
    sign = "-" if down else ""
    return rows.order_by(f"{sign}{column}", f"{sign}pk")


def _cursor(order: str, at: datetime, pk: UUID) -> str:
    plain = json.dumps([order, at.isoformat(), pk.hex])
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, order: str) -> tuple[datetime, UUID]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        known, at, pk = json.loads(base64.urlsafe_b64decode(padded.encode()))
        moment, key = datetime.fromisoformat(at), UUID(hex=pk)
    except (ValueError, TypeError, AttributeError, binascii.Error) as fault:
        raise Invalid(fields={"cursor": _("This is not a cursor of this list.")}) from fault
    if known != order or moment.tzinfo is None:
        raise Invalid(fields={"cursor": _("This is not a cursor of this list.")})
    return moment, key


def _filtered(wanted: CaseFilter) -> QuerySet[Case]:
    exact: dict[str, Any] = {
        "type__in": wanted.types,
        "state__in": wanted.states,
        "service__code__in": wanted.service_codes,
        "owner_id": wanted.owner_id,
        "resident_id": wanted.resident_id,
        "opened_at__gte": wanted.opened_from,
        "opened_at__lte": wanted.opened_to,
        "updated_at__gt": wanted.updated_after,
    }
    rows = Case.objects.filter(**{name: value for name, value in exact.items() if value})
    if wanted.open is not None:
        rows = rows.filter(closed_at__isnull=wanted.open)
    if wanted.unowned:
        rows = rows.filter(owner__isnull=True)
    if wanted.follower_id is not None:
        rows = rows.filter(
            Exists(CaseFollower.objects.filter(case_id=OuterRef("pk"), user_id=wanted.follower_id))
        )
    if wanted.breached:
        rows = rows.filter(Exists(SlaClock.objects.filter(case_id=OuterRef("pk"), breached_at__isnull=False)))
    return rows.filter(_says(wanted.text)) if wanted.text.strip() else rows


def _says(text: str) -> Q:
    """Every word of the text is somewhere in the case."""
    found = Q()
    for word in text.replace("\x00", "").split()[:8]:
        found &= (
            Q(reference__icontains=word)
            | Q(title__icontains=word)
            | Q(address__icontains=word)
            | Q(description__icontains=word)
            | Q(resident__name__icontains=word)
            | Q(resident__email__icontains=word)
        )
    return found


def count_cases(filter: CaseFilter | None = None) -> int:
    """How many cases a filter shows."""
    return _filtered(filter or CaseFilter()).count()


def cases_of_resident(resident_id: UUID, *, open: bool | None = None, limit: int = 50) -> list[Case]:
    """A resident's cases, newest first."""
    if fast.key(Case, where={"resident_id": resident_id}) is None:  # most have none
        return []
    return list(list_cases(CaseFilter(resident_id=resident_id, open=open), limit=limit).cases)


def cases_of_contact(contact_id: UUID) -> list[Case]:
    """The cases a contact was about, oldest first."""
    if fast.key(CaseContact, where={"contact_id": contact_id}) is None:  # most are about none
        return []
    rows = Case.objects.filter(casecontact__contact_id=contact_id).select_related(
        "service", "resident", "owner__user"
    )
    return list(rows.order_by("opened_at", "pk"))


def followed_cases(user_id: UUID, *, limit: int = 50) -> list[Case]:
    """The open cases that a member of staff follows, last changed first."""
    page = list_cases(CaseFilter(follower_id=user_id, open=True), order="updated", limit=limit)
    return list(page.cases)


def list_policies() -> list[CasePolicy]:
    """What is promised, by type; the promises of a type before those of its services."""
    rows = CasePolicy.objects.select_related("service", "calendar")
    return sorted(
        rows, key=lambda row: (row.type, row.service is not None, row.service.code if row.service else "")
    )
