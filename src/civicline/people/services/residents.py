"""Residents: met again, changed, handed their data, forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.kernel import actors, audit, clock, events, ids, rows
from civicline.kernel.db import joins, writes
from civicline.kernel.errors import Invalid, NotFound
from civicline.people import erasure, personal, selectors
from civicline.people.events import RESIDENT_ERASED, RESIDENT_SAVED
from civicline.people.models import Resident

REASON_LENGTH = 500
SHARING = 20
"""How many residents with one telephone are looked at: a home has few, a switchboard any number."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What somebody told about themselves, brought to one form."""

    name: str
    email: str
    phone: str
    language: str
    needs: tuple[str, ...]
    external_id: str


@joins
def save_resident(
    *,
    name: str = "",
    email: str = "",
    phone: str = "",
    language: str = "",
    needs: Iterable[str] = (),
    external_id: str = "",
) -> Resident:
    """The resident these facts belong to: one we know (by external id, email, then phone), or a new one.

    A known resident's blanks are filled; what is known is not overwritten, because anybody may claim anybody's
    address on a public form. A shared telephone is not a person: it matches only where name and email agree.
    Invalid names the field at fault.
    """
    facts = _Facts(
        name=personal.clean_name(name),
        email=personal.clean_email(email),
        phone=personal.clean_phone(phone),
        language=personal.clean_language(language),
        needs=tuple(personal.clean_needs(needs)),
        external_id=personal.clean_external_id(external_id),
    )
    known = _match(facts)
    if known is None:
        return _create(facts)
    changed = _fill(known, facts)
    if changed:
        known.save(update_fields=changed)
        _saved(known, changed, created=False)
    return known


def _match(facts: _Facts) -> Resident | None:
    if facts.external_id:
        known = _oldest(external_id=facts.external_id)
        if known is not None:
            return known
    # Two different account numbers are two people, whatever else they share.
    account = {"external_id": ("", facts.external_id)} if facts.external_id else {}
    if facts.email:
        known = _oldest(email=facts.email, **account)
        if known is not None:
            return known
    if facts.phone:
        sharing = _eldest(SHARING, phone=facts.phone, **account)
        return next((one for one in sharing if _same_person(one, facts)), None)
    return None


def _oldest(**where: Any) -> Resident | None:
    return next(iter(_eldest(1, **where)), None)


def _eldest(most: int, **where: Any) -> list[Resident]:
    return rows.first_few(Resident, where={**where, "erased_at": None}, order=("created_at", "id"), most=most)


def _same_person(known: Resident, facts: _Facts) -> bool:
    emails_agree = not (known.email and facts.email) or known.email == facts.email
    names_agree = not (known.name and facts.name) or personal.name_key(known.name) == personal.name_key(
        facts.name
    )
    return emails_agree and names_agree


def _create(facts: _Facts) -> Resident:
    resident = rows.create(
        Resident,
        id=ids.new_id(),
        name=facts.name,
        email=facts.email,
        phone=facts.phone,
        language=facts.language,
        needs=list(facts.needs),
        external_id=facts.external_id,
        created_at=clock.now(),
    )
    told = ("name", "email", "phone", "language", "needs", "external_id")
    _saved(resident, [field for field in told if getattr(facts, field)], created=True)
    return resident


def _fill(known: Resident, facts: _Facts) -> list[str]:
    """Fill the blanks of a known resident; the language last used and further needs are taken over."""
    changed: list[str] = []
    for field in ("name", "email", "phone", "external_id"):
        value = getattr(facts, field)
        if value and not getattr(known, field):
            setattr(known, field, value)
            changed.append(field)
    if facts.language and facts.language != known.language:
        known.language = facts.language
        changed.append("language")
    needs = personal.clean_needs({*(need for need in known.needs if need in personal.NEEDS), *facts.needs})
    if set(needs) - set(known.needs):
        known.needs = needs
        changed.append("needs")
    return changed


def _saved(resident: Resident, changed: list[str], *, created: bool) -> None:
    events.emit(
        RESIDENT_SAVED, subject=("resident", str(resident.pk)), data={"created": created, "changed": changed}
    )
    audit.record(
        "resident.created" if created else "resident.changed",
        object=("resident", str(resident.pk)),
        resident_id=resident.pk,
        data={"changed": changed},
    )


@writes
def change_resident(
    *,
    resident_id: UUID,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    language: str | None = None,
    needs: Iterable[str] | None = None,
) -> Resident:
    """Staff correct what we know; None leaves a field as it is, "" empties it. The audit keeps which fields."""
    resident = _get(resident_id)
    wanted: dict[str, Any] = {
        "name": None if name is None else personal.clean_name(name),
        "email": None if email is None else personal.clean_email(email),
        "phone": None if phone is None else personal.clean_phone(phone),
        "language": None if language is None else personal.clean_language(language),
        "needs": None if needs is None else personal.clean_needs(needs),
    }
    changed = [
        field for field, value in wanted.items() if value is not None and value != getattr(resident, field)
    ]
    for field in changed:
        setattr(resident, field, wanted[field])
    if changed:
        resident.save(update_fields=changed)
        _saved(resident, changed, created=False)
    return resident


def _get(resident_id: UUID) -> Resident:
    resident = Resident.objects.filter(pk=resident_id, erased_at__isnull=True).first()
    if resident is None:
        raise NotFound(_("We have no such resident."), code="resident-unknown")
    return resident


@writes
def erase_resident(*, resident_id: UUID, reason: str) -> dict[str, int]:
    """Forget a resident: every registered step, then the row itself. Returns the rows changed by each step.

    The row stays, empty, so that counts and the audit hold. A reason is needed and kept. NotFound when there is
    none such or they were erased before; Invalid without a reason.

    What is on legal hold stays, the resident's own row with it; "on_hold" then counts what stayed, and the rest
    follows when the holds have ended (`finish_erasures`).
    """
    reason = personal.clean_text(reason)
    if not reason:
        raise Invalid(fields={"reason": _("Say why this resident is erased.")})
    if len(reason) > REASON_LENGTH:
        raise Invalid(
            fields={"reason": _("Give a reason of at most %(count)s characters.")}, count=REASON_LENGTH
        )
    resident = _get(resident_id)
    if selectors.is_held("resident", resident_id):
        return _wait(resident, reason, {}, on_hold=1)
    counts = {name: step.erase(resident_id) for name, step in erasure.steps().items()}
    kept = erasure.kept(resident_id)
    if kept:
        return _wait(resident, reason, counts, on_hold=kept)
    for field in ("name", "email", "phone", "language", "external_id"):
        setattr(resident, field, "")
    resident.needs = []
    resident.erase_reason = ""
    resident.erased_at = clock.now()
    resident.save()
    erasure.blanked("resident", [resident_id])
    counts["residents"] = 1
    events.emit(RESIDENT_ERASED, subject=("resident", str(resident_id)), data={"counts": counts})
    audit.record(
        "resident.erased",
        object=("resident", str(resident_id)),
        resident_id=resident_id,
        reason=reason,
        data={"counts": counts},
    )
    return counts


def _wait(resident: Resident, reason: str, counts: dict[str, int], *, on_hold: int) -> dict[str, int]:
    """Note that the rest is owed, once the holds have ended."""
    resident.erase_asked_at = resident.erase_asked_at or clock.now()
    resident.erase_reason = reason
    resident.save(update_fields=["erase_asked_at", "erase_reason"])
    counts = {**counts, "on_hold": on_hold}
    audit.record(
        "resident.erasure_waits",
        object=("resident", str(resident.pk)),
        resident_id=resident.pk,
        reason=reason,
        data={"counts": counts},
    )
    return counts


def finish_erasures() -> int:
    """Carry out the erasures that waited for legal holds which have ended since; how many."""
    done = 0
    waiting = Resident.objects.filter(erase_asked_at__isnull=False, erased_at__isnull=True)
    for resident_id, reason in list(waiting.values_list("pk", "erase_reason")):
        if not selectors.is_held("resident", resident_id) and not erasure.kept(resident_id):
            erase_resident(resident_id=resident_id, reason=reason)
            done += 1
    return done


@writes
def export_resident(*, resident_id: UUID) -> dict[str, Any]:
    """All that we hold about a resident, as values for JSON: their row, each module's part, who read or changed it.

    It is a write because handing data out is itself put into the audit.
    """
    resident = _get(resident_id)
    audit.record("resident.exported", object=("resident", str(resident_id)), resident_id=resident_id)
    exported: dict[str, Any] = {
        "exported_at": clock.now().isoformat(),
        "exported_by": actors.current().kind,
        "resident": {
            "id": str(resident.pk),
            "name": resident.name,
            "email": resident.email,
            "phone": resident.phone,
            "language": resident.language,
            "needs": list(resident.needs),
            "external_id": resident.external_id,
            "created_at": resident.created_at.isoformat(),
        },
    }
    for name, step in erasure.steps().items():
        exported[name] = step.export(resident_id)
    return exported
