"""More than two in a call, in the browser and by keyboard: a colleague asked in, a supervisor, a payment."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.call_room import BROWSER_TONE, CallRoom
from tests.e2e.telephone.test_agent import AUDIBLE, HEARD, SILENT, desk, loud, talk
from tests.exchange import CALLER_TONE
from tests.servers import wait_until
from tests.sip_phone import RATE, SipPhone, loudness

Axe = Callable[[Any], list[str]]
NO_POLLING = """
document.addEventListener("DOMContentLoaded", () => {
  for (const one of document.querySelectorAll("[hx-trigger*='every']")) one.setAttribute("hx-trigger", "live");
});
"""


@pytest.fixture
def colleague(room: CallRoom) -> Iterator[str]:
    """The agent of the second line, a supervisor, whose calls ring in the browser too."""
    colleague = room.house.agents[1]
    room.house.do("rings_in", agent=colleague, kind="browser")
    room.house.do("supervises", agent=colleague)
    yield colleague
    room.house.do("rings_in", agent=colleague, kind="sip")


def hears_the_desk(caller: SipPhone, *, so: bool = True) -> None:
    """Until the caller hears somebody in a browser, or does not."""
    caller.deaf()
    wait_until(
        lambda: caller.hears(BROWSER_TONE, HEARD) if so else loud(caller) and not caller.hears(BROWSER_TONE, SILENT),
        seconds=20, what=f"the caller {'hears' if so else 'does not hear'} a desk",
    )  # fmt: skip


def page_hears(room: CallRoom, page: Any) -> None:
    """Until the page hears something."""
    room.loudness(page)
    wait_until(lambda: room.loudness(page) > AUDIBLE, seconds=20, what="the page hears somebody", every=0.3)


def press(page: Any, selector: str, key: str = "Enter") -> None:
    """By keyboard: go there, and press."""
    page.locator(selector).first.focus()
    page.keyboard.press(key)


def deed(page: Any, name: str, state: str) -> None:
    """A button beside whoever was asked in; until they are in this state."""
    press(page, f".call-company form[action$='/call/{name}'] button")
    page.wait_for_selector(f"[data-party-state={state}]", timeout=20_000)


def asked(page: Any, note: str) -> None:
    """Ask the first colleague in, with a note."""
    page.keyboard.press("Alt+c")
    page.wait_for_selector("#call-ask[open]")
    page.locator("#ask-to").focus()
    page.select_option("#ask-to", index=0)
    page.locator("#ask-note").focus()
    page.keyboard.type(note)
    press(page, "#call-ask button[type=submit]")
    page.wait_for_selector("[data-party-state=ringing]", timeout=20_000)


def test_a_colleague_is_asked_swapped_joined_and_given_the_caller(
    room: CallRoom, caller: SipPhone, agent: str, colleague: str, axe: Axe
) -> None:
    page, other = desk(room, agent), desk(room, colleague)
    talk(room, caller, page)
    hears_the_desk(caller)
    asked(page, "Two bins in one house")
    other.wait_for_selector("[data-asked-answer]", timeout=20_000)
    assert "Two bins in one house" in other.inner_text(".offer-asked")
    assert other.locator("#telephone-ring").is_hidden()
    assert axe(other) == [] and axe(page) == []
    press(other, "[data-asked-answer]")
    page.wait_for_selector("[data-party-state=private]", timeout=20_000)
    page_hears(room, other)
    other.wait_for_selector(".thread:has-text('Two bins in one house')", timeout=20_000)
    hears_the_desk(caller, so=False)
    assert axe(page) == []
    deed(page, "swap", "aside")
    hears_the_desk(caller)
    deed(page, "join", "joined")
    assert axe(page) == []
    page.keyboard.press("Alt+m")  # whom the caller hears now is the colleague
    page.wait_for_selector("#call-mute[aria-pressed=true]")
    hears_the_desk(caller)
    press(page, ".call-company form[action$='/call/complete'] button")
    page.wait_for_selector("#telephone-state[data-state=ready]", timeout=20_000)
    page.wait_for_selector(".callbar", state="detached")
    found = room.house.reaches("talking", contact="connected")
    assert found["agent"] == colleague
    hears_the_desk(caller)
    other.wait_for_selector("#hand .conv", timeout=20_000)
    press(other, "#hand .conv a, #hand a.conv")
    other.wait_for_selector(".callbar[data-call-state=talks]", timeout=20_000)
    assert "Two bins in one house" in other.inner_text("main")
    other.keyboard.press("Alt+x")
    room.house.reaches("wrapup", contact="wrap_up")


def test_a_leg_that_nobody_on_the_page_asked_for_is_not_picked_up(
    room: CallRoom, caller: SipPhone, agent: str, colleague: str
) -> None:
    page, other = desk(room, agent), desk(room, colleague, "/desk/cases/")
    talk(room, caller, page)
    asked(page, "")
    other.wait_for_selector("#telephone-ring:not([hidden])", timeout=20_000)
    press(other, "[data-ring-refuse]")
    page.wait_for_selector("[data-party-state]", state="detached", timeout=20_000)
    hears_the_desk(caller, so=False)  # still on hold
    page.keyboard.press("Alt+h")
    hears_the_desk(caller)
    page.keyboard.press("Alt+x")
    room.house.reaches("wrapup", contact="wrap_up")


def calls_now(room: CallRoom, colleague: str) -> Any:
    """The calls of now without their polling: what is seen there was pushed."""
    page = room.page(viewport={"width": 1440, "height": 900})
    page.context.add_cookies([{**room.house.do("signed_in", agent=colleague), "url": room.url}])
    page.add_init_script(NO_POLLING)
    page.goto("/supervisor/calls/")
    page.wait_for_selector("#telephone-state[data-state=ready]", timeout=30_000)
    assert page.locator("[hx-trigger*='every']").count() == 0
    return page


def way(page: Any, name: str, words: str) -> None:
    """A way of being in the call, with its reason."""
    page.locator("#reason-ways").fill("Coaching")
    press(page, f"button[formaction$='/{name}']")
    page.wait_for_selector(f"#act-parts [role=status]:has-text('{words}')", timeout=20_000)
    assert page.locator("dialog#act[open]").count() == 1


def test_a_supervisor_listens_whispers_joins_and_takes_over_and_the_agent_sees_it(
    room: CallRoom, caller: SipPhone, agent: str, colleague: str, axe: Axe
) -> None:
    page, boss = desk(room, agent), calls_now(room, colleague)
    talk(room, caller, page)
    for state in ("held", "talks"):
        page.keyboard.press("Alt+h")
        page.wait_for_selector(f".callbar[data-call-state={state}]")
        words = "On hold" if state == "held" else "Talks"
        boss.wait_for_selector(f"#calls td:has-text('{words}')", timeout=10_000)
    press(boss, "#calls a[id^=call-]")
    boss.wait_for_selector("dialog#act[open] #reason-ways")
    assert boss.evaluate("document.activeElement.id") == "reason-ways"
    assert axe(boss) == []
    way(boss, "listen", "answers by itself")
    boss.wait_for_selector("#telephone-state[data-state^=call]", timeout=20_000)
    page_hears(room, boss)
    page.wait_for_selector(".call-heard:has-text('Agent 1 listens to this call')", timeout=20_000)
    assert axe(page) == []
    page.keyboard.press("Alt+m")
    page.wait_for_selector("#call-mute[aria-pressed=true]")
    way(boss, "whisper", "Only the agent hears you")
    page.wait_for_selector(".call-heard:has-text('speaks to you')", timeout=20_000)
    way(boss, "barge", "Everybody hears you")
    page.wait_for_selector(".call-heard:has-text('Everybody hears them')", timeout=20_000)
    hears_the_desk(caller)
    assert axe(boss) == []
    boss.locator("#reason-take").fill("They ask for me")
    press(boss, "form[action$='/take-over'] button")
    boss.wait_for_selector("#act-parts [role=status]:has-text('The caller is yours')", timeout=20_000)
    assert axe(boss) == []
    page.wait_for_selector("#telephone-state[data-state=ready]", timeout=20_000)
    assert room.house.reaches("talking", contact="connected")["agent"] == colleague
    hears_the_desk(caller)
    caller.hang_up()
    room.house.reaches("wrapup", contact="wrap_up")


def test_while_the_field_of_a_payment_has_the_focus_nothing_is_recorded_and_keys_are_hidden(
    room: CallRoom, caller: SipPhone, agent: str, axe: Axe
) -> None:
    room.house.do("rule", queue="general", mode="always")
    page = desk(room, agent)
    call = talk(room, caller, page)

    def silent() -> bool:
        return bool(room.house.do("recordings", contact=call["contact"])[-1]["silent"])

    wait_until(lambda: room.house.do("recordings", contact=call["contact"]), what="it is recorded")
    caller.press("1")
    page.wait_for_selector("[data-pressed]:has-text('1')", timeout=20_000)
    press(page, "#payment summary")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "payment-note"
    wait_until(silent, what="silence is recorded")
    page.wait_for_selector("#call-payment[aria-pressed=true]", timeout=20_000)
    assert page.evaluate("document.activeElement.id") == "payment-note", "the focus stays in the field"
    caller.press("4")
    page.wait_for_selector("[data-pressed]:has-text('1•')", timeout=20_000)
    assert axe(page) == []
    heard = len(caller.heard)
    wait_until(lambda: len(caller.heard) > heard + 75, seconds=20, what="a while has passed")
    page.keyboard.press("Tab")
    wait_until(lambda: not silent(), seconds=20, what="it is recorded again")
    page.wait_for_selector("#call-payment[aria-pressed=false]", timeout=20_000)
    caller.press("7")
    page.wait_for_selector("[data-pressed]:has-text('1•7')", timeout=20_000)
    hears_the_desk(caller)
    page.keyboard.press("Alt+x")
    room.house.reaches("wrapup", contact="wrap_up")
    room.house.do("rule", queue="general", mode="never")
    samples = sound_of(room, call["contact"])
    spoken = [
        loudness(part, CALLER_TONE) > HEARD for part in np.array_split(samples, len(samples) // (RATE // 2))
    ]
    quiet = spoken.index(False)
    assert True in spoken[:quiet] and spoken[quiet : quiet + 2] == [False, False] and True in spoken[quiet:]


def sound_of(room: CallRoom, contact: str) -> Any:
    """What was recorded of a call, once it is kept."""

    def kept() -> str:
        found = room.house.do("recordings", contact=contact)
        return str(found[-1]["sound"]) if found else ""

    sound = wait_until(kept, seconds=30, what="the recording is kept")
    with wave.open(io.BytesIO(base64.b64decode(str(sound)))) as recorded:
        return np.frombuffer(recorded.readframes(recorded.getnframes()), "<i2").astype(np.int64)
