"""Public events as CloudEvents 1.0 (structured JSON): ids, references and states, never what anybody wrote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_noop

from civicline.intake import selectors as intake
from civicline.kernel.handlers import PublishedEvent

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
PUBLIC: dict[str, str] = {
    "contact.received": gettext_noop("A contact has arrived."),
    "contact.queued": gettext_noop("It stands in a line."),
    "contact.offered": gettext_noop("It is offered to an agent."),
    "contact.returned_to_queue": gettext_noop("It is back in the line, at its place."),
    "contact.connected": gettext_noop("An agent has taken it."),
    "contact.parked": gettext_noop("An emergency has pushed it aside."),
    "contact.resumed": gettext_noop("It is in hand again."),
    "contact.transferred": gettext_noop("It was passed to another queue or person."),
    "contact.wrap_up_started": gettext_noop("The conversation is over."),
    "contact.reopened": gettext_noop("The conversation goes on after all."),
    "contact.closed": gettext_noop("It is closed."),
    "contact.abandoned": gettext_noop("The resident left before anyone could join."),
    "contact.changed": gettext_noop("Facts of it were changed."),
    "message.added": gettext_noop("Somebody wrote, in either direction. Internal notes are not told."),
    "message.sent": gettext_noop("A message has left the house."),
    "message.delivered": gettext_noop("A message has arrived."),
    "message.read": gettext_noop("A message was read."),
    "message.failed": gettext_noop("A message could not be delivered."),
    "case.opened": gettext_noop("A case was opened."),
    "case.step_taken": gettext_noop("A case has moved in its workflow."),
    "case.closed": gettext_noop("Nothing more is owed on a case."),
    "case.reopened": gettext_noop("A case goes on after it was closed."),
    "case.updated": gettext_noop("Something was written on a case."),
    "case.assigned": gettext_noop("A case has another owner."),
    "case.linked": gettext_noop("Two cases belong together."),
    "case.merged": gettext_noop("A case goes on in another."),
    "case.split": gettext_noop("A case became two."),
    "case.sla_breached": gettext_noop("A promise on a case was not kept."),
}
PREFIXES = ("contact.*", "message.*", "case.*")
TEST = "webhook.test"
TEXTS = ("text", "body", "reason", "note", "name")
"""Members of an event's data that people may have written: they are never told."""


def wanted(name: str, patterns: Sequence[str]) -> bool:
    """Whether a webhook with these names and prefixes wants to hear of an event."""
    return name == TEST or any(
        pattern in ("*", name) or (pattern.endswith(".*") and name.startswith(pattern[:-1]))
        for pattern in patterns
    )


def known(pattern: str) -> bool:
    """Whether it is the name of a public event, one of the prefixes, or "*" for all."""
    return pattern == "*" or pattern in PUBLIC or pattern in PREFIXES


def is_public(event: PublishedEvent) -> bool:
    """Whether other systems may hear of it at all."""
    if event.name not in PUBLIC:
        return False
    inside = event.data.get("direction") == "note" or (
        event.name == "case.updated" and event.data.get("kind") == "note"
    )
    return not inside


def cloud_event(event: PublishedEvent, *, contact: Any = None, case: Any = None) -> dict[str, Any]:
    """The event as it is stored for sending; `contact` and `case` give references and states."""
    data = {name: value for name, value in event.data.items() if name not in TEXTS}
    if contact is not None:
        service = contact.service.code if contact.service else None
        data["contact"] = {
            "id": str(contact.id),
            "reference": contact.reference,
            "channel": contact.channel,
            "state": contact.state,
            "version": contact.version,
            "service": service,
        }
    if case is not None:
        data["case"] = {
            "id": str(case.id),
            "reference": case.reference,
            "type": case.type,
            "state": case.state,
            "version": case.version,
        }
    return envelope(
        uid=str(event.uid),
        name=event.name,
        subject="/".join(event.subject),
        at=event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        data=data,
        sequence=event.seq,
        version=event.version,
    )


def envelope(
    *, uid: str, name: str, subject: str, at: str, data: dict[str, Any], sequence: int, version: int = 1
) -> dict[str, Any]:
    """CloudEvents 1.0, section 2, with the extension `sequence`: the place in the log, by which to sort."""
    return {
        "specversion": "1.0",
        "id": uid,
        "source": source(),
        "type": f"org.civicline.{name}.v{version}",
        "subject": subject,
        "time": at,
        "datacontenttype": "application/json",
        "sequence": f"{sequence:020d}",
        "data": data,
    }


def source() -> str:
    """Which installation tells."""
    return f"{settings.CIVICLINE.public_url.rstrip('/')}/api/v1"


def with_text(body: dict[str, Any], name: str) -> dict[str, Any]:
    """The event with the words of its message, read now and never stored with the delivery."""
    contact = body["data"].get("contact")
    if not name.startswith("message.") or not contact:
        return body
    message_id = body["subject"].partition("/")[2]
    found = next(
        (row for row in intake.list_messages(UUID(contact["id"])) if str(row.id) == message_id), None
    )
    if found is None:
        return body
    said = {"id": message_id, "number": found.number, "direction": found.direction, "text": found.body}
    return {**body, "data": {**body["data"], "message": said}}
