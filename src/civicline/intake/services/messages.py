"""Words in both directions, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.intake import events
from civicline.intake.models import Attachment, Contact, Delivery, Message
from civicline.intake.services.contacts import clean_text
from civicline.kernel import bus, clock, ids, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.events import emit
from civicline.people.selectors import get_user

ENDED = frozenset({"closed", "abandoned"})


@writes
def add_message(
    *,
    contact_id: UUID,
    direction: str,
    body: str,
    author_id: UUID | None = None,
    author_name: str = "",
    client_key: str | None = None,
    attachment_ids: Sequence[UUID] = (),
    mentions: Sequence[UUID] = (),
    language: str = "",
    data: Mapping[str, Any] | None = None,
    channel: str = "",
) -> Message:
    """Add one message and return it; outward ones get a Delivery row that a worker sends.

    `client_key` (unique within the contact) makes a repeat harmless: the message already there is returned.
    Raises `Invalid` for an empty or too long text, `Conflict` when the contact has ended (notes may still be
    added), `NotFound` for an unknown contact or file. `channel`: by which it goes out, when not by the contact's own.
    """
    body = clean_text(body)
    if client_key and (known := Message.objects.filter(contact_id=contact_id, client_key=client_key).first()):
        return known
    if not body.strip() and not attachment_ids and direction != Message.Direction.SYSTEM:
        raise Invalid(code="text-missing", text=_("Write a message, or choose a file to send."))
    contact = _take_number(contact_id, direction)
    message = Message(
        id=ids.new_id(),
        contact=contact,
        number=contact.message_count,
        direction=direction,
        author_id=author_id,
        author_name=author_name or (get_user(author_id).name if author_id else ""),
        body=body,
        language=language,
        mentions=[str(user) for user in mentions],
        client_key=client_key,
        at=clock.now(),
        data=dict(data or {}),
    )
    rows.store(message)
    _take_files(message, attachment_ids)
    if direction == Message.Direction.OUT:
        _queue_delivery(contact, message, channel)
    _tell(message)
    return message


def _take_number(contact_id: UUID, direction: str) -> Contact:
    """Take the next number in the contact, and return it. The row lock of the update keeps numbers unique and in order.

    Raises as `add_message`, which undoes the number.
    """
    fields: dict[str, Any] = {"message_count": rows.NEXT}
    if direction == Message.Direction.IN:
        fields["last_in_at"] = clock.now()
    elif direction == Message.Direction.OUT:
        fields["last_out_at"] = clock.now()
    contact = rows.moved(Contact, where={"id": contact_id}, to=fields)
    if contact is None:
        raise NotFound(code="contact-unknown", text=_("There is no such contact."))
    if contact.state in ENDED and direction in (Message.Direction.IN, Message.Direction.OUT):
        raise Conflict(
            code="contact-ended",
            text=_("This conversation has ended. Start a new one, and give its reference."),
        )
    return contact


def _take_files(message: Message, attachment_ids: Sequence[UUID]) -> None:
    if not attachment_ids:
        return
    taken = Attachment.objects.filter(
        pk__in=attachment_ids, contact_id=message.contact_id, message__isnull=True
    ).update(message=message)
    if taken != len(set(attachment_ids)):
        raise NotFound(code="file-unknown", text=_("A file is not there any more. Choose it again."))


def _queue_delivery(contact: Contact, message: Message, channel: str) -> None:
    now = clock.now()
    address = contact.resident.email if contact.resident else ""
    by = channel or contact.channel
    Delivery(message=message, channel=by, address=address, next_try_at=now, changed_at=now).save(
        force_insert=True
    )
    bus.publish("deliveries", {"id": str(message.id)})


def _tell(message: Message) -> None:
    contact_id, number = message.contact_id, message.number
    emit(
        events.MESSAGE_ADDED,
        subject=("message", message.id),
        contact_id=contact_id,
        data={"number": number, "direction": message.direction, "mentions": message.mentions},
    )
    bus.publish(f"contact:{contact_id}", {"kind": "message", "id": str(contact_id), "n": number})


def _move_delivery(message_id: UUID, state: str, expect: frozenset[str], **fields: Any) -> bool:
    return (
        Delivery.objects.filter(message_id=message_id, state__in=expect).update(
            state=state, changed_at=clock.now(), **fields
        )
        == 1
    )


@writes
def mark_sent(*, delivery_id: int, reference: str) -> None:
    """The channel has taken the message. Raises nothing: a repeat changes nothing."""
    delivery = Delivery.objects.select_related("message").filter(pk=delivery_id).first()
    if delivery is None:
        return
    moved = _move_delivery(
        delivery.message_id,
        "sent",
        frozenset({"in_flight", "retry", "queued"}),
        provider_reference=reference[:128],
        lease_owner="",
        leased_until=None,
        error="",
    )
    if moved:
        _delivery_event(events.MESSAGE_SENT, delivery.message)


@writes
def mark_failed(*, delivery_id: int, error: str) -> None:
    """The message will not get there this way; the agent sees it and chooses another."""
    delivery = Delivery.objects.select_related("message").filter(pk=delivery_id).first()
    if delivery and _move_delivery(
        delivery.message_id,
        "failed",
        frozenset({"in_flight", "retry", "queued"}),
        error=error[:500],
        lease_owner="",
        leased_until=None,
    ):
        _delivery_event(events.MESSAGE_FAILED, delivery.message, {"error": error[:500]})


@writes
def mark_delivered(*, message_id: UUID) -> None:
    """The resident's device has it. A repeat, or a word that is late, changes nothing."""
    if _move_delivery(message_id, "delivered", frozenset({"queued", "in_flight", "retry", "sent"})):
        _delivery_event(events.MESSAGE_DELIVERED, Message.objects.get(pk=message_id))


@writes
def mark_read(*, contact_id: UUID, up_to: int, reader: str) -> int:
    """Mark what `reader` ("resident" or "staff") has seen, up to message number `up_to`; return how many."""
    direction = Message.Direction.OUT if reader == "resident" else Message.Direction.IN
    unread = Message.objects.filter(
        contact_id=contact_id, direction=direction, number__lte=up_to, read_at__isnull=True
    )
    message_ids = list(unread.values_list("pk", flat=True))
    if not message_ids:
        return 0
    unread.update(read_at=clock.now())
    if reader == "resident":
        Delivery.objects.filter(message_id__in=message_ids).exclude(state__in=["read", "failed"]).update(
            state="read", changed_at=clock.now(), lease_owner="", leased_until=None
        )
    emit(
        events.MESSAGE_READ,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={"up_to": up_to, "reader": reader, "count": len(message_ids)},
    )
    bus.publish(f"contact:{contact_id}", {"kind": "read", "id": str(contact_id), "n": up_to})
    return len(message_ids)


def _delivery_event(event: Any, message: Message, data: dict[str, Any] | None = None) -> None:
    emit(
        event,
        subject=("message", message.id),
        contact_id=message.contact_id,
        data={"number": message.number, **(data or {})},
    )
    contact_id, number = message.contact_id, message.number
    bus.publish(f"contact:{contact_id}", {"kind": "delivery", "id": str(contact_id), "n": number})
