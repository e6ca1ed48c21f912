"""The town under test, and a client that speaks form encoding."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from civicline.channels.open311 import access
from civicline.intake.models import Service
from tests.integration.channels.open311 import town

BASE = "/open311/v2"
Post = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def _open_key(settings: Any) -> Iterator[None]:
    """One published key; limits high enough not to be met by accident; no tokens."""
    settings.CIVICLINE = replace(
        settings.CIVICLINE,
        open311_open_keys=(town.KEY,),
        open311_reads_per_minute=100_000,
        open311_reports_per_minute=100_000,
    )
    before = access.register_verifier(None)
    yield
    access.register_verifier(before)


@pytest.fixture
def services(db: None) -> dict[str, Service]:
    """The services of the town by code."""
    return town.build_services()


@pytest.fixture
def post(client: Client) -> Post:
    """Post a report: `post({"lat": ...}, to="requests.json", headers={...})`; the key goes along."""

    def send(
        fields: dict[str, Any], *, to: str = "requests.json", key: str | None = town.KEY, **more: Any
    ) -> Any:
        body = urlencode(fields if key is None else {"api_key": key, **fields}, doseq=True)
        kind = "application/x-www-form-urlencoded; charset=utf-8"
        return client.post(f"{BASE}/{to}", body, content_type=kind, **more)

    return send
