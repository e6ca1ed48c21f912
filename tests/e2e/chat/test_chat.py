"""A resident's chat in a real browser: alive, by keyboard, offline, without scripts, at 400 % zoom, right to left."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chat.conftest import House
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
Arrive = Callable[..., Page]


def begin(page: Page, text: str = "Why is my bill so high?", query: str = "?service=council-tax") -> None:
    """Fill in the start page and wait until the conversation is there, its socket too."""
    page.goto(f"/chat/{query}")
    page.locator("#body").fill(text)
    page.locator("form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}/"))
    expect(page.locator(".said").first).to_have_text(text)


def connected(house: House, chats: int = 1) -> None:
    wait_until(lambda: house.edge.doorkeeper.count("chat") == chats, what=f"{chats} live chats")


def send(page: Page, text: str) -> None:
    page.locator("#say").fill(text)
    page.get_by_role("button", name="Send").click()


def test_a_chat_is_kept_true_while_it_happens(house: House, resident: Arrive) -> None:
    page = resident()
    begin(page)
    connected(house)
    expect(page.locator(".chat-head .ref")).to_have_text(house.contact().reference)
    house.settle()
    expect(page.locator("#place")).to_contain_text("in line")
    agent = house.agent()
    house.take(agent)
    expect(page.locator(".ev-ok")).to_contain_text("Nadia from council-tax has joined.")
    expect(page.locator("#place")).to_have_count(0)
    expect(page).to_have_title(re.compile("Web chat with Nadia"))
    house.read()
    expect(page.locator("#m-1 .delivery")).to_have_text("Read")
    house.reply(agent, "Let me look.")
    expect(page.locator(".msg-them .said")).to_have_text("Let me look.")
    send(page, "Thank you")
    expect(page.locator(".msg-me .said").last).to_have_text("Thank you")
    wait_until(lambda: house.bodies()[-1] == "Thank you")
    expect(page.locator("#say")).to_have_value("")
    house.complete(agent)
    expect(page.locator("#standing")).to_contain_text("This chat has ended.")
    expect(page.locator("#say-area")).to_be_hidden()
    live = page.locator(".thread-in > li").evaluate_all(
        "items => items.map(item => [item.id, item.innerText])"
    )
    page.reload()
    fresh = page.locator(".thread-in > li").evaluate_all(
        "items => items.map(item => [item.id, item.innerText])"
    )
    assert live == fresh, "what grew bit by bit is what is drawn at once"


def test_typing_is_shown_and_not_read_out(house: House, resident: Arrive) -> None:
    page = resident()
    begin(page)
    connected(house)
    house.take(house.agent())
    expect(page.locator(".ev-ok")).to_be_visible()
    topic = f"contact:{house.contact().id}"
    house.edge.tell(topic, {"topic": topic, "id": "x", "kind": "typing", "by": "staff"})
    note = page.locator("[data-typing]")
    expect(note).to_be_visible()
    expect(note).to_have_text("Nadia is writing")
    assert note.get_attribute("aria-hidden") == "true"
    assert page.locator("[role=log] [data-typing]").count() == 0
    heard: list[dict[str, Any]] = []
    with house.edge.bus.subscribe_prefix((topic,), heard.append):  # type: ignore[attr-defined]  # kernel.bus
        page.locator("#say").press_sequentially("Hello there")
        wait_until(lambda: any(hint.get("by") == "resident" for hint in heard))
    assert sum(hint.get("kind") == "typing" for hint in heard) == 1


def test_a_lost_network_loses_no_word_in_either_direction(house: House, resident: Arrive) -> None:
    page = resident()
    begin(page)
    connected(house)
    agent = house.agent()
    house.take(agent)
    expect(page.locator(".ev-ok")).to_be_visible()
    page.context.set_offline(True)
    send(page, "First, written in a tunnel")
    send(page, "Second, written in a tunnel")
    expect(page.locator(".msg-pending")).to_have_count(2)
    expect(page.locator(".msg-pending").first).to_contain_text("sent when the connection is back")
    expect(page.locator("[data-offline]")).to_be_visible()
    house.reply(agent, "Are you there?")
    assert house.bodies() == ["Why is my bill so high?", "Are you there?"]
    page.context.set_offline(False)
    expect(page.locator(".msg-pending")).to_have_count(0, timeout=30_000)
    expect(page.locator(".msg-them .said")).to_have_text("Are you there?")
    assert house.bodies()[2:] == ["First, written in a tunnel", "Second, written in a tunnel"]


def test_words_outlive_the_page_that_could_not_send_them(house: House, resident: Arrive) -> None:
    page = resident()
    begin(page)
    connected(house)
    page.route("**/say*", lambda route: route.abort())
    send(page, "Written before the browser fell asleep")
    expect(page.locator(".msg-pending")).to_have_count(1)
    page.unroute("**/say*")
    page.reload()
    wait_until(lambda: house.bodies()[-1] == "Written before the browser fell asleep")
    expect(page.locator(".msg-pending")).to_have_count(0)
    assert len(house.bodies()) == 2


def test_an_answer_that_was_lost_makes_no_second_message(house: House, resident: Arrive) -> None:
    page = resident()
    begin(page)
    connected(house)
    lost: list[int] = []

    def lose(route: Any) -> None:
        if lost:
            route.fallback()
            return
        lost.append(1)
        route.fetch()  # it arrives
        route.abort()  # the answer does not

    page.route("**/say*", lose)
    send(page, "Only once")
    wait_until(lambda: house.bodies()[-1] == "Only once")
    expect(page.locator(".msg-pending")).to_have_count(0, timeout=20_000)
    expect(page.locator(".said", has_text="Only once")).to_have_count(1)
    assert house.bodies().count("Only once") == 1


def test_what_is_refused_stays_with_its_reason(house: House, resident: Arrive) -> None:
    page = resident()
    begin(page)
    connected(house)
    page.locator("input[type=file]").set_input_files(
        {"name": "setup.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00\x03" * 100}
    )
    send(page, "My form")
    refused = page.locator(".msg-pending")
    expect(refused).to_contain_text("We cannot take this kind of file")
    expect(refused).not_to_have_attribute("aria-hidden", "true")
    refused.get_by_role("button", name="Remove").click()
    expect(refused).to_have_count(0)
    page.locator("#say").fill("x" * 10_007)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").filter(has_text="7 characters too long")).to_be_visible()
    assert len(page.locator("#say").input_value()) == 10_007, "what was written is kept"
    send(page, "Short")
    wait_until(lambda: house.bodies()[-1] == "Short")


def test_a_picture_is_sent_and_given_back(house: House, resident: Arrive) -> None:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    page = resident()
    begin(page)
    connected(house)
    page.locator("input[type=file]").set_input_files(
        {"name": "bin.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
    )
    expect(page.locator("[data-files]")).to_contain_text("bin.jpg")
    page.get_by_role("button", name="Send").click()
    link = page.locator(".msg-me .doc")
    expect(link).to_contain_text("bin.jpg")
    answer = page.request.get(str(link.get_attribute("href")))
    assert answer.headers["content-type"] == "image/jpeg"


def test_the_whole_journey_by_keyboard_alone(house: House, resident: Arrive) -> None:
    page = resident()
    page.goto("/chat/")
    keys = page.keyboard

    def tab_to(selector: str) -> None:
        for _ in range(40):
            keys.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not in the order of the keyboard")

    tab_to("input[name=service]")
    keys.press("ArrowDown")
    tab_to("#body")
    keys.type("By keyboard")
    tab_to("form button[type=submit]")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}/"))
    connected(house)
    tab_to("#say")
    keys.type("And again")
    keys.press("Enter")
    wait_until(lambda: house.bodies() == ["By keyboard", "And again"])
    expect(page.locator("#say")).to_be_focused()
    page.goto(page.url)
    tab_to("[role=log]")
    page.goto(page.url)
    tab_to(".chat-head a.btn")
    keys.press("Enter")
    page.wait_for_url("**/end*")
    tab_to("form button[type=submit]")
    keys.press("Enter")
    expect(page.locator("#standing")).to_contain_text("This chat has ended.")


def test_without_javascript_it_is_a_form_with_a_reference(house: House, resident: Arrive) -> None:
    page = resident(java_script_enabled=False)
    begin(page)
    reference = house.contact().reference
    expect(page.locator(".chat-head")).to_contain_text(reference)
    agent = house.agent()
    house.take(agent)
    house.reply(agent, "Hello")
    page.get_by_role("link", name="Look for new messages").click()
    expect(page.locator(".msg-them .said")).to_have_text("Hello")
    send(page, "Good day")
    expect(page.locator(".msg-me .said").last).to_have_text("Good day")
    page.get_by_role("link", name="End chat").click()
    page.get_by_role("button", name="End chat").click()
    expect(page.locator("#standing")).to_contain_text("This chat has ended.")
    expect(page.locator(".chat-head")).to_contain_text(reference)


@pytest.mark.parametrize("locale", ["en-GB", "ar-EG"])
def test_no_accessibility_fault_and_no_sideways_scroll(
    house: House, resident: Arrive, axe: Callable[[Any], list[str]], locale: str
) -> None:
    page = resident(locale=locale, viewport={"width": 320, "height": 640})

    def check() -> None:
        assert axe(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, page.url

    page.goto("/chat/")
    check()
    page.locator("form button[type=submit]").click()  # nothing filled in: the summary of errors
    check()
    begin(page, "x" * 300 + " مرحبا hello")
    connected(house)
    house.settle()
    expect(page.locator(".place-line")).to_be_visible()
    check()
    agent = house.agent()
    house.take(agent)
    house.reply(agent, "https://example.org/" + "very-long-" * 30)
    expect(page.locator(".msg-them")).to_be_visible()
    check()
    page.locator(".chat-head a.btn").click()
    check()
    page.locator("form button[type=submit]").click()
    expect(page.locator("#standing .notice")).to_be_visible()
    check()
    assert page.locator("html").get_attribute("dir") == ("rtl" if locale == "ar-EG" else "ltr")


def test_when_closed_a_message_is_left(
    house: House, resident: Arrive, axe: Callable[[Any], list[str]]
) -> None:
    house.close_doors()
    page = resident()
    page.goto("/chat/?service=council-tax")
    expect(page.locator("main")).to_contain_text("We are closed.")
    assert axe(page) == []
    page.locator("#body").fill("Please write to me")
    page.get_by_role("button", name="Leave the message").click()
    expect(page.locator("#standing")).to_contain_text("Your message is with us.")
    assert house.contact().channel == "webform"


def test_place_and_range_are_said_politely_and_not_too_often(house: House, resident: Arrive) -> None:
    first, second = resident(), resident()
    begin(first)
    house.settle()
    begin(second, "Me too")
    connected(house, 2)
    house.settle()
    expect(second.locator("#place .pos")).to_contain_text("2nd")
    said = second.locator("#say-polite")
    expect(said).to_contain_text("2nd")
    assert second.locator("#place").get_attribute("aria-live") is None
    house.take(house.agent(chats=1))
    expect(second.locator("#place .pos")).not_to_contain_text("2nd")
    assert "2nd" in said.inner_text(), "within the minute it is shown, and not said again"
