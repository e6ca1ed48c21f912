"""A town with two agents, and a browser without scripts for each of them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from civicline.intake.models import Contact
from civicline.people import services as people
from civicline.people.models import User
from civicline.people.roles import Role
from civicline.routing.models import Offer
from tests.town import Town

PARTS = {"HX-Request": "true"}


class Desk:
    """What a colleague does in the browser."""

    def __init__(self, town: Town, user_id: UUID) -> None:
        self.town, self.id = town, user_id
        self.client = Client()
        self.client.force_login(User.objects.get(pk=user_id))

    def take(self, contact: Contact) -> Contact:
        """Accept the offer of this contact."""
        self.town.settle()
        offer = Offer.objects.get(contact=contact, state="open", agent_id=self.id)
        answer = self.client.post(f"/desk/offers/{offer.pk}/accept")
        assert answer.status_code == 302, answer.content
        contact.refresh_from_db()
        return contact

    def open(self, contact: Contact) -> str:
        """The page with this contact open."""
        return self.read(f"/desk/c/{contact.pk}/")

    def read(self, address: str, *, parts: bool = False) -> str:
        """A page, or parts of one, as text."""
        answer = self.client.get(address, headers=PARTS if parts else {})
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.content.decode()

    def do(self, address: str, status: int = 200, **fields: object) -> str:
        """Press a button as the desk's script does; the parts that came back."""
        answer = self.client.post(address, fields, headers=PARTS)
        assert answer.status_code == status, (address, answer.status_code, answer.content[:2000])
        return answer.content.decode()


@pytest.fixture
def nadia(town: Town) -> Desk:
    """An agent of council tax who is free."""
    return Desk(town, town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4}))


@pytest.fixture
def colleague(town: Town, nadia: Desk) -> Desk:
    """An agent of benefits: none of council tax is theirs."""
    return Desk(town, town.agent("Jonas", queues=["benefits"], skills={"benefits": 3, "council-tax": 1}))


@pytest.fixture
def signed_in(town: Town) -> Callable[[Role], Desk]:
    """A member of staff with one role."""

    def make(role: Role) -> Desk:
        user = people.create_staff(
            email=f"{role.value}@saltmere.example",
            name=role.value.title(),
            roles=[role],
            password="open sesame 12",
        )
        return Desk(town, user.pk)

    return make
