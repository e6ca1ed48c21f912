"""An offer in the very write that takes a contact in: one commit, and never one contact too many for anybody."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.intake.ports import Inbound
from civicline.kernel import bus
from civicline.kernel.db import writes
from civicline.kernel.selectors import events_of_contact
from civicline.people import services as people
from civicline.routing import selectors
from civicline.routing import services as routing
from civicline.routing.models import Offer
from tests.town import Town

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_charge")]


class DiskFull(Exception):
    """The write fails after the agent was chosen."""


@writes
def call(*, fails: bool = False) -> tuple[UUID, Offer | None]:
    """A call comes in, is put into its line and offered, all in one write."""
    inbound = Inbound(channel="voice", text="", service_code="council-tax")
    contact = intake_services.receive(inbound=inbound).contact
    queued = routing.triage(contact_id=contact.id)
    assert queued is not None
    offer = routing.offer_at_once(contact=queued)
    if fails:
        FAILED.append(contact.id)
        raise DiskFull
    return contact.id, offer


FAILED: list[UUID] = []


def nadia(town: Town) -> UUID:
    return town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})


def state(contact_id: UUID) -> str:
    contact = intake.get_contact(contact_id)
    assert contact is not None
    return contact.state


def test_who_is_free_is_offered_the_call_in_its_own_write(town: Town) -> None:
    agent = nadia(town)
    contact_id, offer = call()
    assert offer is not None
    assert (offer.agent_id, state(contact_id)) == (agent, "offered")
    town.relay.drain()
    names = [event.name for event in events_of_contact(contact_id)]
    assert names[:3] == ["contact.received", "contact.queued", "offer.made"]
    town.settle()
    assert [one.pk for one in selectors.offers_of(agent)] == [offer.pk]
    routing.accept_offer(offer_id=offer.pk, agent_id=agent)
    town.settle()
    assert call()[1] is None  # one call at a time


def test_who_waits_longer_is_served_first(town: Town) -> None:
    waiting, none = call()
    assert none is None
    agent = nadia(town)
    bus.publish("queue-line", {"agent": str(agent)})
    later, offer = call()
    assert offer is None
    town.dispatcher.step()
    assert (state(waiting), state(later)) == ("offered", "queued")


def test_whoever_was_chosen_for_a_call_that_was_never_written_is_free(town: Town) -> None:
    agent = nadia(town)
    with pytest.raises(DiskFull):
        call(fails=True)
    assert call()[1] is None  # the floor believes in the promise while the write may still come
    routing.came_to_nothing(contact_ids=FAILED)
    town.dispatcher.step()
    assert [one.contact.state for one in selectors.offers_of(agent)] == ["offered"]
    assert intake.find_contact(FAILED[-1]) is None


def test_a_look_at_all_rows_keeps_what_was_promised(town: Town) -> None:
    nadia(town)
    with pytest.raises(DiskFull):
        call(fails=True)
    town.dispatcher.floor.look(town.clock.now().timestamp())
    waiting, offer = call()
    assert offer is None
    town.clock.advance(120)
    town.settle()
    assert state(waiting) == "offered"  # no write takes that long


def test_the_promise_outlives_a_clock_that_is_set(town: Town) -> None:
    nadia(town)
    with pytest.raises(DiskFull):
        call(fails=True)
    town.clock.set(town.clock.now() + timedelta(hours=1))
    town.dispatcher.lease.renew()
    town.dispatcher.step()
    assert call()[1] is None


def test_whoever_took_a_break_that_nobody_told_of_is_not_rung(town: Town) -> None:
    agent = nadia(town)
    town.settle()
    people.set_presence(agent_id=agent, state="break", reason="lunch")
    town.dispatcher.nudges.drain()
    contact_id, offer = call()
    assert (offer, state(contact_id)) == (None, "queued")
    town.dispatcher.step()
    assert state(contact_id) == "queued"
    people.set_presence(agent_id=agent, state="available")
    town.settle()
    assert state(contact_id) == "offered"


def test_while_the_floor_is_taken_or_the_lease_lost_the_call_is_offered_as_any_other(town: Town) -> None:
    nadia(town)
    with town.dispatcher._turn:
        contact_id, offer = call()
    assert offer is None
    town.dispatcher.step()
    assert state(contact_id) == "offered"
    town.restart_dispatcher()
    assert call()[1] is None  # the one in charge has been replaced


def test_what_else_is_decided_meanwhile_is_stored_by_the_dispatcher(town: Town) -> None:
    waiting = call()[0]
    first = nadia(town)
    town.agent("Omar", queues=["council-tax"], skills={"council-tax": 4})
    bus.publish("queue-line", {"agent": str(first)})
    bus.publish("queue-line", {"agent": str(town.agent("Pia", queues=[], skills={}))})
    town.dispatcher.nudges.drain()
    town.dispatcher.floor.refresh_agents(None, town.clock.now().timestamp())
    contact_id, offer = call()
    assert offer is not None
    assert (state(contact_id), state(waiting)) == ("offered", "queued")
    assert town.dispatcher.step() == 1
    assert state(waiting) == "offered"
