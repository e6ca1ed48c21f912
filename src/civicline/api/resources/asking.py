"""What requests for contacts and for cases have in common: naming one, naming a service, paging a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from civicline.api import cursors
from civicline.api.problems import Flaw, Problem
from civicline.intake import selectors as intake
from civicline.kernel import audit

if TYPE_CHECKING:
    from civicline.intake.models import Service

T = TypeVar("T")


class Record(Protocol):
    """A contact or a case: somebody's, perhaps."""

    @property
    def id(self) -> UUID: ...

    @property
    def resident_id(self) -> UUID | None: ...


def by_id_or_reference(asked: str, by_id: Callable[[UUID], T], by_reference: Callable[[str], T]) -> T:
    """Find what the last piece of an address names, be it an id or what residents quote."""
    try:
        known = UUID(asked)
    except ValueError:
        return by_reference(asked)
    return by_id(known)


def known_service(code: str | None) -> Service | None:
    """The service of this code; None when none is named. Raises a 422 `Problem` when there is no such service."""
    service = intake.get_service(code) if code else None
    if code and service is None:
        words = "There is no such service; GET /services lists them."
        raise Problem("invalid", flaws=[Flaw("/service", words)])
    return service


def paged(
    kind: str, wanted: object, cursor: str, page_from: Callable[[str], tuple[Sequence[T], str]]
) -> tuple[Sequence[T], str]:
    """A page of a list, and the cursor of the next; who lists is in the audit.

    `wanted` are the filters: a cursor belongs to the list with just these. `page_from` reads from a place on, and
    tells the place after.
    """
    scope = f"{kind}:{wanted}"
    rows, following = page_from(cursors.unseal(scope, cursor))
    audit.record(f"{kind}.listed", object=(kind, "list"), data={"count": len(rows)})
    return rows, cursors.seal(scope, following)


def read_record(kind: str, row: Record) -> None:
    """Keep in the audit that this contact or case was read."""
    audit.record(f"{kind}.read", object=(kind, row.id), resident_id=row.resident_id)
