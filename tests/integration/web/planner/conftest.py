"""A planner, an agent and an administrator at the pages of planning."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from civicline.people import services as people
from civicline.people.selectors import get_user
from tests.integration.workforce.conftest import crew, queue
from tests.town import Town

__all__ = ["crew", "queue"]


def signed_in(agent: UUID) -> Client:
    """The browser of somebody."""
    client = Client()
    client.force_login(get_user(agent))
    return client


@pytest.fixture
def planner(town: Town) -> Client:
    """The planner's browser."""
    user: Any = people.create_staff(email="paula@saltmere.example", name="Paula Reyes", roles=["planner"])
    return signed_in(user.pk)


@pytest.fixture
def administrator(town: Town) -> Client:
    """The administrator's browser."""
    user: Any = people.create_staff(
        email="amina@saltmere.example", name="Amina Yusuf", roles=["administrator"]
    )
    return signed_in(user.pk)
