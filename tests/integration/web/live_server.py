"""A live edge behind a real uvicorn on a free loopback port, with doors that a test can open and close."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect

from civicline.kernel.bus import Hub as BusHub
from civicline.kernel.bus import Subscription
from civicline.web.live import Doors, Limits, LiveEdge, Staff, uvicorn_options
from civicline.web.live.presence import PresenceKeeper
from civicline.web.live.telephone import Exchange


class Bus:
    """A bus of the test's own."""

    def __init__(self) -> None:
        self.hub = BusHub()

    def publish(self, topic: str, message: Any) -> None:
        self.hub.send({"topic": topic, **message})

    def subscribe_prefix(self, prefixes: Any, callback: Callable[[dict[str, Any]], None]) -> Subscription:
        return self.hub.add((), prefixes, callback)


@dataclass
class Town:
    """What the doors answer."""

    staff: dict[str, Staff] = field(default_factory=dict)
    readable: set[str] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=dict)
    walls: set[str] = field(default_factory=set)
    got: list[tuple[str, int]] = field(default_factory=list)
    seen: list[tuple[str, int]] = field(default_factory=list)
    here: list[set[str]] = field(default_factory=list)
    vanished_before: list[datetime] = field(default_factory=list)

    def doors(self) -> Doors:
        return Doors(
            staff_of=self.staff.get,
            may_watch=lambda _user, topic: topic in self.readable,
            opens_contact=lambda contact, secret: self.secrets.get(contact) == secret,
            opens_wall=lambda token: token in self.walls,
            got=lambda contact, number: self.got.append((contact, number)),
            seen=lambda contact, number: self.seen.append((contact, number)),
            agents_seen=self._agents_seen,
            agents_vanished=self.vanished_before.append,
        )

    def _agents_seen(self, agents: Collection[str]) -> None:
        self.here.append(set(agents))


@dataclass
class Served:
    """A running edge."""

    edge: LiveEdge
    bus: Bus
    town: Town
    port: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def open(
        self, path: str, cookie: str = "", origin: str | None = ""
    ) -> AsyncIterator[ClientConnection]:
        headers = {"Cookie": cookie} if cookie else {}
        own = self.origin if origin == "" else origin
        address = f"ws://127.0.0.1:{self.port}{path}"
        async with connect(address, additional_headers=headers, origin=own, compression=None) as peer:  # type: ignore[arg-type]  # NewType
            yield peer


@contextlib.contextmanager
def serve(
    *,
    limits: Limits | None = None,
    session_check_seconds: float = 60.0,
    grace: float = 15.0,
    exchange: Exchange | None = None,
) -> Iterator[Served]:
    """Run an edge in a thread until the block ends."""
    town, bus = Town(), Bus()
    doors = town.doors()
    edge = LiveEdge(
        doors=doors,
        bus=bus,
        allowed_hosts=["127.0.0.1"],
        origins=["https://news.example"],
        limits=limits,
        presence=PresenceKeeper(doors, grace_seconds=grace, sight_seconds=0.05),
        session_check_seconds=session_check_seconds,
        exchange=exchange,
    )
    ready = threading.Event()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with edge.running():
            ready.set()
            yield

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Starlette(routes=edge.routes(), lifespan=lifespan), log_level="warning", **uvicorn_options()
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert ready.wait(10)
        yield Served(edge=edge, bus=bus, town=town, port=listener.getsockname()[1])
    finally:
        edge.end_streams()
        server.should_exit = True
        thread.join(10)
        listener.close()
        assert not thread.is_alive()


async def hear(peer: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of this kind; whatever else comes before it is passed over."""
    async with asyncio.timeout(10):
        while True:
            message: dict[str, Any] = json.loads(await peer.recv())
            if message["kind"] == kind:
                return message


async def until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for something that other threads bring about."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
