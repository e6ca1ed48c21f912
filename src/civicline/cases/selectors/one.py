"""One case and everything around it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from civicline.cases import wording
from civicline.cases.models import Case, CaseContact, CaseEntry, CaseFollower, CaseLink, SlaClock
from civicline.cases.promises import as_clock
from civicline.engine import references, sla, workflow
from civicline.intake import selectors as intake
from civicline.kernel import clock, ids
from civicline.kernel.errors import NotFound
from civicline.kernel.readings import Reading
from civicline.people.permissions import roles_of
from civicline.people.roles import Role

if TYPE_CHECKING:
    from civicline.intake.models import Contact
    from civicline.people.models import User

_NOBODY = UUID(int=0)
_NO_HASH = "0" * 64


def _whole() -> QuerySet[Case]:
    return Case.objects.select_related("service", "resident", "owner__user", "merged_into")


def get_case(case_id: UUID) -> Case:
    """The case with its service, resident, owner and target; NotFound when there is none."""
    case = _whole().filter(pk=case_id).first()
    if case is None:
        raise NotFound(_("We have no such case."), code="case-unknown")
    return case


def find_by_reference(reference: str) -> Case | None:
    """The case with this reference, however it was typed, or None. For staff: it proves nothing about the asker."""
    return _whole().filter(reference=_typed(reference)).first()


def _typed(reference: str) -> str:
    """The reference as it is stored; text that is none stays a text that no case has."""
    try:
        return str(references.parse(reference[:60]))
    except references.BadReference:
        return ""


def get_case_by_reference_and_secret(reference: str, secret: str) -> Case | None:
    """The resident's own case, or None: a wrong reference and a wrong secret look, and take, the same.

    The secret of the case opens it, and that of a contact of the same resident about it. A merged case answers as
    itself; `public_progress` tells how the case goes on that it was merged into.
    """
    case = _whole().filter(reference=_typed(reference)).first()
    # The second question is asked in any case, about nobody's case if need be, so that both answers take as long.
    hashes = [case.secret_hash if case else _NO_HASH, *_contact_hashes(case)]
    given = ids.hash_secret(secret)
    matches = [hmac.compare_digest(known, given) for known in hashes]
    return case if case is not None and any(matches) else None


def _contact_hashes(case: Case | None) -> list[str]:
    if case is None:
        rows = CaseContact.objects.filter(case_id=_NOBODY)
    elif case.resident_id is None:
        # Nobody knows whose contacts these are: only the one the case was opened from is surely the same person's.
        rows = CaseContact.objects.filter(case=case, added_at=F("case__opened_at"))
    else:
        rows = CaseContact.objects.filter(case=case, contact__resident_id=case.resident_id)
    return list(rows.values_list("contact__secret_hash", flat=True))


def final_case(case: Case) -> Case:
    """The case that goes on: the one this was merged into, or itself."""
    seen = {case.pk}
    while case.merged_into_id is not None and case.merged_into_id not in seen:
        seen.add(case.merged_into_id)
        case = get_case(case.merged_into_id)
    return case


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line of a history for staff. `who` is "" for the system; `what` is in words, `text` what was written."""

    id: int
    at: datetime
    kind: str
    actor_kind: str
    who: str
    what: str
    text: str
    public: bool
    data: dict[str, Any]


def case_timeline(case_id: UUID, *, newest_first: bool = False) -> list[TimelineLine]:
    """The whole history of a case in words, in one query."""
    rows = CaseEntry.objects.filter(case_id=case_id).select_related("actor")
    return [_line(row) for row in rows.order_by("-id" if newest_first else "id")]


def _notes_naming(*, user: str, since: datetime) -> QuerySet[CaseEntry, tuple[int]]:
    # No database of ours asks both ways what a JSON list holds; the text holds the id, and that narrows enough.
    rows = CaseEntry.objects.annotate(named=Cast("data", TextField()))
    rows = rows.filter(kind="note", at__gte=since, named__contains=user)
    return rows.order_by("-at").values_list("pk")[:1000]


_NAMING = Reading(_notes_naming)


def notes_naming(user_id: UUID, since: datetime) -> list[CaseEntry]:
    """Notes after `since` that mention this member of staff, newest first, with their case and author."""
    keys = _NAMING(user=str(user_id), since=since)
    if not keys:
        return []
    rows = CaseEntry.objects.filter(pk__in=[pk for (pk,) in keys]).select_related("case", "actor")
    return [row for row in rows.order_by("-at") if str(user_id) in row.data.get("mentions", ())]


def _line(row: CaseEntry) -> TimelineLine:
    what = wording.entry_label(row.kind, transition=row.transition, to_state=row.to_state, data=row.data)
    who = row.actor.name if row.actor else ""
    return TimelineLine(row.pk, row.at, row.kind, row.actor_kind, who, what, row.text, row.public, row.data)


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One promise: its state (engine.sla), when it is due, open seconds left (negative: over) of the target."""

    kind: str
    label: str
    state: str
    due_at: datetime | None
    remaining_s: float
    target_s: int


def clocks_of(case_id: UUID) -> list[ClockLine]:
    """The promises on a case as they stand now, in the order in which they were made."""
    now, lines = clock.now(), []
    for row in SlaClock.objects.filter(case_id=case_id).select_related("calendar").order_by("pk"):
        value = as_clock(row)
        state, left = sla.state(value, now), sla.remaining_seconds(value, now)
        label = wording.clock_label(row.kind)
        lines.append(ClockLine(row.kind, label, state, sla.due_at(value), left, row.target_seconds))
    return lines


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that may be taken now: its button, and what has to be given with it."""

    name: str
    label: str
    needs: tuple[str, ...]


def open_steps(case: Case, user: User | None) -> list[OpenStep]:
    """The steps for buttons: those this member of staff may take now; without one, those of the resident."""
    if case.merged_into_id is not None:
        return []
    role = _workflow_role(user)
    if role is None:
        return []
    rows = workflow.allowed(case.type, case.state, role)
    return [OpenStep(row.name, wording.transition_label(row.name), tuple(row.needs)) for row in rows]


def _workflow_role(user: User | None) -> Literal["agent", "supervisor", "resident"] | None:
    if user is None:
        return "resident"
    roles = roles_of(user)
    if Role.SUPERVISOR in roles:
        return "supervisor"
    return "agent" if Role.AGENT in roles else None


def contacts_of(case_id: UUID) -> list[Contact]:
    """The contacts about a case, newest first."""
    wanted = CaseContact.objects.filter(case_id=case_id).values_list("contact_id", flat=True)
    return sorted(intake.list_contacts(wanted), key=lambda one: one.arrived_at, reverse=True)


@dataclass(frozen=True, slots=True)
class CaseLinkLine:
    """A case that belongs to this one. `towards` False: the link was made from the other side."""

    case: Case
    kind: str
    towards: bool


def links_of(case_id: UUID) -> list[CaseLinkLine]:
    """The cases linked with a case, whichever side the link was made from; each once for each kind."""
    rows = CaseLink.objects.filter(Q(case_id=case_id) | Q(other_id=case_id))
    rows = rows.select_related("case__service", "other__service").order_by("at", "pk")
    return [
        CaseLinkLine(row.other if row.case_id == case_id else row.case, row.kind, row.case_id == case_id)
        for row in rows
    ]


def followers_of(case_id: UUID) -> list[User]:
    """The staff who follow a case, by name."""
    rows = CaseFollower.objects.filter(case_id=case_id, user__is_active=True).select_related("user")
    return [row.user for row in rows.order_by("user__name", "user_id")]
