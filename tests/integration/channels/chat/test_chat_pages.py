"""The web chat as a resident without JavaScript has it: every page and every form of it."""

import io
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from PIL import Image

from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.intake.models import Calendar
from civicline.routing import services as routing
from civicline.routing.selectors import offers_of
from tests.integration.channels.chat.resident import Resident, key_of, words
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue()


def connect(town: Town, name: str = "Nadia") -> UUID:
    """An agent comes, is offered the chat and takes it."""
    agent = town.agent(name, queues=["council-tax"], skills={"council-tax": 4}, languages=("en", "ar"))
    town.settle()
    (offer,) = offers_of(agent)
    routing.accept_offer(offer_id=offer.id, agent_id=agent)
    town.settle()
    return agent


def test_the_start_page_says_hours_and_wait_before_one_starts(town: Town) -> None:
    page = words(Resident().get("/chat/?service=council-tax"))
    assert "Chat about council-tax" in page
    assert "The wait now" in page
    choice = words(Resident().get("/chat/"))
    assert "What is it about?" in choice
    assert "benefits" in choice


def test_the_reference_is_there_from_the_first_second(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start(name="Grace", email="grace@example.org")
    contact = intake.get_contact(contact_id)
    assert contact is not None
    page = resident.look()
    assert contact.reference in page
    assert "You are joining the line" in page
    assert "Why is my bill so high?" in page
    town.settle()
    assert "in line" in resident.look()
    assert contact.resident is not None
    assert contact.resident.name == "Grace"


def test_a_conversation_from_the_first_word_to_the_last(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    agent = connect(town)
    assert "Nadia from council-tax has joined." in resident.look()
    intake_services.mark_read(contact_id=contact_id, up_to=1, reader="staff")
    intake_services.add_message(contact_id=contact_id, direction="out", body="Let me look.", author_id=agent)
    intake_services.add_message(
        contact_id=contact_id, direction="note", body="owes since May", author_id=agent
    )
    page = resident.look()
    assert "Let me look." in page
    assert "Read" in page
    assert "owes since May" not in page
    assert resident.say("Thank you").status_code == 302
    routing.complete(contact_id=contact_id, agent_id=agent, disposition="solved")
    page = resident.look()
    assert "This chat has ended." in page
    assert "Send" not in page.split("Keep this chat")[0].split("Messages")[-1]
    refused = resident.say("One more thing")
    assert refused.status_code == 409
    assert "This conversation has ended" in words(refused)


def test_old_state_and_news_are_a_fresh_page(town: Town) -> None:
    """A page that adds what is new, and puts it in the order it is told, is the page drawn anew."""
    resident = Resident()
    contact_id = resident.start()
    shown: dict[str, str] = {}

    def follow(after: int) -> int:
        news = resident.news(after)
        for entry in news["entries"]:
            shown.setdefault(entry["id"], entry["html"])
        fresh = resident.news(0)
        assert news["order"] == fresh["order"] == sorted(shown, key=fresh["order"].index)
        for entry in fresh["entries"]:
            # States change in place, by the part sent beside: the rest of an entry stays as it was.
            assert strip_state(shown[entry["id"]]) == strip_state(entry["html"])
        for key in ("head", "place", "phase", "title", "open", "states"):
            assert news[key] == fresh[key]
        return int(news["after"])

    after = follow(0)
    town.settle()
    after = follow(after)
    agent = connect(town)
    after = follow(after)
    for number in range(3):
        resident.say(f"Question {number}")
        intake_services.add_message(
            contact_id=contact_id, direction="out", body=f"Answer {number}", author_id=agent
        )
        intake_services.add_message(contact_id=contact_id, direction="note", body="for us", author_id=agent)
        after = follow(after)
    intake_services.mark_read(contact_id=contact_id, up_to=99, reader="staff")
    after = follow(after)
    routing.complete(contact_id=contact_id, agent_id=agent, disposition="solved")
    follow(after)
    assert len(shown) == 9  # 1 + 6 messages, joined, ended; no notes


def strip_state(html: str) -> str:
    return re.sub(r'<span class="delivery.*?</span>', "", html, flags=re.S)


def test_a_second_click_finds_the_first_chat_again(town: Town) -> None:
    resident = Resident()
    form = {"key": key_of(resident.get("/chat/")), "service": "council-tax", "body": "Hello"}
    first, second = resident.post("/chat/", form), resident.post("/chat/", form)
    assert first["Location"] == second["Location"]
    assert resident.get(second["Location"]).status_code == 200, "the repeat has the secret too"
    other = resident.post("/chat/", form | {"body": "Something else"})
    assert other.status_code == 409
    assert "Send it again to start another chat" in words(other)
    again = resident.post("/chat/", form | {"body": "Something else", "key": key_of(other)})
    assert again["Location"] != first["Location"]


def test_the_same_message_sent_twice_is_there_once(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    for _ in range(3):
        file = SimpleUploadedFile("bill.png", picture())
        assert resident.say("I was cut off", file, client_key="k1").status_code == 302
    (message,) = intake.list_messages(contact_id, after=1)
    assert message.body == "I was cut off"
    assert len(message.attachments.all()) == 1


@pytest.mark.parametrize("path", ["", "news", "transcript.txt", "transcript.html", "end", "leave"])
def test_without_the_secret_a_chat_is_as_if_it_were_not_there(town: Town, path: str) -> None:
    resident, stranger = Resident(), Resident(address="192.0.2.99")
    contact_id = resident.start()
    nobody = uuid4()
    stranger.cookies[("chat_secret", "/chat/")] = "guess"
    answers = [stranger.get(f"/chat/{one}/{path}") for one in (contact_id, nobody)]
    texts = [
        answer.content.decode().replace(str(one), "ID")
        for answer, one in zip(answers, (contact_id, nobody), strict=True)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert texts[0] == texts[1]
    assert resident.get(f"/chat/{contact_id}/{path}").status_code == 200


def test_the_secret_of_one_chat_does_not_open_another(town: Town) -> None:
    mine, theirs = Resident(), Resident()
    theirs_id = theirs.start("Theirs")
    mine.start("Mine")
    secret = next(value for (name, _), value in mine.cookies.items() if name == "chat_secret")
    mine.cookies[("chat_secret", f"/chat/{theirs_id}/")] = secret
    assert mine.get(f"/chat/{theirs_id}/").status_code == 404
    assert mine.post(f"/chat/{theirs_id}/say", {"body": "x"}).status_code == 404
    assert mine.post(f"/chat/{theirs_id}/end").status_code == 404


def test_who_tries_many_secrets_is_stopped(town: Town) -> None:
    stranger = Resident(address="192.0.2.66")
    answers = [stranger.get(f"/chat/{uuid4()}/").status_code for _ in range(70)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_another_sites_page_can_not_act_in_a_residents_name(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}):
        answer = resident.post(f"/chat/{contact_id}/say", {"body": "give me the code"}, **headers)
        assert answer.status_code == 403
        assert resident.post(f"/chat/{contact_id}/end", **headers).status_code == 403
    assert len(intake.list_messages(contact_id)) == 1


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        ("x" * 10_001, 400, "has 10001 characters. Shorten it to 10000"),
        ("x" * 1_000_000, 413, "too long to be read"),
        ("x" * 3_000_000, 413, "too long to be read"),
        ("   ", 400, "Write a message, or choose a file"),
    ],
)
def test_a_message_that_can_not_be_taken_is_answered_in_words(
    town: Town, text: str, status: int, sentence: str
) -> None:
    resident = Resident()
    resident.start()
    answer = resident.say(text)
    assert answer.status_code == status
    assert sentence in words(answer)
    if status == 400 and text.strip():
        assert text in answer.content.decode(), "what was written is still in the box"
    assert resident.say("shorter").status_code == 302


@pytest.mark.parametrize(("text", "status"), [("", 400), ("x" * 10_001, 400), ("x" * 1_000_000, 413)])
def test_a_first_message_that_can_not_be_taken(town: Town, text: str, status: int) -> None:
    resident = Resident()
    form = {"key": key_of(resident.get("/chat/")), "service": "council-tax", "body": text}
    assert resident.post("/chat/", form).status_code == status


def test_the_start_page_names_every_problem_and_links_to_it(town: Town) -> None:
    resident = Resident()
    form = {"key": key_of(resident.get("/chat/")), "body": "", "email": "grace at home"}
    page = resident.post("/chat/", form)
    html = page.content.decode()
    assert page.status_code == 400
    assert "There is a problem" in html
    for field in ("service", "body", "email"):
        assert f'href="#{field}"' in html
        assert f'id="{field}"' in html
    assert "<title>Error:" in html


def test_an_old_or_forged_form_keeps_the_words(town: Town) -> None:
    page = Resident().post("/chat/", {"key": "forged", "service": "council-tax", "body": "A long story"})
    assert page.status_code == 400
    assert "A long story" in page.content.decode()
    assert key_of(page) != "forged"


def test_hostile_text_is_shown_harmless_and_kept_as_it_came(town: Town) -> None:
    resident = Resident()
    evil = "<script>alert(1)</script>\x00 invoice\u202efdp.exe \u2067never closed\nnext line"
    contact_id = resident.start(evil)
    html = resident.get(resident.here).content.decode()
    assert "<script>alert" not in html
    assert "\u202e" not in html
    assert "\u2067never closed\u2069" in html
    (message,) = intake.list_messages(contact_id)
    assert "\u202e" in message.body


def test_files_are_checked_stored_and_given_back_to_their_owner_only(town: Town) -> None:
    resident, stranger = Resident(), Resident()
    contact_id = resident.start()
    answer = resident.say("My bill", SimpleUploadedFile("../bill.png", picture(), "image/png"))
    assert answer.status_code == 302
    (file,) = intake.list_messages(contact_id, after=1)[0].attachments.all()
    address = f"/chat/{contact_id}/files/{file.id}"
    assert address in resident.get(resident.here).content.decode()
    given = resident.get(address)
    assert given["Content-Type"] == "image/png"
    assert given["X-Content-Type-Options"] == "nosniff"
    assert stranger.get(address).status_code == 404
    other = stranger.start()
    assert stranger.get(f"/chat/{other}/files/{file.id}").status_code == 404
    assert resident.get(f"/chat/{contact_id}/files/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("page.html", b"<html><script>alert(1)</script>", "We cannot take this kind of file"),
        ("photo.png", b"\x89PNG\r\n\x1a\n broken", "damaged|cannot take this kind"),
        ("empty.txt", b"", "empty"),
        ("setup.exe", b"MZ\x90\x00\x03" * 50, "We cannot take this kind of file"),
        ("big.txt", b"x" * 11_000_000, "can have up to 10 MB"),
    ],
)
def test_a_file_that_can_not_be_taken_is_answered_in_words(
    town: Town, name: str, content: bytes, sentence: str
) -> None:
    resident = Resident()
    contact_id = resident.start()
    answer = resident.say("See this", SimpleUploadedFile(name, content))
    assert answer.status_code == 400
    assert any(part in words(answer) for part in sentence.split("|")), words(answer)[:1_500]
    assert "See this" in answer.content.decode()
    assert len(intake.list_messages(contact_id)) == 1


def test_too_many_messages_are_slowed_down_in_words(town: Town) -> None:
    resident = Resident()
    resident.start()
    answers = [resident.say(f"message {number}") for number in range(45)]
    assert answers[0].status_code == 302
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"]
    assert "Wait" in words(answers[-1])


def test_leaving_it_as_a_message_keeps_words_reference_and_chat(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    town.settle()
    assert "Leave it as a message?" in words(resident.get(f"{resident.here}leave"))
    assert resident.post(f"{resident.here}leave").status_code == 302
    contact = intake.get_contact(contact_id)
    assert contact is not None
    assert (contact.channel, contact.state) == ("webform", "queued")
    assert contact.due_at is not None
    page = resident.look()
    assert "Your message is with us." in page
    assert contact.reference in page
    assert resident.say("I forgot to say: it is urgent").status_code == 302
    connect(town)
    assert "has joined" in resident.look()


def test_ending_the_chat_asks_first_and_gives_up_the_place(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    town.settle()
    assert "You give up your place in the line" in words(resident.get(f"{resident.here}end"))
    for _ in range(2):  # a second click is harmless
        assert resident.post(f"{resident.here}end").status_code == 302
    contact = intake.get_contact(contact_id)
    assert contact is not None
    assert contact.state == "abandoned"
    assert "This chat has ended." in resident.look()


def test_a_resident_ends_a_chat_in_progress(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    connect(town)
    resident.post(f"{resident.here}end")
    contact = intake.get_contact(contact_id)
    assert contact is not None
    assert contact.state == "wrap_up"
    assert "You ended the chat." in resident.look()


def test_when_closed_one_leaves_a_message_and_is_told_when_we_open(town: Town) -> None:
    Calendar.objects.filter(code="always").update(weekly=[{"day": 6, "start": "09:00", "end": "10:00"}])
    resident = Resident()
    page = resident.get("/chat/?service=council-tax")
    assert "We are closed." in words(page)
    assert "We open Sunday" in words(page)
    form = {"key": key_of(page), "service": "council-tax", "body": "Please call", "email": "g@example.org"}
    asked_once_more = resident.post("/chat/", form)  # as if it had been open when the page was drawn
    assert asked_once_more.status_code == 200
    assert "Please call" in asked_once_more.content.decode()
    answer = resident.post("/chat/", form | {"leave": "1"})
    assert answer.status_code == 302
    resident.here = answer["Location"]
    town.settle()
    page_words = resident.look()
    assert "Your message is with us." in page_words
    assert "We answer by" in page_words


def test_the_transcript_is_complete_and_speaks_the_pages_language(town: Town) -> None:
    resident = Resident(language="ar")
    contact_id = resident.start("سؤال عن الضريبة")
    agent = connect(town)
    intake_services.add_message(contact_id=contact_id, direction="out", body="<b>Hello</b>", author_id=agent)
    contact = intake.get_contact(contact_id)
    assert contact is not None
    text = resident.get(f"{resident.here}transcript.txt")
    assert text["Content-Disposition"] == f'attachment; filename="{contact.reference}.txt"'
    decoded = text.content.decode("utf-8-sig")
    for part in (contact.reference, "سؤال عن الضريبة", "Nadia: <b>Hello</b>"):
        assert part in decoded
    page = resident.get(f"{resident.here}transcript.html").content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert "&lt;b&gt;Hello" in page


def test_the_language_stays_with_the_chat(town: Town) -> None:
    resident = Resident(language="en")
    page = resident.get("/chat/?lang=ar")
    assert 'lang="ar" dir="rtl"' in page.content.decode()
    answer = resident.post("/chat/?lang=ar", {"key": key_of(page), "service": "council-tax", "body": "مرحبا"})
    assert "lang=ar" in answer["Location"]
    resident.here = answer["Location"].split("?")[0]
    assert 'dir="rtl"' in resident.get(resident.here).content.decode(), "also without the address saying so"
    contact = intake.get_contact(UUID(resident.here.split("/")[2]))
    assert contact is not None
    assert contact.languages == ["ar"]


def test_the_browser_says_what_it_holds_and_has_shown(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    agent = connect(town)
    intake_services.add_message(contact_id=contact_id, direction="out", body="Hello", author_id=agent)
    town.settle()
    number = intake.list_messages(contact_id)[-1].number
    assert resident.post(f"{resident.here}seen", {"got": number}).status_code == 204
    assert intake.list_messages(contact_id)[-1].delivery.state == "delivered"
    resident.post(f"{resident.here}seen", {"got": number, "seen": number})
    assert intake.list_messages(contact_id)[-1].delivery.state == "read"


def cookies_of(answer: Any) -> list[str]:
    return [morsel.OutputString() for morsel in answer.cookies.values()]


def test_the_secret_is_out_of_reach_of_scripts_and_scoped_to_its_chat(town: Town) -> None:
    resident = Resident()
    page = resident.get("/chat/")
    answer = resident.post("/chat/", {"key": key_of(page), "service": "council-tax", "body": "Hi"})
    contact_id = answer["Location"].split("/")[2]
    secrets = [cookie for cookie in cookies_of(answer) if cookie.startswith("chat_secret=")]
    assert {part for cookie in secrets for part in cookie.split("; ") if part.startswith("Path=")} == {
        f"Path=/chat/{contact_id}/",
        f"Path=/live/chat/{contact_id}",
    }
    for cookie in secrets:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Partitioned" not in cookie


SITE = "https://news.example"


def embedding(*sites: str) -> Any:
    from dataclasses import replace

    from django.conf import settings

    return override_settings(CIVICLINE=replace(settings.CIVICLINE, embed_origins=sites))


def test_the_reference_and_the_code_open_the_status_page(town: Town) -> None:
    resident, elsewhere = Resident(), Resident()
    contact_id = resident.start()
    contact = intake.get_contact(contact_id)
    assert contact is not None
    assert resident.get(f"/en/status/{contact.reference}/").status_code == 200, (
        "the same browser needs no code"
    )
    code = re.search(r'chat-code">([^<]+)<', resident.get(resident.here).content.decode())
    assert code
    answer = elsewhere.post("/en/status/", {"reference": contact.reference.lower(), "code": code[1].upper()})
    assert answer.status_code == 302
    assert elsewhere.get(answer["Location"]).status_code == 200


def test_after_the_end_one_can_say_how_it_was(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    agent = connect(town)
    routing.complete(contact_id=contact_id, agent_id=agent, disposition="solved")
    link = re.search(r'href="([^"]+)"[^>]*>Tell us how it was', resident.get(resident.here).content.decode())
    assert link
    assert "How did we do?" in words(resident.get(link[1])), "without asking for the code again"


def test_inside_another_site_the_page_is_framed_by_that_site_only(town: Town) -> None:
    with embedding(SITE):
        plain, embedded = Resident().get("/chat/"), Resident().get("/chat/?embed=1")
    assert "frame-ancestors 'none'" in plain["Content-Security-Policy"]
    assert f"frame-ancestors 'self' {SITE}" in embedded["Content-Security-Policy"]
    assert "unsafe-inline" not in embedded["Content-Security-Policy"]
    with embedding():
        assert "frame-ancestors 'none'" in Resident().get("/chat/?embed=1")["Content-Security-Policy"]


def test_inside_another_site_cookies_are_partitioned_and_the_chat_goes_on(town: Town) -> None:
    with embedding(SITE):
        resident = Resident()
        page = resident.get(f"/chat/?embed=1&lang=fr&parent={SITE}")
        form = {"key": key_of(page), "service": "council-tax", "body": "Bonjour"}
        answer = resident.post(f"/chat/?embed=1&lang=fr&parent={SITE}", form)
        assert "embed=1" in answer["Location"]
        for cookie in cookies_of(answer):
            assert "SameSite=None" in cookie
            assert "Secure" in cookie
            assert cookie.endswith("Partitioned")
        again = resident.get("/chat/?embed=1&lang=fr")
        assert again.status_code == 302, "the next page of that site opens the same chat"
        assert resident.get("/chat/?embed=1&new=1").status_code == 200


def test_the_buttons_words_are_for_named_sites_only(town: Town) -> None:
    with embedding(SITE):
        told = Resident().get("/chat/offer.json?service=council-tax&lang=es", Origin=SITE)
        assert told.status_code == 200
        assert told["Access-Control-Allow-Origin"] == SITE
        assert "Origin" in told["Vary"]
        assert "Access-Control-Allow-Credentials" not in told
        assert told.json()["open"] is True
        refused = Resident().get("/chat/offer.json", Origin="https://evil.example")
        assert refused.status_code == 403
        assert "Access-Control-Allow-Origin" not in refused


def test_the_widgets_script_has_one_lasting_address(town: Town) -> None:
    answer = Resident().get("/widget.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=3600" in answer["Cache-Control"]
