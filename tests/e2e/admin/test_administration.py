"""An administrator in a real browser: by keyboard, with the preview, at every width, without violations of axe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from civicline.demo.town import sign_ins

PAGES = [
    "/admin/",
    "/admin/services/",
    "/admin/services/general/",
    "/admin/queues/",
    "/admin/hours/always/",
    "/admin/staff/",
    "/admin/residents/",
    "/admin/holds/",
    "/admin/holds/new/",
    "/admin/retention/",
    "/admin/connections/",
    "/admin/connections/keys/",
    "/admin/connections/webhooks/",
    "/admin/connections/webhooks/new/",
    "/staff/settings/",
]


def sign_in(page: Any, role: str) -> None:
    """By keyboard alone: the address, Tab, the password, Enter."""
    (account,) = [one for one in sign_ins() if one.role == role]
    page.goto("/accounts/login/")
    page.locator("input[name=login]").focus()
    page.keyboard.type(account.email)
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.getAttribute('name')") != "password":
        page.keyboard.press("Tab")
    page.keyboard.type(account.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/accounts/login" not in address)


def test_the_preview_follows_what_is_typed_and_saving_tells_the_time(
    page: Any, axe: Callable[[Any], list[str]]
) -> None:
    sign_in(page, "administrator")
    assert page.url.endswith("/admin/")
    page.goto("/admin/services/general/")
    name = page.get_by_role("group", name="Name").get_by_label("English")
    name.fill("Ask us anything at all")
    page.locator("#preview h3", has_text="Ask us anything at all").wait_for()
    name.press("Enter")
    page.get_by_role("status").filter(has_text="Saved at").wait_for()
    history = page.get_by_role("region", name="History of changes")
    assert "Ask us anything at all" in history.inner_text()
    assert axe(page) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_are_sound_at_every_width(
    new_page: Callable[..., Any], axe: Callable[[Any], list[str]], width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 900})
    sign_in(page, "administrator")
    for address in PAGES:
        page.goto(address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_a_mistake_is_told_at_the_top_and_takes_the_focus(page: Any) -> None:
    sign_in(page, "administrator")
    page.goto("/admin/skills/new/")
    page.get_by_role("button", name="Save").press("Enter")
    summary = page.locator("#error-summary")
    summary.wait_for()
    assert page.title().startswith("Error:")
    page.wait_for_function("document.activeElement.id === 'error-summary'")
    summary.get_by_role("link").first.press("Enter")
    page.wait_for_function("document.activeElement.tagName === 'INPUT'")


def test_a_webhook_is_set_up_by_keyboard_and_its_secret_is_shown_once(
    new_page: Callable[..., Any], axe: Callable[[Any], list[str]]
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    sign_in(page, "administrator")
    page.goto("/admin/connections/webhooks/")
    page.get_by_role("link", name="New webhook").first.press("Enter")
    page.get_by_label("Name").fill("Document store")
    page.get_by_label("Address").fill("https://documents.example/hook")
    page.get_by_label("Send the words of messages too").focus()
    page.keyboard.press("Space")
    page.get_by_label("Everything that is told outside").focus()
    page.keyboard.press("Space")
    page.locator("#preview", has_text="contact.received").wait_for()
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    secret = page.locator("#secret")
    secret.wait_for()
    assert secret.input_value().startswith("whsec_")
    assert axe(page) == []
    page.reload()
    assert secret.count() == 0
    page.get_by_role("button", name="Pause").press("Enter")
    page.get_by_text("This webhook is paused.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{page.url}log/")
    assert axe(page) == []
    assert page.get_by_text("Nothing here.").is_visible()


def test_a_hold_is_placed_and_ended_by_keyboard(page: Any, axe: Callable[[Any], list[str]]) -> None:
    sign_in(page, "administrator")
    page.goto("/admin/residents/?q=re")
    page.get_by_role("main").get_by_role("link", name="Hold").first.press("Enter")
    page.get_by_label("Why does it have to stay?").fill("Inquiry 12/26")
    page.get_by_role("button", name="Put on hold").press("Enter")
    page.get_by_text("This is on hold.").wait_for()
    assert axe(page) == []
    page.get_by_role("button", name="End the hold").press("Enter")
    page.locator("#error-summary").wait_for()
    assert axe(page) == []
    page.get_by_label("Why does the hold end?").fill("The inquiry is over")
    page.get_by_label("Retention and erasure may take it again.").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="End the hold").press("Enter")
    page.get_by_text("This hold has ended.").wait_for()
    history = page.get_by_role("region", name="History of changes")
    assert "The inquiry is over" in history.inner_text()
