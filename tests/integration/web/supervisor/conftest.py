"""A supervisor at the live board of the small town."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from civicline.insight.journal import forget_journal
from civicline.people import services as people
from civicline.people.models import User
from tests.town import Town


@pytest.fixture(autouse=True)
def _fresh_journal() -> Iterator[None]:
    """Today's journal is kept per process; one test's day is not another's."""
    forget_journal()
    yield
    forget_journal()


@pytest.fixture
def sign_in() -> Any:
    """Sign a new member of staff with these roles in; returns their client and account."""

    def signed_in(*roles: str, name: str = "Oskar Brandt") -> tuple[Client, User]:
        email = f"{name.split()[0].lower()}.{'.'.join(roles)}@saltmere.example"
        user = people.create_staff(email=email, name=name, roles=list(roles), password="open sesame 12")
        client = Client()
        client.force_login(user)
        return client, user

    return signed_in


@pytest.fixture
def supervisor(town: Town, sign_in: Any) -> Client:
    """The supervisor's browser."""
    client: Client = sign_in("supervisor")[0]
    return client
