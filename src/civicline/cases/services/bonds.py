"""Cases that belong together, and the contacts that were about them: link, merge, split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.cases.events import CASE_LINKED, CASE_MERGED, CASE_SPLIT
from civicline.cases.models import Case, CaseContact, CaseFollower, CaseLink
from civicline.cases.selectors import final_case
from civicline.cases.services.acting import Acting, acting
from civicline.cases.services.history import append, audited, clean, load, store, tell, updated
from civicline.cases.services.opening import Opened, open_case
from civicline.cases.services.steps import step
from civicline.engine.workflow import allowed
from civicline.intake import selectors as intake
from civicline.kernel import clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound

if TYPE_CHECKING:
    from civicline.intake.models import Contact


@writes
def link(*, case_id: UUID, other_id: UUID, kind: str = "related", by: UUID | None = None) -> None:
    """Say that two cases belong together; saying it twice, or from the other side, changes nothing."""
    case, other, who = load(case_id), load(other_id), acting(by)
    if case.pk == other.pk:
        raise Invalid(fields={"other": _("A case cannot be linked to itself.")})
    if kind not in CaseLink.Kind.values:
        raise Invalid(fields={"kind": _("There is no such kind of link.")})
    mirrored = (
        kind == CaseLink.Kind.RELATED and CaseLink.objects.filter(case=other, other=case, kind=kind).exists()
    )
    if mirrored or not _bind(case, other, kind):
        return
    for one, another in ((case, other), (other, case)):
        append(
            one, "link", who, data={"other": str(another.pk), "reference": another.reference, "kind": kind}
        )
        tell(one, CASE_LINKED, who, {"other": str(another.pk), "kind": kind})
    audited("case.linked", case, data={"other": str(other.pk), "kind": kind})


def _bind(case: Case, other: Case, kind: str) -> bool:
    _row, made = CaseLink.objects.get_or_create(
        case=case, other=other, kind=kind, defaults={"at": clock.now()}
    )
    return made


@writes
def unlink(*, case_id: UUID, other_id: UUID, by: UUID | None = None) -> None:
    """Take back a link of kind `related`, from either side; the history keeps that it was there."""
    case, other, who = load(case_id), load(other_id), acting(by)
    rows = CaseLink.objects.filter(kind=CaseLink.Kind.RELATED, case_id__in=[case.pk, other.pk])
    gone, _rows = rows.filter(other_id__in=[case.pk, other.pk]).delete()
    if not gone:
        return
    for one, another in ((case, other), (other, case)):
        entry = append(one, "unlink", who, data={"other": str(another.pk), "reference": another.reference})
        updated(one, entry, who)


@writes
def link_contact(*, case_id: UUID, contact_id: UUID, by: UUID | None = None) -> bool:
    """Say that a contact was about a case; whether that was new. A case without a resident gets the contact's."""
    case, who = load(case_id), acting(by)
    contact = _contact(contact_id)
    _row, made = CaseContact.objects.get_or_create(
        case=case, contact=contact, defaults={"added_at": clock.now()}
    )
    if not made:
        return False
    fills = {"resident_id": contact.resident_id} if case.resident_id is None and contact.resident_id else {}
    store(case, **fills)
    entry = append(case, "contact", who, data={"contact": str(contact.pk), "reference": contact.reference})
    updated(case, entry, who)
    audited("case.contact_linked", case, data={"contact": str(contact.pk)})
    return True


def _contact(contact_id: UUID) -> Contact:
    contact = intake.get_contact(contact_id)
    if contact is None:
        raise NotFound(_("We have no such contact."), code="contact-unknown")
    return contact


@writes
def merge(
    *, case_id: UUID, into_id: UUID, by: UUID | None = None, reason: str = "", version: int | None = None
) -> Case:
    """Make a case part of another, which is returned; its reference answers with that one from now on.

    Contacts and followers are added to the target. Each case keeps its own resident and its own words: what one
    resident wrote is not shown to the other. Cases merged into it before follow along.
    """
    case, who = load(case_id, version=version), acting(by)
    target = load(final_case(load(into_id)).pk)
    if target.pk == case.pk:
        raise Invalid(fields={"into": _("A case cannot be merged into itself.")})
    if case.merged_into_id is not None:
        raise Conflict(_("This case was merged already."), code="merged")
    reason = clean(reason, "reason", most=500, needed=False)
    _end(case, target, who)
    store(case, merged_into_id=target.pk)
    Case.objects.filter(merged_into_id=case.pk).update(merged_into_id=target.pk)
    moved = _share_contacts(case, target)
    followers = CaseFollower.objects.filter(case=case).values_list("user_id", flat=True)
    CaseFollower.objects.bulk_create(
        [CaseFollower(case=target, user_id=user_id) for user_id in followers], ignore_conflicts=True
    )
    store(target)
    _bind(case, target, CaseLink.Kind.DUPLICATE)
    told = {"into": str(target.pk), "reference": target.reference, "contacts": moved}
    append(case, "merge", who, text=reason, data=told)
    append(
        target,
        "merge",
        who,
        text=reason,
        data={"from": str(case.pk), "reference": case.reference, "contacts": moved},
    )
    tell(case, CASE_MERGED, who, told)
    tell(target, CASE_MERGED, who, {**told, "from": str(case.pk)})
    audited("case.merged", case, reason=reason, data=told)
    return target


def _end(case: Case, target: Case, who: Acting) -> None:
    """Bring the merged case to rest by its own table: as a duplicate, else closed; an ended one stays."""
    names = {row.name for row in allowed(case.type, case.state, who.role)}
    if "mark_duplicate" in names:
        step(case, "mark_duplicate", who, duplicate_of=target.reference)
    elif "close" in names:
        step(case, "close", who)


def _share_contacts(case: Case, target: Case) -> int:
    now = clock.now()
    known = set(CaseContact.objects.filter(case=target).values_list("contact_id", flat=True))
    more = CaseContact.objects.filter(case=case).exclude(contact_id__in=known)
    rows = [
        CaseContact(case=target, contact_id=one, added_at=now)
        for one in more.values_list("contact_id", flat=True)
    ]
    CaseContact.objects.bulk_create(rows)
    return len(rows)


@dataclass(frozen=True, slots=True)
class _Part:
    """What moves into the new case."""

    contacts: list[Contact]
    resident_id: UUID | None


@writes
def split(
    *,
    case_id: UUID,
    contact_ids: Sequence[UUID],
    title: str,
    type: str = "",
    description: str = "",
    by: UUID | None = None,
    version: int | None = None,
) -> Opened:
    """A new case out of a case, with some of its contacts (at least one); the two stay linked.

    The type is that of the first case unless another is named. The new case belongs to the resident of its
    contacts, when they have one in common. Invalid when a contact is not one of this case.
    """
    case, who = load(case_id, version=version), acting(by)
    part = _part(case, contact_ids)
    opened = open_case(
        type=type or case.type,
        title=title,
        service=case.service,
        description=description,
        public=False,
        by=by,
    )
    new = opened.case
    store(new, resident_id=part.resident_id, priority=case.priority)
    ids = [one.pk for one in part.contacts]
    CaseContact.objects.filter(case=case, contact_id__in=ids).delete()
    now = clock.now()
    CaseContact.objects.bulk_create([CaseContact(case=new, contact_id=one, added_at=now) for one in ids])
    store(case)
    _bind(case, new, CaseLink.Kind.SPLIT)
    references = [one.reference for one in part.contacts]
    append(case, "split", who, data={"new": str(new.pk), "reference": new.reference, "contacts": references})
    append(
        new, "split", who, data={"from": str(case.pk), "reference": case.reference, "contacts": references}
    )
    tell(case, CASE_SPLIT, who, {"new": str(new.pk), "contacts": [str(one) for one in ids]})
    audited("case.split", case, data={"new": str(new.pk)})
    return opened


def _part(case: Case, contact_ids: Sequence[UUID]) -> _Part:
    wanted = set(contact_ids)
    held = set(
        CaseContact.objects.filter(case=case, contact_id__in=wanted).values_list("contact_id", flat=True)
    )
    if not wanted or held != wanted:
        raise Invalid(fields={"contacts": _("Choose at least one of the contacts of this case.")})
    contacts = sorted(intake.list_contacts(wanted), key=lambda one: one.arrived_at)
    residents = {one.resident_id for one in contacts}
    return _Part(contacts, residents.pop() if len(residents) == 1 else None)
