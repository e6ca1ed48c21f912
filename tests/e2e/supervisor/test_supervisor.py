"""A supervisor's shift in a real browser: by keyboard alone, in both themes, on a telephone, on a wall."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from civicline.demo.town import PASSWORD

Open = Callable[..., Page]
SIZES = {"wide": (1440, 900), "phone": (390, 844)}


def sign_in(page: Page, email: str = "oskar@saltmere.example") -> Page:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/accounts/login" not in address)
    return page


def ask(page: Page, subject: str) -> None:
    """A resident starts a chat."""
    page.goto("/chat/?service=council-tax")
    page.locator("#body").fill(subject)
    page.locator("form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}/"))


def tab_to(page: Page, target: str, most: int = 80) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(most):
        if page.evaluate("target => document.activeElement?.matches(target) ?? false", target):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {target}")


def test_an_alarm_comes_by_itself_and_is_taken_by_keyboard(new_page: Open) -> None:
    board = sign_in(new_page())
    board.goto("/supervisor/")
    expect(board.locator("#queues")).to_be_visible()
    ask(new_page(), "Nobody is here")
    expect(board.locator(".alarm", has_text="nobody serves it").first).to_be_visible(timeout=40_000)
    tab_to(board, "[id^=al-t-]")
    board.keyboard.press("Enter")
    expect(board.locator(".alarm", has_text="Taken by Oskar").first).to_be_visible(timeout=15_000)


def test_a_contact_is_moved_and_prioritised_by_keyboard_with_a_reason(new_page: Open) -> None:
    ask(new_page(), "Wrong queue")
    page = sign_in(new_page())
    page.goto("/supervisor/q/council-tax/")
    tab_to(page, "a[id^=act-]")
    page.keyboard.press("Enter")
    expect(page.locator("dialog#act")).to_be_visible()
    tab_to(page, "#queue")
    page.keyboard.type("Ben")
    tab_to(page, "#reason-move")
    page.keyboard.type("ok")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Say why")).to_be_visible(timeout=15_000)
    tab_to(page, "#reason-move")
    page.keyboard.press("Control+A")
    page.keyboard.type("It is about benefits")
    page.keyboard.press("Enter")
    expect(page.get_by_text("waits in Benefits now, at its own place")).to_be_visible(timeout=15_000)


def test_deeds_work_without_javascript(new_page: Open) -> None:
    page = sign_in(new_page(java_script_enabled=False))
    page.goto("/supervisor/q/streets/")
    page.locator("a[id^=act-]").first.click()
    page.locator("#reason-prioritise").fill("The road is under water")
    page.locator("#priority").select_option("2")
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_text("has priority +2 now")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_in_both_themes(
    new_page: Open, axe: Callable[[Any], list[str]], size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    page = sign_in(new_page(viewport={"width": width, "height": height}, color_scheme=scheme))
    for address in ("/supervisor/", "/supervisor/q/streets/", "/supervisor/report/"):
        page.goto(address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    hidden = "frame => frame.scrollWidth > frame.clientWidth"
    cut_off = page.eval_on_selector_all(
        ".table-frame:has(.stacks)", f"frames => frames.filter({hidden}).length"
    )
    assert page.locator(".stacks").count() >= 2
    assert cut_off == 0, "the figures of the report are read without moving sideways"


def test_the_wall_says_when_its_count_is_old(new_page: Open, axe: Callable[[Any], list[str]]) -> None:
    page = sign_in(new_page(viewport={"width": 1920, "height": 1080}))
    page.clock.install()
    page.goto("/board/")
    assert axe(page) == []
    assert page.locator(".w-t tbody tr").count() <= 7
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    page.context.set_offline(True)
    page.clock.fast_forward("00:16")
    expect(page.locator("body.is-stale")).to_be_attached(timeout=40_000)
    expect(page.locator(".w-clock")).to_contain_text("Last count")
    page.context.set_offline(False)
    page.clock.fast_forward("00:08")
    expect(page.locator("body.is-stale")).not_to_be_attached(timeout=40_000)
