"""What administrators keep: calendars, services with their questions, service messages. Each change is in the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _

from civicline.engine.hours import CalendarError, from_plain, validate
from civicline.intake.catalogue import catalogue_changed
from civicline.intake.models import Calendar, Contact, Service, ServiceAttribute, ServiceMessage
from civicline.intake.public_holidays import public_holidays
from civicline.kernel import audit, bus, clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound

CASE_TYPES = ("", "complaint", "application", "information_request", "incident")


def save_audited(
    row: models.Model,
    kind: str,
    fields: Mapping[str, Any],
    code: str = "",
    *,
    also: Mapping[str, tuple[Any, Any]] | None = None,
) -> models.Model:
    """Set `fields` on `row`, save it, and keep what changed from what to what. Inside a write only.

    A row without a short name goes by its number, which a new one has only once it is saved. `also` {name: (before,
    after)} is what stands beside the row, such as the services a message is about.
    """
    created = row.pk is None
    before = {} if created else {name: _plain(getattr(row, name)) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    catalogue_changed()
    changed = {
        name: {"from": before.get(name), "to": _plain(value)}
        for name, value in fields.items()
        if created or before[name] != _plain(value)
    }
    changed |= {
        name: {"from": was, "to": now} for name, (was, now) in (also or {}).items() if created or was != now
    }
    if changed:
        action = f"{kind}.created" if created else f"{kind}.changed"
        audit.record(action, object=(kind, code or row.pk), data={"changes": changed})
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return getattr(value, "code", None) or str(value.pk)
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def named(name: Mapping[str, str], field: str = "name") -> dict[str, str]:
    """Return the texts that were given, by language; `Invalid` when there is none at all."""
    given = {language: text.strip() for language, text in name.items() if text and text.strip()}
    if not given:
        raise Invalid(fields={field: _("Give a name in at least one language.")})
    return given


@writes
def save_calendar(
    *,
    code: str,
    name: Mapping[str, str],
    timezone: str,
    weekly: Sequence[Mapping[str, Any]],
    exceptions: Mapping[str, Any] | None = None,
    holiday_country: str = "",
    holiday_subdivision: str = "",
) -> Calendar:
    """Opening hours under a code, new or changed. Raises `Invalid` that names the field and says what is wrong."""
    plain = {"tz": timezone, "weekly": list(weekly), "exceptions": dict(exceptions or {})}
    try:
        hours = from_plain(plain)
        if holiday_country:
            year = clock.now().year
            public_holidays(holiday_country, year, year, subdivision=holiday_subdivision)
    except CalendarError as fault:
        raise Invalid(fields={fault.field or "weekly": str(fault)}, code=fault.code) from fault
    except ValueError as fault:
        raise Invalid(fields={"holiday_country": str(fault)}) from fault
    if problems := validate(hours):
        raise Invalid(fields={"weekly": "; ".join(str(problem) for problem in problems)})
    row = Calendar.objects.filter(code=code).first() or Calendar(code=code)
    fields = {
        "name": named(name),
        "timezone": timezone,
        "weekly": plain["weekly"],
        "exceptions": plain["exceptions"],
        "holiday_country": holiday_country,
        "holiday_subdivision": holiday_subdivision,
    }
    save_audited(row, "calendar", fields, code)
    bus.publish("queue-line", {"kind": "configuration"})
    return row


@writes
def save_service(*, code: str, calendar: Calendar, name: Mapping[str, str], **fields: Any) -> Service:
    """A service under a code, new or changed. `fields` are those of the model. Raises `Invalid`."""
    if fields.get("case_type", "") not in CASE_TYPES:
        raise Invalid(fields={"case_type": _("Choose a case type, or none.")})
    if fields.get("kind", "realtime") not in Service.Kind.values:
        raise Invalid(fields={"kind": _("Choose realtime, batch or blackbox.")})
    row = Service.objects.filter(code=code).first() or Service(code=code)
    save_audited(row, "service", {"calendar": calendar, "name": named(name), **fields}, code)
    bus.publish("queue-line", {"kind": "configuration"})
    return row


@writes
def save_attribute(
    *, service: Service, code: str, datatype: str, label: Mapping[str, str], **fields: Any
) -> None:
    """A question of a service's form, new or changed. Lists need at least one value. Raises `Invalid`."""
    if datatype not in ServiceAttribute.Datatype.values:
        raise Invalid(fields={"datatype": _("Choose a kind of answer.")})
    if datatype.endswith("valuelist") and not fields.get("values"):
        raise Invalid(fields={"values": _("Give at least one answer to choose from.")})
    row = ServiceAttribute.objects.filter(service=service, code=code).first()
    row = row or ServiceAttribute(service=service, code=code)
    fields = {"datatype": datatype, "label": named(label, "label"), **fields}
    save_audited(row, "attribute", fields, f"{service.code}.{code}")


@writes
def drop_attribute(*, service: Service, code: str) -> None:
    """Take a question out of a form. Answers already given stay with their cases. Raises `NotFound`."""
    row = ServiceAttribute.objects.filter(service=service, code=code).first()
    if row is None:
        raise NotFound(code="attribute-unknown", text=_("There is no such question."))
    kept = model_to_dict(row, exclude=["id", "service"])
    row.delete()
    audit.record("attribute.removed", object=("attribute", f"{service.code}.{code}"), data={"was": kept})


@writes
def retire_service(*, code: str) -> None:
    """Stop offering a service; contacts and cases about it stay. Raises `Conflict` while contacts are open."""
    row = Service.objects.filter(code=code).first()
    if row is None:
        raise NotFound(code="service-unknown", text=_("There is no such service."))
    live = Contact.objects.filter(
        service=row, state__in=["received", "queued", "offered", "connected", "wrap_up"]
    )
    if live.exists():
        raise Conflict(
            code="service-busy", text=_("Contacts about this service are open. Wait until they are done.")
        )
    save_audited(row, "service", {"active": False}, code)


@writes
def save_service_message(
    *, message_id: int | None = None, kind: str, title: Mapping[str, str], body: Mapping[str, str],
    starts_at: datetime, ends_at: datetime | None = None, services: Sequence[Service] = (),
) -> ServiceMessage:  # fmt: skip
    """What everyone should know before they ask; about some services, or about all. Raises `Invalid`."""
    if kind not in ServiceMessage.Kind.values:
        raise Invalid(fields={"kind": _("Choose disruption, information or over.")})
    if ends_at is not None and ends_at <= starts_at:
        raise Invalid(fields={"ends_at": _("The end comes before the start.")})
    row = (ServiceMessage.objects.filter(pk=message_id).first() if message_id else None) or ServiceMessage()
    fields = {
        "kind": kind,
        "title": named(title, "title"),
        "body": dict(body),
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    was = sorted(one.code for one in row.services.all()) if row.pk else []
    now = sorted(one.code for one in services)
    save_audited(row, "service_message", fields, also={"services": (was, now)})
    row.services.set(services)
    return row
