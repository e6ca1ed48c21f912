"""How a case stands: who may see it, what is told, what can be done."""

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from civicline.cases import selectors as cases
from civicline.cases import services as case_services
from civicline.channels.webform import reports
from civicline.insight import selectors as insight
from civicline.intake import services as intake_services
from civicline.intake.models import Contact
from civicline.intake.references import next_reference
from civicline.kernel.db import writes
from tests.integration.web.portal.visitor import Visitor, code, kept_link, reference, title, words
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reported(portal_town: Town) -> Any:
    """A pothole that was reported; the visitor with its confirmation."""
    visitor = Visitor()
    visitor.begin("pothole")
    visitor.answer(**{"a-q-size": "hand"})
    visitor.answer(**{"a-details": "Deep."})
    visitor.answer(address="Quay Street")
    visitor.answer(name="Grace")
    return visitor, visitor.answer()


@writes
def unused() -> str:
    """A good reference that belongs to nothing."""
    return str(next_reference())


def test_reference_and_code_open_the_case_however_they_are_typed(reported: Any) -> None:
    _, done = reported
    elsewhere = Visitor()
    typed = {
        "reference": f" {reference(done).lower().replace('-', '')} ",
        "code": code(done).upper().replace("-", " "),
    }
    page = elsewhere.post("/en/status/", typed)
    assert page.status_code == 200
    assert "Pothole: Quay Street" in words(page)
    assert "Reported" in words(page)
    assert reports.canonical(code(done)) not in page.content.decode()
    assert reports.canonical(code(done)) not in elsewhere.here


def test_a_link_is_exchanged_for_a_cookie_of_that_case_alone(reported: Any) -> None:
    _, done = reported
    elsewhere = Visitor()
    response = elsewhere.once("get", kept_link(done))
    assert response.status_code == 302
    assert response["Location"] == f"/en/status/{reference(done)}/"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "no-store"
    ours = [morsel for morsel in response.cookies.values() if morsel.key == "case_secret"]
    assert all(morsel["httponly"] and reference(done) in morsel["path"] for morsel in ours)
    assert elsewhere.get(response["Location"]).status_code == 200


def test_unknown_and_wrong_are_told_in_the_same_words_by_the_same_work(
    reported: Any, django_assert_num_queries: Any
) -> None:
    _, done = reported
    known, unknown = reference(done), unused()
    pages = []
    for typed in (known, unknown):
        visitor = Visitor()
        with django_assert_num_queries(3):
            page = visitor.post("/en/status/", {"reference": typed, "code": "not the code of it"})
        assert page.status_code == 400
        pages.append(re.sub(r"[A-Za-z0-9]{64}", "token", page.content.decode()).replace(typed, ""))
    assert pages[0] == pages[1]


def test_without_the_secret_nothing_is_told_of_a_case(reported: Any) -> None:
    _, done = reported
    for typed in (reference(done), unused()):
        for page in ("", "add/", "step/withdraw/", "feedback/"):
            response = Visitor().once("get", f"/en/status/{typed}/{page}")
            assert response.status_code == 302
            assert response["Location"].startswith(f"/en/status/?reference={typed}")
    links = [Visitor().once("get", f"/en/open/{typed}/guess/") for typed in (reference(done), unused())]
    assert [one.status_code for one in links] == [404, 404]
    assert links[0].content == links[1].content


def test_what_is_no_reference_is_told_from_its_letters_alone(portal_town: Town) -> None:
    page = Visitor().post("/en/status/", {"reference": "SM-4K7-292", "code": ""})
    assert page.status_code == 400
    assert "like SM-4K7-291" in words(page)
    assert "Enter the code" in words(page)


@pytest.mark.parametrize("known", [True, False])
def test_guessing_is_stopped_for_a_reference_and_told_in_words(reported: Any, known: bool) -> None:
    visitor, done = reported
    typed = reference(done) if known else unused()
    answers = [
        Visitor(address=f"192.0.2.{number}").post(
            "/en/status/", {"reference": typed, "code": f"guess {number}"}
        )
        for number in range(11)
    ]
    assert [one.status_code for one in answers] == [400] * 10 + [429]
    assert "too many tries" in words(answers[-1])
    assert int(answers[-1]["Retry-After"]) > 0
    assert (
        visitor.get(f"/en/status/{reference(done)}/").status_code == 200
    )  # whoever has the secret is not shut out


def test_guessing_is_stopped_for_an_address(portal_town: Town) -> None:
    visitor = Visitor()
    data = {"reference": "nothing", "code": "x"}
    assert {visitor.post("/en/status/", data).status_code for _ in range(61)} == {400, 429}
    assert Visitor(address="192.0.2.99").post("/en/status/", data).status_code == 400


def test_what_was_said_is_there_and_notes_are_not(reported: Any) -> None:
    visitor, done = reported
    case = cases.find_by_reference(reference(done))
    (contact,) = cases.contacts_of(case.pk)
    case_services.add_public_update(case_id=case.pk, text="A crew is booked.")
    case_services.add_note(case_id=case.pk, text="he always complains")
    intake_services.add_message(
        contact_id=contact.pk, direction="out", body="Which side?", author_name="Nadia"
    )
    intake_services.add_message(contact_id=contact.pk, direction="note", body="rude again")
    page = words(visitor.get(f"/en/status/{case.reference}/"))
    assert "A crew is booked." in page
    assert "Which side?" in page
    assert "Nadia" in page
    assert "complains" not in page
    assert "rude" not in page
    read = [one for one in contact.messages.all() if one.direction == "out"]
    assert all(one.read_at for one in read)


def test_words_and_files_are_added_once(reported: Any) -> None:
    visitor, done = reported
    out = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(out, "JPEG")
    address = f"/en/status/{reference(done)}/add/"
    visitor.get(address)
    bad = visitor.post(
        address, {"text": "It grew", "files": [SimpleUploadedFile("x.exe", b"MZ\x00\x01")], "key": "k"}
    )
    assert bad.status_code == 400
    assert "It grew" in words(bad)
    data = {"text": "It grew", "key": "k1"}
    visitor.post(address, data | {"files": [SimpleUploadedFile("hole.jpg", out.getvalue())]})
    page = visitor.post(address, data)
    assert words(page).count("It grew") == 1
    assert "hole.jpg" in words(page)
    (contact,) = Contact.objects.all()
    said = [one for one in contact.messages.all() if one.body == "It grew"]
    assert len(said) == 1
    (file,) = said[0].attachments.all()
    served = visitor.get(f"/en/status/{reference(done)}/files/{file.pk}/")
    assert served["Content-Type"] == "image/jpeg"
    assert "sandbox" in served["Content-Security-Policy"]
    assert (
        Visitor().get(f"/en/status/{reference(done)}/files/{file.pk}/").status_code == 200
    )  # the look-up page
    assert "SM-4K7-291" in words(Visitor().get(f"/en/status/{reference(done)}/files/{file.pk}/"))


def test_a_resident_may_withdraw_and_ask_to_open_again(reported: Any) -> None:
    visitor, done = reported
    address = f"/en/status/{reference(done)}"
    assert "Withdraw" in words(visitor.get(f"{address}/"))
    page = visitor.post(f"{address}/step/withdraw/", {"reason": ""})
    assert page.status_code == 400
    assert "Give a reason." in words(page)
    page = visitor.post(f"{address}/step/withdraw/", {"reason": "Somebody filled it"})
    assert "This was withdrawn." in words(page)
    assert "Withdrawn" in words(page)
    assert "Fixed" not in words(page)
    assert "Reopen" in words(page)
    page = visitor.post(f"{address}/step/reopen/", {"reason": "It is back"})
    assert "We will look at it again." in words(page)
    assert visitor.post(f"{address}/step/resolve/", {"reason": "me"}).status_code == 200
    case = cases.find_by_reference(reference(done))
    assert case is not None
    assert case.state == "reopened"


def test_late_work_is_owned_up_to(reported: Any, portal_town: Town) -> None:
    visitor, done = reported
    portal_town.clock.advance(40 * 3600)
    assert "You hear from us by" in words(visitor.get(f"/en/status/{reference(done)}/"))
    link = kept_link(done)
    portal_town.clock.advance(6 * 86_400)
    case_services.check_clocks(now=portal_town.clock.now())
    assert "are late. We are sorry." in words(visitor.get(link))


def test_feedback_is_asked_when_it_is_over_and_kept_once(reported: Any) -> None:
    visitor, done = reported
    address = f"/en/status/{reference(done)}"
    assert "Add something" in words(visitor.get(f"{address}/feedback/"))  # too early: back to the case
    visitor.post(f"{address}/step/withdraw/", {"reason": "Somebody filled it"})
    page = visitor.get(f"{address}/feedback/")
    assert "How did we do?" in words(page)
    page = visitor.post(f"{address}/feedback/", {})
    assert page.status_code == 400
    assert title(page).startswith("Error:")
    assert visitor.post(f"{address}/feedback/", {"satisfaction": "9"}).status_code == 400
    assert visitor.post(f"{address}/feedback/", {"satisfaction": "5", "text": "x" * 1_300}).status_code == 400
    page = visitor.post(f"{address}/feedback/", {"satisfaction": "4", "ease": "6", "text": "Quick"})
    assert "Thank you for telling us" in words(page)
    page = visitor.post(f"{address}/feedback/", {"satisfaction": "1"})
    assert "Thank you for telling us" in words(page)
    case = cases.find_by_reference(reference(done))
    assert case is not None
    assert insight.has_feedback(case_id=case.pk)
    assert case.feedback.get().satisfaction == 4


def test_a_message_without_a_case_is_followed_and_judged_the_same_way(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.begin("council-tax")
    visitor.answer(**{"a-details": "Why so high?"})
    visitor.answer()
    address = f"/en/status/{reference(visitor.answer())}"
    page = visitor.post(f"{address}/add/", {"text": "And when is it due?", "key": "k"})
    assert "And when is it due?" in words(page)
    (contact,) = Contact.objects.all()
    intake_services.close(contact_id=contact.pk, disposition="solved")
    page = visitor.get(f"{address}/")
    assert "This conversation has ended." in words(page)
    assert visitor.once("get", f"{address}/add/").status_code == 302
    page = visitor.post(f"{address}/feedback/", {"ease": "7"})
    assert "Thank you" in words(page)
    assert insight.has_feedback(contact_id=contact.pk)


def test_a_case_can_be_closed_on_a_shared_computer(reported: Any) -> None:
    visitor, done = reported
    page = visitor.post(f"/en/status/{reference(done)}/close/")
    assert "Check a case" in words(page)
    assert visitor.once("get", f"/en/status/{reference(done)}/").status_code == 302


def test_a_case_is_drawn_in_a_fixed_number_of_queries(
    reported: Any, django_assert_max_num_queries: Any
) -> None:
    visitor, done = reported
    case = cases.find_by_reference(reference(done))
    for number in range(12):
        case_services.add_public_update(case_id=case.pk, text=f"Word {number}")
    visitor.get(f"/en/status/{case.reference}/")
    with django_assert_max_num_queries(24):
        assert visitor.get(f"/en/status/{case.reference}/").status_code == 200
