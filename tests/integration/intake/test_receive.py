"""Contacts are taken in once, whole, and whatever arrives."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from civicline.intake import selectors
from civicline.intake import services as intake
from civicline.intake.models import Contact
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.selectors import events_of_contact
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def chat(**fields: object) -> Inbound:
    return Inbound(**{"channel": "chat", "text": "Hello", "service_code": "council-tax", **fields})  # type: ignore[arg-type]


def test_a_repeat_with_the_same_key_finds_the_first_contact(town: Town) -> None:
    first = intake.receive(inbound=chat(key="k1"))
    again = intake.receive(inbound=chat(key="k1"))
    assert again.repeated
    assert again.contact.id == first.contact.id
    assert Contact.objects.count() == 1


def test_a_key_is_not_lent_to_another_text(town: Town) -> None:
    intake.receive(inbound=chat(key="k1"))
    with pytest.raises(Conflict):
        intake.receive(inbound=chat(key="k1", text="Something else"))


def test_twenty_at_the_same_moment_with_one_key_are_one_contact(town: Town) -> None:
    gate = threading.Barrier(20)

    def send(_: int) -> str:
        gate.wait()
        try:
            return str(intake.receive(inbound=chat(key="double click")).contact.id)
        finally:
            if connection.vendor != "sqlite":
                connections.close_all()

    with ThreadPoolExecutor(20) as people:
        answers = set(people.map(send, range(20)))
    assert len(answers) == 1
    assert Contact.objects.count() == 1


def test_the_secret_opens_the_contact_and_nothing_else_does(town: Town) -> None:
    received = intake.receive(inbound=chat())
    other = intake.receive(inbound=chat())
    assert selectors.opens(received.contact, received.secret)
    assert not selectors.opens(received.contact, other.secret)
    assert not selectors.opens(None, received.secret)
    assert received.secret not in str(vars(received.contact))


@pytest.mark.parametrize(
    "text",
    [
        "\x00 \x00nul",
        "\u202eevil\u202c",
        "a\r\nb\rc",
        "<script>alert(1)</script>",
        "שלום مرحبا 你好 🏛️" * 50,
        "\ud7ff",
    ],
)
def test_whatever_is_written_is_kept_and_read_again(town: Town, text: str) -> None:
    contact = intake.receive(inbound=chat(text=text)).contact
    (message,) = selectors.list_messages(contact.id)
    assert message.body == text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")


def test_a_text_too_long_is_refused_in_words_and_leaves_nothing(town: Town) -> None:
    with pytest.raises(Invalid) as refusal:
        intake.receive(inbound=chat(text="x" * 1_000_000))
    assert "20000" in refusal.value.message("en").replace(",", "")
    assert Contact.objects.count() == 0


def test_an_unknown_service_is_named(town: Town) -> None:
    with pytest.raises(NotFound) as refusal:
        intake.receive(inbound=chat(service_code="unicorns"))
    assert "unicorns" in refusal.value.message("en")


def test_a_resident_who_comes_back_is_met_again(town: Town) -> None:
    grace = ResidentFacts(name="Grace Okafor", email="Grace@Example.org")
    first = intake.receive(inbound=chat(resident=grace)).contact
    second = intake.receive(inbound=chat(resident=grace, text="Me again")).contact
    assert first.resident_id == second.resident_id is not None


def test_a_message_sent_twice_with_one_key_is_there_once(town: Town) -> None:
    contact = town.chat("council-tax")
    first = intake.add_message(contact_id=contact.id, direction="in", body="Are you there?", client_key="m1")
    again = intake.add_message(contact_id=contact.id, direction="in", body="Are you there?", client_key="m1")
    assert first.id == again.id
    assert [message.number for message in selectors.list_messages(contact.id)] == [1, 2]


def test_numbers_of_messages_have_no_gap_however_many_write(town: Town) -> None:
    contact = town.chat("council-tax")

    def send(number: int) -> None:
        try:
            intake.add_message(contact_id=contact.id, direction="in", body=f"line {number}")
        finally:
            if connection.vendor != "sqlite":
                connections.close_all()

    with ThreadPoolExecutor(8) as people:
        list(people.map(send, range(40)))
    assert [message.number for message in selectors.list_messages(contact.id)] == list(range(1, 42))


def test_an_ended_conversation_takes_no_more_words_but_notes(town: Town) -> None:
    contact = town.chat("council-tax")
    intake.abandon(contact_id=contact.id, reason="resident_left")
    with pytest.raises(Conflict):
        intake.add_message(contact_id=contact.id, direction="in", body="wait")
    intake.add_message(contact_id=contact.id, direction="note", body="They came to the counter")
    assert [message.direction for message in selectors.list_messages(contact.id, notes=True)] == [
        "in",
        "note",
    ]


def test_delivered_and_read_are_told_once(town: Town) -> None:
    contact = town.chat("council-tax")
    reply = intake.add_message(contact_id=contact.id, direction="out", body="Yes?")
    town.deliveries.run_due()
    for _ in range(2):
        intake.mark_delivered(message_id=reply.id)
        intake.mark_read(contact_id=contact.id, up_to=reply.number, reader="resident")
    names = [event.name for event in events_of_contact(contact.id)]
    assert names.count("message.delivered") == names.count("message.read") == 1
    assert selectors.list_messages(contact.id)[-1].delivery.state == "read"
