"""A planner's morning in a real browser: by keyboard, with axe; an agent's shifts on a telephone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import pages

Open = Callable[..., Page]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHONE = {"width": 390, "height": 844}
PLAN = (
    "/plan/",
    "/plan/days/",
    "/plan/people/",
    "/plan/week/",
    "/plan/requests/",
    "/plan/kept/",
    "/plan/what-if/",
    "/plan/past/",
    "/plan/training/",
    "/plan/hiring/",
)
MINE = ("/my/", "/my/?span=month", "/my/swaps/", "/my/leave/", "/my/kept/")


def tab_to(page: Page, target: str, most: int = 120) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(most):
        if page.evaluate("target => document.activeElement?.matches(target) ?? false", target):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {target}")


def test_a_shift_is_added_by_keyboard_and_shows_what_it_brings_before_it_is_saved(new_page: Open) -> None:
    page = new_page()
    pages.sign_in(page, pages.PAULA)
    week = f"/plan/week/?week={pages.NEXT_MONDAY}"
    page.goto(week)
    tab_to(page, ".cell-add")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New shift")).to_be_visible()
    tab_to(page, "[name=kind]")
    page.keyboard.type("Over")
    expect(page.locator("#consequences")).to_contain_text("Hours with too few people", timeout=15_000)
    tab_to(page, "form.edit button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="The shift is saved")).to_be_visible()
    expect(page.locator(".week-grid .k-overtime").first).to_be_visible()


def test_a_shift_that_breaks_a_rule_says_so_while_it_is_written(new_page: Open) -> None:
    page = new_page()
    pages.sign_in(page, pages.PAULA)
    page.goto(f"/plan/week/?week={pages.NEXT_MONDAY}")
    page.locator(".week-grid .shift-link").first.click()
    page.locator("[name=start]").fill("05:00")
    page.locator("[name=end]").fill("20:00")
    expect(page.locator("#consequences")).to_contain_text("the contract allows", timeout=15_000)


@pytest.mark.parametrize(("who", "addresses"), [(pages.PAULA, PLAN), (pages.NADIA, MINE)])
def test_on_a_telephone_nothing_moves_sideways_and_axe_finds_no_fault(
    new_page: Open, axe: Callable[[Any], list[str]], who: str, addresses: tuple[str, ...]
) -> None:
    page = new_page(viewport=PHONE)
    pages.sign_in(page, who)
    for address in addresses:
        page.goto(address)
        assert page.evaluate(SIDEWAYS) <= 0, address
        assert axe(page) == [], address


def test_an_agent_asks_for_leave_and_takes_it_back_without_javascript(new_page: Open) -> None:
    page = new_page(java_script_enabled=False, viewport=PHONE)
    pages.sign_in(page, "mei")
    page.goto("/my/leave/")
    page.locator("[name=first]").fill(str(pages.NEXT_MONDAY.replace(year=pages.NEXT_MONDAY.year + 1)))
    page.get_by_role("button", name="Ask").click()
    expect(page.locator(".my-shifts li").first).to_contain_text("approved")
    page.get_by_role("button", name="Take it back").first.click()
    expect(page.locator(".my-shifts li").first).to_contain_text("withdrawn")


def test_the_words_of_a_chart_keep_their_size_on_a_telephone_and_do_not_touch(new_page: Open) -> None:
    page = new_page(viewport=PHONE)
    pages.sign_in(page, pages.PAULA)
    page.goto(f"/plan/?day={pages.NEXT_MONDAY}")
    pages.forecast_made(page)
    boxes = page.locator("svg.chart-phone .chart-tick[text-anchor=middle]").evaluate_all(
        "all => all.map(word => word.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) >= 3
    assert min(box["height"] for box in boxes) >= 11
    assert all(one["right"] + 4 <= other["left"] for one, other in itertools.pairwise(boxes))
    expect(page.locator("svg.chart-wide")).to_be_hidden()


@pytest.mark.parametrize("address", ["/plan/training/", "/plan/hiring/"])
def test_what_was_asked_is_answered_and_readable_on_a_telephone(
    new_page: Open, axe: Callable[[Any], list[str]], address: str
) -> None:
    page = new_page(viewport=PHONE)
    pages.sign_in(page, pages.PAULA)
    page.goto(address)
    page.locator("[name=name]").fill("From a telephone")
    page.locator("main form .btn-primary").first.click()
    expect(page.locator("#simulating progress")).to_have_count(0, timeout=120_000)
    expect(page.locator("h1")).to_have_text("From a telephone")
    assert page.evaluate(SIDEWAYS) <= 0
    assert axe(page) == []


def offer_time_off(page: Page) -> None:
    """Offer it for this afternoon to everybody, on the page of requests; today by its own form."""
    page.goto("/plan/requests/")
    page.locator("[name=kind][value=time_off], select[name=kind]").first.evaluate(
        "box => box.tagName === 'SELECT' ? (box.value = 'time_off') : (box.checked = true)"
    )
    page.locator("[name=start]").fill("12:00")
    page.locator("[name=end]").fill("23:59")
    page.get_by_role("button", name="Offer it to everybody").click()
    expect(page.get_by_role("status").filter(has_text="It is offered to everybody")).to_be_visible()


def test_today_renews_itself_and_leaves_alone_what_somebody_is_at(
    new_page: Open, axe: Callable[[Any], list[str]]
) -> None:
    page, other = new_page(), new_page()
    for one in (page, other):
        pages.sign_in(one, pages.PAULA)
    with page.expect_response(lambda answer: "/live/board" in answer.url):
        page.goto("/plan/today/")
    page.evaluate("document.body.dataset.sameAsBefore = 'yes'")
    before = page.locator("#today-offers .form-card").count()
    offer_time_off(other)
    cards = page.locator("#today-offers .form-card")
    expect(cards).to_have_count(
        before + 1, timeout=15_000
    )  # a round comes every thirty seconds: this was the hint
    close = cards.last.get_by_role("button", name="Close")
    close.focus()
    offer_time_off(other)
    expect(page.locator("#today-kept")).to_contain_text("What you are filling in stays")
    expect(close).to_be_focused()
    page.locator("#main").focus()
    expect(cards).to_have_count(before + 2)
    expect(page.locator("#today-kept")).to_have_text("")
    assert page.evaluate("document.body.dataset.sameAsBefore") == "yes"
    assert axe(page) == []


def test_today_is_renewed_by_a_link_without_javascript(new_page: Open) -> None:
    page = new_page(java_script_enabled=False, viewport=PHONE)
    pages.sign_in(page, pages.PAULA)
    page.goto("/plan/today/")
    expect(page.locator("#board-age")).to_contain_text("Renewed at")
    page.get_by_role("link", name="Renew now").click()
    expect(page).to_have_url(re.compile("/plan/today/$"))
