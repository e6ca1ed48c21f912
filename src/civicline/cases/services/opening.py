"""Opening a case: one transaction for the case, its history, its clocks, its contact and the events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.cases.events import CASE_OPENED
from civicline.cases.models import Case, CaseContact
from civicline.cases.services import clocks
from civicline.cases.services.acting import Acting, acting
from civicline.cases.services.history import TITLE_LENGTH, append, audited, clean, tell
from civicline.engine.workflow import WORKFLOWS, Workflow
from civicline.intake.references import next_reference
from civicline.kernel import clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid

if TYPE_CHECKING:
    from civicline.intake.models import Contact, Service
    from civicline.people.models import Resident

MEDIA_LENGTH = 2000
PUBLIC_TYPES = frozenset({"incident"})
"""A pothole is everybody's matter; a complaint or an application is not."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new case, and the secret that opens it: told to the resident, kept as a hash only."""

    case: Case
    secret: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is. Everything may be unknown; latitude and longitude (WGS 84 degrees) come together or not at all."""

    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    address_id: str = ""
    zipcode: str = ""

    def checked(self) -> dict[str, Any]:
        """The columns of the case. Invalid names what is out of range or too long."""
        pair = (self.latitude, self.longitude)
        if (pair[0] is None) != (pair[1] is None):
            raise Invalid(fields={"latitude": _("Give latitude and longitude together.")})
        if pair[0] is not None and not -90 <= pair[0] <= 90:
            raise Invalid(fields={"latitude": _("A latitude is from -90 to 90.")})
        if pair[1] is not None and not -180 <= pair[1] <= 180:
            raise Invalid(fields={"longitude": _("A longitude is from -180 to 180.")})
        return {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "address": clean(self.address, "address", most=300, needed=False),
            "address_id": clean(self.address_id, "address_id", most=64, needed=False),
            "zipcode": clean(self.zipcode, "zipcode", most=16, needed=False),
        }


def workflow_of(case_type: str) -> Workflow:
    """The table of this type. Invalid when there is no such type."""
    table = next((table for code, table in WORKFLOWS.items() if code == case_type), None)
    if table is None:
        raise Invalid(fields={"type": _("There is no type of case “%(type)s”.")}, type=case_type)
    return table


@writes
def open_case(
    *,
    type: str,
    title: str,
    service: Service | None = None,
    resident: Resident | None = None,
    description: str = "",
    place: Place | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    address: str = "",
    address_id: str = "",
    zipcode: str = "",
    media_url: str = "",
    agency: str = "",
    answers: Mapping[str, Any] | None = None,
    contact: Contact | None = None,
    priority: int = 0,
    public: bool | None = None,
    state: str = "",
    secret: str | None = None,
    by: UUID | None = None,
) -> Opened:
    """A new case with its reference and its secret; Invalid names each field that cannot be used.

    `state` asks for another entry of the table than the usual one (a draft). Without a resident, that of the
    contact is taken. `secret` lets a resident keep the one they were told for the contact. `public` cases are
    published by Open311, without personal data: incidents, unless told otherwise. The place is a `Place` or its
    fields.
    """
    table, who = workflow_of(type), acting(by)
    if state and state not in table.entries:
        raise Invalid(fields={"state": _("A case cannot be opened in the state “%(state)s”.")}, state=state)
    where = place or Place(latitude, longitude, address, address_id, zipcode)
    key, now = secret or ids.new_secret(), clock.now()
    case = Case(
        id=ids.new_id(),
        reference=next_reference(),
        secret_hash=ids.hash_secret(key),
        type=table.type,
        state=state or table.initial,
        service=service,
        resident_id=_resident_id(resident, contact),
        title=clean(title, "title", most=TITLE_LENGTH),
        description=clean(description, "description", needed=False),
        priority=priority,
        media_url=clean(media_url, "media_url", most=MEDIA_LENGTH, needed=False),
        agency=clean(agency, "agency", most=200, needed=False),
        answers=dict(answers or {}),
        public=(table.type in PUBLIC_TYPES) if public is None else public,
        opened_at=now,
        updated_at=now,
        **where.checked(),
    )
    case.save(force_insert=True)
    if contact is not None:
        CaseContact.objects.create(case=case, contact=contact, added_at=now)
    _opened(case, who, contact)
    return Opened(case, key)


def _resident_id(resident: Resident | None, contact: Contact | None) -> UUID | None:
    if resident is not None:
        return resident.pk
    return contact.resident_id if contact is not None else None


def _opened(case: Case, who: Acting, contact: Contact | None) -> None:
    contact_id = str(contact.pk) if contact is not None else ""
    append(case, "opened", who, to_state=case.state, data={"contact": contact_id})
    clocks.start_opening(case)
    told = {
        "reference": case.reference,
        "type": case.type,
        "state": case.state,
        "service": case.service.code if case.service else "",
        "contact": contact_id,
    }
    tell(case, CASE_OPENED, who, told)
    audited("case.opened", case)
