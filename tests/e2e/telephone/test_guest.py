"""A resident calls from a page: real browser, real exchange, real menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.call_room import BROWSER_TONE, CallRoom
from tests.servers import wait_until
from tests.sip_phone import SipPhone

Axe = Callable[[Any], list[str]]
AUDIBLE = 0.01


def begin(room: CallRoom, page: Any, language: str = "en") -> None:
    page.goto(f"/{language}/call/")
    page.click("[data-call-begin]")
    page.wait_for_selector("[data-call-state][data-state=talking]", timeout=20_000)


def heard_nothing(phone: SipPhone) -> bool:
    """Whether the guest's tone was not heard since the last look."""
    heard = phone.hears(BROWSER_TONE, 30)
    phone.deaf()
    return not heard


def test_a_guest_hears_the_menu_presses_a_key_and_talks_to_an_agent(room: CallRoom) -> None:
    page = room.page()
    begin(room, page)
    room.loudness(page)
    wait_until(lambda: room.loudness(page) > AUDIBLE, what="the guest hears the menu", every=0.3)
    page.click('[data-call-key="1"]')
    call = room.house.reaches("talking", contact="connected")
    assert call["number"] == ""
    wait_until(lambda: room.desks[0].hears(BROWSER_TONE, 300), what="the agent hears the guest")
    wait_until(lambda: room.loudness(page) > AUDIBLE, what="the guest hears the agent", every=0.3)
    page.click("[data-call-end]")
    room.house.reaches("wrapup", contact="wrap_up")
    wait_until(lambda: room.desks[0].state == "over", what="the agent's telephone is on the hook")


def test_by_keyboard_alone(room: CallRoom, axe: Axe) -> None:
    page = room.page()
    page.goto("/en/call/")
    assert axe(page) == []
    page.locator("[data-call-begin]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-call-state][data-state=talking]", timeout=20_000)
    page.keyboard.press("2")
    wait_until(lambda: page.inner_text("#say-polite") == "2 pressed", what="the key is said")
    assert page.evaluate("document.activeElement.hasAttribute('data-call-end')")
    assert room.house.reaches("talking", contact="connected")["agent"] == room.house.agents[1]
    assert axe(page) == []
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-call-state][data-state=over]")
    assert page.evaluate("document.activeElement.hasAttribute('data-call-begin')")
    assert page.inner_text("[data-call-begin]") == "Call again"
    room.house.reaches("wrapup", contact="wrap_up")


def test_a_muted_guest_is_not_heard(room: CallRoom) -> None:
    page = room.page()
    begin(room, page)
    page.click('[data-call-key="1"]')
    wait_until(lambda: room.desks[0].hears(BROWSER_TONE, 300), what="the agent hears the guest", seconds=30)
    page.click("[data-call-mute]")
    assert page.get_attribute("[data-call-mute]", "aria-pressed") == "true"
    wait_until(lambda: heard_nothing(room.desks[0]), what="the agent hears nothing", every=1.0)
    page.click("[data-call-mute]")
    wait_until(lambda: room.desks[0].hears(BROWSER_TONE, 300), what="the agent hears the guest again")


def test_a_call_goes_on_while_civicline_is_killed_and_started_again(room: CallRoom) -> None:
    page = room.page()
    begin(room, page)
    page.click('[data-call-key="1"]')
    room.house.reaches("talking", contact="connected")
    room.house.voice.kill()
    room.desks[0].deaf()
    room.loudness(page)
    wait_until(lambda: room.desks[0].hears(BROWSER_TONE, 300), what="the agent hears the guest meanwhile")
    wait_until(lambda: room.loudness(page) > AUDIBLE, what="the guest hears the agent meanwhile", every=0.3)
    with page.expect_response("**/call/line/", timeout=60_000) as line:
        room.house.voice.start()
    assert line.value.status == 200
    log = room.house.voice.log
    wait_until(lambda: '"resumed": 1' in log.read_text(), what="the call is taken up", seconds=30)
    page.wait_for_selector("[data-call-state][data-state=talking]", timeout=30_000)
    page.click("[data-call-end]")
    room.house.reaches("wrapup", contact="wrap_up", seconds=30)


TROUBLES = {
    "NotAllowedError": "does not let this page use the microphone",
    "NotFoundError": "We found no microphone",
    "NotReadableError": "Another program uses the microphone",
}


@pytest.mark.parametrize("name", list(TROUBLES))
def test_what_is_wrong_with_the_microphone_is_said(room: CallRoom, name: str) -> None:
    page = room.page()
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '{name}'))"
    )
    page.goto("/en/call/")
    page.click("[data-call-begin]")
    page.wait_for_selector("[data-call-state][data-state=problem]")
    assert TROUBLES[name] in page.inner_text("[data-call-state]")
    assert page.is_visible("[data-call-begin]")
    assert not room.house.ari("channels")


def test_a_refused_line_is_told_in_its_own_words(room: CallRoom) -> None:
    page = room.page()
    page.route(
        "**/call/line/", lambda route: route.fulfill(status=503, json={"detail": "All lines are taken."})
    )
    page.goto("/en/call/")
    page.click("[data-call-begin]")
    page.wait_for_selector("[data-call-state][data-state=problem]")
    assert page.inner_text("[data-call-state]") == "All lines are taken."


@pytest.mark.parametrize("options", [{"java_script_enabled": False}, {}], ids=["no scripts", "no calls"])
def test_without_scripts_or_calls_the_page_names_the_other_ways(
    room: CallRoom, options: dict[str, Any]
) -> None:
    page = room.page(**options)
    if not options:
        page.add_init_script("delete window.RTCPeerConnection")
    page.goto("/en/call/")
    assert page.get_attribute("[data-call-others] a >> nth=0", "href") == "tel:+44 20 7946 0999"
    assert not page.is_visible("[data-call-begin]")
    told = "noscript" if options else "[data-call-state]"
    wait_until(lambda: "cannot" in page.locator(told).inner_text(), what="the page says what is missing")


def test_the_language_of_the_page_is_the_caller_s(room: CallRoom) -> None:
    page = room.page()
    begin(room, page, language="ar")
    assert page.get_attribute("html", "dir") == "rtl"
    wait_until(lambda: room.house.call().get("flow"), what="the menu speaks")
    assert room.house.call()["language"] == "ar"


def test_a_page_that_is_closed_hangs_up(room: CallRoom) -> None:
    page = room.page()
    begin(room, page)
    page.close(run_before_unload=True)
    room.house.reaches("ended", seconds=10)
