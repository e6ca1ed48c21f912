"""An agent takes calls in the browser: real Chromium, real exchange, a caller with a SIP telephone."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.call_room import BROWSER_TONE, CallRoom
from tests.exchange import CALLER_TONE, NUMBER
from tests.servers import wait_until
from tests.sip_phone import RATE, Samples, SipPhone, loudness
from tests.sipp import missing_sipp
from tests.sipp_caller import SippCaller

Axe = Callable[[Any], list[str]]
AUDIBLE = 0.01
HEARD = 300.0
SILENT = 30.0
LOUD = 200  # of 32767
WALK, IN_MENU, IN_TALK = "442079460666", "20*7", "159#36048"
TAIL_S, NOBODYS_TONE = 2, 1300.0
HOME_TONE = 520.0
KEEP_SOCKETS = """
(() => {
  const Own = window.WebSocket;
  window.testSockets = [];
  window.WebSocket = class extends Own {
    constructor(...given) {
      super(...given);
      if (String(given[0]).includes("/live/telephone/")) window.testSockets.push(this);
    }
  };
})();
"""


BROKEN_WORDS = """
() => [...document.querySelectorAll(".callbar .tool span")].filter((words) => {
  const line = document.createRange();
  line.selectNodeContents(words);
  const tool = words.closest(".tool");
  const one = !words.textContent.trim().includes(" ");
  return (one && line.getClientRects().length > 1) || tool.scrollWidth > tool.clientWidth;
}).map((words) => words.textContent)
"""


def desk(
    room: CallRoom, agent: str, path: str = "/desk/", *, ready: bool = True, script: str = "", **options: Any
) -> Any:
    """The desk of this agent, with the telephone ready. `script` runs in the page before its own."""
    page = room.page(viewport={"width": 1440, "height": 900}, **options)
    page.add_init_script(script)
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
    path = [["menu", key]]
    wait_until(
        lambda: (room.house.call().get("flow") or {}).get("path") == path, what="the menu hears the key"
    )


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


def loud(caller: SipPhone) -> bool:
    """Whether the caller hears anything at all."""
    sound = caller.sound(1.0)
    return len(sound) > 0 and int(abs(sound).max()) > LOUD


def nothing_heard_until_a_key(caller: SipPhone, page: Any) -> bool:
    """Whether not a sound of the agent came before the key that is pressed now."""
    caller.deaf()
    caller.keys = ""
    page.keyboard.press("5")
    wait_until(lambda: caller.keys == "5", seconds=20, what="the key is there")
    return not caller.hears(BROWSER_TONE, SILENT)


def broken_words(page: Any) -> list[str]:
    """Buttons of the call whose one word stands in two lines, or beyond its button, on a telephone's screen."""
    page.set_viewport_size({"width": 390, "height": 844})
    found: list[str] = page.evaluate(BROKEN_WORDS)
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


def line_is_up(room: CallRoom) -> bool:
    """Whether the exchange has found the other end of its line to the network; it looks every half minute."""
    return bool(room.house.ari("endpoints/PJSIP/trunk-network")["state"] == "online")


def test_calling_from_a_contact_rings_in_the_page_that_stays_open(
    room: CallRoom, caller: SipPhone, agent: str
) -> None:
    home = SipPhone("127.0.0.2", HOME_TONE, port=room.house.network_port, name="home")
    try:
        page = desk(room, agent)
        talk(room, caller, page)
        page.keyboard.press("Alt+x")
        room.house.reaches("wrapup", contact="wrap_up")
        wait_until(lambda: line_is_up(room), seconds=60, every=0.5, what="the line to the network is there")
        page.evaluate("window.stays = true")
        page.click("#call-out > summary")
        page.fill("#call-number", "020 7946 0200")
        page.click("#call-out button:has-text('Call now')")
        room.house.reaches("talking", contact="connected", seconds=30)
        heard_both_ways(room, home, page)
        assert page.evaluate("window.stays"), "the telephone lives in this page"
        page.wait_for_selector(".callbar[data-call-state=talks]", timeout=20_000)
        page.keyboard.press("Alt+x")
        room.house.reaches("wrapup", contact="wrap_up")
    finally:
        home.close()


def test_accepting_on_the_desk_answers_and_every_button_does_what_it_says(
    room: CallRoom, caller: SipPhone, agent: str, axe: Axe
) -> None:
    page = desk(room, agent)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda got: faults.append(got.url) if got.status >= 400 else None)
    talk(room, caller, page)
    heard_both_ways(room, caller, page)
    panel = page.locator("#call")
    assert "+44 20 7946 0123" in panel.inner_text() and "general" in panel.locator(".call-path").inner_text()
    page.wait_for_selector("#telephone-state[data-state^=call]")
    page.wait_for_selector("[data-quality=good], [data-quality=fair], [data-quality=poor]", timeout=20_000)
    assert axe(page) == []

    page.keyboard.press("Alt+h")
    page.wait_for_selector(".callbar[data-call-state=held]")
    caller.deaf()
    wait_until(
        lambda: loud(caller) and not caller.hears(BROWSER_TONE, SILENT),
        seconds=20, what="the caller hears music, not the agent",
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


def recorded(room: CallRoom, contact: str) -> Samples:
    """The samples of the recording, once it is kept."""

    def kept() -> str:
        found = room.house.do("recordings", contact=contact)
        return str(found[-1]["sound"]) if found else ""

    sound = wait_until(kept, seconds=30, what="the recording is kept")
    with wave.open(io.BytesIO(base64.b64decode(str(sound)))) as file:
        assert file.getframerate() == RATE
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int64)


def test_sipp_walks_the_menu_by_keys_and_both_voices_are_in_the_recording(
    room: CallRoom, agent: str, tmp_path: Path
) -> None:
    if missing_sipp():
        pytest.skip(missing_sipp())
    house = room.house
    page = desk(room, agent)
    house.do("walked_menu", code="walk", number=f"+{WALK}", keys=IN_MENU, queue="general")
    house.do("rule", queue="general", mode="always")
    with SippCaller(tmp_path, keys=IN_MENU + IN_TALK) as caller:
        caller.call(WALK, house.address)
        for turn, key in enumerate(IN_MENU):
            wait_until(
                lambda turn=turn: (house.call().get("flow") or {}).get("position", {}).get("node") == f"step-{turn}",  # type: ignore[misc]
                what=f"the menu asks at step {turn}",
            )  # fmt: skip
            caller.press(key)
        page.wait_for_selector("[data-offer]", timeout=20_000)
        assert house.call()["flow"]["path"] == [[f"step-{turn}", key] for turn, key in enumerate(IN_MENU)]
        page.keyboard.press("Alt+a")
        call = house.reaches("talking", contact="connected", seconds=30)
        room.loudness(page)
        wait_until(lambda: room.loudness(page) > AUDIBLE, seconds=20, what="the agent hears sipp", every=0.3)
        for turn, key in enumerate(IN_TALK):
            caller.press(key)
            pressed = f"[data-pressed]:text-is('{IN_TALK[: turn + 1]}')"
            page.wait_for_selector(pressed, timeout=20_000)
        assert broken_words(page) == []
        before = room.seconds_heard(page)
        wait_until(lambda: room.seconds_heard(page) > before + TAIL_S, seconds=20, what="they go on talking")
        caller.hang_up()
    house.reaches("wrapup", contact="wrap_up")
    tail = recorded(room, call["contact"])[-TAIL_S * RATE :]
    house.do("rule", queue="general", mode="never")
    assert loudness(tail, BROWSER_TONE) > HEARD and loudness(tail, CALLER_TONE) > HEARD
    assert loudness(tail, NOBODYS_TONE) < SILENT


def test_a_call_goes_on_while_civicline_is_killed_and_is_taken_up_by_the_page(
    room: CallRoom, caller: SipPhone, agent: str
) -> None:
    page = desk(room, agent)
    talk(room, caller, page)
    room.house.voice.kill()
    page.wait_for_selector("#telephone-state[data-state^=call], #telephone-state[data-state=lost]")
    heard_both_ways(room, caller, page)
    with page.expect_response("**/desk/telephone/line/", timeout=60_000) as line:
        room.house.voice.start()
    assert line.value.status == 200
    room.house.wait_connected()
    page.wait_for_selector("#telephone-state[data-state^=call]", timeout=30_000)
    heard_both_ways(room, caller, page)
    caller.hang_up()
    room.house.reaches("wrapup", contact="wrap_up", seconds=30)
    page.wait_for_selector("#telephone-state[data-state=ready]", timeout=30_000)


def test_the_way_to_the_exchange_is_lost_and_found_and_the_caller_stays(
    room: CallRoom, caller: SipPhone, agent: str
) -> None:
    page = desk(room, agent, script=KEEP_SOCKETS)
    talk(room, caller, page)
    page.evaluate("window.testSockets.at(-1).close()")
    wait_until(
        lambda: page.evaluate("window.testSockets.length === 2 && window.testSockets[1].readyState === 1"),
        seconds=30, what="the telephone connects again",
    )  # fmt: skip
    page.wait_for_selector("#telephone-state[data-state^=call]")
    heard_both_ways(room, caller, page)
    caller.hang_up()
    room.house.reaches("wrapup", contact="wrap_up", seconds=30)
    page.wait_for_selector("#telephone-state[data-state=ready]", timeout=30_000)


def test_whoever_was_away_when_the_caller_hung_up_learns_it_when_they_are_back(
    room: CallRoom, caller: SipPhone, agent: str
) -> None:
    page = desk(room, agent, script=KEEP_SOCKETS)
    talk(room, caller, page)
    page.route("**/desk/telephone/line/", lambda route: route.abort())
    page.evaluate("window.testSockets.at(-1).close()")
    wait_until(lambda: page.evaluate("window.testSockets.at(-1).readyState === 3"), what="it is closed")
    caller.hang_up()
    room.house.reaches("wrapup", contact="wrap_up", seconds=30)
    page.unroute("**/desk/telephone/line/")
    page.wait_for_selector("#telephone-state[data-state=ready]", timeout=30_000)


def test_declining_stops_the_ringing(room: CallRoom, caller: SipPhone, agent: str) -> None:
    page = desk(room, agent)
    calls(room, caller)
    page.wait_for_selector("[data-offer]", timeout=20_000)
    page.keyboard.press("Alt+d")
    room.house.reaches("queued", contact="queued")
    wait_until(lambda: room.house.legs() == ["Up"], seconds=20, what="nothing rings, and the caller is there")
    assert page.locator("#telephone-ring").is_hidden()
    caller.hang_up()


def test_on_another_page_of_the_desk_the_telephone_can_be_answered_too(
    room: CallRoom, caller: SipPhone, agent: str, axe: Axe
) -> None:
    page = desk(room, agent, "/desk/cases/")
    calls(room, caller)
    page.wait_for_selector("#telephone-ring:not([hidden])", timeout=20_000)
    assert "+44 20 7946 0123" in page.inner_text("#telephone-ring")
    assert axe(page) == []
    page.locator("[data-ring-answer]").focus()
    page.keyboard.press("Enter")
    room.house.reaches("talking", contact="connected")
    page.wait_for_selector("#telephone-state[data-state^=call]")
    with page.context.expect_page() as beside:  # the call lives in this page
        page.click(".rail a >> nth=0")
    beside.value.wait_for_selector("#telephone-state[data-state^=call]")
    beside.value.click("#hand .conv")
    beside.value.wait_for_selector(".callbar[data-call-state=talks]")
    beside.value.keyboard.press("Alt+x")
    room.house.reaches("wrapup", contact="wrap_up")
    page.wait_for_selector("#telephone-state[data-state=ready]")


def test_a_second_tab_accepts_and_the_first_one_talks(room: CallRoom, caller: SipPhone, agent: str) -> None:
    first = desk(room, agent)
    second = first.context.new_page()
    second.goto("/desk/")
    second.wait_for_selector("#telephone-state[data-state=ready]")
    talk(room, caller, second)
    heard_both_ways(room, caller, first)
    second.wait_for_selector("#telephone-state[data-state^=call]")
    first.close(run_before_unload=False)
    # Whoever was with the caller is gone with the tab; the caller is not, and keeps their place.
    room.house.reaches("queued", seconds=30)
    assert caller.state == "talking"
    second.wait_for_selector("#telephone-state[data-state=ready]", timeout=30_000)
    caller.hang_up()


def test_without_a_microphone_the_caller_goes_back_to_the_line(
    room: CallRoom, caller: SipPhone, agent: str
) -> None:
    page = room.page(viewport={"width": 1440, "height": 900})
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    page.context.add_cookies([{**room.house.do("signed_in", agent=agent), "url": room.url}])
    page.goto("/desk/")
    page.wait_for_selector("#telephone-state[data-state=ready]", timeout=30_000)
    calls(room, caller)
    page.wait_for_selector("[data-offer]", timeout=20_000)
    page.keyboard.press("Alt+a")
    page.wait_for_selector("#telephone-state[data-state=microphone]")
    room.house.reaches("queued", seconds=30)
    assert caller.state == "talking"
    caller.hang_up()


def test_a_desk_phone_is_to_be_picked_up_after_accepting(room: CallRoom, caller: SipPhone) -> None:
    agent = room.house.agents[0]
    room.desks[0].picks_up = None
    page = desk(room, agent, ready=False)
    assert "Desk phone 7001" in page.inner_text("#telephone-state")
    calls(room, caller)
    page.wait_for_selector("[data-offer]", timeout=20_000)
    page.keyboard.press("Alt+a")
    page.wait_for_selector(".callbar[data-call-state=rings]")
    assert "Pick up your telephone" in page.inner_text(".callbar")
    wait_until(lambda: room.desks[0].state == "ringing", what="the desk phone rings")
    room.desks[0].pick_up()
    page.wait_for_selector(".callbar[data-call-state=talks]")
    page.keyboard.press("Alt+h")
    page.wait_for_selector(".callbar[data-call-state=held]")
    page.keyboard.press("Alt+x")
    wait_until(lambda: caller.state == "over", what="the caller's telephone is on the hook")


def test_the_set_up_hears_the_microphone_and_calls_oneself(room: CallRoom, agent: str, axe: Axe) -> None:
    page = desk(room, agent)
    page.click("#telephone-state")
    page.wait_for_selector("dialog#telephone[open]")
    wait_until(
        lambda: int(page.get_attribute("[data-level]", "aria-valuenow") or 0) > 30, what="the microphone is heard"
    )  # fmt: skip
    assert "Your microphone works" in page.inner_text("[data-telephone-said]")
    assert axe(page) == []
    room.loudness(page)
    page.click("[data-try-echo]")
    wait_until(lambda: room.loudness(page) > AUDIBLE, seconds=20, what="one hears oneself", every=0.3)
    page.click("[data-try-echo]")
    wait_until(lambda: not room.house.ari("channels"), what="the test call is over")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#telephone", state="hidden")
