"""The desk in a real browser: the whole journey of an agent by keyboard alone, a lost network, a second tab, Arabic."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from civicline.finding import services as finding
from civicline.intake.models import Message
from civicline.people import services as people
from civicline.people.models import Presence
from tests.e2e.chat.conftest import House
from tests.e2e.desk.conftest import Desks, focused, settled, until
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Any], list[str]]


def clean(page: Any, axe: Axe) -> None:
    """Wait until axe finds nothing: colours take a moment to change."""
    wait_until(lambda: axe(page) == [], seconds=20, what="axe finds no fault")


def region(page: Any, key: str) -> str:
    """Where the focus is after this key."""
    page.keyboard.press(key)
    return str(
        page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.id")
    )


def test_the_whole_journey_by_keyboard_alone(desks: Desks, house: House, nadia: UUID, axe: Axe) -> None:
    jonas = house.agent("Jonas")
    house.do(Presence.objects.filter(agent_id=jonas).update, state="break")
    page = desks.open(nadia)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    assert axe(page) == []
    contact = desks.chat("I moved out, and the bill is the same")

    page.wait_for_selector("[data-offer]")
    assert "Yours because: council-tax level 4" in page.locator(".offer").inner_text()
    assert axe(page) == []
    page.keyboard.press("Alt+a")
    settled(page, "I moved out, and the bill is the same")
    until(page, "document.activeElement.id === 'conv-h'")
    assert page.url.endswith(f"/desk/c/{contact.pk}/")
    assert axe(page) == []

    for _ in range(40):  # to the composer by Tab alone
        if focused(page) == "body":
            break
        page.keyboard.press("Tab")
    assert focused(page) == "body"
    page.keyboard.type("/gree")
    page.wait_for_selector("#suggest [role=option]")
    assert axe(page) == []
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#body').value.startsWith('Hello Grace Okafor')")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".msg-me[id]")
    assert focused(page) == "body" and page.input_value("#body") == ""
    house.settle()
    page.wait_for_selector(".msg-me .delivery")

    page.keyboard.press("Alt+n")
    page.keyboard.type("Is this yours, @Jon")
    page.wait_for_selector("#suggest [role=option]")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".note[id]")
    assert axe(page) == []

    desks.resident_says(contact, "What about the direct debit?")
    settled(page, "What about the direct debit?")

    page.keyboard.press("Alt+i")
    assert focused(page) == "side"
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#open-case') !== null"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#open-case[open]")
    assert axe(page) == []
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type === 'submit'"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(".case-card")
    assert axe(page) == []

    page.keyboard.press("Alt+t")
    page.wait_for_selector("#transfer[open]")
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("#transfer:not([open])")

    house.do(finding.catch_up)
    page.keyboard.press("Control+k")
    page.keyboard.type("Grace")
    page.wait_for_selector("#palette [role=option]:has-text('Grace Okafor')")
    assert axe(page) == []
    page.keyboard.press("Escape")
    until(page, "document.querySelector('dialog[open]') === null")

    page.keyboard.press("Alt+w")
    page.keyboard.press("1")
    page.wait_for_selector(".wrapup input:checked")
    page.keyboard.press("Alt+w")
    settled(page, "is closed")
    assert axe(page) == []
    house.do(contact.refresh_from_db)
    assert (contact.state, contact.disposition) == ("closed", "solved")
    assert faults == []


def test_regions_presence_keys_and_places(desks: Desks, nadia: UUID, axe: Axe) -> None:
    first = desks.chat("first")
    page = desks.open(nadia)
    page.keyboard.press("Alt+a")
    settled(page, "first")
    second = desks.chat("second", "Tomasz Wrona")
    page.wait_for_selector("[data-offer]")
    page.keyboard.press("Alt+a")
    page.wait_for_selector(f"#main[data-contact='{second.pk}']")
    places = page.eval_on_selector_all("#hand .conv", "rows => rows.map(row => row.dataset.contact)")
    assert set(places) == {str(first.pk), str(second.pk)}
    for keys, place in (("Alt+1", 0), ("Alt+j", 1), ("Alt+k", 0), ("Alt+2", 1)):
        page.keyboard.press(keys)
        page.wait_for_selector(f"#main[data-contact='{places[place]}']")
    until(page, "document.activeElement.id === 'conv-h'")
    walk = [region(page, "F6") for _ in range(5)]
    assert walk == ["What we know", "Main", "Your contacts", "main", "What we know"]
    assert [region(page, "Shift+F6") for _ in range(2)] == ["main", "Your contacts"]
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")
    keys = page.locator("#keys").inner_text()
    assert all(one in keys for one in ("Alt", "Transfer", "Complete", "Next contact"))
    assert all(one in keys for one in ("Enter", "Send", "Canned replies", "@", "Outcome, 1–5"))
    assert axe(page) == []
    page.keyboard.press("Escape")
    until(page, "document.querySelector('dialog[open]') === null")
    page.keyboard.press("Alt+s")
    page.wait_for_selector("#presence[open]")
    assert axe(page) == []
    page.locator("#presence button", has_text="Break: lunch").press("Enter")
    page.wait_for_selector("#presence .presence:has-text('Break')")


def test_single_keys_can_be_turned_off_for_an_account(desks: Desks, house: House, nadia: UUID) -> None:
    """Somebody who speaks to the computer must not set off an outcome by a word (WCAG 2.1.4)."""
    desks.chat("Hello")
    page = desks.open(nadia)
    page.wait_for_selector("[data-offer]")
    page.keyboard.press("Alt+a")
    settled(page, "Hello")
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")
    with page.expect_response("**/desk/settings"):
        page.locator("#keys [data-single-keys]").press("Space")
    page.keyboard.press("Escape")
    page.reload()
    settled(page, "Hello")
    page.keyboard.press("Alt+w")
    until(page, "document.activeElement.closest('.wrapup') !== null")
    page.keyboard.press("1")
    page.keyboard.press("?")
    page.keyboard.press("Alt+i")  # with Alt it goes on, and what came before it has been taken
    assert focused(page) == "side"
    assert page.locator(".wrapup input:checked, #keys[open]").count() == 0
    house.do(people.set_preferences, user_id=nadia, preferences={"single_keys": True})
    page.reload()
    settled(page, "Hello")
    page.keyboard.press("Alt+w")
    page.keyboard.press("1")
    page.wait_for_selector(".wrapup input:checked")


def test_a_lost_network_keeps_words_and_sends_them(desks: Desks, house: House, nadia: UUID) -> None:
    contact = desks.chat("Hello")
    page = desks.open(nadia)
    page.keyboard.press("Alt+a")
    settled(page, "Hello")
    context = page.context
    context.set_offline(True)
    for words in ("One moment", "I am looking it up"):
        page.fill("#body", words)
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(f"[data-pending]:has-text('{words}')")
    assert house.do(Message.objects.filter(contact=contact, direction="out").count) == 0
    page.locator("[data-offline]").wait_for()
    settled(page, "Kept. It is sent when the connection is back.")
    context.set_offline(False)
    settled(page, "2 messages sent.")
    assert house.do(
        lambda: list(Message.objects.filter(contact=contact, direction="out").values_list("body", flat=True))
    ) == [
        "One moment",
        "I am looking it up",
    ]
    until(page, "document.querySelectorAll('[data-pending]').length === 0")


def test_a_draft_survives_a_reload_and_a_note_stays_a_note(desks: Desks, nadia: UUID) -> None:
    desks.chat("Hello")
    page = desks.open(nadia)
    page.keyboard.press("Alt+a")
    settled(page, "Hello")
    page.keyboard.press("Alt+n")
    until(
        page,
        "document.activeElement.id === 'body' && document.querySelector('input[name=via][value=note]').checked",
    )
    page.keyboard.type("Not for the resident")
    until(page, "Object.values(localStorage).some((kept) => kept.includes('Not for the resident'))")
    page.reload()
    until(page, "document.querySelector('#body').value === 'Not for the resident'")
    assert page.is_checked("input[name=via][value=note]")


def test_a_second_tab_shows_the_same_and_stays_silent(desks: Desks, nadia: UUID) -> None:
    first = desks.open(nadia)
    second = desks.open(nadia, context=first.context)
    contact = desks.chat("Hello")
    for page in (first, second):
        page.wait_for_selector("[data-offer]")
    loud = [page.evaluate("document.documentElement.dataset.ringing") for page in (first, second)]
    assert sorted(loud) == ["no", "yes"]
    first.keyboard.press("Alt+a")
    first.wait_for_selector(f"#main[data-contact='{contact.pk}']")
    second.wait_for_selector(f"#hand .conv[data-contact='{contact.pk}']")
    until(second, "document.querySelector('[data-offer]') === null")
    second.locator(f"#hand .conv[data-contact='{contact.pk}']").click()
    second.wait_for_selector("#messages .msg")
    first.fill("#body", "Good morning")
    first.keyboard.press("Control+Enter")
    settled(second, "Good morning")


def test_what_comes_does_not_move_the_list_under_a_pointer(desks: Desks, nadia: UUID) -> None:
    contact = desks.chat("Hello")
    page = desks.open(nadia)
    page.keyboard.press("Alt+a")
    row = page.locator(f"#hand .conv[data-contact='{contact.pk}']")
    row.hover()
    desks.resident_says(contact, "Something new")
    settled(page, "Something new")
    assert "Something new" not in page.locator("#hand").inner_text()
    page.mouse.move(700, 300)
    page.wait_for_selector("#hand :text('Something new')")


def test_arabic_and_narrow_screens(
    desks: Desks, nadia: UUID, axe: Axe, in_language: Callable[[UUID, str], None]
) -> None:
    contact = desks.chat("مرحبا، انتقلت إلى بيت آخر")
    in_language(nadia, "ar")
    page = desks.open(nadia)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    page.keyboard.press("Alt+a")
    page.wait_for_selector(f"#main[data-contact='{contact.pk}']")
    assert axe(page) == []
    listed, side = page.locator(".list").bounding_box(), page.locator("#side").bounding_box()
    assert listed["x"] > side["x"]
    for width in (1380, 1180, 900, 720, 390):  # 720 px is 1440 at a zoom of 200 per cent
        page.set_viewport_size({"width": width, "height": 800})
        until(page, f"innerWidth === {width} && document.documentElement.scrollWidth <= innerWidth")
        clean(page, axe)
    page.set_viewport_size({"width": 1100, "height": 800})
    assert not page.locator("#side").is_visible()
    page.keyboard.press("Alt+i")
    assert page.locator("#side").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#side").is_visible()


def test_messages_from_the_team_open_within_the_page(desks: Desks, nadia: UUID) -> None:
    page = desks.open(nadia)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.locator("#bell > summary").click()
        box = page.locator("#bell .menu-list").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, width
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("Escape")
        until(page, "!document.querySelector('#bell').open")


def test_dark_is_clean_too(desks: Desks, nadia: UUID, axe: Axe) -> None:
    desks.chat("Hello")
    page = desks.open(nadia, color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.keyboard.press("Alt+a")
    settled(page, "Hello")
    clean(page, axe)
    page.goto("/desk/search?q=Grace")
    clean(page, axe)
    page.goto("/desk/cases/?view=open")
    clean(page, axe)


SHOWN_WITHIN_MS = 100
WATCH = """() => {
    window.shown = (selector) => new Promise((done) => {
        const began = performance.now();
        const look = () => document.querySelector(selector)
            ? requestAnimationFrame(() => done(performance.now() - began))
            : requestAnimationFrame(look);
        look();
    });
}"""
SEND = """() => {
    window.seen = window.shown("#messages li:nth-last-child(1):is([data-pending], .msg-me) .said");
    document.querySelector(".composer").requestSubmit();
}"""
OPEN = """(to) => {
    const row = document.querySelector(`#hand .conv[data-contact="${to}"]`);
    performance.clearResourceTimings();
    window.whole = window.shown(`#main[data-contact="${to}"] #messages .msg`);
    window.answered = () => performance.getEntriesByName(row.href).at(-1).duration;
    row.click();
    window.seen = window.shown(`#hand .conv[data-contact="${to}"][aria-current]`);
}"""


@pytest.mark.alone
def test_an_action_is_seen_within_a_tenth_of_a_second(
    desks: Desks,
    nadia: UUID,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Twenty actions, each from the press to the first picture that shows it, by the browser's own clock."""
    first = desks.chat("first")
    page = desks.open(nadia)
    page.keyboard.press("Alt+a")
    page.wait_for_selector(f"#main[data-contact='{first.pk}']")
    second = desks.chat("second", "Tomasz Wrona")
    page.wait_for_selector("[data-offer]")
    page.keyboard.press("Alt+a")
    page.wait_for_selector(f"#main[data-contact='{second.pk}']")
    page.evaluate(WATCH)
    seen: list[float] = []
    whole: list[float] = []
    drawn: list[float] = []
    for number in range(10):
        page.fill("#body", f"Answer {number}")
        page.evaluate(SEND)
        seen.append(page.evaluate("window.seen"))
        page.wait_for_selector(f".msg-me[id]:has-text('Answer {number}')")
    for number in range(10):
        page.evaluate(OPEN, str((first, second)[number % 2].pk))
        seen.append(page.evaluate("window.seen"))
        whole.append(page.evaluate("window.whole"))
        drawn.append(whole[-1] - page.evaluate("window.answered()"))
    p95 = statistics.quantiles(seen, n=20)[-1]
    record_property("desk_action_p95_ms", round(p95, 1))
    with capsys.disabled():
        sys.stdout.write(
            f"\nan action is seen: median {statistics.median(seen):.0f} ms, p95 {p95:.0f} ms; "
            f"a contact is whole: median {statistics.median(whole):.0f} ms, most {max(whole):.0f} ms\n"
        )
    assert p95 < SHOWN_WITHIN_MS
    # How long the server takes to answer belongs to its own figures; the page may add this much to it.
    assert statistics.median(drawn) < 2 * SHOWN_WITHIN_MS
