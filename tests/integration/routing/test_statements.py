"""A contact's life costs few statements: a query that creeps into a hot step is seen here, not in a busy hour."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from civicline.intake import services as intake
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.routing import selectors
from civicline.routing import services as routing
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def statements(step: Callable[[], object]) -> list[str]:
    """What a step asked of the database, without the frame of its transaction."""
    with CaptureQueriesContext(connection) as seen:
        step()
    return [query["sql"] for query in seen.captured_queries if not query["sql"].startswith(FRAME)]


def written(asked: list[str]) -> list[str]:
    return [sql for sql in asked if not sql.startswith("SELECT")]


def test_each_step_of_a_contact_costs_few_statements(town: Town) -> None:
    agent = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})
    who = ResidentFacts(email="mara@example.org")
    town.chat("council-tax", resident=who)  # the first in a process also draws the key of the references
    town.settle()
    arrived: list[intake.Received] = []
    inbound = Inbound(channel="chat", text="Hello", service_code="council-tax", resident=who)

    asked = statements(lambda: arrived.append(intake.receive(inbound=inbound)))
    assert len(asked) <= 7  # service, resident, reference; contact, message, event, audit
    contact_id = arrived[0].contact.id

    asked = statements(lambda: routing.triage(contact_id=contact_id))
    assert (len(asked), len(written(asked))) == (5, 2)  # contact, route, queue; the move and its event

    town.settle()
    offer = next(offer for offer in selectors.offers_of(agent) if offer.contact_id == contact_id)
    asked = statements(lambda: routing.accept_offer(offer_id=offer.id, agent_id=agent))
    assert (len(asked), len(written(asked))) == (3, 3)  # offer, contact, both events

    asked = statements(lambda: routing.complete(contact_id=contact_id, agent_id=agent, disposition="solved"))
    assert len(asked) == 5  # contact, the move, idle since, anything parked; both events
