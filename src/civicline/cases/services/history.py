"""The history of a case: lines are appended, never edited; every change goes through the version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from civicline.cases.events import CASE_UPDATED
from civicline.cases.models import Case, CaseEntry
from civicline.cases.services.acting import Acting
from civicline.kernel import audit, bus, clock
from civicline.kernel.db import after_commit
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.events import EventType, emit

TITLE_LENGTH = 300
TEXT_LENGTH = 20_000
REASON_LENGTH = 2_000


def load(case_id: UUID, *, version: int | None = None) -> Case:
    """The case as it is now. NotFound when there is none; Conflict when `version` is not the present one."""
    case = Case.objects.select_related("service", "resident", "owner__user").filter(pk=case_id).first()
    if case is None:
        raise NotFound(_("We have no such case."), code="case-unknown")
    if version is not None and version != case.version:
        raise changed_by(case)
    return case


def changed_by(case: Case) -> Conflict:
    """The refusal that says who changed the case last, and when."""
    last = CaseEntry.objects.filter(case_id=case.pk).select_related("actor").order_by("-id").first()
    if last is None:
        return Conflict(code="case-changed")
    who = last.actor.name if last.actor else ""
    shown = date_format(timezone.localtime(last.at), "DATETIME_FORMAT")
    text = (
        _("%(who)s changed this case on %(at)s. Look at it again before you go on.")
        if who
        else _("This case was changed on %(at)s. Look at it again before you go on.")
    )
    return Conflict(
        text,
        code="case-changed",
        who=who,
        at=shown,
        changed_at=last.at.isoformat(),
        changed_by=str(last.actor_id or ""),
    )


def store(case: Case, **changes: Any) -> None:
    """Compare and set on the version that was read; the case object then carries what was stored."""
    changes = {"updated_at": clock.now(), **changes, "version": case.version + 1}
    stored = Case.objects.filter(pk=case.pk, version=case.version).update(**changes)
    if not stored:
        raise changed_by(case)
    for name, value in changes.items():
        setattr(case, name, value)


def append(
    case: Case,
    kind: str,
    who: Acting,
    *,
    text: str = "",
    public: bool = False,
    transition: str = "",
    from_state: str = "",
    to_state: str = "",
    data: Mapping[str, Any] | None = None,
) -> CaseEntry:
    """Add one line to the history, now."""
    return CaseEntry.objects.create(
        case=case,
        at=clock.now(),
        kind=kind,
        transition=transition,
        from_state=from_state,
        to_state=to_state,
        actor_kind=who.kind,
        actor=who.user,
        text=text,
        public=public,
        data=dict(data or {}),
    )


def tell(case: Case, event: EventType, who: Acting, data: Mapping[str, Any] | None = None) -> None:
    """Put an event into the log and, once it is durable, wake the pages that show the case."""
    emit(event, subject=("case", str(case.pk)), case_id=case.pk, data=dict(data or {}), actor=who.actor())
    topic, hint = f"case:{case.pk}", {"id": str(case.pk), "version": case.version}
    after_commit(lambda: bus.publish(topic, hint))


def updated(case: Case, entry: CaseEntry, who: Acting) -> None:
    """The event of a line that moves no state."""
    tell(case, CASE_UPDATED, who, {"kind": entry.kind, "entry": entry.pk})


def audited(action: str, case: Case, *, reason: str = "", data: Mapping[str, Any] | None = None) -> None:
    """Note in the audit who did this to the case, and whose case it was."""
    audit.record(
        action, object=("case", str(case.pk)), resident_id=case.resident_id, reason=reason, data=data
    )


def clean(text: str, field: str, *, most: int = TEXT_LENGTH, needed: bool = True) -> str:
    """The text without NUL characters and outer blanks. Invalid when it is missing or too long."""
    tidy = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if needed and not tidy:
        raise Invalid(fields={field: _("Write something here.")})
    if len(tidy) > most:
        raise Invalid(
            fields={field: _("This has %(length)s characters. Use at most %(most)s.")},
            length=len(tidy),
            most=most,
        )
    return tidy
