"""The application of one process with a small town in it, and desks in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from playwright.sync_api import Error as PlaywrightError

from civicline.intake import services as intake
from civicline.intake.models import Contact
from civicline.knowledge import services as knowledge
from civicline.people import services as people
from civicline.people.models import User
from civicline.routing.models import Queue
from tests.e2e.chat.conftest import House, house
from tests.servers import wait_until

__all__ = ["house"]
KEEP_GOING = 0.25  # seconds between two rounds of what the threads of a process would do by themselves


def focused(page: Any) -> str:
    """The id of what has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def until(page: Any, truth: str) -> None:
    """Wait until an expression holds in the page (its policy forbids Playwright's own way of waiting)."""

    def holds() -> bool:
        try:
            return bool(page.evaluate(f"(() => {{ try {{ return {truth} }} catch {{ return false }} }})()"))
        except PlaywrightError:
            return False  # the page is just being loaded anew

    wait_until(holds, seconds=30, what=truth)


def settled(page: Any, words: str) -> None:
    """Wait until the open conversation shows these words and can be written in."""
    page.locator("#body").wait_for()
    page.get_by_text(words).first.wait_for()


class Desks:
    """Browsers of agents at this house."""

    def __init__(self, browser: Any, house: House) -> None:
        self.browser, self.house, self.contexts = browser, house, []

    def open(
        self, agent: UUID, path: str = "/desk/", *, context: Any = None, before: Any = None, **options: Any
    ) -> Any:
        """A signed-in desk; a second page of the same `context` is a second tab. `before` gets the empty page."""
        if context is None:
            chosen = {"base_url": self.house.url, "locale": "en-GB", "reduced_motion": "reduce"} | options
            context = (
                self.browser.new_context(viewport={"width": 1440, "height": 900}, **chosen)
                if "viewport" not in chosen
                else self.browser.new_context(**chosen)
            )
            context.set_default_timeout(30_000)
            cookie = {
                "name": settings.SESSION_COOKIE_NAME,
                "value": self.house.do(_session, agent),
                "url": self.house.url,
            }
            context.add_cookies([cookie])
            self.contexts.append(context)
        page = context.new_page()
        if before is not None:
            before(page)
        page.goto(path)
        page.wait_for_selector("#hand")
        return page

    def chat(self, text: str = "Hello", name: str = "Grace Okafor") -> Contact:
        """A resident starts a chat, and is offered to somebody."""
        from civicline.intake.ports import ResidentFacts

        facts = ResidentFacts(name=name, email=f"{name.split()[0].lower()}@resident.example")
        contact: Contact = self.house.do(self.house.town.chat, "council-tax", text, resident=facts)
        self.house.settle()
        return contact

    def resident_says(self, contact: Contact, text: str) -> None:
        """The resident writes."""
        self.house.do(intake.add_message, contact_id=contact.pk, direction="in", body=text)
        self.house.settle()


def _session(agent: UUID) -> str:
    user = User.objects.get(pk=agent)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


@pytest.fixture
def desks(browser: Any, house: House) -> Iterator[Desks]:
    """Open desks: `desks.open(agent)`."""
    made = Desks(browser, house)
    house.do(_canned)
    house.do(Queue.objects.update, offer_seconds=60)
    yield made
    for context in made.contexts:
        context.close()


def _canned() -> None:
    knowledge.create_canned_text(
        code="greeting",
        title={"en": "Greeting"},
        body={"en": "Hello {{resident.name}}, I am {{agent.name}}."},
    )


@pytest.fixture
def nadia(house: House) -> UUID:
    """An agent of council tax."""
    return house.agent("Nadia")


@pytest.fixture
def in_language(house: House) -> Callable[[UUID, str], None]:
    """Set the language of an account."""
    return lambda agent, code: house.do(people.set_preferences, user_id=agent, language=code)
