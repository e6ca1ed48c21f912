"""A browser that tests drive changes nothing for the tests that write themselves."""

from __future__ import annotations

import pytest
from django.db import connections

from civicline.kernel import connection
from tests.town import Town


def test_whoever_writes_beside_a_browser_keeps_their_connection(
    town: Town, request: pytest.FixtureRequest
) -> None:
    first = town.chat("benefits", "Hello")
    request.getfixturevalue("browser")
    assert connections["default"] is connection.here()
    assert town.chat("benefits", "Hello again").reference != first.reference
