"""A real dispatcher's afternoon, told again to the simulator's driver: every decision comes out the same."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from civicline.engine.simulation import replay
from civicline.intake import selectors
from civicline.intake import services as intake
from civicline.intake.ports import Inbound
from civicline.kernel.errors import Conflict
from civicline.kernel.models import Event
from civicline.people import services as people
from civicline.routing import services as routing
from civicline.routing.channels import TABLE
from civicline.routing.dispatcher import loading
from civicline.routing.models import Queue, Ring
from civicline.routing.selectors import offers_of
from civicline.workforce.decision_log import decided, happenings
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = 120


class Afternoon:
    """Residents come and leave, agents take, decline, miss and finish, go and come back; by chance, but fixed."""

    def __init__(self, town: Town) -> None:
        self.town, self.chance = town, random.Random(311)
        first = Queue.objects.get(code="council-tax")
        Ring.objects.create(queue=first, after_seconds=30, overflow=Queue.objects.get(code="benefits"))
        both = {"council-tax": 3, "benefits": 2}
        self.agents = [
            town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4}, capacity={"chat": 1}),
            town.agent("Omar", queues=["council-tax"], skills={"council-tax": 2}, languages=("en", "es")),
            town.agent("Ines", queues=["benefits"], skills=both),
            town.agent(
                "Mei", queues=["benefits", "council-tax"], skills=both, capacity={"chat": 2, "written": 1}
            ),
        ]
        self.came: list[UUID] = []
        self.in_hand: list[tuple[UUID, UUID]] = []
        self.left_on_offer = 0

    def live(self) -> None:
        """All of it."""
        deeds = (
            self.come,
            self.come,
            self.come,
            self.answer,
            self.answer,
            self.finish,
            self.leave,
            self.turn,
        )
        for _ in range(STEPS):
            self.town.clock.advance(self.chance.choice([1, 3, 8, 15, 25]))
            for agent in self.agents:
                people.agent_seen(agent_id=agent)  # their desks are open: nobody's conversation is given back
                if self.town.presence(agent) == "not_responding":
                    people.set_presence(agent_id=agent, state="available")
            self.chance.choice(deeds)()
            self.settle()

    def settle(self) -> None:
        """What the relay and the dispatcher owe now, until nothing is left that the next moment would bring."""
        for _ in range(4):
            self.town.relay.drain()
            self.town.dispatcher.lease.renew()
            self.town.dispatcher.floor.look(self.town.clock.now().timestamp())
            self.town.dispatcher.step()

    def come(self) -> None:
        """A chat or a form, in one of two languages; now and then an emergency."""
        inbound = Inbound(
            channel=self.chance.choice(["chat", "chat", "webform"]),
            text="Good afternoon",
            service_code=self.chance.choice(["council-tax", "council-tax", "benefits"]),
            languages=self.chance.choice([("en",), ("es", "en"), ()]),
            emergency=self.chance.random() < 0.05,
        )
        self.came.append(intake.receive(inbound=inbound).contact.id)

    def answer(self) -> None:
        """Somebody answers what rings; what nobody answers runs out of time by itself."""
        for agent in self.agents:
            for offer in offers_of(agent):
                luck = self.chance.random()
                if luck < 0.15:
                    routing.decline_offer(offer_id=offer.id, agent_id=agent)
                elif luck < 0.85:
                    with suppress(Conflict):  # the resident has left while it rang
                        routing.accept_offer(offer_id=offer.id, agent_id=agent)
                        self.in_hand.append((offer.contact_id, agent))

    def finish(self) -> None:
        """The oldest conversation comes to its end, unless it is set aside."""
        for contact, agent in self.in_hand:
            if self.state(contact) == "connected":
                routing.complete(contact_id=contact, agent_id=agent, disposition="solved")
                self.in_hand.remove((contact, agent))
                return

    def leave(self) -> None:
        """Who came last does not wait any longer, also when it rings at a desk already."""
        if self.came and self.state(last := self.came.pop()) in ("queued", "offered"):
            self.left_on_offer += self.state(last) == "offered"
            if self.chance.random() < 0.5:
                routing.leave_queue(contact_id=last)
            else:  # where writes run side by side, an offer may be left behind: it rings for nobody until it runs out
                intake.abandon(contact_id=last, reason="left")

    def state(self, contact: UUID) -> str:
        """Where a contact is."""
        row = selectors.get_contact(contact)
        return row.state if row is not None else ""

    def turn(self) -> None:
        """Somebody goes on a break, or comes back."""
        agent = self.chance.choice(self.agents)
        if self.town.presence(agent) == "available":
            people.set_presence(agent_id=agent, state="break", reason="lunch")
            routing.withdraw_offers(reason="agent_left", agent_id=agent)
        else:
            people.set_presence(agent_id=agent, state="available")


def told_again(log: list[Event]) -> list[dict[str, Any]]:
    """The decisions of the driver, told the log."""
    agents = [replace(agent.state, available=False) for agent in loading.agents()]
    return [one.explain() for one in replay(happenings(log, loading.policies(), agents), TABLE)]


def test_the_simulator_decides_as_the_dispatcher_did(town: Town) -> None:
    afternoon = Afternoon(town)
    afternoon.live()
    log = list(Event.objects.order_by("id"))
    really, again = decided(log), told_again(log)
    assert len(really) > 30
    assert afternoon.left_on_offer > 1
    assert {one["code"] for one in really} > {"routing.longest_idle", "routing.only_candidate"}
    assert {one["ring"] for one in really} == {0, 1}
    for at, (one, other) in enumerate(zip(really, again, strict=True)):
        assert one == other, f"decision {at} differs"


def test_a_log_in_which_something_else_happened_gives_other_decisions(town: Town) -> None:
    first = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4}, capacity={"chat": 1})
    town.agent("Omar", queues=["council-tax"], skills={"council-tax": 2}, capacity={"chat": 1})
    town.chat("council-tax")
    town.settle()
    log = list(Event.objects.order_by("id"))
    assert [one["agent"] for one in told_again(log)] == [str(first)]
    without = [event for event in log if event.subject_id != str(first)]
    assert [one["agent"] for one in told_again(without)] != [str(first)]


def test_an_offer_that_rang_for_nobody_runs_out_before_the_round_in_which_it_does(town: Town) -> None:
    alone = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4}, capacity={"chat": 1})
    left = town.chat("council-tax")
    town.settle()
    town.agent("Omar", queues=["council-tax"], skills={"council-tax": 2}, capacity={"chat": 1})
    intake.abandon(contact_id=left.id, reason="left")
    town.settle()
    town.clock.advance(30)
    town.chat("council-tax")
    town.settle()
    assert town.presence(alone) == "not_responding"
    log = list(Event.objects.order_by("id"))
    really = decided(log)
    assert [one["candidates"] for one in really] == [1, 1]
    assert told_again(log) == really
