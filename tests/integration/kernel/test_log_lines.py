"""Whoever looks for one contact in the logs finds its whole way: each line of it carries the contact's id."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from civicline.config.logs import logging_settings
from civicline.kernel.handlers import Registry
from civicline.kernel.log import get_logger
from civicline.kernel.relay import Relay
from civicline.people.models import User
from civicline.routing import selectors, services
from tests.town import SOLVED_CHAT, Town

pytestmark = pytest.mark.django_db(transaction=True)


class Lines:
    """What has been logged, as programs read it."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def of(self, contact_id: object) -> list[dict[str, Any]]:
        """The lines that bear this contact's id."""
        rows = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [row for row in rows if row.get("contact_id") == str(contact_id)]


@pytest.fixture
def logged() -> Iterator[Lines]:
    """All lines from information upwards, written as in real service."""
    form = logging_settings(replace(settings.CIVICLINE, log_format="json"))["formatters"]["lines"]
    lines, root = Lines(), logging.getLogger()
    handler, level = logging.StreamHandler(lines.stream), root.level
    handler.setFormatter(form["()"](**{name: value for name, value in form.items() if name != "()"}))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


def test_the_way_of_a_contact_can_be_read(town: Town, logged: Lines) -> None:
    agent = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})
    contact, other = town.chat("council-tax", "My own words"), town.chat("benefits")
    town.settle()
    (offer,) = selectors.offers_of(agent)
    services.accept_offer(offer_id=offer.id, agent_id=agent)
    services.complete(contact_id=contact.id, agent_id=agent, disposition="solved")
    town.settle()
    lines = logged.of(contact.id)
    assert [row["event"] for row in lines if row["event"].startswith(("contact.", "offer."))] == SOLVED_CHAT
    assert [row["seq"] for row in lines] == sorted(row["seq"] for row in lines)
    assert "contact.connected" not in [row["event"] for row in logged.of(other.id)]
    assert "My own words" not in logged.stream.getvalue()


@pytest.mark.parametrize(
    ("form", "level", "told"),
    [("json", "info", True), ("text", "info", False), ("text", "debug", True), ("json", "debug", True)],
)
def test_on_a_terminal_the_addresses_stay_in_sight(form: str, level: str, told: bool) -> None:
    chosen = logging_settings(replace(settings.CIVICLINE, log_format=form, log_level=level))
    assert ("civicline.kernel.relay" not in chosen["loggers"]) is told


def test_a_handler_that_fails_says_for_which_contact(town: Town, logged: Lines) -> None:
    def breaks(_event: object) -> None:
        get_logger(__name__).info("inside.the.handler")
        raise ValueError("no luck")

    registry = Registry()
    registry.on("contact.received", "tests.breaks", breaks)
    contact = town.chat("council-tax")
    Relay(registry).drain()
    told = {row["event"].split(":")[0]: row["level"] for row in logged.of(contact.id)}
    assert told["inside.the.handler"] == "info"
    assert told["A handler failed and is tried again"] == "warning"


def test_a_page_about_a_contact_says_so_in_its_lines_and_the_next_page_does_not(
    town: Town, logged: Lines
) -> None:
    contact = town.chat("council-tax")
    browser = Client()
    browser.force_login(User.objects.get(pk=town.agent("Omar", queues=["benefits"], skills={})))
    assert browser.get(f"/desk/c/{contact.pk}/").status_code == 403
    assert browser.get("/desk/none/").status_code == 404
    refused = [row for row in logged.of(contact.pk) if row["event"].startswith("Forbidden")]
    assert [(row["level"], len(row["request_id"])) for row in refused] == [("warning", 32)]
    assert [row["event"] for row in logged.of(contact.pk) if "/desk/none/" in row["event"]] == []
    assert "Not Found: /desk/none/" in logged.stream.getvalue()
