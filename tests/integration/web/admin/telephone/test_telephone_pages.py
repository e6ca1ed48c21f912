"""An administrator draws a menu with forms, tries it, publishes it; an editor writes and records what is said."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from civicline.cases import selectors as cases
from civicline.cases import services as case_services
from civicline.channels.voice.flows import selectors, services
from civicline.channels.voice.flows.menus import read_flow
from civicline.channels.voice.flows.models import CallFlow
from civicline.channels.voice.flows.wording import KINDS, WAYS
from civicline.engine.callflow import Flow, nodes
from civicline.engine.callflow.keypad import keys_of
from civicline.engine.callflow.nodes import KINDS as NODE_KINDS
from civicline.engine.callflow.nodes import exits
from civicline.kernel import selectors as kernel
from civicline.people import services as people
from civicline.web.admin.telephone import diagram
from tests.integration.channels.voice.flows.conftest import FLOW, Tone
from tests.integration.web.admin.conftest import SignIn
from tests.town import Town


def draft() -> Flow:
    return read_flow(selectors.get_flow("main").draft)


def at(name: str, *parts: object) -> str:
    return reverse(f"admin:{name}", args=parts)


def words(page: Any) -> str:
    """What the main part of a page says."""
    body = page.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("&#39;", "'").replace("&quot;", '"')


def test_a_menu_is_made_from_nothing_with_forms_alone(admin: Client, town: Town) -> None:
    made = admin.post(
        at("new_call_menu"),
        {"code": "main", "name_en": "Town line", "languages": ["en"], "first": "en", "main": "on"},
    )
    assert made.status_code == 302
    assert "no steps yet" in words(admin.get(made["Location"]))
    for key, kind in (("hello", "say"), ("line", "queue"), ("message", "voicemail"), ("bye", "hang_up")):
        step = admin.post(at("new_call_step", "main"), {"code": key, "kind": kind})
        assert step["Location"] == at("call_step", "main", key)
    page = words(admin.get(at("call_menu", "main")))
    assert "cannot be published yet" in page
    assert "“then” leads nowhere." in page
    admin.post(at("call_step", "main", "hello"), {"prompt": "please_wait", "next": "line", "barge_in": "on"})
    admin.post(
        at("call_step", "main", "line"),
        {"queue": "benefits", "full": "message", "prompt": "", "key": "", "service": ""},
    )
    admin.post(
        at("call_step", "main", "message"),
        {"queue": "benefits", "next": "bye", "prompt": "voicemail_ask", "seconds": "60", "service": ""},
    )
    admin.post(
        at("call_settings", "main"),
        {
            "name_en": "Town line",
            "languages": ["en"],
            "first": "en",
            "main": "on",
            "start": "hello",
            "give_up": "line",
        },
    )
    assert draft().nodes["message"] == nodes.Voicemail("benefits", "bye", seconds=60)
    assert "This draft is sound." in words(admin.get(at("call_menu", "main")))
    admin.post(at("publish_call_menu", "main"), {"note": "The first"})
    page = words(admin.get(at("call_menu", "main")))
    assert "Callers hear this." in page
    assert "The first" in page
    assert "Iris" in page


@pytest.mark.parametrize("kind", sorted(NODE_KINDS))
def test_every_kind_of_step_has_a_form_that_gives_back_what_it_was_given(
    admin: Client, menu: CallFlow, kind: str
) -> None:
    admin.post(at("new_call_step", "main"), {"code": "fresh", "kind": kind})
    address = at("call_step", "main", "fresh")
    before = draft().nodes["fresh"]
    page = admin.get(address)
    assert page.status_code == 200
    fields = _filled(page.content.decode())
    saved = admin.post(address, fields)
    assert saved.status_code == 302, words(saved)[:600]
    assert draft().nodes["fresh"] == before
    for way in exits(before):
        fields[way.name] = "bye"
    admin.post(address, fields)
    assert all(
        way.target == "bye" for way in exits(draft().nodes["fresh"]) if not way.name.startswith("digit:")
    )
    assert kind in KINDS
    assert all(way.name in WAYS for way in exits(before))


def _filled(html: str) -> dict[str, Any]:
    """The fields of the edit form as a browser would send them back untouched."""
    from lxml.html import document_fromstring

    forms: Any = document_fromstring(html).xpath("//form[contains(@class, 'edit')]")
    found: dict[str, Any] = {}
    for name, value in forms[0].form_values():
        found.setdefault(name, []).append(value.removeprefix("\n"))  # as a browser reads a textarea
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def test_the_keys_of_a_menu_are_chosen_from_lists(admin: Client, menu: CallFlow) -> None:
    address = at("call_step", "main", "menu")
    fields = _filled(admin.get(address).content.decode())
    assert fields["key_1_next"] == "line"
    assert fields["key_1_service"] == "benefits"
    fields |= {"key_hash_next": "bye", "key_2_next": "", "repeats": "0"}
    assert admin.post(address, fields).status_code == 302
    node = draft().nodes["menu"]
    assert isinstance(node, nodes.AskDigit)
    assert node.choices == (nodes.Choice("1", "line", "benefits"), nodes.Choice("#", "bye"))
    assert node.repeats == 0
    refused = admin.post(address, fields | {"key_1_next": "gone", "seconds": "0"})
    assert refused.status_code == 422
    assert "This choice is gone." in words(refused)


def test_two_who_change_the_same_menu_are_told(admin: Client, menu: CallFlow) -> None:
    address = at("call_step", "main", "line")
    fields = _filled(admin.get(address).content.decode())
    admin.post(
        at("call_step", "main", "message"),
        _filled(admin.get(at("call_step", "main", "message")).content.decode()) | {"seconds": "90"},
    )
    late = admin.post(address, fields)
    assert late.status_code == 409
    assert "changed this at" in words(late)


def test_a_step_is_removed_and_a_version_taken_back(admin: Client, menu: CallFlow) -> None:
    admin.post(at("publish_call_menu", "main"))
    admin.post(at("drop_call_step", "main", "status"))
    admin.post(at("publish_call_menu", "main"))
    admin.post(at("drop_call_step", "main", "menu"))
    refused = admin.post(at("publish_call_menu", "main"), follow=True)
    assert "cannot be published yet: “open” leads nowhere." in words(refused)
    page = admin.post(at("roll_back_call_menu", "main"), {"number": "1"}, follow=True)
    assert "Version 1 is back, as version 3." in words(page)
    assert draft() == FLOW
    assert admin.post(at("roll_back_call_menu", "main"), {"number": "x"}).status_code == 404


def test_the_picture_has_every_step_and_every_way(menu: CallFlow) -> None:
    drawn = diagram.draw(FLOW, frozenset({"line"}))
    assert {box.key for box in drawn.boxes} == set(FLOW.nodes)
    assert [box.key for box in drawn.boxes if box.first] == ["hours"]
    assert [box.key for box in drawn.boxes if box.wrong] == ["line"]
    targets = sum(len({way.target for way in exits(node) if way.target}) for node in FLOW.nodes.values())
    assert len(drawn.lines) == targets
    places = {(box.x, box.y) for box in drawn.boxes}
    assert len(places) == len(drawn.boxes), "no box lies on another"
    assert all(0 <= box.x <= drawn.width - diagram.WIDE for box in drawn.boxes)
    lonely = diagram.draw(Flow("gone", {"a": nodes.Say("x", "a")}), frozenset())
    assert [box.key for box in lonely.boxes] == ["a"]
    assert lonely.lines[0].back
    assert diagram.draw(Flow(""), frozenset()).boxes == ()


def test_outside_numbers_are_added_and_taken_off(admin: Client, menu: CallFlow) -> None:
    admin.post(at("call_numbers"), {"name": "Water board", "number": "+1 202 555 0199"})
    assert "+1 202-555-0199" in words(admin.get(at("call_numbers")))
    assert admin.post(at("call_numbers"), {"name": "Bad", "number": "12"}).status_code == 422
    admin.post(at("drop_call_number"), {"number": "+12025550199"})
    assert "No menu connects outside." in words(admin.get(at("call_numbers")))


def test_an_editor_writes_a_prompt_and_hears_it(sign_in: SignIn, menu: CallFlow, var: Path) -> None:
    editor = sign_in("editor")
    made = editor.post(
        at("new_call_prompt"), {"code": "storm", "texts_en": "There is a storm.", "texts_ar": "هناك عاصفة."}
    )
    assert made["Location"] == at("call_prompt", "storm")
    page = words(editor.get(made["Location"]))
    assert "There is a storm." in page
    heard = editor.get(at("call_prompt_sound", "storm", "ar"))
    assert heard["Content-Type"] == "audio/wav"
    assert len(heard.content) > 20_000
    assert editor.get(at("call_prompt_sound", "wait_range", "tr")).status_code == 200
    assert editor.get(at("call_prompt_sound", "gone", "en")).status_code == 404
    assert "Missing: es, fr, tr" in words(editor.get(at("call_prompts")))
    refused = editor.post(at("call_prompt", "storm"), {"texts_en": "Until {time}."})
    assert refused.status_code == 422
    assert "Nothing fills {time}" in words(refused)
    again = editor.post(at("new_call_prompt"), {"code": "storm", "texts_en": "x"})
    assert "already a prompt" in words(again)


def test_built_in_words_that_stay_are_not_stored_as_ones_own(sign_in: SignIn, menu: CallFlow) -> None:
    editor = sign_in("editor")
    address = at("call_prompt", "goodbye")
    fields = _filled(editor.get(address).content.decode())
    assert fields["texts_fr"] == "Au revoir."
    editor.post(address, fields | {"texts_en": "Take care."})
    row = selectors.find_prompt("goodbye")
    assert row is not None
    assert row.texts == {"en": "Take care."}


def test_a_recording_is_uploaded_and_removed(sign_in: SignIn, menu: CallFlow, var: Path, tone: Tone) -> None:
    editor = sign_in("editor")

    def send(content: bytes, language: str = "en") -> str:
        file = SimpleUploadedFile("menu.wav", content, "audio/wav")
        return words(
            editor.post(
                at("record_call_prompt", "menu"), {"language": language, "recording": file}, follow=True
            )
        )

    assert "The recording is stored." in send(tone(1.0))
    assert "recorded" in words(editor.get(at("call_prompt", "menu")))
    assert "We hear nothing" in send(tone(1.0, loud=0.0))
    assert "no sound that we can read" in send(b"<html>")
    assert "Choose a language and a file." in send(tone(1.0), "xx")
    page = editor.post(at("drop_call_recording", "menu"), {"language": "en"}, follow=True)
    assert "read aloud" in words(page)
    assert kernel.history("call_prompt", "menu").filter(action="call_prompt.recorded").exists()


@pytest.fixture
def caller(admin: Client, menu: CallFlow, var: Path) -> Client:
    """An administrator who tries the menu."""
    cache.clear()
    return admin


def ring(client: Client, **facts: str) -> str:
    fields = {"ring": "1", "number": "+1 202 555 0123", "language": "", "which": "", **facts}
    return words(client.post(at("try_call_menu", "main"), fields, follow=True))


def press(client: Client, keys: str) -> str:
    return words(client.post(at("try_call_menu", "main"), {"keys": keys}, follow=True))


def do(client: Client, deed: str) -> str:
    return words(client.post(at("try_call_menu", "main"), {"deed": deed}, follow=True))


def test_a_call_is_tried_from_ringing_to_the_end(caller: Client, town: Town) -> None:
    assert "Nobody is calling." in words(caller.get(at("try_call_menu", "main")))
    page = ring(caller)
    assert "Opening hours: open" in page
    assert "For benefits press 1." in page
    page = press(caller, "1")
    assert "Keeps for the agent: service = benefits" in page
    assert "The caller waits in the line “benefits”." in page
    assert "Records at most 180 seconds." in do(caller, "full")
    page = do(caller, "message")
    assert "Thank you. We have your message" in page
    assert "The call is over." in page
    assert do(caller, "hang_up") == page, "a call that is over stays over"


def test_the_menu_speaks_the_language_of_the_caller(caller: Client) -> None:
    page = caller.post(
        at("try_call_menu", "main"), {"ring": "1", "number": "", "language": "ar", "which": ""}, follow=True
    ).content.decode()
    assert 'lang="ar" dir="rtl">للإعانات اضغط 1.' in page
    address = re.search(r"/admin/calls/menus/main/try/\d+\.wav", page)
    assert address is not None
    assert caller.get(address[0])["Content-Type"] == "audio/wav"
    assert caller.get(at("try_call_sound", "main", 999)).status_code == 404


def test_a_real_case_is_heard_with_its_pin_and_the_reading_is_audited(caller: Client, town: Town) -> None:
    resident = people.save_resident(name="Grace", phone="+12025550123")
    made = case_services.open_case(type="complaint", title="My bill", resident=resident)
    ring(caller)
    assert "Type the reference" in press(caller, "2")
    page = press(caller, keys_of(made.case.reference) + "#")
    assert "needs the PIN" in page
    assert "do not belong together" in press(
        caller, "000000" if cases.phone_pin(made.case) != "000000" else "1"
    )
    press(caller, keys_of(made.case.reference))
    page = press(caller, cases.phone_pin(made.case))
    assert "It stands at: Received." in page
    entry = kernel.history("case", made.case.pk).filter(action="case.read_by_phone").first()
    assert entry is not None
    assert entry.actor_kind == "staff"
    ring(caller, verified="on")
    press(caller, "2")
    assert "It stands at: Received." in press(caller, keys_of(made.case.reference))


def test_the_published_menu_is_tried_as_it_was_published(caller: Client) -> None:
    services.publish(code="main")
    services.save_prompt(key="menu", texts={"en": "New words.", "ar": "جديد."})
    assert "New words." in ring(caller)
    assert "For benefits press 1." in ring(caller, which="published")


@pytest.mark.parametrize("keys", ["*" * 64, "9" * 10_000, "ABC", "#", "٣"])
def test_odd_keys_break_nothing(caller: Client, keys: str) -> None:
    ring(caller)
    for _ in range(4):
        assert (
            "What was said and pressed"
            in caller.post(at("try_call_menu", "main"), {"keys": keys}, follow=True).content.decode()
        )


def test_nonsense_is_not_done(caller: Client) -> None:
    page = ring(caller)
    assert do(caller, "full") == page, "nobody is in a line"
    assert do(caller, "fly") == page
    bad = caller.post(at("try_call_menu", "main"), {"ring": "1", "number": "12", "language": "", "which": ""})
    assert bad.status_code == 422
    silent = do(caller, "silent")
    assert "says and presses nothing" in silent
    assert "hangs up" in do(caller, "hang_up")


@pytest.mark.parametrize("name", ["call_menu", "call_settings", "new_call_step", "try_call_menu"])
def test_a_menu_that_is_not_there_is_said_in_words(admin: Client, town: Town, name: str) -> None:
    page = admin.get(at(name, "nowhere"))
    assert page.status_code == 404
    assert "There is no such menu." in page.content.decode()


@pytest.mark.parametrize("role", ["supervisor", "planner"])
def test_who_may_look_sees_no_buttons_that_change(sign_in: SignIn, menu: CallFlow, role: str) -> None:
    page = words(sign_in(role).get(at("call_menu", "main")))
    assert "Steps" in page
    assert "Add a step" not in page
    assert "Publish" not in page
