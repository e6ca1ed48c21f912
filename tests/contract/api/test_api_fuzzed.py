"""Schemathesis sends what the document allows, and what it does not: nothing breaks on our side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase
from hypothesis import settings as bounded
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from civicline.api import openapi, resources, services
from civicline.api.scopes import SCOPES
from tests.town import Town

EXAMPLES = 8
READY = resources  # the table of operations is filled


schema = schemathesis.openapi.from_dict(openapi.document("http://testserver/api/v1"))
schema.app = WSGIHandler()


@pytest.fixture
def token(town: Town) -> Iterator[str]:
    """A token for everything in a town where something is going on."""
    made = services.create_token(name="Fuzz", scopes=list(SCOPES), rate_per_minute=1_000_000)
    contact = town.chat("benefits")
    town.settle()
    assert contact.pk
    # The end of a request closes the database connection, and with it the transaction that this test is in.
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield made.secret
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@bounded(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_nothing_breaks(case: Any, token: str) -> None:
    response = case.call(headers={"Authorization": f"Bearer {token}"})
    assert response.status_code < 500, case.as_curl_command()
    case.validate_response(
        response, checks=(status_code_conformance, content_type_conformance, response_schema_conformance)
    )
