"""The hub of one process."""

import threading

import pytest
from prometheus_client import Counter

from civicline.kernel import bus, metrics


@pytest.fixture
def hub() -> bus.Hub:
    return bus.Hub()


def test_a_hint_reaches_those_who_asked_for_its_topic_and_nobody_else(hub: bus.Hub) -> None:
    mine: list[bus.Message] = []
    others: list[bus.Message] = []
    hub.add(["agent:7"], (), mine.append)
    hub.add(["agent:8"], (), others.append)
    hub.send({"topic": "agent:7", "id": "c1", "seq": 4})
    assert mine == [{"topic": "agent:7", "id": "c1", "seq": 4}]
    assert others == []


def test_a_prefix_hears_all_its_topics_once_each(hub: bus.Hub) -> None:
    heard: list[bus.Message] = []
    hub.add(["agent:7"], ["agent:", "agent:7"], heard.append)
    hub.send({"topic": "agent:7"})
    hub.send({"topic": "agent:8"})
    hub.send({"topic": "board"})
    assert [message["topic"] for message in heard] == ["agent:7", "agent:8"]


def test_a_closed_subscription_hears_nothing_more_and_leaves_nothing_behind(hub: bus.Hub) -> None:
    heard: list[bus.Message] = []
    with hub.add(["board"], ["contact:"], heard.append) as subscription:
        hub.send({"topic": "board"})
    subscription.close()
    hub.send({"topic": "board"})
    hub.send({"topic": "contact:1"})
    assert len(heard) == 1
    assert hub.topics() == frozenset()


def test_a_subscriber_that_fails_keeps_no_hint_from_the_others(hub: bus.Hub) -> None:
    heard: list[bus.Message] = []

    def fails(_: bus.Message) -> None:
        raise ZeroDivisionError

    failed = _value(metrics.bus_errors, "callback")
    hub.add(["board"], (), fails)
    hub.add(["board"], (), heard.append)
    hub.send({"topic": "board"})
    assert len(heard) == 1
    assert _value(metrics.bus_errors, "callback") == failed + 1


def test_a_subscriber_may_subscribe_publish_and_close_while_it_hears(hub: bus.Hub) -> None:
    heard: list[str] = []

    def first(message: bus.Message) -> None:
        heard.append("first")
        subscription.close()
        hub.add(["later"], (), lambda _: heard.append("later"))
        hub.send({"topic": "later"})

    subscription = hub.add(["board"], (), first)
    hub.send({"topic": "board"})
    hub.send({"topic": "board"})
    assert heard == ["first", "later"]


def test_after_a_loss_everybody_is_told_once_to_read_again(hub: bus.Hub) -> None:
    heard: list[bus.Message] = []
    hub.add(["a", "b"], ["c"], heard.append)
    hub.resync()
    assert heard == [{"topic": bus.RESYNC}]


def test_subscribers_come_and_go_on_many_threads_while_hints_fly(hub: bus.Hub) -> None:
    stays: list[bus.Message] = []
    hub.add(["board"], (), stays.append)

    def comes_and_goes() -> None:
        for number in range(200):
            with hub.add(["board", f"agent:{number}"], ["x:"], lambda _: None):
                hub.send({"topic": "board"})

    threads = [threading.Thread(target=comes_and_goes) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stays) == 1600
    assert hub.topics() == {"board"}


def _value(counter: Counter, label: str) -> float:
    return float(counter.labels(label)._value.get())
