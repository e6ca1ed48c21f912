"""What residents are told of their wait: honest while desks are silent, and each promise teaches its queue once."""

from __future__ import annotations

from uuid import UUID

import pytest

from civicline.channels.chat.standing import standing
from civicline.intake import selectors as intake
from civicline.intake.models import Contact
from civicline.people import services as people
from civicline.routing import selectors
from civicline.routing import services as routing
from civicline.routing.lines import forget_lines
from civicline.routing.models import Queue, WaitCalibration
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def nadia(town: Town) -> UUID:
    return town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})


def taught(queue: str) -> int:
    """How many ranges the queue has learned from."""
    known = WaitCalibration.objects.filter(queue__code=queue).first()
    return int(known.state["told"]) if known else 0


def told(contact: Contact) -> None:
    """As though the resident had heard one to five minutes when they joined."""
    Contact.objects.filter(pk=contact.pk).update(told_low_s=60, told_high_s=300)


def take(town: Town, agent: UUID, contact: Contact) -> None:
    town.settle()
    (offer,) = selectors.offers_of(agent)
    assert offer.contact_id == contact.id
    routing.accept_offer(offer_id=offer.id, agent_id=agent)
    town.settle()


def to_queue(code: str) -> Queue:
    queue = selectors.get_queue(code)
    assert queue is not None
    return queue


def test_one_wait_teaches_once_although_the_contact_is_passed_on(town: Town) -> None:
    first = nadia(town)
    contact = town.chat("council-tax")
    told(contact)
    town.clock.advance(120)
    take(town, first, contact)
    assert taught("council-tax") == 1

    omar = town.agent("Omar", queues=["council-tax"], skills={"council-tax": 1})
    routing.transfer(contact_id=contact.id, agent_id=first, to_agent_id=omar)
    take(town, omar, contact)
    elsa = town.agent("Elsa", queues=["benefits"], skills={"benefits": 1})
    routing.transfer(contact_id=contact.id, agent_id=omar, to_queue=to_queue("benefits"))
    take(town, elsa, contact)
    assert (taught("council-tax"), taught("benefits")) == (1, 0)


def test_a_contact_that_gives_up_after_it_was_passed_on_teaches_nothing_more(town: Town) -> None:
    first = nadia(town)
    contact = town.chat("council-tax")
    told(contact)
    take(town, first, contact)
    routing.transfer(contact_id=contact.id, agent_id=first, to_queue=to_queue("benefits"))
    town.clock.advance(3600)
    routing.leave_queue(contact_id=contact.id)
    town.settle()
    assert (taught("council-tax"), taught("benefits")) == (1, 0)


def test_a_wait_that_was_moved_to_another_line_teaches_neither(town: Town) -> None:
    elsa = town.agent("Elsa", queues=["benefits"], skills={"benefits": 1})
    contact = town.chat("council-tax")
    told(contact)
    town.settle()
    routing.move(contact_id=contact.id, queue=to_queue("benefits"), by=elsa, reason="It is about benefits")
    take(town, elsa, contact)
    assert (taught("council-tax"), taught("benefits")) == (0, 0)


def test_a_lone_agent_whose_desk_is_silent_is_no_promise(town: Town) -> None:
    agent = nadia(town)
    contact = town.chat("council-tax")
    town.settle()
    people.mark_not_responding(agent_id=agent, reason="connection_lost")
    town.settle()
    waiting = intake.get_contact(contact.id)
    assert waiting is not None
    wait = selectors.get_wait(waiting)
    assert (wait.position, wait.range, wait.reason) == (1, None, "nobody_answers")
    assert standing(waiting).reason.startswith("Our desk does not answer just now")

    people.set_presence(agent_id=agent, state="available")
    forget_lines()
    assert selectors.get_wait(waiting).reason != "nobody_answers"


def test_a_silent_colleague_makes_the_wait_longer_not_the_same(town: Town) -> None:
    for name in ("Nadia", "Omar"):
        agent = town.agent(name, queues=["council-tax"], skills={"council-tax": 4}, capacity={"chat": 1})
        for _ in range(4):
            known = town.chat("council-tax")
            Contact.objects.filter(pk=known.pk).update(
                state="closed", queue=to_queue("council-tax"), queued_at=town.clock.now(),
                connected_at=town.clock.now(), closed_at=town.clock.now(), agent_id=agent,
            )  # fmt: skip
            town.clock.advance(60)
            Contact.objects.filter(pk=known.pk).update(closed_at=town.clock.now())
    for _ in range(8):
        town.chat("council-tax")
    town.settle()

    def high() -> int:
        forget_lines()
        last = Contact.objects.filter(state="queued").order_by("-arrived_at").first()
        assert last is not None
        told_now = selectors.get_wait(last).range
        assert told_now is not None
        return told_now.high_minutes

    with_both = high()
    people.mark_not_responding(agent_id=agent, reason="connection_lost")
    assert high() > with_both
