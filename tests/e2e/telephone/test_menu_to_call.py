"""From the drawing to the call, in three languages, one from right to left.

A menu with a line and a call back is drawn and published in a real browser and tried on the simulator's page; then a
telephone rings it, hears that language, books the call back, and is called back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from civicline.channels.voice.flows import built_in
from tests.call_room import CallRoom
from tests.exchange import AGENT_TONE, CALLER_TONE
from tests.servers import wait_until
from tests.sip_phone import SipPhone

LANGUAGES = ["en", "es", "ar"]
HOME_TONE = 520.0
Axe = Callable[[Any], list[str]]


@pytest.fixture
def caller() -> Iterator[SipPhone]:
    phone = SipPhone("127.0.0.2", CALLER_TONE, name="caller")
    yield phone
    phone.close()


@pytest.fixture
def home(room: CallRoom) -> Iterator[SipPhone]:
    """What rings when the town calls out."""
    phone = SipPhone("127.0.0.2", HOME_TONE, port=room.house.network_port, name="home")
    yield phone
    phone.close()


def _submit(page: Any, field: str) -> None:
    """Send the form of this field."""
    with page.expect_navigation():
        page.locator(f"[name={field}]").first.evaluate(
            "one => one.form.querySelector('[type=submit]').focus()"
        )
        page.keyboard.press("Enter")


def _step(page: Any, menu: str, key: str, kind: str) -> None:
    page.goto(f"{menu}steps/new/")
    page.fill("[name=code]", key)
    page.check(f"[name=kind][value={kind}]")
    _submit(page, "code")


def _fill(page: Any, menu: str, key: str, **chosen: str) -> None:
    page.goto(f"{menu}steps/{key}/")
    for field, value in chosen.items():
        page.select_option(f"[name={field}]", value)
    _submit(page, next(iter(chosen)))


def draw(page: Any, code: str, number: str) -> str:
    """The menu: which language, a call back or the line; its address once it is published."""
    page.goto("/admin/calls/new/")
    page.fill("[name=code]", code)
    page.fill("[name=name_en]", "Call back")
    page.fill("[name=numbers]", f"+{number}")
    for language in LANGUAGES:
        page.check(f"[name=languages][value={language}]")
    _submit(page, "code")
    menu = f"/admin/calls/menus/{code}/"
    steps = {"language": "language", "offer": "offer_callback", "line": "queue", "bye": "hang_up"}
    for key, kind in steps.items():
        _step(page, menu, key, kind)
    keys = {f"language_{language}": str(at + 1) for at, language in enumerate(LANGUAGES)}
    _fill(page, menu, "language", next="offer", **keys)
    _fill(page, menu, "offer", queue="general", accepted="bye", refused="line")
    _fill(page, menu, "line", queue="general", full="bye")
    page.goto(f"{menu}settings/")
    page.select_option("[name=start]", "language")
    page.select_option("[name=give_up]", "line")
    _submit(page, "give_up")
    assert page.locator(".flow-problems").count() == 0, page.locator(".flow-problems").all_inner_texts()
    page.fill("[name=note]", "For callers who cannot wait")
    _submit(page, "note")
    assert page.locator("form.publish").count() == 0
    return menu


def walk(page: Any, axe: Axe, menu: str, language: str) -> None:
    """On the simulator's page: the language, the offer, the number read back, and booked."""
    page.goto(f"{menu}try/")
    page.select_option("[name=which]", "published")
    with page.expect_navigation():
        page.locator("button[name=ring]").press("Enter")
    said = built_in.texts()
    keys = {
        "callback_offer": str(LANGUAGES.index(language) + 1),
        "callback_this_number": "1",
        "callback_booked": "1",
    }
    for prompt, key in keys.items():
        with page.expect_navigation():
            page.locator(f".keypad button[value='{key}']").press("Enter")
        words = said[prompt][language].split("{")[0].strip()
        told = page.locator(".talk > li").first.locator(f".talk-text[lang={language}]", has_text=words)
        assert told.count() == 1, page.locator(".talk").inner_text()
        assert told.evaluate("one => getComputedStyle(one).direction") == (
            "rtl" if language == "ar" else "ltr"
        )
    assert page.locator(".keypad").count() == 0, "the call on trial is over"
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_menu_is_drawn_tried_called_and_calls_back(
    room: CallRoom, axe: Axe, caller: SipPhone, home: SipPhone, language: str
) -> None:
    house, number = room.house, f"44207946055{LANGUAGES.index(language)}"
    drawer = house.do("administrator", language=language)
    page = room.page(viewport={"width": 1440, "height": 900})
    page.context.add_cookies([{**house.do("signed_in", agent=drawer), "url": room.url}])
    menu = draw(page, f"back-{language}", number)
    assert page.evaluate("document.documentElement.lang") == language
    walk(page, axe, menu, language)
    assert house.do("owed") == [] or house.do("owed")[-1]["state"] == "reached", "on trial nothing is booked"

    house.do("presence", agent=house.agents[0], state="break")
    mine = f"+44207946033{LANGUAGES.index(language)}"
    caller.call(number, house.address, caller=mine)

    def stands(node: str, phase: str) -> bool:
        now = (house.call().get("flow") or {}).get("position", {})
        return (now.get("node"), now.get("phase")) == (node, phase)

    wait_until(lambda: house.call().get("flow"), what="the menu answers")
    caller.press(str(LANGUAGES.index(language) + 1))
    for phase in ("offer", "which"):
        wait_until(lambda phase=phase: stands("offer", phase), what=f"it asks: {phase}")  # type: ignore[misc]
        caller.press("1")
    wait_until(lambda: caller.state == "over", seconds=30, what="the menu says goodbye")
    (booked,) = [one for one in house.do("owed") if one["number"] == mine]
    assert (booked["state"], booked["language"]) == ("waiting", language)
    assert "call.no_voice" not in house.voice.log.read_text(), "every sentence was said"

    house.do("presence", agent=house.agents[0], state="available")
    wait_until(
        lambda: home.hears(AGENT_TONE) and room.desks[0].hears(HOME_TONE),
        seconds=30,
        what="they hear each other",
    )
    (reached,) = [one for one in house.do("owed") if one["number"] == mine]
    assert (reached["state"], home.rang) == ("reached", 1)
