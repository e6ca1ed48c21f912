"""One chat through the whole house: resident, engine, offer, desk, answer, closed."""

from __future__ import annotations

import pytest

from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.kernel.selectors import events_of_contact
from civicline.routing import services as routing
from civicline.routing.selectors import offers_of
from tests.town import SOLVED_CHAT, Town

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_chat_finds_its_agent_and_comes_back_answered(town: Town) -> None:
    agent = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})
    received = intake.receive(
        inbound=Inbound(
            channel="chat",
            text="I moved out and am still billed",
            service_code="council-tax",
            resident=ResidentFacts(name="Grace", email="grace@example.org", language="en"),
            languages=("en",),
        )
    )
    town.settle()
    (offer,) = offers_of(agent)
    assert offer.contact_id == received.contact.id
    assert offer.reasons["code"] == "routing.only_candidate"

    routing.accept_offer(offer_id=offer.id, agent_id=agent)
    intake.add_message(
        contact_id=offer.contact_id, direction="out", body="I have closed the account.", author_id=agent
    )
    town.settle()
    sent = intake_selectors.list_messages(offer.contact_id)[-1]
    assert sent.delivery.state == "sent"

    routing.complete(contact_id=offer.contact_id, agent_id=agent, disposition="solved")
    town.settle()
    contact = intake_selectors.get_contact(offer.contact_id)
    assert contact is not None
    assert contact.state == "closed"
    names = [event.name for event in events_of_contact(contact.id)]
    assert [name for name in names if name.startswith(("contact", "offer"))] == SOLVED_CHAT


def test_a_declined_offer_returns_to_its_own_place_and_goes_to_another(town: Town) -> None:
    first = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 5})
    second = town.agent("Omar", queues=["council-tax"], skills={"council-tax": 3})
    contact = town.chat("council-tax")
    town.settle()
    (offer,) = offers_of(first)
    routing.decline_offer(offer_id=offer.id, agent_id=first)
    town.settle()
    assert [offer.contact_id for offer in offers_of(second)] == [contact.id]
    assert offers_of(first) == []


def test_an_offer_nobody_answers_goes_back_and_its_agent_is_not_responding(town: Town) -> None:
    agent = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 5})
    contact = town.chat("council-tax")
    town.settle()
    town.clock.advance(21)
    town.settle()
    moved = intake_selectors.get_contact(contact.id)
    assert moved is not None
    assert moved.state == "queued"
    assert town.presence(agent) == "not_responding"


def test_who_takes_a_call_is_not_expected_to_answer_for_written_work(town: Town) -> None:
    """Found by hand: the written offer went unheard while its agent talked, and made them "not responding"."""
    agent = town.agent(
        "Nadia", queues=["council-tax"], skills={"council-tax": 5}, capacity={"voice": 1, "written": 5}
    )
    letter = town.write("council-tax")
    town.settle()
    before = intake_selectors.get_contact(letter.id)
    call = intake.receive(inbound=Inbound(channel="voice", text="", service_code="council-tax")).contact
    town.settle()
    (call_offer,) = [offer for offer in offers_of(agent) if offer.contact_id == call.id]
    assert letter.id in {offer.contact_id for offer in offers_of(agent)}
    routing.accept_offer(offer_id=call_offer.id, agent_id=agent)
    town.settle()
    town.clock.advance(60)
    town.settle()
    waiting = intake_selectors.get_contact(letter.id)
    assert before is not None
    assert waiting is not None
    assert waiting.state == "queued", "it waits for whoever is free first"
    assert waiting.queued_at == before.queued_at, "in its own place"
    assert town.presence(agent) != "not_responding"
    routing.complete(contact_id=call.id, agent_id=agent, disposition="solved")
    town.settle()
    assert [offer.contact_id for offer in offers_of(agent)] == [letter.id]


def test_a_restarted_dispatcher_finds_the_floor_as_it_was(town: Town) -> None:
    agent = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 5}, capacity={"chat": 1})
    first, second = town.chat("council-tax"), town.chat("council-tax")
    town.settle()
    town.restart_dispatcher()
    town.settle()
    (offer,) = offers_of(agent)
    assert offer.contact_id == first.id
    routing.accept_offer(offer_id=offer.id, agent_id=agent)
    town.restart_dispatcher()
    town.settle()
    assert offers_of(agent) == []
    routing.complete(contact_id=first.id, agent_id=agent, disposition="solved")
    town.settle()
    assert [offer.contact_id for offer in offers_of(agent)] == [second.id]
