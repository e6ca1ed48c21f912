"""Every address of the desk as the wrong person, and two hundred agents who press at the same moment."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client
from django.urls import URLPattern, reverse

from civicline.cases import services as cases
from civicline.intake.models import Contact
from civicline.people.roles import Role
from civicline.routing.models import Offer
from civicline.web.desk.urls import urlpatterns
from tests.integration.web.desk.conftest import PARTS, Desk
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
OUTSIDERS = (Role.PLANNER, Role.EDITOR, Role.ADMINISTRATOR, Role.AUDITOR)
PATTERNS = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]
OWN = {"settings"}  # everybody may choose how their own pages look


def address(pattern: URLPattern, contact: Contact, reference: str, offer: UUID) -> str:
    """An address of the desk with real ids in it."""
    known: dict[str, object] = {
        "contact_id": contact.pk,
        "offer_id": offer,
        "reference": reference,
        "code": "greeting",
        "resident_id": contact.resident_id or UUID(int=7),
    }
    wanted = pattern.pattern.converters
    return reverse(f"desk:{pattern.name}", kwargs={name: known.get(name, UUID(int=7)) for name in wanted})


@pytest.mark.parametrize("role", OUTSIDERS)
def test_no_address_opens_for_other_roles(
    role: Role, town: Town, nadia: Desk, signed_in: Callable[[Role], Desk]
) -> None:
    contact = nadia.take(town.chat("council-tax"))
    reference = cases.open_case(type="complaint", title="Bill", contact=contact, by=nadia.id).case.reference
    outsider = signed_in(role)
    for pattern in PATTERNS:
        name = pattern.name
        if name in OWN:
            continue
        where = address(pattern, contact, reference, UUID(int=7))
        for answer in (
            outsider.client.get(where, headers=PARTS),
            outsider.client.post(where, {}, headers=PARTS),
        ):
            assert answer.status_code in (403, 405), (name, answer.status_code)


def test_nobody_signed_in_is_led_to_the_sign_in(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax"))
    stranger = Client()
    page = stranger.get(f"/desk/c/{contact.pk}/")
    assert page.status_code == 302 and "/accounts/login/" in page.headers["Location"]
    assert stranger.get("/desk/hand", headers=PARTS).status_code == 403
    assert stranger.post(f"/desk/c/{contact.pk}/say", {"body": "x"}).status_code == 403


def test_what_is_in_other_hands_stays_there(town: Town, nadia: Desk, colleague: Desk) -> None:
    contact = nadia.take(town.chat("council-tax", "secret words"))
    base = f"/desk/c/{contact.pk}/"
    for part in ("", "now", "side", "texts"):
        answer = colleague.client.get(base + part, headers=PARTS)
        assert answer.status_code == 403 and "secret words" not in answer.content.decode()
    for deed in (
        "say",
        "transfer",
        "consult",
        "wrap-up",
        "reopen",
        "complete",
        "open-case",
        "link-case",
        *(f"call/{verb}" for verb in ("hold", "resume", "mute", "unmute", "keys", "hang-up")),
    ):
        assert colleague.client.post(base + deed, {"disposition": "solved"}, headers=PARTS).status_code == 403
    assert "secret words" not in colleague.read("/desk/search?q=secret")
    contact.refresh_from_db()
    assert contact.state == "connected"


def test_an_offer_of_a_colleague_cannot_be_taken(town: Town, nadia: Desk, colleague: Desk) -> None:
    town.chat("council-tax")
    town.settle()
    offer = Offer.objects.get(state="open", agent_id=nadia.id)
    assert colleague.client.post(f"/desk/offers/{offer.pk}/accept", headers=PARTS).status_code == 409
    assert Offer.objects.get(pk=offer.pk).state == "open"


def test_two_hundred_agents_press_accept_on_one_contact(town: Town, nadia: Desk) -> None:
    """Each in a browser of their own, all at once, over and over: exactly one gets it, once."""
    contact = town.chat("council-tax")
    town.settle()
    offer = Offer.objects.get(state="open")
    people = [nadia.id] + [
        town.agent(f"Agent{number}", queues=["council-tax"], skills={"council-tax": 3})
        for number in range(19)
    ]
    model = get_user_model()
    browsers = []
    for number in range(200):
        browser = Client()
        browser.force_login(model.objects.get(pk=people[number % 20]))
        browsers.append(browser)
    gate = threading.Barrier(40)

    def press(browser: Client) -> int:
        try:
            gate.wait(30)
            return browser.post(f"/desk/offers/{offer.pk}/accept", headers=PARTS).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(40) as crowd:
        answers = Counter(crowd.map(press, browsers))
    assert answers == {200: 1, 409: 199}
    contact.refresh_from_db()
    assert contact.state == "connected" and contact.agent_id == nadia.id
    assert Offer.objects.filter(contact=contact, state="accepted").count() == 1
