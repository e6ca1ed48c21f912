"""The telephone's door, in front of an exchange that says what a test wants."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_sip
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from civicline.channels.voice.tickets import AGENT, GUEST, Ticket
from civicline.kernel import clock
from civicline.web.live import Staff, protocol
from civicline.web.live.telephone import Exchange
from tests.integration.web.live_server import Served, serve, until
from tests.servers import free_port

SIP = Subprotocol("sip")
HELLO = (
    "INVITE sip:town@civicline.invalid SIP/2.0\r\nFrom: <sip:guest-1@civicline.invalid>;tag=a\r\n"
    "To: <sip:town@civicline.invalid>\r\nCall-ID: one\r\n\r\n"
)
ANSWER = "SIP/2.0 100 Trying\r\n\r\n"
BACK_S = 0.5
"""As long as a browser may be away here."""


@dataclass
class Far:
    """The exchange behind the door: hears, and says."""

    port: int
    heard: list[str] = field(default_factory=list)
    open: list[ServerConnection] = field(default_factory=list)

    async def __call__(self, peer: ServerConnection) -> None:
        self.open.append(peer)
        with contextlib.suppress(ConnectionClosed):
            async for frame in peer:
                self.heard.append(str(frame))
                await peer.send(ANSWER)
        self.open.remove(peer)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Server]:
        async with serve_sip(self, "127.0.0.1", self.port, subprotocols=[SIP], compression=None) as server:
            yield server


@dataclass
class House:
    """Who has which ticket, and whose session it is."""

    tickets: dict[str, Ticket] = field(default_factory=dict)
    left: list[Ticket] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def exchange(self, port: int) -> Exchange:
        return Exchange(
            socket=f"ws://127.0.0.1:{port}/ws",
            admits=lambda text, _session: self.tickets.pop(text, None),
            keeps=lambda _ticket: None,
            leaves=self.left.append,
            misses=self._misses,
        )

    def _misses(self, ticket: Ticket, lost_at: datetime) -> bool:
        self.missed.append(ticket.user)
        assert lost_at <= clock.now()
        return True


@pytest.fixture
def house() -> House:
    return House(
        {"visit": Ticket(GUEST, "guest-1", "", "v", "1"), "other": Ticket(GUEST, "guest-2", "", "w", "2")}
    )


@pytest.fixture
def far() -> Far:
    return Far(free_port())


@pytest.fixture
def door(house: House, far: Far) -> Iterator[Served]:
    with serve(exchange=house.exchange(far.port), session_check_seconds=0.1) as served:
        assert served.edge.telephone is not None
        served.edge.telephone.back_s = BACK_S
        yield served


@contextlib.asynccontextmanager
async def knock(door: Served, ticket: str = "visit", **options: Any) -> AsyncIterator[ClientConnection]:
    given: dict[str, Any] = {"origin": door.origin, "subprotocols": [SIP], "compression": None} | options
    async with connect(f"ws://127.0.0.1:{door.port}/live/telephone/{ticket}", **given) as peer:
        yield peer


async def code_of(peer: ClientConnection) -> int | None:
    """How the door closed it."""
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await peer.recv()
    return peer.close_code


def test_frames_go_both_ways_and_the_line_is_given_back(door: Served, house: House, far: Far) -> None:
    async def story() -> None:
        async with far.running():
            async with knock(door) as peer:
                assert peer.subprotocol == SIP
                await peer.send(HELLO)
                assert await peer.recv() == ANSWER
                assert far.heard == [HELLO]
            await until(lambda: not far.open and [one.user for one in house.left] == ["guest-1"])

    asyncio.run(story())


@pytest.mark.parametrize(
    "options",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "https://news.example"},
        {"origin": None},
        {"subprotocols": None},
    ],
    ids=["another site", "a site that may embed the chat", "no site", "no SIP"],
)
def test_only_our_own_pages_are_let_in(door: Served, house: House, options: dict[str, Any]) -> None:
    async def story() -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with knock(door, **options):
                pass
        assert refused.value.response.status_code == 403

    asyncio.run(story())
    assert "visit" in house.tickets  # not even looked at


def test_a_ticket_opens_once(door: Served, far: Far) -> None:
    async def story() -> None:
        async with far.running(), knock(door):
            async with knock(door) as second:
                assert await code_of(second) == protocol.SIGNED_OUT
            async with knock(door, "made-up") as third:
                assert await code_of(third) == protocol.SIGNED_OUT

    asyncio.run(story())


def test_while_the_exchange_is_away_the_door_says_so(door: Served, house: House) -> None:
    async def story() -> None:
        async with knock(door) as peer:
            assert await code_of(peer) == protocol.EXCHANGE_AWAY
        await until(lambda: len(house.left) == 1)

    asyncio.run(story())


def test_an_exchange_that_starts_again_closes_the_line_with_the_same_word(door: Served, far: Far) -> None:
    async def story() -> None:
        async with far.running() as server, knock(door) as peer:
            await until(lambda: bool(far.open))
            server.close()
            assert await code_of(peer) == protocol.EXCHANGE_AWAY
        async with far.running(), knock(door, "other") as again:
            await again.send(HELLO.replace("guest-1", "guest-2"))
            assert await again.recv() == ANSWER

    asyncio.run(story())


@pytest.mark.parametrize(
    "frame",
    [HELLO.replace("guest-1", "agent-7001"), "nonsense", b"\x00\x01"],
    ids=["another", "nonsense", "bytes"],
)
def test_what_is_not_theirs_to_say_ends_the_line_unheard(door: Served, far: Far, frame: str | bytes) -> None:
    async def story() -> None:
        async with far.running(), knock(door) as peer:
            await peer.send(frame)
            assert await code_of(peer) == protocol.MALFORMED

    asyncio.run(story())
    assert far.heard == []


def test_a_frame_of_any_size_and_a_flood_of_frames_end_the_line(door: Served, far: Far) -> None:
    async def story() -> None:
        async with far.running():
            async with knock(door) as peer:
                await peer.send(HELLO + "x" * protocol.MAX_MESSAGE_BYTES)
                assert await code_of(peer) == 1009
            async with knock(door, "other") as babbler:
                with contextlib.suppress(ConnectionClosed):
                    for _ in range(200):
                        await babbler.send("\r\n\r\n")
                assert await code_of(babbler) == protocol.TOO_MANY

    asyncio.run(story())
    assert len(far.heard) < 100


def test_whoever_asks_whether_the_door_is_there_is_answered_by_the_door_itself(
    door: Served, far: Far
) -> None:
    async def story() -> None:
        async with far.running(), knock(door) as peer:
            await peer.send("\r\n\r\n")
            assert await peer.recv() == "\r\n"

    asyncio.run(story())
    assert far.heard == []


def test_a_browser_that_is_killed_is_missed_and_one_that_comes_back_is_not(
    door: Served, house: House, far: Far
) -> None:
    house.tickets["again"] = Ticket(GUEST, "guest-1", "", "v", "4")

    async def story() -> None:
        async with far.running():
            async with knock(door) as lost, knock(door, "other") as killed:
                await until(lambda: len(far.open) == 2)
                lost.transport.abort()
                killed.transport.abort()
                await until(lambda: len(house.left) == 2)
            async with knock(door, "again"):
                await until(lambda: bool(house.missed))
                assert house.missed == ["guest-2"]

    asyncio.run(story())


def test_a_browser_that_answers_no_ping_is_missed(door: Served, house: House, far: Far) -> None:
    async def story() -> None:
        async with far.running(), knock(door) as peer:
            await until(lambda: bool(far.open))
            peer.transport.pause_reading()  # as a network does that carries nothing any more
            await until(lambda: house.missed == ["guest-1"], seconds=20)
            peer.transport.abort()

    asyncio.run(story())


def test_whoever_we_sent_away_is_not_missed(door: Served, house: House, far: Far) -> None:
    async def story() -> None:
        async with far.running():
            async with knock(door) as peer:
                await peer.send("nonsense")
                assert await code_of(peer) == protocol.MALFORMED
            async with knock(door, "other") as killed:
                await until(lambda: bool(far.open))
                killed.transport.abort()
                await until(lambda: bool(house.missed))
        assert house.missed == ["guest-2"]

    asyncio.run(story())


def test_an_agent_who_signs_out_is_cut_off_and_missed_at_once(door: Served, house: House, far: Far) -> None:
    house.tickets["hers"] = Ticket(AGENT, "browser-7001", "nadia", "nadia", "3")
    door.town.staff["key"] = Staff("nadia", is_agent=True, sees_board=False)

    async def story() -> None:
        async with far.running(), knock(door, "hers", additional_headers={"Cookie": "sessionid=key"}) as peer:
            await until(lambda: bool(far.open))
            del door.town.staff["key"]
            assert await code_of(peer) == protocol.SIGNED_OUT
            await until(lambda: house.missed == ["browser-7001"])

    assert door.edge.telephone is not None
    door.edge.telephone.back_s = 60.0
    asyncio.run(story())


def test_another_page_of_the_same_person_is_not_the_one_that_is_away(
    door: Served, house: House, far: Far
) -> None:
    house.tickets["before"] = Ticket(GUEST, "guest-1", "", "page before", "5")
    house.tickets["after"] = Ticket(GUEST, "guest-1", "", "page after", "6")

    async def story() -> None:
        async with far.running():
            async with knock(door, "before") as killed:
                await until(lambda: bool(far.open))
                killed.transport.abort()
            async with knock(door, "after"):
                await until(lambda: house.missed == ["guest-1"])

    asyncio.run(story())


def test_a_browser_that_does_not_listen_holds_the_exchange_up_and_not_our_memory(
    door: Served, far: Far
) -> None:
    frame, sent = "x" * 60_000, 0

    async def story() -> None:
        nonlocal sent
        async with far.running(), knock(door, max_queue=1):
            await until(lambda: bool(far.open))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(2):
                    while True:
                        await far.open[0].send(frame)
                        sent += 1

    asyncio.run(story())
    assert sent * len(frame) < 60_000_000  # what sockets hold by themselves
