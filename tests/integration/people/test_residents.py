"""Residents are met again, never mixed up, handed their data, and forgotten when they ask."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from civicline.kernel.actors import Actor, acting_as
from civicline.kernel.errors import Invalid, NotFound
from civicline.kernel.models import AuditEntry, Event
from civicline.people import erasure, selectors, services
from civicline.people.models import Resident

pytestmark = pytest.mark.django_db
save = services.save_resident


def test_the_same_address_is_the_same_resident_however_written() -> None:
    first = save(name="Samira Haddad", email="Samira@Example.org")
    again = save(email="SAMIRA@example.ORG ", phone="07700 900123", language="ar", needs=["interpreter"])
    assert again.pk == first.pk
    assert (again.name, again.phone, again.language) == ("Samira Haddad", "+447700900123", "ar")
    assert again.needs == ["interpreter"]
    assert Resident.objects.count() == 1


def test_what_is_known_is_not_overwritten_by_who_claims_the_address() -> None:
    save(name="Samira Haddad", email="s@example.org", phone="07700 900123")
    claimed = save(name="Somebody Else", email="s@example.org", phone="07700 900999")
    assert (claimed.name, claimed.phone) == ("Samira Haddad", "+447700900123")


def test_a_family_telephone_is_not_one_person() -> None:
    mother = save(name="Zoë Çelik", phone="07700 900123")
    assert save(name="zoe celik", phone="+44 7700 900123").pk == mother.pk
    assert save(phone="07700900123").pk == mother.pk
    son = save(name="Emre Çelik", phone="07700 900123")
    assert son.pk != mother.pk
    assert save(name="Zoe Celik", phone="07700 900123", email="zoe@example.org").pk == mother.pk
    assert save(name="Zoe Celik", phone="07700 900123", email="other@example.org").pk not in {
        mother.pk,
        son.pk,
    }


def test_an_account_number_wins_and_two_of_them_are_two_people() -> None:
    first = save(external_id="acc-1", email="shared@example.org")
    second = save(external_id="acc-2", email="shared@example.org")
    assert first.pk != second.pk
    assert save(external_id="acc-2").pk == second.pk


def test_nobody_has_to_say_who_they_are_and_is_never_taken_for_another() -> None:
    assert save().pk != save().pk


def test_who_was_erased_is_not_met_again() -> None:
    first = save(name="Samira", email="s@example.org")
    services.erase_resident(resident_id=first.pk, reason="asked for it")
    assert save(email="s@example.org").pk != first.pk


def test_the_log_knows_that_and_never_what() -> None:
    save(name="Samira Haddad", email="s@example.org")
    event = Event.objects.get(name="resident.saved")
    assert event.data == {"created": True, "changed": ["name", "email"]}
    assert "Haddad" not in json.dumps([event.data, AuditEntry.objects.get().data])


def test_staff_correct_and_empty_fields() -> None:
    resident = save(name="Samira Hadad", phone="07700 900123", needs=["large_print"])
    services.change_resident(resident_id=resident.pk, name="Samira Haddad", phone="", needs=[])
    kept = selectors.get_resident(resident.pk)
    assert (kept.name, kept.phone, kept.needs) == ("Samira Haddad", "", [])
    events = Event.objects.count()
    services.change_resident(resident_id=resident.pk, name="Samira Haddad")
    assert Event.objects.count() == events
    with pytest.raises(Invalid):
        services.change_resident(resident_id=resident.pk, email="nonsense")
    with pytest.raises(NotFound):
        services.change_resident(resident_id=uuid4(), name="x")


def test_search_finds_by_part_of_a_name_an_address_or_a_number() -> None:
    samira = save(name="Samira Haddad", email="s.haddad@example.org", phone="07700 900123")
    save(name="Bo Lind", phone="07700 900999")
    for text in ("hadd", "S.HADDAD@", "900123", "07700 900123", "+44 7700 900 123"):
        assert samira in selectors.search_residents(text), text
    assert len(selectors.search_residents("07700")) == 2
    assert selectors.search_residents("h") == []
    assert selectors.search_residents("%") == []
    services.erase_resident(resident_id=samira.pk, reason="asked for it")
    assert selectors.search_residents("hadd") == []


@pytest.fixture
def letters() -> dict[object, str]:
    """A higher module that keeps words of residents and has registered its step."""
    kept: dict[object, str] = {}

    def erase(resident_id: object) -> int:
        return 1 if kept.pop(resident_id, None) else 0

    erasure.register("letters", erase=erase, export=lambda resident_id: [kept.get(resident_id)])
    return kept


@pytest.fixture(autouse=True)
def _only_own_steps() -> object:
    before = erasure.steps()
    for name in before:
        erasure.unregister(name)
    yield
    for name in erasure.steps():
        erasure.unregister(name)
    for name, step in before.items():
        erasure.register(name, erase=step.erase, export=step.export)


def test_a_resident_is_handed_all_that_is_held(letters: dict[object, str]) -> None:
    resident = save(name="Samira Haddad", email="s@example.org", needs=["interpreter"])
    letters[resident.pk] = "Dear town"
    exported = services.export_resident(resident_id=resident.pk)
    plain = json.loads(json.dumps(exported))
    assert plain["resident"]["name"] == "Samira Haddad"
    assert plain["letters"] == ["Dear town"]
    assert AuditEntry.objects.filter(action="resident.exported", resident_id=resident.pk).count() == 1


def test_a_resident_is_forgotten_everywhere_and_the_deed_is_kept(letters: dict[object, str]) -> None:
    resident = save(name="Samira Haddad", email="s@example.org", phone="07700 900123", external_id="acc-1")
    letters[resident.pk] = "Dear town"
    with acting_as(Actor("staff", "42")):
        counts = services.erase_resident(resident_id=resident.pk, reason="Article 17 request of 3 March")
    assert counts == {"letters": 1, "residents": 1}
    assert letters == {}
    row = Resident.objects.get(pk=resident.pk)
    assert (row.name, row.email, row.phone, row.language, row.external_id, row.needs) == (
        "",
        "",
        "",
        "",
        "",
        [],
    )
    assert row.erased_at is not None
    audit = AuditEntry.objects.get(action="resident.erased")
    assert (audit.actor_id, audit.reason) == ("42", "Article 17 request of 3 March")
    with pytest.raises(NotFound):
        services.erase_resident(resident_id=resident.pk, reason="again")
    with pytest.raises(NotFound):
        services.export_resident(resident_id=resident.pk)


def test_no_erasure_without_a_reason_and_none_by_halves(letters: dict[object, str]) -> None:
    resident = save(name="Samira", email="s@example.org")
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(Invalid):
            services.erase_resident(resident_id=resident.pk, reason=reason)

    def fails(resident_id: object) -> int:
        raise RuntimeError("the archive is locked")

    erasure.register("archive", erase=fails, export=lambda resident_id: None)
    with pytest.raises(RuntimeError):
        services.erase_resident(resident_id=resident.pk, reason="asked for it")
    assert selectors.get_resident(resident.pk).name == "Samira"
