"""The form journey without JavaScript, from the start page to the confirmation."""

import io
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from civicline.cases import selectors as cases
from civicline.channels.webform import journey, reports
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.intake.models import Contact, Draft
from civicline.kernel import clock
from tests.integration.web.portal.visitor import Visitor, code, kept_link, reference, title, words
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, kind)
    return out.getvalue()


def fill_in(visitor: Visitor, **contact: str) -> Any:
    """Report a pothole up to the check of all answers."""
    visitor.begin("pothole")
    visitor.answer(**{"a-q-size": "hand"})
    visitor.answer(**{"a-details": "Deep.\nBy the bus stop."})
    visitor.answer(address="12 Quay Street")
    return visitor.answer(**contact)


def test_a_report_from_the_start_page_to_the_confirmation(portal_town: Town) -> None:
    visitor = Visitor()
    start = visitor.get("/en/services/pothole/form/")
    assert "How big is it?" in words(start)
    assert "about 2 minutes" in words(start)
    page = visitor.begin("pothole")
    assert "Question 1 of 4" in words(page)
    assert title(page).startswith("How big is it? - Pothole")
    page = fill_in(visitor, name="Grace", email="grace@example.org")
    assert "Check your answers" in words(page)
    for told in ("Like a hand", "By the bus stop.", "12 Quay Street", "grace@example.org"):
        assert told in words(page)
    done = visitor.answer()
    assert "We have it. Thank you" in words(done)
    assert "You hear from us by" in words(done)
    case = cases.find_by_reference(reference(done))
    assert case is not None
    assert (case.type, case.address, case.answers) == ("incident", "12 Quay Street", {"size": "hand"})
    assert case.title == "Pothole: 12 Quay Street"
    assert case.resident is not None
    assert case.resident.name == "Grace"
    (contact,) = cases.contacts_of(case.pk)
    assert contact.channel == "webform"
    assert intake.opens(contact, reports.canonical(code(done)))
    assert cases.get_case_by_reference_and_secret(case.reference, reports.canonical(code(done)))


def test_a_question_opens_no_case_and_can_be_read_again(portal_town: Town) -> None:
    visitor = Visitor()
    page = visitor.begin("council-tax")
    assert "What do you want to ask or tell us?" in words(page)
    visitor.answer(**{"a-details": "Why is my bill so high?"})
    visitor.answer()
    done = visitor.answer()
    assert cases.find_by_reference(reference(done)) is None
    again = visitor.get(kept_link(done))
    assert "Why is my bill so high?" in words(again)
    assert "We have your message" in words(again)


def test_errors_are_summed_up_and_nothing_typed_is_lost(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.begin("pothole")
    page = visitor.answer()
    assert page.status_code == 400
    assert title(page).startswith("Error: How big is it?")
    assert "There is a problem" in words(page)
    assert 'href="#a-q-size"' in page.content.decode()
    assert 'id="a-q-size"' in page.content.decode()
    visitor.begin("complaint")
    page = visitor.answer(**{"a-details": "x" * 5000})
    assert "1000 characters too long" in words(page)
    assert "x" * 5000 in page.content.decode()


def test_answers_can_be_changed_from_the_check_and_missing_ones_are_asked_for(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.begin("pothole")
    form = visitor.here.rsplit("/", 2)[0]
    page = visitor.post(f"{form}/check/")
    assert page.status_code == 400
    assert "You have not answered: How big is it?" in words(page)
    assert not Contact.objects.exists()
    page = visitor.post(f"{form}/q-size/?back=check", {"a-q-size": "plate"})
    assert "Check your answers" in words(page)
    assert "Like a plate" in words(page)


def test_a_form_is_kept_and_opens_again_by_its_link_only(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.begin("pothole")
    page = visitor.answer(**{"a-q-size": "hand", "later": "1"})
    assert "Your answers are saved" in words(page)
    link, form = kept_link(page), visitor.here.removesuffix("saved/")
    assert "secret" not in link
    elsewhere = Visitor()
    assert elsewhere.get(form).status_code == 404
    page = elsewhere.get(link)
    assert page.status_code == 200
    assert link.rsplit("/", 2)[1] not in elsewhere.here
    assert "Question 2 of 4" in words(page)
    assert "Saved at" in words(page)


def test_whoever_cannot_answer_a_question_may_stop_at_it_all_the_same(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.begin("pothole")
    assert "There is a problem" in words(visitor.answer(**{"a-q-size": "a house", "later": "1"}))
    page = visitor.answer(later="1")
    assert "Your answers are saved" in words(page)
    assert "Question 1 of 4" in words(Visitor().get(kept_link(page)))


def test_whoever_stops_at_a_question_that_may_be_left_out_finds_it_again(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.begin("pothole")
    visitor.answer(**{"a-q-size": "hand"})
    page = visitor.answer(later="1")
    assert "Question 2 of 4" in words(Visitor().get(kept_link(page)))


def test_a_strangers_form_an_unknown_one_and_an_old_one_are_told_alike(portal_town: Town) -> None:
    mine, thief = Visitor(), Visitor()
    mine.begin("pothole")
    form = mine.here
    thief.begin("pothole")
    (secret,) = {value for (name, _), value in thief.cookies.items() if name == "form_secret"}
    thief.cookies[("form_secret", "/en/form/")] = secret
    foreign = thief.get(form)
    unknown = thief.get(f"/en/form/{'0' * 8}-0000-7000-8000-{'0' * 12}/")
    portal_town.clock.advance(29 * 86_400)
    old = mine.get(form)
    assert {foreign.status_code, unknown.status_code, old.status_code} == {404}
    assert words(foreign) == words(unknown) == words(old)
    assert mine.answer(**{"a-q-size": "hand"}).status_code == 404


def test_a_form_that_is_old_is_gone_also_by_its_link(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.begin("pothole")
    link = kept_link(visitor.answer(**{"a-q-size": "hand", "later": "1"}))
    portal_town.clock.advance(27 * 86_400)
    assert visitor.get(link).status_code == 200
    portal_town.clock.advance(2 * 86_400)
    assert visitor.get(link).status_code == 404


def test_a_second_click_finds_the_first_report(portal_town: Town) -> None:
    visitor = Visitor()
    fill_in(visitor)
    check = visitor.here
    first = visitor.post(check)
    second = visitor.post(check)
    assert reference(first) == reference(second)
    assert code(first) == code(second)
    assert Contact.objects.count() == 1
    assert cases.count_cases() == 1
    assert "We have it" in words(visitor.get(kept_link_of_form(visitor)))


def kept_link_of_form(visitor: Visitor) -> str:
    return visitor.here.replace("sent/", "saved/")


def test_two_clicks_at_the_same_moment_are_one_report(portal_town: Town) -> None:
    visitor = Visitor()
    fill_in(visitor)
    draft = Draft.objects.get()
    service = intake.get_service("pothole")
    assert service is not None
    asked, taken = journey.questions(service, "en"), []
    ready = threading.Barrier(4)

    def click() -> None:
        from django.db import connection

        ready.wait()
        taken.append(
            reports.take_in(
                draft_id=draft.pk, service=service, asked=asked, answers=draft.answers, language="en"
            )
        )
        connection.close()

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join(20)
    assert len({one.reference for one in taken}) == 1
    assert [one.repeated for one in taken].count(False) == 1
    assert cases.count_cases() == 1


def test_photos_come_with_it_and_a_bad_one_costs_the_photo_only(portal_town: Town) -> None:
    visitor = Visitor()
    fill_in(visitor)
    photos = [
        SimpleUploadedFile("hole.png", picture()),
        SimpleUploadedFile("evil.png", b"<script>alert(1)</script>"),
    ]
    done = visitor.post(visitor.here, {"photo": photos})
    assert "Not every file could be kept." in words(done)
    case = visitor.get(f"/en/status/{reference(done)}/")
    assert "hole.png" in words(case)
    assert "evil" not in words(case)


HOSTILE = [
    "<script>alert(1)</script>",
    "a\x00b",
    "\u202egnp.exe",
    "{{ 7 * 7 }}{% raw %}",
    "' OR 1=1 --",
    "\U0001f469\u200d\U0001f467 ümlaut العربية",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(portal_town: Town, text: str) -> None:
    visitor = Visitor()
    visitor.begin("council-tax")
    visitor.answer(**{"a-details": text})
    page = visitor.answer(name=text)
    body = page.content.decode()
    assert page.status_code == 200
    assert "<script>alert" not in body
    assert "\x00" not in body
    assert "\u202e" not in body
    done = visitor.answer()
    assert done.status_code == 200
    assert visitor.get(f"/en/status/{reference(done)}/").status_code == 200


def test_a_megabyte_is_refused_in_words(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.begin("council-tax")
    page = visitor.answer(**{"a-details": "x" * 1_000_000})
    assert page.status_code == 400
    assert "too long" in words(page)
    page = visitor.answer(**{"a-details": "x" * 3_000_000})
    assert page.status_code == 413
    assert "too long to be read" in words(page)


def test_ten_thousand_fields_are_refused_in_words(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.begin("pothole")
    page = visitor.post(visitor.here, {f"field{number}": "x" for number in range(10_000)})
    assert page.status_code == 400
    assert "more in this form than we asked for" in words(page)
    page = visitor.post(visitor.here, {"a-q-size": [str(number) for number in range(1_500)]})
    assert page.status_code == 400


def test_a_form_of_a_service_that_is_gone_is_told(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.begin("pothole")
    service = intake.get_service("pothole")
    assert service is not None
    intake_services.retire_service(code=service.code)
    page = visitor.get(visitor.here)
    assert page.status_code == 404
    assert "no form for this service" in words(page)


def test_beginning_is_slowed_down_for_one_address(portal_town: Town) -> None:
    visitor = Visitor()
    statuses = {visitor.once("post", "/en/services/pothole/form/").status_code for _ in range(61)}
    assert statuses == {302, 429}
    assert Visitor(address="192.0.2.8").begin("pothole").status_code == 200


def test_the_language_can_be_changed_in_the_middle(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.begin("pothole")
    page = visitor.get(visitor.here.replace("/en/", "/ar/"))
    assert page.status_code == 200
    assert "ما حجمها؟" in words(page)
    assert 'dir="rtl"' in page.content.decode()


def test_cookies_of_a_form_are_out_of_reach_of_scripts(portal_town: Town) -> None:
    response = Visitor().once("post", "/en/services/pothole/form/")
    ours = [morsel for morsel in response.cookies.values() if morsel.key == "form_secret"]
    assert len(ours) == 5
    for morsel in ours:
        assert morsel["httponly"]
        assert morsel["samesite"] == "Lax"
        assert "/form/" in morsel["path"]
    assert clock.now()
