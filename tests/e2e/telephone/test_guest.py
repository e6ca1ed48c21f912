"""A resident calls from a page: real browser, real exchange, real menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.call_room import BROWSER_TONE, CallRoom
from tests.servers import wait_until

Axe = Callable[[Any], list[str]]
AUDIBLE = 0.01


def begin(room: CallRoom, page: Any) -> None:
    page.goto("/en/call/")
    page.click("[data-call-begin]")
    page.wait_for_selector("[data-call-state][data-state=talking]", timeout=20_000)


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
