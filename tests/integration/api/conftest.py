"""A town, tokens, and a client that speaks JSON and checks every answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from civicline.api import services
from civicline.api.scopes import SCOPES
from tests.integration.api.described import flaws_of
from tests.town import Town

BASE = "/api/v1"


class Caller:
    """Another system: `call("POST", "/contacts", {...}, key="...")` gives status and document."""

    def __init__(self, client: Client, authorization: str = "") -> None:
        self.client, self.authorization = client, authorization

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Send, and return the whole response."""
        more = {"Accept": "application/json", **headers}
        if self.authorization:
            more["Authorization"] = self.authorization
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        response: Any = self.client.generic(
            method, f"{BASE}{path}", content, content_type="application/json", headers=more
        )
        assert flaws_of(method, path, response) == []
        return response  # type: ignore[no-any-return]  # the test client's own kind of response

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send, and return status and decoded document."""
        response = self.send(
            method, path, body, **{name.replace("_", "-"): one for name, one in headers.items()}
        )
        return response.status_code, json.loads(response.content) if response.content else None


@pytest.fixture
def make_caller(client: Client, town: Town) -> Callable[..., Caller]:
    """Make a caller with a new token of these scopes; the town is there."""

    def make(*scopes: str, **more: Any) -> Caller:
        made = services.create_token(name="Other system", scopes=scopes or list(SCOPES), **more)
        return Caller(client, f"Bearer {made.secret}")

    return make


@pytest.fixture
def call(make_caller: Callable[..., Caller]) -> Caller:
    """A caller that may do everything."""
    return make_caller()


@pytest.fixture
def anybody(client: Client, town: Town) -> Caller:
    """A caller without a token."""
    return Caller(client)
