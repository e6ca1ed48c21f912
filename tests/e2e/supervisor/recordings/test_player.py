"""A recording in a real browser: by keyboard, by its markers, without JavaScript, on a telephone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.supervisor.test_supervisor import sign_in
from tests.servers import ROOT, Civicline, wait_until

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def made(civicline_server: Civicline) -> dict[str, str]:
    """A recorded call and a voice message of the demo town."""
    environment = civicline_server.settings() | {"DJANGO_SETTINGS_MODULE": "civicline.config.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.recorded_calls"], cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def give_reason(page: Page, made: dict[str, str]) -> Page:
    """Open the recording with a reason."""
    page.goto(f"/recordings/{made['recording']}/")
    page.locator("input[name=why][value=quality]").check()
    page.locator("main form button[type=submit]").click()
    page.locator("[data-player]").wait_for()
    return page


def at(page: Page) -> float:
    return float(page.evaluate("document.querySelector('[data-sound]').currentTime"))


def plays(page: Page) -> bool:
    return not page.evaluate("document.querySelector('[data-sound]').paused")


def test_a_recording_is_heard_by_keyboard_alone(new_page: Open, made: dict[str, str]) -> None:
    page = give_reason(sign_in(new_page()), made)
    wave = page.get_by_role("slider")
    wave.focus()
    page.keyboard.press("Space")
    wait_until(lambda: plays(page) and at(page) > 0, what="it plays")
    page.keyboard.press("Space")
    wait_until(lambda: not plays(page), what="it pauses")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    wait_until(lambda: abs(at(page) - 5) < 0.2, what="five seconds on")
    page.keyboard.press("ArrowDown")
    wait_until(lambda: abs(at(page) - 9) < 0.2, what="the next marker")
    expect(page.locator(".markers li.is-now")).to_contain_text("Back from hold")
    expect(wave).to_have_attribute("aria-valuetext", "0:09 of 0:24")
    page.keyboard.press("ArrowUp")
    wait_until(lambda: abs(at(page) - 5) < 0.2, what="the marker before")
    page.get_by_role("link", name="0:13").click()
    wait_until(lambda: plays(page) and at(page) >= 13, what="a marker plays from its place")


def test_the_end_of_a_recording_is_reached_without_its_beginning(
    new_page: Open, made: dict[str, str]
) -> None:
    page = give_reason(sign_in(new_page()), made)
    parts: list[str] = []
    page.on(
        "request",
        lambda one: parts.append(one.headers.get("range", "")) if one.url.endswith("/sound") else None,
    )
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    wait_until(lambda: at(page) > 19.5, what="it plays near its end")
    assert parts
    assert all(part.startswith("bytes=") for part in parts)


def test_without_a_script_there_are_a_player_and_a_list(new_page: Open, made: dict[str, str]) -> None:
    page = give_reason(sign_in(new_page(java_script_enabled=False)), made)
    expect(page.locator("audio[controls]")).to_have_attribute("src", f"/recordings/{made['recording']}/sound")
    first = page.get_by_role("link", name="0:05")
    expect(first).to_have_attribute("href", f"/recordings/{made['recording']}/sound#t=5.0")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_are_accessible_at_every_width(
    new_page: Open, made: dict[str, str], axe: Callable[[Any], list[str]], width: int
) -> None:
    page = sign_in(new_page(viewport={"width": width, "height": 844}))
    page.goto(f"/recordings/{made['recording']}/")
    assert axe(page) == []
    give_reason(page, made)
    for address in (f"/recordings/{made['recording']}/", "/recordings/", "/recordings/rules/"):
        page.goto(address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_a_voice_message_is_heard_at_the_desk(
    new_page: Open, made: dict[str, str], axe: Callable[[Any], list[str]]
) -> None:
    page = sign_in(new_page(), "nadia@saltmere.example")
    page.goto(f"/desk/c/{made['message']}/")
    page.locator(".voice-message [role=slider]").focus()
    page.keyboard.press("Space")
    wait_until(lambda: at(page) > 0.1, what="the message plays")
    assert axe(page) == []
    page.get_by_role("link", name="Hear the message").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Voice message of")
