"""A real server on a real socket, with the town's services, for clients that know nothing of us."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from civicline.intake.models import Service
from tests.integration.channels.open311 import town


@pytest.fixture
def services(live_server: Any, settings: Any) -> Iterator[dict[str, Service]]:
    """The services of the town, served over HTTP with one published key and the limits of every day."""
    settings.CIVICLINE = replace(settings.CIVICLINE, open311_open_keys=(town.KEY,))
    yield town.build_services()


@pytest.fixture
def base(live_server: Any, services: dict[str, Service]) -> str:
    """Where the endpoint is, without a closing slash."""
    return f"{live_server.url}/open311/v2"


@pytest.fixture(autouse=True)
def _old_python_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """`three` was written for Python 2 and needs this one name of it; the client itself stays as published."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
