"""Editors write texts once, agents use them often, and every change is remembered."""

from __future__ import annotations

from typing import Any

import pytest

from civicline.intake.models import Calendar, Contact, Service
from civicline.kernel import clock, ids
from civicline.kernel.actors import Actor, acting_as
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.models import Event
from civicline.knowledge import selectors, services
from civicline.people import services as people
from civicline.people.models import User
from civicline.people.permissions import Role
from civicline.routing.models import Queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> User:
    return people.create_staff(email="edith@example.org", name="Edith Ross", roles=[Role.EDITOR])


@pytest.fixture
def contact() -> Contact:
    calendar = Calendar.objects.create(code="office")
    service = Service.objects.create(
        code="housing", name={"en": "Housing", "fr": "Logement"}, calendar=calendar
    )
    queue = Queue.objects.create(code="housing", name={"en": "Housing desk"}, calendar=calendar)
    return Contact.objects.create(
        id=ids.new_id(),
        reference="SM-7Q2-08D",
        secret_hash="0" * 64,
        channel="chat",
        service=service,
        queue=queue,
        resident=people.save_resident(name="Samira Haddad"),
        arrived_at=clock.now(),
    )


def greeting(**given: Any) -> Any:
    usual = {
        "code": "hello",
        "title": {"en": "Greeting", "fr": "Salutation"},
        "body": {
            "en": "Hello {{resident.name|there}}, I am {{agent.name}} from {{queue.name}}.",
            "fr": "Bonjour {{resident.name}}, service {{service.name}}.",
        },
    }
    return services.create_canned_text(**{**usual, **given})


def test_a_text_is_filled_in_the_residents_language(editor: User, contact: Contact) -> None:
    greeting(owner=editor)
    english = services.use_canned_text(code="hello", language="en", contact=contact, agent=editor)
    assert english.text == "Hello Samira Haddad, I am Edith Ross from Housing desk."
    french = services.use_canned_text(code="hello", language="fr-CA", contact=contact)
    assert french.text == "Bonjour Samira Haddad, service Logement."
    other = services.use_canned_text(code="hello", language="tr")
    assert other.text == "Hello there, I am from."
    assert other.missing == ("agent.name", "queue.name")
    assert selectors.get_canned_text("hello").used == 3
    assert Event.objects.filter(name="canned_text.used", contact_id=contact.pk).count() == 2


def test_looking_is_not_using(contact: Contact) -> None:
    greeting()
    shown = selectors.fill_canned_text(code="hello", language="en", contact=contact, case_reference="SM-1")
    assert shown.missing == ("agent.name",)
    assert selectors.get_canned_text("hello").used == 0
    assert selectors.preview("{{case.reference}}").text == "SM-4K7-291"


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"body": {"en": "Dear {{resident.nmae}}, {{x}}"}}, "body.en", "resident.nmae, x"),
        ({"body": {"en": "Dear {{resident.name"}}, "body.en", "not closed"),
        ({"body": {"en": " "}}, "body", "at least one language"),
        ({"body": {"es": "Hola"}}, "title.es", "title in each language"),
        ({"code": "Hello World"}, "code", "small letters"),
        ({"title": {"en": "x" * 201, "fr": "x"}}, "title.en", "200"),
        ({"body": {"en": "x" * 10_001}}, "body.en", "10000"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        greeting(**given)
    assert words in refused.value.field_messages("en")[field]


def test_a_code_is_taken_once() -> None:
    greeting()
    with pytest.raises(Conflict) as refused:
        greeting()
    assert "hello" in refused.value.message("en")


def test_changes_are_remembered_with_what_was(editor: User) -> None:
    with acting_as(Actor("staff", str(editor.pk))):
        greeting()
        services.update_canned_text(code="hello", body={"en": "Good day.", "fr": "Bonjour."})
        services.update_canned_text(code="hello", active=False)
        services.update_canned_text(code="hello", active=False)
    history = selectors.canned_text_history("hello")
    assert [change.action for change in history] == [
        "canned_text.changed",
        "canned_text.changed",
        "canned_text.created",
    ]
    assert history[0].before == {"active": True}
    assert history[1].before["body"]["fr"].startswith("Bonjour {{resident.name}}")
    assert history[0].actor_id == str(editor.pk)
    with pytest.raises(NotFound):
        services.use_canned_text(code="hello", language="en")
    with pytest.raises(NotFound):
        services.update_canned_text(code="nothing", active=True)


def test_an_update_is_checked_like_a_new_text() -> None:
    greeting()
    with pytest.raises(Invalid):
        services.update_canned_text(code="hello", body={"en": "{{nope}}"})
    assert "nope" not in selectors.get_canned_text("hello").body["en"]


def test_the_list_shows_what_is_at_hand_first(contact: Contact, django_assert_num_queries: Any) -> None:
    other = Service.objects.create(code="parking", calendar=Calendar.objects.get())
    greeting()
    greeting(
        code="damp", title={"en": "Damp"}, body={"en": "Open the windows. Été."}, service=contact.service
    )
    greeting(code="fine", title={"en": "Fine"}, body={"en": "Pay it."}, service=other)
    greeting(code="bye", title={"en": "Goodbye"}, body={"en": "Goodbye."})
    services.use_canned_text(code="bye", language="en")
    assert contact.service is not None

    def codes(**wanted: Any) -> list[str]:
        return [row.code for row in selectors.list_canned_texts(**wanted)]

    with django_assert_num_queries(1):
        assert codes(service_id=contact.service.pk) == ["damp", "bye", "hello"]
    assert codes(text="ÉTÉ windows") == ["damp"]
    assert codes(text="bonjour") == ["hello"]
    services.update_canned_text(code="bye", active=False)
    services.update_canned_text(code="fine", service=None, keep_service=False)
    assert codes(service_id=contact.service.pk) == ["damp", "fine", "hello"]
    assert "bye" in codes(active=None)
    assert selectors.title_in(selectors.get_canned_text("hello"), "fr") == "Salutation"
