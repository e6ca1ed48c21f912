"""The chat on another site: one line in a page of another origin, in a real browser."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Page, expect

from tests.e2e.chat.conftest import House
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

# As strict as a host page can be: no inline style, scripts and frames from named origins only.
PAGE = """<!doctype html><html lang="{lang}" dir="{dir}"><head><title>Local news</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src {town}; frame-src {town}; connect-src {town}">
</head><body><h1>Local news</h1><p><a href="/other">Another page</a></p>
<script src="{town}/widget.js" data-service="council-tax" async></script></body></html>"""


@pytest.fixture
def news(house: House) -> Iterator[str]:
    """A newspaper's site on an origin of its own ("localhost", not "127.0.0.1"), named in the settings."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()

    class Paper(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            arabic = self.path.startswith("/ar")
            page = PAGE.format(town=house.url, lang="ar" if arabic else "fr", dir="rtl" if arabic else "ltr")
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Paper)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site = f"http://localhost:{port}"
    with override_settings(CIVICLINE=replace(settings.CIVICLINE, embed_origins=(site,))):
        yield site
    server.shutdown()
    server.server_close()
    thread.join(5)


def open_widget(page: Page) -> Any:
    page.locator("[data-civicline-widget] .button").click()
    return page.frame_locator("iframe")


def test_a_chat_on_another_site_from_its_button_to_an_answer(
    house: House, news: str, resident: Callable[..., Page]
) -> None:
    page = resident()
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    page.goto(news)
    frame = open_widget(page)
    expect(frame.locator("html")).to_have_attribute("lang", "fr")
    frame.locator("#body").fill("Bonjour")
    frame.locator("form button[type=submit]").click()
    expect(frame.locator(".said")).to_have_text("Bonjour")
    wait_until(lambda: house.edge.doorkeeper.count("chat") == 1, what="the chat is live inside the frame")
    agent = house.agent()
    house.take(agent)
    house.reply(agent, "Bonjour, je regarde.")
    expect(frame.locator(".msg-them .said")).to_have_text("Bonjour, je regarde.")
    frame.locator("#say").fill("Merci")
    frame.locator("#say").press("Enter")
    wait_until(lambda: house.bodies()[-1] == "Merci")
    cookies = page.context.cookies()
    assert cookies
    assert all(cookie["secure"] and cookie["sameSite"] == "None" for cookie in cookies)
    page.get_by_role("link", name="Another page").click()
    page.wait_for_url("**/other")
    expect(page.frame_locator("iframe").locator(".msg-them .said")).to_have_text("Bonjour, je regarde.")
    assert broken == [], "nothing of ours offends the strict policy of the host page"


def test_escape_closes_it_and_gives_the_focus_back(
    house: House, news: str, resident: Callable[..., Page]
) -> None:
    page = resident()
    page.goto(news)
    button = page.locator("[data-civicline-widget] .button")
    button.focus()
    page.keyboard.press("Enter")
    panel = page.locator("[data-civicline-widget] .panel")
    expect(panel).to_be_visible()
    frame = page.frame_locator("iframe")
    expect(frame.locator("html")).to_have_attribute("data-keys", "ready")
    frame.locator("#body").press("Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_visible()
    assert (
        page.evaluate("document.querySelector('[data-civicline-widget]').shadowRoot.activeElement.className")
        == "button"
    )
    assert page.evaluate("Object.keys(window).filter(name => /civic|widget/i.test(name))") == []


def test_no_accessibility_fault_on_the_host_page(
    house: House, news: str, resident: Callable[..., Page], axe: Callable[[Any], list[str]]
) -> None:
    page = resident(viewport={"width": 390, "height": 700})
    page.goto(f"{news}/ar")
    expect(page.locator("[data-civicline-widget] .button")).to_be_visible()
    assert [fault for fault in axe(page) if "civicline" in fault] == []
    open_widget(page)
    expect(page.frame_locator("iframe").locator("#body")).to_be_visible()
    assert [fault for fault in axe(page) if "civicline" in fault] == []
    assert (
        page.locator("[data-civicline-widget]").evaluate("host => getComputedStyle(host).direction") == "rtl"
    )


def test_a_site_that_was_not_named_can_not_show_it(
    house: House, news: str, resident: Callable[..., Page]
) -> None:
    page = resident()
    with override_settings(CIVICLINE=replace(settings.CIVICLINE, embed_origins=("https://other.example",))):
        page.goto(news)
        expect(page.locator("[data-civicline-widget] .button")).to_be_visible()
        with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            page.locator("[data-civicline-widget] .button").click()
        expect(page.frame_locator("iframe").locator("form")).to_have_count(0)
