"""People of every role, signed in, in the small town."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from civicline.people import services as people
from civicline.people.roles import Role
from tests.town import Town

SignIn = Callable[..., Client]


@pytest.fixture
def sign_in(town: Town) -> SignIn:
    """Make somebody with these roles and sign them in: `sign_in("administrator")`."""

    def signed_in(*roles: str, name: str = "") -> Client:
        shown = name or " ".join(roles) or "nobody"
        user: Any = people.create_staff(
            email=f"{shown.replace(' ', '.')}@saltmere.example",
            name=shown,
            roles=[Role(role) for role in roles],
        )
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.user = user  # type: ignore[attr-defined]  # at hand for the tests
        return client

    return signed_in


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    """An administrator called Iris, signed in."""
    return sign_in("administrator", name="Iris")
