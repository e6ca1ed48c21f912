"""Moving a contact costs the database little: live contacts are found by small indexes, and none holds the state."""

from __future__ import annotations

import re
from copy import copy
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet

from civicline.intake import deliveries, selectors, services
from civicline.intake.models import Contact
from civicline.intake.ports import Inbound
from civicline.kernel import clock, ids
from civicline.kernel.db import writes
from civicline.people import services as people
from civicline.people.roles import Role

pytestmark = pytest.mark.django_db


def arrive() -> UUID:
    received = services.receive(inbound=Inbound(channel="chat", text="Hello"))
    found: UUID = received.contact.pk
    return found


def crowd(*, live: int, ended: int) -> None:
    """Live contacts whom nobody has in hand, and ended ones: enough for the database to care by which index it goes."""
    row = Contact.objects.get(pk=arrive())
    first = row.reference
    copies = []
    for number in range(live + ended):
        row = copy(row)
        row._state = copy(row._state)
        row.pk, row.reference = ids.new_id(), f"{first[:10]}-{number}"
        row._state.adding = True
        row.queued_at = clock.now()
        row.closed_at = None if number < live else clock.now() - timedelta(days=1)
        copies.append(row)
    Contact.objects.bulk_create(copies)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE intake_contact")


def plan(rows: QuerySet[Any, Any]) -> str:
    """How the database would find these rows if they were many."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.explain()


def test_what_is_live_is_found_without_what_has_ended() -> None:
    crowd(live=100, ended=1000)
    # Both indexes hold what is live and nothing else; which of them is cheaper, PostgreSQL's statistics decide.
    of_live = re.compile("contact_open|contact_in_hand")
    assert of_live.search(plan(selectors.contacts_in_states(["queued", "offered"])))
    assert of_live.search(plan(selectors.contacts_in_states(selectors.LIVE_STATES)))
    assert "contact_in_hand" in plan(selectors.contacts_of_agent(ids.new_id()).order_by())
    ended = selectors.contacts_in_states(["closed", "abandoned"]).order_by("-closed_at")
    assert "contact_ended" in plan(ended.filter(closed_at__gte=clock.now()))


@pytest.mark.parametrize("end", ["closed", "abandoned"])
def test_what_has_ended_says_when_and_is_looked_upon_as_live_no_more(end: str) -> None:
    contact = arrive()
    assert [row.pk for row in selectors.contacts_in_states(["received", "queued"])] == [contact]
    writes(services.move_contact)(contact_id=contact, to=end, expect={"received"})
    assert not selectors.contacts_in_states(selectors.LIVE_STATES).exists()
    [row] = selectors.contacts_in_states([end])
    assert row.closed_at is not None


def test_what_an_agent_has_in_hand_is_what_is_live() -> None:
    user = people.create_staff(
        email="nadia@saltmere.example", name="Nadia", roles=[Role.AGENT], password="open sesame 12"
    )
    Contact.objects.filter(pk=arrive()).update(state="parked", agent_id=user.pk)
    held = [row.pk for row in selectors.contacts_of_agent(user.pk)]
    assert len(held) == 1 and selectors.has_parked(user.pk)
    assert [row.pk for row in selectors.in_hand(user.pk)[0]] == list(selectors.in_hand(user.pk)[1]) == held


def test_a_worker_with_nothing_to_send_asks_for_no_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "claim", lambda **_facts: pytest.fail("others would wait for it"))
    assert deliveries.DeliveryWorker({}).run_due() == 0
