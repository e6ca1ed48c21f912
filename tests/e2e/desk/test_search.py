"""Search at the desk: words in any order, shown where they were said, by keyboard and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from civicline.finding import services as finding
from civicline.intake import services as intake
from civicline.intake.ports import ResidentFacts
from tests.e2e.chat.conftest import House
from tests.e2e.desk.conftest import Desks
from tests.e2e.desk.test_desk import clean

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Any], list[str]]
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def said_about_a_lamp(house: House) -> str:
    """José's conversation; its reference."""
    text = "The lamp <b>in Rosemary Lane</b> is dark"
    resident = ResidentFacts(name="José García", email="jose@resident.example")
    contact = house.do(house.town.chat, "council-tax", text, resident=resident)
    house.do(intake.add_message, contact_id=contact.pk, direction="note", body="Ask for the cherry picker")
    house.settle()
    house.do(finding.catch_up)
    return str(contact.reference)


def marks(page: Any) -> list[str]:
    return [str(text) for text in page.locator("mark").all_inner_texts()]


def test_words_are_found_where_they_were_said_by_keyboard_alone(
    desks: Desks, house: House, nadia: UUID, axe: Axe
) -> None:
    reference = said_about_a_lamp(house)
    page = desks.open(nadia)
    page.goto("/desk/search")
    clean(page, axe)
    page.locator("#q").focus()
    page.keyboard.type("dark JOSE rosem")
    page.keyboard.press("Enter")
    page.locator("#found-contacts").wait_for()
    assert marks(page) == ["José", "Rosemary", "dark"]
    assert "The lamp <b>in Rosemary Lane</b> is dark" in page.locator(".found-words").inner_text()
    assert page.locator(".found b").count() == 0
    clean(page, axe)
    page.goto("/desk/search?q=picker+cherry")
    assert page.locator(".found-words").inner_text() == "Ask for the cherry picker"
    page.goto("/desk/search?q=dark+bicycle")
    assert "all the words you type have to be there" in page.locator("main").inner_text()
    clean(page, axe)
    page.goto("/desk/search?q=lamp")
    page.locator(".found a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/c/**")
    assert reference in page.locator("main").inner_text()


def test_search_on_a_telephone_from_right_to_left_and_without_javascript(
    desks: Desks, house: House, nadia: UUID, axe: Axe, in_language: Callable[[UUID, str], None]
) -> None:
    said_about_a_lamp(house)
    small = desks.open(nadia, viewport={"width": 390, "height": 844})
    small.goto("/desk/search?q=lamp+garcia")
    assert marks(small) == ["García", "lamp"]
    assert not small.evaluate(WIDER)
    plain = desks.open(nadia, java_script_enabled=False)
    plain.goto("/desk/search")
    plain.locator("#q").fill("lamp rosemary")
    plain.locator(".find-form button").click()
    plain.wait_for_url("**q=lamp*")
    assert marks(plain) == ["lamp", "Rosemary"]
    in_language(nadia, "ar")
    page = desks.open(nadia)
    page.goto("/desk/search?q=lamp")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert marks(page) == ["lamp"]
    clean(page, axe)
