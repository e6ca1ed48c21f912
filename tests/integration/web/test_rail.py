"""Whoever only sets Civicline up keeps their own rail on the pages of other surfaces that are theirs too."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from civicline.people import services as people
from civicline.people.roles import Role
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def rail(role: Role, address: str) -> list[str]:
    """The words of the rail on this page, the one that is marked in brackets."""
    user: Any = people.create_staff(email=f"{role}@rail.example", name=str(role), roles=[role])
    client = Client()
    client.force_login(user, backend=BACKEND)
    page = client.get(address).content.decode()
    found = page[page.index('<nav class="rail"') : page.index("</nav>", page.index('<nav class="rail"'))]
    entries = re.findall(r'<a href="[^"]*"( aria-current="page")?>.*?<span>(.*?)</span>', found, re.S)
    return [f"[{words}]" if here else words for here, words in entries]


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("/recordings/rules/", "Record\u00ading rules"),
        ("/plan/changes/", "Changes"),
        ("/supervisor/screens/", "Links"),
    ],
)
def test_an_administrator_is_nowhere_without_the_ways_back(town: Town, address: str, here: str) -> None:
    shown = rail(Role.ADMINISTRATOR, address)
    assert shown[:3] == ["Overview", "Services", "Queues"]
    assert f"[{here}]" in shown


def test_a_supervisor_has_the_surfaces_that_are_theirs(town: Town) -> None:
    shown = rail(Role.SUPERVISOR, "/recordings/")
    assert shown[0] == "[Record\u00adings]"
    assert "Live" in shown
    assert "Queues" not in shown
