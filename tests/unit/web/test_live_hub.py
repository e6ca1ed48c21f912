"""The hub keeps its promise: every hint of your topics, or a resync."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from civicline.web.live.hub import GATHERED, Connection, Hub

Heard = list[dict[str, Any]]


def listener(hub: Hub, *topics: str, gate: asyncio.Event | None = None) -> tuple[Connection, Heard]:
    heard: Heard = []

    async def send(text: str) -> None:
        if gate is not None:
            await gate.wait()
        heard.append(json.loads(text))

    connection = Connection(hub, send)
    hub.add(connection, topics)
    return connection, heard


async def settle(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


def run(story: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: the browser's driver keeps a loop in the main one while end-to-end tests run."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, story).result(60)


def test_a_hint_reaches_those_who_listen_to_its_topic_and_nobody_else() -> None:
    async def story() -> None:
        hub = Hub()
        hub.start(asyncio.get_running_loop())
        _, nadia = listener(hub, "agent:nadia")
        _, iris = listener(hub, "agent:iris")
        hub.hear({"topic": "agent:nadia", "kind": "offer", "id": "o1"})
        await settle(lambda: bool(nadia))
        assert nadia == [{"topic": "agent:nadia", "kind": "offer", "id": "o1", "seq": 1}]
        assert iris == []

    run(story())


def test_content_that_a_publisher_let_slip_stays_inside() -> None:
    async def story() -> None:
        hub = Hub()
        _, heard = listener(hub, "contact:1")
        hub.spread(
            {"topic": "contact:1", "kind": "message", "id": "1", "n": 7, "body": "I owe rent", "name": "Ann"}
        )
        await settle(lambda: bool(heard))
        assert heard == [{"topic": "contact:1", "kind": "message", "id": "1", "n": 7, "seq": 1}]

    run(story())


def test_hints_heard_in_other_threads_arrive_in_order() -> None:
    async def story() -> None:
        hub = Hub(queue_limit=1_000)
        hub.start(asyncio.get_running_loop())
        _, heard = listener(hub, "board")

        def publish() -> None:
            for number in range(500):
                hub.hear({"topic": "board", "kind": "changed", "id": str(number)})

        await asyncio.to_thread(publish)
        await settle(lambda: len(heard) == 500)
        assert [hint["id"] for hint in heard] == [str(number) for number in range(500)]
        assert [hint["seq"] for hint in heard] == list(range(1, 501))

    run(story())


def test_what_nobody_hears_wakes_nobody_and_is_there_for_who_comes_back() -> None:
    async def story() -> None:
        loop, woken = asyncio.get_running_loop(), 0
        hub = Hub()
        hub.start(loop)
        flush = hub._flush

        def counted() -> None:
            nonlocal woken
            woken += 1
            flush()

        hub._flush = counted  # type: ignore[method-assign]  # how often the loop was woken
        _, nadia = listener(hub, "agent:nadia")

        def publish(*topics: str) -> None:
            for topic in topics:
                hub.hear({"topic": topic, "kind": "state", "id": "1"})

        def publish_at_once(*topics: str) -> None:
            """In another thread, while the loop stands still: it cannot wake between two of them."""
            other = threading.Thread(target=publish, args=topics)
            other.start()
            other.join()

        await asyncio.to_thread(publish, "contact:1", "contact:2", "contact:1")
        assert (hub.seq, woken) == (0, 0)
        back, heard = listener(hub, "contact:1")
        hub.catch_up(back, 0, hub.epoch)
        await settle(lambda: len(heard) == 2)
        assert [hint["seq"] for hint in heard] == [1, 3]
        assert woken == 0
        publish_at_once("contact:3", "agent:nadia", "contact:1")
        await settle(lambda: len(heard) == 3 and bool(nadia))
        assert (nadia[0]["seq"], heard[2]["seq"], woken) == (5, 6, 1)
        await asyncio.to_thread(publish, *["contact:9"] * GATHERED)
        await settle(lambda: hub.seq == 6 + GATHERED)

    run(story())


def test_a_slow_reader_gets_one_resync_instead_of_a_growing_queue() -> None:
    async def story() -> None:
        hub = Hub(queue_limit=8)
        gate = asyncio.Event()
        _, heard = listener(hub, "board", gate=gate)
        hub.spread({"topic": "board", "kind": "changed", "id": "first"})
        await asyncio.sleep(0)  # the first hint is being written, and the peer does not read
        for number in range(100):
            hub.spread({"topic": "board", "kind": "changed", "id": str(number)})
        gate.set()
        await settle(lambda: len(heard) == 2)
        assert [hint["kind"] for hint in heard] == ["changed", "resync"]
        assert heard[1]["seq"] == hub.seq == 101
        assert hub.overflows == 1
        hub.spread({"topic": "board", "kind": "changed", "id": "after"})
        await settle(lambda: len(heard) == 3)
        assert heard[2]["id"] == "after"

    run(story())


def test_who_comes_back_soon_gets_what_was_missed() -> None:
    async def story() -> None:
        hub = Hub()
        for number in range(5):
            hub.spread({"topic": "contact:1", "kind": "message", "id": "1", "n": number})
            hub.spread({"topic": "contact:2", "kind": "message", "id": "2", "n": number})
        back, heard = listener(hub, "contact:1")
        hub.catch_up(back, 4, hub.epoch)
        await settle(lambda: len(heard) == 3)
        assert [(hint["topic"], hint["n"]) for hint in heard] == [("contact:1", n) for n in (2, 3, 4)]

    run(story())


def test_who_comes_back_from_another_time_fetches_anew() -> None:
    async def story() -> None:
        hub = Hub(ring_size=4)
        for number in range(10):
            hub.spread({"topic": "board", "kind": "changed", "id": str(number)})
        for last, epoch in ((9, "another"), (3, hub.epoch), (11, hub.epoch), (None, "")):
            back, heard = listener(hub, "board")
            hub.catch_up(back, last, epoch)
            await settle(lambda heard=heard: bool(heard))
            assert [hint["kind"] for hint in heard] == ["resync"], (last, epoch)

    run(story())


def test_a_note_that_somebody_writes_is_not_kept_for_later() -> None:
    async def story() -> None:
        hub = Hub()
        hub.spread({"topic": "contact:1", "kind": "message", "id": "1", "n": 1})
        _, present = listener(hub, "contact:1")
        hub.spread({"topic": "contact:1", "kind": "typing", "id": "1", "by": "staff"})
        await settle(lambda: bool(present))
        back, heard = listener(hub, "contact:1")
        hub.catch_up(back, 1, hub.epoch)
        hub.spread({"topic": "contact:1", "kind": "message", "id": "1", "n": 2})
        await settle(lambda: bool(heard))
        assert [hint["kind"] for hint in heard] == ["message"]

    run(story())


def test_after_a_loss_between_processes_everyone_fetches_anew() -> None:
    async def story() -> None:
        hub = Hub()
        hub.start(asyncio.get_running_loop())
        _, one = listener(hub, "board")
        _, other = listener(hub, "contact:1")
        hub.hear({"topic": "resync"})
        await settle(lambda: bool(one) and bool(other))
        assert one[0]["kind"] == other[0]["kind"] == "resync"

    run(story())


def test_a_peer_that_vanishes_in_the_middle_of_a_send_harms_nobody() -> None:
    async def story() -> None:
        hub = Hub()

        async def broken(_: str) -> None:
            raise ConnectionResetError

        gone = Connection(hub, broken)
        hub.add(gone, ["board"])
        _, heard = listener(hub, "board")
        hub.spread({"topic": "board", "kind": "changed", "id": "1"})
        hub.spread({"topic": "board", "kind": "changed", "id": "2"})
        await settle(lambda: len(heard) == 2 and gone.closed)
        hub.remove(gone)
        assert hub.listeners("board") == 1

    run(story())


@given(
    hints=st.lists(st.sampled_from(["a", "b", "c"]), max_size=60),
    mine=st.sets(st.sampled_from(["a", "b", "c"])),
    cut=st.integers(0, 60),
    ring=st.integers(1, 30),
    queue=st.integers(1, 20),
)
def test_old_state_and_hints_are_a_fresh_fetch_whatever_the_cut(
    hints: list[str], mine: set[str], cut: int, ring: int, queue: int
) -> None:
    """A client that applies hints (or fetches on resync) ends with the truth, wherever its connection was cut."""

    async def story() -> None:
        hub = Hub(ring_size=ring, queue_limit=queue)
        truth = dict.fromkeys("abc", 0)
        shown = dict(truth)

        def apply(heard: Heard) -> None:
            for hint in heard:
                if hint["kind"] == "resync":
                    shown.update({topic: truth[topic] for topic in mine})
                else:
                    shown[hint["topic"]] = truth[hint["topic"]]

        def happen(topic: str) -> None:
            truth[topic] += 1
            hub.spread({"topic": topic, "kind": "changed", "id": topic})

        first, heard = listener(hub, *sorted(mine))
        for topic in hints[:cut]:
            happen(topic)
        await settle(lambda: first.idle)
        apply(heard)
        last = heard[-1]["seq"] if heard else 0
        hub.remove(first)
        for topic in hints[cut:]:
            happen(topic)
        again, heard = listener(hub, *sorted(mine))
        hub.catch_up(again, last, hub.epoch)
        await settle(lambda: again.idle)
        apply(heard)
        assert {topic: shown[topic] for topic in mine} == {topic: truth[topic] for topic in mine}

    run(story())
