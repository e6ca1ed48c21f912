"""The demo town's agents get telephones in their browsers, and keep those that they have."""

from __future__ import annotations

import pytest

from civicline.channels.voice import selectors, services
from civicline.demo import town
from civicline.people import selectors as people

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_agent_of_the_town_gets_an_extension_once_and_keeps_the_one_they_had() -> None:
    town.seed(history=False)
    mei = next(user for user in people.list_staff() if user.email.startswith("mei@"))
    services.save_phone(agent_id=mei.pk, name="42", kind="sip")
    taking_contacts = len(people.agent_names())
    assert town.connect_telephones() == taking_contacts - 1
    kinds = {phone.name: phone.kind for phone in selectors.list_phones()}
    assert len(kinds) == taking_contacts
    assert kinds.pop("42") == "sip"
    assert set(kinds.values()) == {"browser"}
    assert town.connect_telephones() == 0, "a second start gives nobody a second one"
