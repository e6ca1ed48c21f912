"""What comes by itself or too late: it takes nobody's words, caret, focus or place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from civicline.intake import services as intake
from civicline.intake.models import Contact
from civicline.people import services as people
from civicline.people.models import Presence
from tests.e2e.chat.conftest import House
from tests.e2e.desk.conftest import Desks, focused, settled, until
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class Held:
    """The first answer of an address, kept back by the network until it is let go."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.kept: list[tuple[Any, Any]] = []
        page.route(address, self._keep)

    def _keep(self, route: Any) -> None:
        if self.kept:
            route.fallback()
        else:
            self.kept.append((route, route.fetch()))

    def wait(self) -> None:
        """Wait until the page has asked and the server has answered."""

        def answered() -> bool:
            self.page.evaluate("0")  # what the browser has told meanwhile is heard here
            return bool(self.kept)

        wait_until(answered, seconds=20, what=f"{self.address} is asked for")

    def let_go(self) -> None:
        """Hand the answer over; a request that the page has given up by itself takes none."""
        ((route, answer),) = self.kept
        if route.request.failure:
            return
        with self.page.expect_event("requestfinished", lambda request: request == route.request):
            route.fulfill(response=answer)


def press(page: Any, contact: UUID) -> None:
    """Press the row of a contact."""
    page.locator(f"#hand .conv[data-contact='{contact}']").click()


def two_contacts(desks: Desks, page: Any) -> tuple[UUID, UUID]:
    """Grace's contact and, open, Tomasz's."""
    first = desks.chat("first")
    page.wait_for_selector("[data-offer]")
    page.keyboard.press("Alt+a")
    settled(page, "first")
    second = desks.chat("second", "Tomasz Wrona")
    page.wait_for_selector("[data-offer]")
    page.keyboard.press("Alt+a")
    page.wait_for_selector(f"#main[data-contact='{second.pk}']")
    return first.pk, second.pk


def test_only_the_contact_that_was_pressed_last_is_opened(desks: Desks, nadia: UUID) -> None:
    page = desks.open(nadia)
    first, second = two_contacts(desks, page)
    press(page, first)
    page.wait_for_selector(f"#main[data-contact='{first}']")
    slow = Held(page, f"**/desk/c/{second}/")
    press(page, second)
    slow.wait()
    press(page, first)
    until(page, "!document.querySelector('#main[aria-busy]') && document.activeElement.id === 'conv-h'")
    page.keyboard.press("F6")
    slow.let_go()
    desks.resident_says(Contact(pk=first), "Are you there?")
    settled(page, "Are you there?")
    assert page.get_attribute("#main", "data-contact") == str(first)
    assert focused(page) == "side"
    assert page.url.endswith(f"/desk/c/{first}/")


def test_how_another_contact_stands_is_not_shown_in_the_open_one(desks: Desks, nadia: UUID) -> None:
    page = desks.open(nadia)
    first, second = two_contacts(desks, page)
    slow = Held(page, f"**/desk/c/{second}/now*")
    desks.resident_says(Contact(pk=second), "Only for Tomasz")
    slow.wait()
    press(page, first)
    page.wait_for_selector(f"#main[data-contact='{first}']")
    slow.let_go()
    assert "Only for Tomasz" not in page.locator("#main").inner_text()
    assert page.locator("#conv-h").inner_text() == "Grace Okafor"


def test_words_between_opening_and_listening_are_shown(desks: Desks, nadia: UUID) -> None:
    """The page asks for the contact's topic after it was drawn: what comes in between is told again."""
    said: list[tuple[Any, str]] = []
    slow = [False]

    def between(socket: Any) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda text: said.append((server, text)) if slow[0] else server.send(text))

    page = desks.open(nadia, before=lambda page: page.route_web_socket("**/live/desk", between))
    contact = desks.chat("Hello")
    page.wait_for_selector("[data-offer]")
    slow[0] = True
    page.keyboard.press("Alt+a")
    settled(page, "Hello")
    desks.resident_says(contact, "Right away")
    slow[0] = False
    for server, text in said:
        server.send(text)
    settled(page, "Right away")


def test_what_comes_while_somebody_writes_leaves_words_caret_and_focus(
    desks: Desks, house: House, nadia: UUID
) -> None:
    """Messages, an offer, a case, a colleague's note, the queue's pulse, a resync: the box stays the very same one."""
    jonas = house.agent("Jonas")
    house.do(Presence.objects.filter(agent_id=jonas).update, state="break")
    contact = desks.chat("Hello")
    page = desks.open(nadia)
    page.wait_for_selector("[data-offer]")
    page.keyboard.press("Alt+a")
    settled(page, "Hello")
    page.focus("#body")
    page.evaluate("document.querySelector('#body').written = 'here'")
    page.keyboard.type("I look it up")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    came = 0

    def type_on(words: str) -> None:
        nonlocal came
        page.keyboard.type(words)
        came += len(words)
        told = page.evaluate(
            "(({value, selectionStart, selectionEnd, written}) => [value, selectionStart, selectionEnd, written])"
            "(document.querySelector('#body'))"
        )
        assert focused(page) == "body"
        assert told[1:] == [len("I look i") + came, len("I look i") + came, "here"]
        assert told[0].startswith("I look i") and told[0].endswith("t up")

    desks.resident_says(contact, "And the direct debit?")
    type_on("a")
    settled(page, "And the direct debit?")
    type_on("b")
    desks.chat("Another one", "Tomasz Wrona")
    page.wait_for_selector("[data-offer]")
    type_on("c")
    house.do(
        intake.add_message,
        contact_id=contact.pk,
        direction="note",
        body="A word from a colleague",
        author_id=jonas,
    )
    house.settle()
    settled(page, "A word from a colleague")
    type_on("d")
    house.do(people.set_presence, agent_id=nadia, state="break", reason="lunch")
    desks.resident_says(contact, "Take your time")
    settled(page, "Take your time")
    type_on("e")
    page.reload()
    until(page, "document.querySelector('#body').value === 'I look iabcdet up'")
