"""Hints between processes, with a real Redis that goes away and comes back."""

from collections.abc import Iterator

import pytest

from civicline.kernel import bus
from civicline.kernel.redis_bus import RedisWire
from tests import servers
from tests.servers import wait_until


@pytest.fixture
def redis() -> Iterator[servers.Redis]:
    server = servers.Redis.start()
    yield server
    server.stop()


@pytest.fixture
def pair(redis: servers.Redis) -> Iterator[tuple[bus.Hub, bus.Hub]]:
    """Two hubs as two processes have them."""
    hubs = (bus.Hub(), bus.Hub())
    wires = [RedisWire(redis.url, hub) for hub in hubs]
    for hub, wire in zip(hubs, wires, strict=True):
        hub.connect(wire)
        assert wire.connected.wait(10)
    yield hubs
    for hub in hubs:
        hub.connect(None)


def test_a_hint_reaches_the_other_process_and_is_heard_here_only_once(pair: tuple[bus.Hub, bus.Hub]) -> None:
    here, there = pair
    heard_here: list[bus.Message] = []
    heard_there: list[bus.Message] = []
    here.add(["board"], (), heard_here.append)
    there.add((), ["bo"], heard_there.append)
    here.send({"topic": "board", "id": 1, "seq": 5})
    wait_until(lambda: heard_there, what="it arrives")
    there.send({"topic": "board", "id": 2})
    wait_until(lambda: len(heard_here) > 1, what="the answer arrives")
    assert heard_there == [{"topic": "board", "id": 1, "seq": 5}, {"topic": "board", "id": 2}]
    assert heard_here == heard_there


def test_a_flood_arrives_in_order(pair: tuple[bus.Hub, bus.Hub]) -> None:
    here, there = pair
    heard: list[bus.Message] = []
    there.add(["agent:7"], (), heard.append)
    for number in range(3000):
        here.send({"topic": "agent:7", "seq": number})
    wait_until(lambda: len(heard) == 3000, what="all arrive")
    assert [message["seq"] for message in heard] == list(range(3000))


def test_what_is_no_hint_is_passed_over(redis: servers.Redis, pair: tuple[bus.Hub, bus.Hub]) -> None:
    import redis as client

    here, there = pair
    heard: list[bus.Message] = []
    there.add(["board"], (), heard.append)
    with client.Redis.from_url(redis.url) as foreign:
        foreign.publish("civicline:hints", b"\xff{not json")
        foreign.publish("civicline:hints", b'{"from": "x", "resync": false, "hints": [3]}')
    here.send({"topic": "board"})
    wait_until(lambda: heard, what="the good one arrives")


def test_when_redis_goes_nobody_waits_and_when_it_is_back_everybody_reads_the_truth_again(
    redis: servers.Redis, pair: tuple[bus.Hub, bus.Hub]
) -> None:
    here, there = pair
    heard: list[bus.Message] = []
    here_heard: list[bus.Message] = []
    there.add(["board"], (), heard.append)
    here.add(["board"], (), here_heard.append)
    redis.stop()
    for number in range(50):
        here.send({"topic": "board", "seq": number})
    assert len(here_heard) == 50, "within the process nothing is missing"
    again = servers.Redis.start(redis.port)
    try:
        wait_until(lambda: {"topic": bus.RESYNC} in heard, seconds=30, what="it hears of the loss")
        wait_until(lambda: {"topic": bus.RESYNC} in here_heard, seconds=30, what="the other one too")

        def arrives() -> bool:
            here.send({"topic": "board", "after": True})
            return {"topic": "board", "after": True} in heard

        wait_until(arrives, seconds=20, every=0.1, what="hints flow again")
    finally:
        again.stop()
