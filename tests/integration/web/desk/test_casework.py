"""Cases at the desk: opened, moved, written on, linked, merged, split, followed, reopened; and search."""

from __future__ import annotations

import json

import pytest

from civicline.cases import selectors as case_selectors
from civicline.cases import services as cases
from civicline.cases.models import Case
from civicline.finding import services as finding
from civicline.intake.ports import ResidentFacts
from civicline.kernel import bus
from civicline.knowledge import services as knowledge
from civicline.people import services as people
from tests.integration.web.desk.conftest import PARTS, Desk
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
GRACE = ResidentFacts(name="Grace Okafor", email="grace@resident.example")


def opened(desk: Desk, contact_id: object, title: str = "Bill not changed") -> Case:
    """Open a case beside a contact, by its form."""
    desk.do(f"/desk/c/{contact_id}/open-case", type="complaint", title=title, own="1")
    return Case.objects.get(title=title)


def test_a_case_opened_beside_a_contact_shows_its_next_steps(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax", resident=GRACE))
    parts = nadia.do(f"/desk/c/{contact.pk}/open-case", type="complaint", title="Bill not changed", own="1")
    case = Case.objects.get()
    assert case.reference in parts and "Acknowledge" in parts and "Owner: you" in parts
    assert case.owner_id == nadia.id and case.resident_id == contact.resident_id
    nadia.do(f"/desk/c/{contact.pk}/open-case", 422, type="complaint", title="  ")


def test_a_colleague_named_in_a_note_of_a_case_hears_of_it(town: Town, nadia: Desk, colleague: Desk) -> None:
    case = opened(nadia, nadia.take(town.chat("council-tax", resident=GRACE)).pk)
    where = f"/desk/cases/{case.reference}/"
    told: list[tuple[str, str]] = []
    with bus.subscribe([f"user:{colleague.id}"], lambda hint: told.append((hint["topic"], hint["kind"]))):
        nadia.client.post(where + "note", {"text": "@Jonas and @Nadia, is this yours? @Nobody knows."})
        town.settle()
    assert told == [(f"user:{colleague.id}", "mention")]
    bell = colleague.read("/desk/bell", parts=True)
    assert "1 new" in bell and "is this yours?" in bell and f'href="{where}"' in bell
    assert "is this yours?" in colleague.read(where)
    assert "is this yours?" not in nadia.read("/desk/bell", parts=True)
    assert "1 new" not in colleague.read("/desk/bell?seen=1", parts=True)


def test_a_word_to_the_resident_names_nobody(town: Town, nadia: Desk, colleague: Desk) -> None:
    case = opened(nadia, nadia.take(town.chat("council-tax", resident=GRACE)).pk)
    nadia.client.post(f"/desk/cases/{case.reference}/update", {"text": "@Jonas has your letter."})
    assert "has your letter" not in colleague.read("/desk/bell", parts=True)


def test_steps_are_those_of_the_table_and_the_first_one_wins(
    town: Town, nadia: Desk, colleague: Desk
) -> None:
    contact = nadia.take(town.chat("council-tax"))
    case = opened(nadia, contact.pk)
    where = f"/desk/cases/{case.reference}/"
    step = case_selectors.open_steps(case, nadia_user(nadia))[0]
    fields = dict.fromkeys(step.needs, "Because")
    assert (
        nadia.client.post(
            where + "step", {"transition": step.name, "version": case.version, **fields}
        ).status_code
        == 302
    )
    late = colleague.client.post(
        where + "step", {"transition": step.name, "version": case.version, "reason": "Mine too", **fields}
    )
    assert late.status_code == 409
    told = late.content.decode()
    assert "Nadia changed this case" in told and "What you typed is kept" in told
    nadia.client.post(where + "step", {"transition": "no_such_step"})
    case.refresh_from_db()
    assert case.state != "received"


def nadia_user(desk: Desk) -> object:
    """The account of a desk."""
    from civicline.people.models import User

    return User.objects.get(pk=desk.id)


def test_notes_stay_inside_and_updates_go_out(town: Town, nadia: Desk) -> None:
    case = opened(nadia, nadia.take(town.chat("council-tax")).pk)
    where = f"/desk/cases/{case.reference}/"
    nadia.client.post(where + "note", {"text": "Landlord rang"})
    nadia.client.post(where + "update", {"text": "We look into it"})
    page = nadia.read(where)
    assert "Landlord rang" in page and "We look into it" in page
    said = [line.text for line in case_selectors.public_progress(case_selectors.get_case(case.pk)).updates]
    assert said == ["We look into it"]
    assert "Write something here" in nadia.client.post(where + "note", {"text": " "}).content.decode()
    assert "Landlord rang" in nadia.read(where + "now", parts=True)


def test_cases_are_linked_followed_merged(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax"))
    one, two = opened(nadia, contact.pk, "One"), opened(nadia, contact.pk, "Two")
    where = f"/desk/cases/{one.reference}/"
    nadia.client.post(where + "link", {"other": two.reference.lower()})
    assert two.reference in nadia.read(where)
    nadia.client.post(where + "unlink", {"other": two.reference})
    assert not case_selectors.links_of(one.pk)
    assert "There is no case" in nadia.client.post(where + "link", {"other": "SM-999-999"}).content.decode()
    nadia.client.post(where + "follow", {"follow": "no"})
    assert nadia_user(nadia) not in case_selectors.followers_of(one.pk)
    nadia.client.post(where + "follow", {"follow": "yes"})
    assert nadia_user(nadia) in case_selectors.followers_of(one.pk)
    done = nadia.client.post(where + "merge", {"other": two.reference})
    assert done.headers["Location"] == f"/desk/cases/{two.reference}/"
    assert "part of another" in nadia.read(where)


def test_a_case_is_split_by_its_contacts(town: Town, nadia: Desk) -> None:
    first, second = nadia.take(town.chat("council-tax", "a")), nadia.take(town.chat("council-tax", "b"))
    case = opened(nadia, first.pk)
    nadia.do(f"/desk/c/{second.pk}/link-case", other=case.reference)
    nadia.client.post(
        f"/desk/cases/{case.reference}/split", {"contacts": [str(second.pk)], "title": "The other matter"}
    )
    new = Case.objects.get(title="The other matter")
    assert [row.pk for row in case_selectors.contacts_of(new.pk)] == [second.pk]
    assert [row.pk for row in case_selectors.contacts_of(case.pk)] == [first.pk]


def test_a_closed_case_is_opened_again_with_a_reason(town: Town, nadia: Desk) -> None:
    case = opened(nadia, nadia.take(town.chat("council-tax")).pk)
    for name in ("acknowledge", "investigate", "answer", "close"):
        fresh = case_selectors.get_case(case.pk)
        if name in {step.name for step in case_selectors.open_steps(fresh, nadia_user(nadia))}:  # type: ignore[arg-type]  # a user
            cases.take_step(case_id=case.pk, transition=name, by=nadia.id, note="Done", reason="Done")
    where = f"/desk/cases/{case.reference}/"
    assert "Open again" in nadia.read(where)
    nadia.client.post(where + "reopen", {"reason": "New facts"})
    assert Case.objects.get(pk=case.pk).closed_at is None


def test_an_owner_gives_a_case_away_and_others_do_not(town: Town, nadia: Desk, colleague: Desk) -> None:
    case = opened(nadia, nadia.take(town.chat("council-tax")).pk)
    where = f"/desk/cases/{case.reference}/owner"
    assert colleague.client.post(where, {"owner": "me"}, headers=PARTS).status_code == 403
    nadia.client.post(where, {"owner": str(colleague.id)})
    assert Case.objects.get(pk=case.pk).owner_id == colleague.id


def test_search_finds_by_reference_name_and_words(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax", "hello", resident=GRACE, subject="Bill for the whole year"))
    case = opened(nadia, contact.pk)
    town.settle()
    finding.catch_up()
    for query in (contact.reference, contact.reference.lower().replace("-", ""), "Grace", "year bill hello"):
        found = json.loads(nadia.read(f"/desk/palette?q={query}", parts=True))["results"]
        assert f"/desk/c/{contact.pk}/" in {one["href"] for one in found}, query
    found = json.loads(nadia.read(f"/desk/palette?q={case.reference}", parts=True))["results"]
    assert found[0]["href"] == f"/desk/cases/{case.reference}/"
    page = nadia.read("/desk/search?q=Grace")
    assert "<mark>grace</mark>@resident.example" in page and contact.reference in page
    assert "Bill for the <mark>whole</mark> <mark>year</mark>" in nadia.read("/desk/search?q=year+WHOLE")
    assert "Nothing fits" in nadia.read("/desk/search?q=zzzzzz")
    assert nadia.read("/desk/search?q=%00%27%22")
    assert "Grace Okafor" in nadia.read(f"/desk/people/{contact.resident_id}/")
    for view in ("mine", "open", "unowned", "breached", "followed", "closed", "nonsense"):
        nadia.read(f"/desk/cases/?view={view}")


def test_canned_texts_come_filled_in_and_are_counted(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax", resident=GRACE))
    knowledge.create_canned_text(
        code="greeting",
        title={"en": "Greeting"},
        body={"en": "Hello {{resident.name}}, I am {{agent.name}}. {{case.reference}}"},
    )
    (text,) = json.loads(nadia.read(f"/desk/c/{contact.pk}/texts?q=gree", parts=True))["results"]
    assert text["text"].startswith("Hello Grace Okafor, I am Nadia.") and text["missing"] == [
        "case.reference"
    ]
    nadia.do(text["use"])
    assert json.loads(nadia.read(f"/desk/c/{contact.pk}/texts?q=nothing", parts=True))["results"] == []


def test_colleagues_are_found_without_their_accents(town: Town, nadia: Desk) -> None:
    people.change_staff(user_id=town.agent("Ines", queues=["benefits"], skills={}), name="Inés")
    found = json.loads(nadia.read("/desk/colleagues?q=ine", parts=True))["results"]
    assert found == [{"handle": "Inés", "name": "Inés"}]
