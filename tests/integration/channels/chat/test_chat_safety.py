"""What keeps a chat its resident's own: secrets, other sites, files, hostile words, too many of them."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from civicline.intake import selectors as intake
from tests.integration.channels.chat.resident import Resident, key_of, picture, words
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
SITE = "https://news.example"


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


def embedding(*sites: str) -> Any:
    from dataclasses import replace

    from django.conf import settings

    return override_settings(CIVICLINE=replace(settings.CIVICLINE, embed_origins=sites))


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
