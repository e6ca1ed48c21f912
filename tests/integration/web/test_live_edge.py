"""The live edge over real sockets: who gets in, what they hear, and what happens when things break."""

import asyncio
import contextlib
import json
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from civicline.web.live import Limits, Staff
from tests.integration.web.live_server import Served, hear, serve, until

NADIA = Staff(user_id="nadia", is_agent=True, sees_board=False)
IRIS = Staff(user_id="iris", is_agent=True, sees_board=True)
CONTACT = str(uuid4())


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serve(limits=Limits(per_session=5, burst=10, per_second=0.0, prove_within=0.2)) as running:
        running.town.staff.update({"s-nadia": NADIA, "s-iris": IRIS})
        running.town.secrets[CONTACT] = "open-sesame"
        running.town.walls.add("hall")
        yield running


def run(story: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: the browser's driver keeps a loop in the main one while end-to-end tests run."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, story).result(60)


async def code_of(peer: Any) -> int:
    async with asyncio.timeout(10):
        try:
            while True:
                await peer.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


def test_an_agent_hears_of_an_offer_and_of_nothing_that_is_not_theirs(served: Served) -> None:
    async def story() -> None:
        async with served.open("/live/desk", "sessionid=s-nadia") as desk:
            welcome = await hear(desk, "welcome")
            assert welcome["epoch"] == served.edge.hub.epoch
            served.bus.publish("agent:iris", {"kind": "offer", "id": "hers"})
            served.bus.publish("board", {"kind": "changed", "id": "board"})
            served.bus.publish("agent:nadia", {"kind": "offer", "id": "o1", "text": "not for the wire"})
            hint = json.loads(await desk.recv())
            assert hint == {"topic": "agent:nadia", "kind": "offer", "id": "o1", "seq": hint["seq"]}

    run(story())


def test_a_page_of_another_site_can_not_open_a_desk_with_our_cookies(served: Served) -> None:
    async def story() -> None:
        for origin in ("https://evil.example", "https://news.example", None):
            with pytest.raises(InvalidStatus) as refused:
                async with served.open("/live/desk", "sessionid=s-nadia", origin):
                    pass
            assert refused.value.response.status_code == 403

    run(story())


@pytest.mark.parametrize("cookie", ["", "sessionid=forged", "sessionid="])
def test_without_a_session_the_desk_is_told_to_sign_in(served: Served, cookie: str) -> None:
    async def story() -> None:
        async with served.open("/live/desk", cookie) as desk:
            assert await code_of(desk) == 4401

    run(story())


def test_a_contact_is_heard_only_by_those_who_may_read_it(served: Served) -> None:
    async def story() -> None:
        served.town.readable.add(f"contact:{CONTACT}")
        async with served.open("/live/desk", "sessionid=s-nadia") as desk:
            topics = [f"contact:{CONTACT}", "contact:other", "agent:iris", "board", "user:iris"]
            await desk.send(json.dumps({"watch": topics, "hello": None}))
            await hear(desk, "resync")
            for topic in [*topics[1:], topics[0]]:
                served.bus.publish(topic, {"kind": "changed", "id": "x"})
            assert (await hear(desk, "changed"))["topic"] == f"contact:{CONTACT}"
            await desk.send(json.dumps({"unwatch": [f"contact:{CONTACT}"], "hello": None}))
            await hear(desk, "resync")
            assert served.edge.hub.listeners(f"contact:{CONTACT}") == 0

    run(story())


def test_who_reconnects_gets_what_was_missed(served: Served) -> None:
    async def story() -> None:
        async with served.open("/live/desk", "sessionid=s-nadia") as desk:
            welcome = await hear(desk, "welcome")
        for number in range(3):
            served.bus.publish("agent:nadia", {"kind": "offer", "id": str(number)})
        async with served.open("/live/desk", "sessionid=s-nadia") as desk:
            await desk.send(json.dumps({"hello": welcome["seq"], "epoch": welcome["epoch"]}))
            assert [(await hear(desk, "offer"))["id"] for _ in range(3)] == ["0", "1", "2"]

    run(story())


def test_a_resident_proves_the_secret_by_cookie_or_by_first_word(served: Served) -> None:
    async def story() -> None:
        async with served.open(f"/live/chat/{CONTACT}", "chat_secret=open-sesame") as chat:
            await hear(chat, "welcome")
            await chat.send(json.dumps({"got": 4, "seen": 3}))
            await until(lambda: (CONTACT, 3) in served.town.seen)
            assert (CONTACT, 4) in served.town.got
        async with served.open(f"/live/chat/{CONTACT}", origin="https://news.example") as chat:
            await chat.send(json.dumps({"auth": "open-sesame"}))
            await hear(chat, "welcome")

    run(story())


def test_a_wrong_secret_and_an_unknown_contact_get_the_same_answer(served: Served) -> None:
    async def story() -> None:
        answers = []
        for contact in (CONTACT, str(uuid4()), "not-an-id", CONTACT.upper() + "x"):
            async with served.open(f"/live/chat/{contact}", "chat_secret=guess") as chat:
                answers.append(await code_of(chat))
        assert answers == [4401] * 4

    run(story())


def test_who_shows_no_secret_is_not_waited_for(served: Served) -> None:
    async def story() -> None:
        async with served.open(f"/live/chat/{CONTACT}") as chat:
            assert await code_of(chat) == 4408

    run(story())


def test_somebody_writes_is_passed_on_once_and_says_who(served: Served) -> None:
    async def story() -> None:
        served.town.readable.add(f"contact:{CONTACT}")
        async with (
            served.open("/live/desk", "sessionid=s-nadia") as desk,
            served.open(f"/live/chat/{CONTACT}", "chat_secret=open-sesame") as chat,
        ):
            await desk.send(json.dumps({"watch": [f"contact:{CONTACT}"], "hello": None}))
            await hear(desk, "resync")
            for _ in range(3):
                await chat.send(json.dumps({"typing": True}))
            assert (await hear(desk, "typing"))["by"] == "resident"
            await desk.send(json.dumps({"typing": True, "contact": CONTACT}))
            assert (await hear(desk, "typing"))["by"] == "staff"
            await desk.send(json.dumps({"typing": True, "contact": "not-watched"}))
            served.bus.publish(f"contact:{CONTACT}", {"kind": "message", "id": CONTACT, "n": 1})
            await hear(desk, "message")

    run(story())


@pytest.mark.parametrize("said", ["{", '{"hello": "x"}', json.dumps({"watch": ["a"] * 100})])
def test_nonsense_ends_the_connection(served: Served, said: str) -> None:
    async def story() -> None:
        async with served.open("/live/desk", "sessionid=s-nadia") as desk:
            await desk.send(said)
            assert await code_of(desk) == 4400

    run(story())


def test_a_client_that_babbles_is_cut_off(served: Served) -> None:
    async def story() -> None:
        async with served.open("/live/desk", "sessionid=s-nadia") as desk:
            for _ in range(20):
                await desk.send("{}")
            assert await code_of(desk) == 4429

    run(story())


def test_a_message_of_a_megabyte_is_not_read(served: Served) -> None:
    async def story() -> None:
        async with served.open("/live/desk", "sessionid=s-nadia") as desk:
            with contextlib.suppress(ConnectionClosed):  # the server may hang up before the last byte
                await desk.send("x" * 1_000_000)
            assert await code_of(desk) in {1009, 1006}

    run(story())


def test_one_session_can_not_hold_many_connections(served: Served) -> None:
    async def story() -> None:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(5):
                desk = await stack.enter_async_context(served.open("/live/desk", "sessionid=s-iris"))
                await hear(desk, "welcome")
            extra = await stack.enter_async_context(served.open("/live/desk", "sessionid=s-iris"))
            assert await code_of(extra) == 4429
        await until(lambda: served.edge.doorkeeper.count("desk") == 0)

    run(story())


@pytest.mark.parametrize(("cookie", "status"), [("", 403), ("sessionid=s-nadia", 403), ("wall=forged", 403)])
def test_the_board_is_for_those_who_may_see_it(served: Served, cookie: str, status: int) -> None:
    answer = httpx.get(f"{served.origin}/live/board", headers={"Cookie": cookie})
    assert answer.status_code == status


@pytest.mark.parametrize("cookie", ["sessionid=s-iris", "wall=hall"])
def test_a_board_streams_hints_and_comes_back_where_it_was(served: Served, cookie: str) -> None:
    def events(last: str = "") -> Iterator[str]:
        headers = {"Cookie": cookie, **({"Last-Event-ID": last} if last else {})}
        with httpx.stream("GET", f"{served.origin}/live/board", headers=headers, timeout=10) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            mark = ""
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    mark = line.removeprefix("id: ")
                if line.startswith("data: "):
                    yield f"{json.loads(line.removeprefix('data: '))['kind']} {mark}"

    stream = events()
    assert next(stream).startswith("welcome")
    assert next(stream).startswith("resync")  # a fresh page fetches once
    served.bus.publish("board", {"kind": "changed", "id": "q1"})
    kind, mark = next(stream).split()
    assert kind == "changed"
    del stream
    served.bus.publish("board", {"kind": "alarm", "id": "a1"})
    again = events(mark)
    assert next(again).startswith("welcome")
    assert next(again).startswith("alarm")


def test_who_signs_out_is_closed_out_within_the_next_check() -> None:
    async def story(served: Served) -> None:
        served.town.staff["s-nadia"] = NADIA
        async with served.open("/live/desk", "sessionid=s-nadia") as desk:
            await hear(desk, "welcome")
            del served.town.staff["s-nadia"]
            assert await code_of(desk) == 4401

    with serve(session_check_seconds=0.05) as running:
        run(story(running))


def test_presence_follows_the_desks_and_the_grace_time() -> None:
    async def story(served: Served) -> None:
        served.town.staff["s-nadia"] = NADIA
        async with served.open("/live/desk", "sessionid=s-nadia") as desk:
            await hear(desk, "welcome")
            await until(lambda: {"nadia"} in served.town.here)
            async with served.open("/live/desk", "sessionid=s-nadia") as second_tab:
                await hear(second_tab, "welcome")
            await until(lambda: served.edge.doorkeeper.count("desk") == 1)
            assert served.edge.presence.here() == {"nadia"}, "the first tab is still open"
            await until(lambda: bool(served.town.vanished_before))
        await until(lambda: served.edge.presence.here() == frozenset())
        looks = len(served.town.here)
        vanished = len(served.town.vanished_before)
        await until(lambda: len(served.town.vanished_before) > vanished + 2)
        assert len(served.town.here) <= looks + 1

    with serve(grace=0.1) as running:
        run(story(running))


def test_a_lost_bus_makes_everyone_fetch_anew(served: Served) -> None:
    async def story() -> None:
        async with served.open("/live/desk", "sessionid=s-nadia") as desk:
            await hear(desk, "welcome")
            served.bus.hub.resync()
            await hear(desk, "resync")

    run(story())


def test_waiting_chats_hear_that_the_line_moved_once_for_many_moves(served: Served) -> None:
    async def story() -> None:
        async with served.open(f"/live/chat/{CONTACT}", "chat_secret=open-sesame") as chat:
            await hear(chat, "welcome")
            for number in range(50):
                served.bus.publish("queue-line", {"contact": str(number)})
            hint = await hear(chat, "line")
            assert "contact" not in hint
            assert hint["topic"] == "line"
            served.bus.publish(f"contact:{CONTACT}", {"kind": "message", "id": CONTACT, "n": 1})
            assert json.loads(await chat.recv())["kind"] == "message", "one hint for fifty moves"

    run(story())
