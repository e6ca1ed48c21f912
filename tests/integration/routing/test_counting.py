"""What Prometheus is told of the line: each figure of docs/operate/monitoring.md moves when its thing happens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast
from uuid import UUID

import pytest

from civicline.intake import services as intake
from civicline.intake.deliveries import DeliveryWorker
from civicline.intake.ports import ChannelAdapter, Outbound, Outcome, Sent
from civicline.kernel import metrics
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict
from civicline.routing import selectors, services
from civicline.routing.counting import forget_codes
from civicline.routing.dispatcher import Dispatcher
from tests.servers import wait_until
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def codes_of_this_town() -> None:
    """Ids of an earlier test's queues may be those of other queues here."""
    forget_codes()


def told(name: str, **labels: str) -> float:
    """What a figure says now; 0 when it was never counted."""
    return metrics.registry.get_sample_value(name, labels) or 0.0


class Since:
    """How much a figure has grown since this was made."""

    def __init__(self, name: str, **labels: str) -> None:
        self._read: Callable[[], float] = lambda: told(name, **labels)
        self._before = self._read()

    @property
    def more(self) -> float:
        return self._read() - self._before


def nadia(town: Town) -> UUID:
    return town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})


def test_a_contact_and_how_long_it_waited(town: Town) -> None:
    came = Since("civicline_contacts_total", channel="chat")
    waits = Since("civicline_queue_wait_seconds_count", queue="council-tax")
    seconds = Since("civicline_queue_wait_seconds_sum", queue="council-tax")
    accepted = Since("civicline_offers_total", outcome="accepted")
    latencies = Since("civicline_offer_latency_seconds_count")
    town.chat("council-tax")
    town.settle()
    assert told("civicline_queue_depth", queue="council-tax") == 1
    town.clock.advance(90)
    agent = nadia(town)
    town.settle()
    (offer,) = selectors.offers_of(agent)
    services.accept_offer(offer_id=offer.id, agent_id=agent)
    assert (came.more, waits.more, accepted.more) == (1, 1, 1)
    assert seconds.more == 90
    assert latencies.more == 0, "it waited for people, not for us"
    town.clock.advance(3)
    town.settle()
    assert told("civicline_queue_depth", queue="council-tax") == 0


def test_from_arrival_to_offer_where_somebody_is_free(town: Town) -> None:
    latencies, seconds = (Since(f"civicline_offer_latency_seconds_{part}") for part in ("count", "sum"))
    agent = nadia(town)
    town.settle()
    town.chat("council-tax")
    town.clock.advance(0.25)
    town.settle()
    assert len(selectors.offers_of(agent)) == 1
    assert latencies.more == 1
    assert seconds.more == pytest.approx(0.25, abs=0.001)


def test_every_end_of_an_offer(town: Town) -> None:
    ends = {
        how: Since("civicline_offers_total", outcome=how)
        for how in ("accepted", "declined", "timed_out", "withdrawn")
    }
    agent = nadia(town)
    for _ in range(3):
        town.chat("council-tax")
    town.settle()
    first, second, *_others = selectors.offers_of(agent)
    services.decline_offer(offer_id=first.id, agent_id=agent)
    services.withdraw_offers(reason="moved", contact_id=second.contact_id)
    town.settle()
    for offer in selectors.offers_of(agent):
        services.expire_offers(now=offer.expires_at)
    counted = {how: end.more for how, end in ends.items()}
    assert (counted["accepted"], counted["declined"], counted["withdrawn"]) == (0, 1, 1)
    assert counted["timed_out"] >= 1


def test_what_came_to_nothing_is_not_counted(town: Town) -> None:
    came = Since("civicline_contacts_total", channel="chat")

    @writes
    def comes_to_nothing() -> None:
        town.chat("council-tax")
        raise Conflict(code="test")

    with pytest.raises(Conflict):
        comes_to_nothing()
    assert came.more == 0


@pytest.mark.parametrize(
    ("answer", "outcome"), [(Sent.SENT, "sent"), (Sent.RETRY, "retry"), (Sent.FAILED, "failed")]
)
def test_what_became_of_a_delivery(town: Town, answer: Sent, outcome: str) -> None:
    class Provider:
        def send(self, _outbound: Outbound) -> Outcome:
            return Outcome(answer)

    counted = Since("civicline_deliveries_total", channel="chat", outcome=outcome)
    agent = nadia(town)
    contact = town.chat("council-tax")
    town.settle()
    (offer,) = selectors.offers_of(agent)
    services.accept_offer(offer_id=offer.id, agent_id=agent)
    intake.add_message(contact_id=contact.id, direction="out", body="Good morning", author_id=agent)
    assert DeliveryWorker({"chat": cast("ChannelAdapter", Provider())}).run_due() == 1
    assert counted.more == 1


def test_whoever_dispatches_no_longer_tells_of_no_line(town: Town) -> None:
    town.chat("council-tax")
    town.settle()
    assert told("civicline_queue_depth", queue="council-tax") == 1
    town.dispatcher.lease.release()
    other, stop = Dispatcher(), threading.Event()
    thread = threading.Thread(target=other.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: other.lease.held, what="another one dispatches")
    finally:
        stop.set()
        thread.join(10)
    assert metrics.registry.get_sample_value("civicline_queue_depth", {"queue": "council-tax"}) is None
