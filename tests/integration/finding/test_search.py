"""Search finds what was said and told, by any words of it, and nothing that is not there for whoever asks."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from civicline.cases import personal_data as cases_data
from civicline.cases import services as cases
from civicline.cli import data
from civicline.finding import index, selectors, services
from civicline.finding.follower import Follower
from civicline.finding.models import Document
from civicline.finding.selectors import Found
from civicline.intake import personal_data as contacts_data
from civicline.intake import services as intake
from civicline.intake.models import Contact
from civicline.intake.ports import ResidentFacts
from civicline.kernel.db import writes
from civicline.people import services as people
from tests.servers import wait_until
from tests.town import Town

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("every_room")]
SAMIRA = ResidentFacts(name="Samira Haddád", email="samira@example.org", phone="020 7946 0318")
YEARS = timedelta(days=3000)


@pytest.fixture
def lamp(town: Town) -> Contact:
    """Samira wrote about a lamp; an agent asked back, and left a note."""
    contact = town.write("benefits", "The lamp in Rosemary Lane is dark", resident=SAMIRA)
    intake.add_message(contact_id=contact.pk, direction="out", body="Since when is it broken?")
    intake.add_message(contact_id=contact.pk, direction="note", body="Contractor wants a cherry picker")
    return contact


def look(town: Town, text: str, **options: Any) -> Found:
    town.relay.drain()
    services.catch_up()
    return ask(text, **options)


def ask(text: str, **options: Any) -> Found:
    given: dict[str, Any] = {"limit": 20, "may_read": lambda _contact: True} | options
    return selectors.search(text, **given)


def keys(found: Found) -> list[UUID]:
    return [one.contact.pk for one in found.contacts]


def told(found: Found) -> str:
    return "".join(f"<{piece.text}>" if piece.found else piece.text for piece in found.contacts[0].said)


def test_a_contact_is_found_by_any_words_of_it(town: Town, lamp: Contact) -> None:
    town.write("benefits", "Another lamp", resident=ResidentFacts(name="Dark Haddock"))
    for text in (
        "dark rosemary",
        "LAMP haddad",
        "broken",
        "cherry contractor",
        "samira@example.org",
        "7946 0318 lamp",
        "+442079460318",
        "hadd ros lam",
    ):
        assert keys(look(town, text)) == [lamp.pk], text


def test_a_contact_is_found_by_its_reference_however_it_is_typed(town: Town, lamp: Contact) -> None:
    for typed in (lamp.reference, lamp.reference.lower(), lamp.reference.replace("-", "")):
        assert keys(look(town, typed)) == [lamp.pk], typed


def test_the_words_are_shown_where_they_were_said(town: Town, lamp: Contact) -> None:
    assert told(look(town, "CHERRY picker")) == "Contractor wants a <cherry> <picker>"


def test_a_title_that_says_it_all_is_enough(town: Town, lamp: Contact) -> None:
    type(lamp).objects.filter(pk=lamp.pk).update(subject="Dark lamp")
    assert told(look(town, "lamp dark")) == ""
    assert told(ask("lamp rosemary")) == "The <lamp> in <Rosemary> Lane is dark"


def test_nothing_is_found_by_words_of_which_one_is_missing(town: Town, lamp: Contact) -> None:
    assert not look(town, "lamp rosemary bicycle")


def test_the_newest_comes_first_and_no_more_than_asked_for(town: Town) -> None:
    made = []
    for number in range(6):
        made.append(town.write("benefits", f"Bin number {number} is full").pk)
        town.clock.advance(60)
    assert keys(look(town, "bin full", limit=4)) == made[:1:-1]


def test_who_may_not_open_a_contact_does_not_find_it(town: Town, lamp: Contact) -> None:
    others = [town.write("benefits", f"Lamp {number}").pk for number in range(90)]
    assert keys(look(town, "lamp", limit=5, may_read=lambda one: one.pk == lamp.pk)) == [lamp.pk]
    assert len(others) == 90
    assert not ask(lamp.reference, may_read=lambda _one: False).contacts


def test_new_words_and_new_names_are_found(town: Town, lamp: Contact) -> None:
    assert not look(town, "fuse").contacts
    intake.add_message(contact_id=lamp.pk, direction="in", body="It needs a fuse")
    assert keys(look(town, "fuse rosemary")) == [lamp.pk]
    assert lamp.resident_id is not None
    people.change_resident(resident_id=lamp.resident_id, name="Samira Öztürk")
    assert keys(look(town, "ozturk fuse")) == [lamp.pk]
    assert not ask("haddad").residents
    assert not ask("haddad").contacts


def test_a_case_is_found_by_its_words_its_place_and_its_history(town: Town, lamp: Contact) -> None:
    case = cases.open_case(
        type="incident", title="Dark lamp", description="Since Tuesday", address="Rosemary Lane 4",
        resident=lamp.resident, contact=lamp,
    ).case  # fmt: skip
    cases.add_note(case_id=case.pk, text="The mast leans", by=None)
    for text in ("tuesday lamp", "rosemary 4", "mast haddad", case.reference):
        assert [one.case.pk for one in look(town, text).cases] == [case.pk], text
    assert ask("tuesday", cases=False).cases == ()


def test_a_merged_case_is_found_as_the_one_it_became_part_of(town: Town) -> None:
    first = cases.open_case(type="incident", title="Dark lamp").case
    second = cases.open_case(type="incident", title="No light at the chapel").case
    assert [one.case.pk for one in look(town, "chapel").cases] == [second.pk]
    cases.merge(case_id=second.pk, into_id=first.pk)
    assert [one.case.pk for one in look(town, "chapel lamp").cases] == [first.pk]
    assert [one.case.pk for one in ask("chapel").cases] == [first.pk]


def test_a_resident_is_found_by_name_address_and_number(town: Town, lamp: Contact) -> None:
    for text in ("haddad samira", "sam", "SAMIRA@example.org", "0318", "020-7946-0318"):
        assert [one.pk for one in look(town, text).residents] == [lamp.resident_id], text
    assert ask("haddad", residents=False).residents == ()


def test_erasure_takes_the_words_at_once(town: Town, lamp: Contact) -> None:
    assert lamp.resident_id is not None
    case = cases.open_case(type="incident", title="Rosemary mast", resident=lamp.resident, contact=lamp).case
    assert look(town, "rosemary").cases
    people.erase_resident(resident_id=lamp.resident_id, reason="Asked to be forgotten")
    for text in ("rosemary", "cherry", "haddad", "samira", "0318"):
        assert not ask(text), text
        assert _proposed(text) == [], text
    assert keys(ask(lamp.reference)) == [lamp.pk]
    assert [one.case.pk for one in ask(case.reference).cases] == [case.pk]


def _proposed(text: str) -> list[index.Hit]:
    """What the index itself still knows, whoever reads the texts again."""
    wanted = selectors.wanted_in(text)
    return [hit for kind in index.KINDS for hit in index.find(wanted, kind, limit=9)]


def test_what_is_quoted_stands_word_after_word_in_one_text(town: Town, lamp: Contact) -> None:
    case = cases.open_case(type="incident", title="A lane in the dark", description="Rosemary told us.").case
    assert keys(look(town, '"rosemary lane"')) == [lamp.pk]
    assert keys(ask("“LANE is dark” samira")) == [lamp.pk]  # and other words in any order
    assert not ask('"lane rosemary"').contacts
    assert not ask('"is dark since"')  # the one message ends before the other begins
    assert not ask('"rosem lane"')  # whole words
    assert [one.case.pk for one in ask('"the dark"').cases] == [case.pk]
    assert [one.pk for one in ask('"samira haddad"').residents] == [lamp.resident_id]
    assert keys(ask('"rosemary')) == [lamp.pk]  # a mark without its other half is none


def test_retention_takes_the_words_at_once(town: Town, lamp: Contact) -> None:
    case = cases.open_case(type="information_request", title="Chapel", description="Which hours?").case
    intake.abandon(contact_id=lamp.pk, reason="left")
    assert keys(look(town, "rosemary")) == [lamp.pk]
    assert look(town, "chapel").cases
    contacts_data.forget_closed(before=town.clock.now() + YEARS)
    type(case).objects.filter(pk=case.pk).update(closed_at=town.clock.now())
    cases_data.forget_closed(before=town.clock.now() + YEARS)
    assert _proposed("rosemary") == []
    assert _proposed("chapel") == []


def test_words_that_are_gone_are_not_found_even_while_the_index_knows_them(town: Town, lamp: Contact) -> None:
    assert keys(look(town, "cherry")) == [lamp.pk]
    writes(lambda: lamp.messages.filter(direction="note").update(body="[erased]"))()
    assert not ask("cherry")


def test_building_anew_mends_what_is_wrong_while_the_log_is_followed(town: Town, lamp: Contact) -> None:
    cases.open_case(type="incident", title="Dark lamp", contact=lamp)
    before = look(town, "lamp")
    held, place = Document.objects.count(), services.reached()
    writes(lambda: Document.objects.filter(kind="case").delete())()
    writes(lambda: lamp.messages.filter(direction="note").update(body="Ask for a ladder"))()
    assert not ask("lamp").cases
    assert not ask("ladder").contacts
    assert services.rebuild() == held
    assert (Document.objects.count(), services.reached()) == (held, place)
    after = ask("lamp")
    assert keys(after) == keys(before)
    assert len(after.cases) == 1
    assert keys(ask("ladder")) == [lamp.pk]
    assert services.catch_up() == 0


def test_the_command_builds_it_anew(town: Town, lamp: Contact, capsys: pytest.CaptureFixture[str]) -> None:
    data.reindex()
    assert "built anew from 2 contacts, cases and residents" in capsys.readouterr().out
    assert keys(ask("rosemary")) == [lamp.pk]


def test_the_thread_brings_in_what_is_said_and_ends_when_told(town: Town, lamp: Contact) -> None:
    town.relay.drain()
    stop = threading.Event()
    thread = threading.Thread(target=Follower().run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: keys(ask("rosemary")) == [lamp.pk], seconds=20, what="the index has it")
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def test_a_round_that_breaks_is_made_up_for(
    town: Town, lamp: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.catch_up()
    intake.add_message(contact_id=lamp.pk, direction="in", body="It needs a fuse")
    town.relay.drain()

    def broken(*_args: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(index, "put", broken)
        with pytest.raises(RuntimeError):
            services.catch_up()
    assert keys(look(town, "fuse")) == [lamp.pk]


def test_no_sign_breaks_a_search(town: Town, lamp: Contact) -> None:
    for text in ("'", '"', "a'b\"c & d | !e (", "\x00", "\\", "%", "*", "'; DROP TABLE x", "x" * 500):
        assert not look(town, f"{text}{text}").contacts, text
