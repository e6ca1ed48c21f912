"""An agent takes calls in the browser: real Chromium, real exchange, a caller with a SIP telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.call_room import BROWSER_TONE, CallRoom
from tests.exchange import CALLER_TONE, NUMBER
from tests.servers import wait_until
from tests.sip_phone import SipPhone

Axe = Callable[[Any], list[str]]
AUDIBLE = 0.01
HEARD = 300.0
SILENT = 30.0


@pytest.fixture
def caller(room: CallRoom) -> Iterator[SipPhone]:
    """Somebody with a telephone outside."""
    phone = SipPhone("127.0.0.2", CALLER_TONE, name="caller")
    yield phone
    phone.close()


@pytest.fixture
def agent(room: CallRoom) -> Iterator[str]:
    """The agent of the first line, whose calls ring in the browser."""
    agent = room.house.agents[0]
    room.house.do("rings_in", agent=agent, kind="browser")
    yield agent
    room.house.do("rings_in", agent=agent, kind="sip")


def desk(room: CallRoom, agent: str, path: str = "/desk/", *, ready: bool = True, **options: Any) -> Any:
    """The desk of this agent, with the telephone ready."""
    page = room.page(viewport={"width": 1440, "height": 900}, **options)
    page.context.add_cookies([{**room.house.do("signed_in", agent=agent), "url": room.url}])
    page.goto(path)
    if ready:
        page.wait_for_selector("#telephone-state[data-state=ready]", timeout=30_000)
    return page


def calls(room: CallRoom, caller: SipPhone, key: str = "1") -> None:
    """The caller presses a key in the menu, and waits in line."""
    caller.call(NUMBER, room.house.address)
    wait_until(lambda: caller.state == "talking", what="the menu answers")
    caller.press(key)


def talk(room: CallRoom, caller: SipPhone, page: Any) -> dict[str, Any]:
    """The agent accepts on the page, by key."""
    calls(room, caller)
    page.wait_for_selector("[data-offer]", timeout=20_000)
    page.keyboard.press("Alt+a")
    found = room.house.reaches("talking", contact="connected", seconds=30)
    page.wait_for_selector(".callbar[data-call-state=talks]", timeout=20_000)
    return found


def heard_both_ways(room: CallRoom, caller: SipPhone, page: Any) -> None:
    """Each side hears the other one now."""
    caller.deaf()
    room.loudness(page)
    wait_until(lambda: caller.hears(BROWSER_TONE, HEARD), seconds=20, what="the caller hears the agent")
    wait_until(
        lambda: room.loudness(page) > AUDIBLE, seconds=20, what="the agent hears the caller", every=0.3
    )


def nothing_heard_until_a_key(caller: SipPhone, page: Any) -> bool:
    """Whether not a sound of the agent came before the key that is pressed now."""
    caller.deaf()
    caller.keys = ""
    page.keyboard.press("5")
    wait_until(lambda: caller.keys == "5", seconds=20, what="the key is there")
    return not caller.hears(BROWSER_TONE, SILENT)


def test_accepting_on_the_desk_answers_and_every_button_does_what_it_says(
    room: CallRoom, caller: SipPhone, agent: str, axe: Axe
) -> None:
    page = desk(room, agent)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    talk(room, caller, page)
    heard_both_ways(room, caller, page)
    panel = page.locator("#call")
    assert "+442079460123" in panel.inner_text() and "general" in panel.locator(".call-path").inner_text()
    page.wait_for_selector("#telephone-state[data-state^=call]")
    page.wait_for_selector("[data-quality=good], [data-quality=fair], [data-quality=poor]", timeout=20_000)
    assert axe(page) == []

    page.keyboard.press("Alt+h")
    page.wait_for_selector(".callbar[data-call-state=held]")
    caller.deaf()
    wait_until(
        lambda: len(caller.sound(1.0)) and not caller.hears(BROWSER_TONE, SILENT) and abs(caller.sound(1.0)).max() > 200,
        seconds=20, what="the caller hears music and not the agent",
    )  # fmt: skip
    page.keyboard.press("Alt+h")
    page.wait_for_selector(".callbar[data-call-state=talks]")
    heard_both_ways(room, caller, page)

    page.keyboard.press("Alt+p")
    page.wait_for_selector("#keypad[open]")
    assert axe(page) == []
    page.keyboard.press("Alt+m")
    page.wait_for_selector("#call-mute[aria-pressed=true]")
    page.wait_for_selector("#keypad[open]")
    page.locator("#call-keypad").focus()
    wait_until(
        lambda: nothing_heard_until_a_key(caller, page), seconds=30, what="the muted agent is not heard"
    )
    page.keyboard.press("Alt+m")
    page.wait_for_selector("#call-mute[aria-pressed=false]")
    heard_both_ways(room, caller, page)

    caller.keys = ""
    page.locator("#call-keypad").focus()
    for key in "1597*0#":
        page.keyboard.press(key)
    wait_until(lambda: caller.keys == "1597*0#", seconds=20, what="every key arrives, once and in order")
    assert page.locator("[data-pad-sent]").inner_text().endswith("1597*0#")
    page.keyboard.press("Escape")

    page.keyboard.press("Alt+x")
    room.house.reaches("wrapup", contact="wrap_up")
    wait_until(lambda: caller.state == "over", what="the caller's telephone is on the hook")
    page.wait_for_selector("#telephone-state[data-state=ready]")
    assert page.evaluate("document.activeElement.id") == "wrapup-h"
    assert page.locator(".callbar").count() == 0
    assert faults == []
