"""What is written on a case: notes for the house, updates for the public, words and pictures from the resident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.cases.models import Case, CaseEntry
from civicline.cases.selectors import final_case, get_case_by_reference_and_secret
from civicline.cases.services.acting import RESIDENT, acting
from civicline.cases.services.history import append, audited, clean, load, store, updated
from civicline.cases.services.opening import MEDIA_LENGTH, Place
from civicline.cases.services.steps import reopening_step, step
from civicline.engine.workflow import allowed
from civicline.kernel import actors
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, NotFound, Refused

__all__ = [
    "add_feedback_entry",
    "add_from_resident",
    "add_note",
    "add_public_update",
    "attach_media",
    "change_details",
]

_HEARD = ("resident_replied", "resident_replied_again")


@writes
def add_note(
    *, case_id: UUID, text: str, by: UUID | None = None, mentions: tuple[UUID, ...] = ()
) -> CaseEntry:
    """A note that never leaves the house. `mentions`: staff who are told, and who need not follow the case."""
    case, who = load(case_id), acting(by)
    data = {"mentions": [str(one) for one in mentions]} if mentions else {}
    entry = append(case, "note", who, text=clean(text, "text"), data=data)
    store(case)
    updated(case, entry, who)
    audited("case.note_added", case)
    return entry


@writes
def add_public_update(
    *, case_id: UUID, text: str, by: UUID | None = None, version: int | None = None
) -> CaseEntry:
    """A word to the resident (and, on a public case, to everybody): the last one is the case's status note."""
    case, who = load(case_id, version=version), acting(by)
    words = clean(text, "text")
    entry = append(case, "update", who, text=words, public=True)
    store(case, status_note=words)
    updated(case, entry, who)
    audited("case.update_added", case)
    return entry


@writes
def add_from_resident(
    *, reference: str, secret: str, text: str, attachment_ids: tuple[UUID, ...] = (), reopen: bool = True
) -> Case:
    """A resident adds to their case; the case as it is then. NotFound unless reference and secret belong together.

    What waited for them goes on. A closed case is opened again where its table allows; too late is Refused, with
    the advice to open a new one. On a merged case the words reach the case that goes on, too.
    """
    own = get_case_by_reference_and_secret(reference, secret)
    if own is None:
        raise NotFound(_("We cannot find a case with this reference and this code."), code="case-unknown")
    words = clean(text, "text")
    with actors.acting_as(actors.Actor("resident", str(own.resident_id or ""))):
        case = load(final_case(own).pk)
        data: dict[str, Any] = {"attachments": [str(one) for one in attachment_ids]} if attachment_ids else {}
        if case.pk != own.pk:
            append(own, "resident", RESIDENT, text=words, data=data)
            data = {**data, "via": own.reference}
        entry = append(case, "resident", RESIDENT, text=words, data=data)
        store(case)
        updated(case, entry, RESIDENT)
        _go_on(case, words, reopen=reopen)
        audited("case.resident_added", case)
    return load(case.pk)


def _go_on(case: Case, words: str, *, reopen: bool) -> None:
    names = {row.name for row in allowed(case.type, case.state, "resident")}
    heard = next((name for name in _HEARD if name in names), None)
    if heard is not None:
        step(case, heard, RESIDENT)
        return
    again = reopening_step(case, RESIDENT)
    if again is None:
        return
    if not reopen:
        raise Refused(_("This case is closed."), code="closed")
    step(case, again, RESIDENT, reason=words[:2000])


@writes
def attach_media(*, case_id: UUID, url: str, by: UUID | None = None) -> CaseEntry:
    """Add a picture or a file by its address. The first one is the case's own (Open311 `media_url`)."""
    case, who = load(case_id), acting(by)
    address = clean(url, "media_url", most=MEDIA_LENGTH)
    parts = urlsplit(address)
    local = address.startswith("/") and not address.startswith("//")
    if not local and (parts.scheme not in {"http", "https"} or not parts.netloc):
        raise Invalid(fields={"media_url": _("Give an address that begins with https://.")})
    entry = append(case, "media", who, text=address)
    store(case, **({} if case.media_url else {"media_url": address}))
    updated(case, entry, who)
    return entry


@writes
def add_feedback_entry(*, case_id: UUID, data: Mapping[str, Any]) -> CaseEntry:
    """Note in the history that the resident has judged us: scores only, the words stay with the feedback."""
    case = load(case_id)
    entry = append(case, "feedback", RESIDENT, data=data)
    updated(case, entry, RESIDENT)
    return entry


@writes
def change_details(
    *,
    case_id: UUID,
    title: str | None = None,
    description: str | None = None,
    priority: int | None = None,
    public: bool | None = None,
    place: Place | None = None,
    by: UUID | None = None,
    version: int | None = None,
) -> Case:
    """Staff correct what a case says; None leaves it. The history keeps which fields and, but for words, what was."""
    case, who = load(case_id, version=version), acting(by)
    wanted: dict[str, Any] = {} if place is None else place.checked()
    if title is not None:
        wanted["title"] = clean(title, "title", most=300)
    if description is not None:
        wanted["description"] = clean(description, "description", needed=False)
    if priority is not None:
        wanted["priority"] = priority
    if public is not None:
        wanted["public"] = public
    changes = {name: value for name, value in wanted.items() if getattr(case, name) != value}
    if not changes:
        return case
    before = {name: getattr(case, name) for name in changes if name not in {"title", "description"}}
    store(case, **changes)
    entry = append(case, "details", who, data={"changed": sorted(changes), "before": before})
    updated(case, entry, who)
    audited("case.changed", case, data={"changed": sorted(changes)})
    return case
