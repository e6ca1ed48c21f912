"""The live edge as one thing: its routes, its threads, and its beginning and end with the server's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol, TypeVar

import structlog
from starlette.routing import BaseRoute, Route, WebSocketRoute

from civicline.kernel import metrics
from civicline.web.live import line, protocol
from civicline.web.live.board import BoardStream
from civicline.web.live.chat import ChatSocket
from civicline.web.live.desk import DeskSocket
from civicline.web.live.doors import Doors
from civicline.web.live.hub import Hub
from civicline.web.live.limits import Doorkeeper, Limits
from civicline.web.live.memory import MemoryKeeper
from civicline.web.live.presence import PresenceKeeper
from civicline.web.live.telephone import Exchange, TelephoneSocket

PREFIXES: Final = ("agent:", "user:", "contact:", "case:", "board")
THREADS: Final = 4
SESSION_CHECK_SECONDS: Final = 60.0

LOG = structlog.get_logger(__name__)
T = TypeVar("T")


class Subscription(Protocol):
    """A standing request to the bus."""

    def close(self) -> None:
        """End it."""


class Bus(Protocol):
    """What the edge needs of `kernel.bus`."""

    def publish(self, topic: str, message: Mapping[str, Any]) -> None:
        """Tell everyone who listens to `topic`, in any process."""

    def subscribe_prefix(
        self, prefixes: Iterable[str], callback: Callable[[dict[str, Any]], None]
    ) -> Subscription:
        """Hear every topic that begins so."""


def uvicorn_options() -> dict[str, Any]:
    """How uvicorn must run for the edge to keep what `docs/subsystems/live-edge.md` promises.

    Pings every 5 s find a silent peer within 10 s. Compression costs more memory per connection than it saves on hints.
    """
    return {
        "ws": "websockets-sansio",
        "ws_max_size": protocol.MAX_MESSAGE_BYTES,
        "ws_ping_interval": 5.0,
        "ws_ping_timeout": 5.0,
        "ws_per_message_deflate": False,
        "timeout_graceful_shutdown": 1,
    }


class LiveEdge:
    """`/live/desk`, `/live/chat/<contact id>`, `/live/board` and `/live/telephone/<ticket>` of one process."""

    def __init__(
        self,
        *,
        doors: Doors,
        bus: Bus,
        allowed_hosts: Collection[str],
        origins: Collection[str] = (),
        session_cookie: str = "sessionid",
        limits: Limits | None = None,
        hub: Hub | None = None,
        presence: PresenceKeeper | None = None,
        session_check_seconds: float = SESSION_CHECK_SECONDS,
        exchange: Exchange | None = None,
    ) -> None:
        self.doors = doors
        self.bus = bus
        self.allowed_hosts = allowed_hosts
        self.origins = origins
        self.session_cookie = session_cookie
        self.limits = limits or Limits()
        self.hub = hub or Hub()
        self.line = line.LineWatch(self.hub)
        self.doorkeeper = Doorkeeper(self.limits, _show)
        self.presence = presence or PresenceKeeper(doors)
        self.session_check_seconds = session_check_seconds
        self.desk = DeskSocket(self)
        self.chat = ChatSocket(self)
        self.board = BoardStream(self)
        self.telephone = TelephoneSocket(self, exchange) if exchange is not None else None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="live")

    def routes(self) -> list[BaseRoute]:
        """What the outer Starlette application must serve before Django's pages."""
        telephone = (
            [WebSocketRoute("/live/telephone/{ticket}", self.telephone)] if self.telephone is not None else []
        )
        return [
            WebSocketRoute("/live/desk", self.desk),
            WebSocketRoute("/live/chat/{contact_id}", self.chat),
            Route("/live/board", self.board, methods=["GET"]),
            *telephone,
        ]

    async def ask(self, question: Callable[..., T], *given: Any) -> T:
        """Run one of the doors in the edge's own threads, for they may block on the database."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, question, *given)

    def tell(self, topic: str, message: Mapping[str, Any]) -> None:
        """Publish a hint without waiting: the bus may have to speak to Redis."""
        self._threads.submit(self.bus.publish, topic, dict(message))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve from here to the end of the block; goes into the outer application's lifespan."""
        loop = asyncio.get_running_loop()
        self.hub.start(loop)
        subscriptions = [
            self.bus.subscribe_prefix(PREFIXES, self.hub.hear),
            self.bus.subscribe_prefix((line.HEARD,), self.line.hear),
        ]
        tasks = [
            loop.create_task(self.presence.keep(self.ask), name="live-presence"),
            loop.create_task(self._check_sessions(), name="live-sessions"),
            loop.create_task(MemoryKeeper(lambda: len(self.hub.connections)).keep(), name="live-memory"),
        ]
        try:
            yield
        finally:
            for subscription in subscriptions:
                subscription.close()
            for task in tasks:
                task.cancel()
            if self.telephone is not None:
                self.telephone.stop()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._threads.shutdown(wait=False, cancel_futures=True)

    def end_streams(self) -> None:
        """End what has no end of its own, from any thread: a server that is told to stop would wait for it."""
        self.hub.call_soon(self.board.end_all)

    async def _check_sessions(self) -> None:
        """Close what belongs to people who signed out, lost their account or their role since they connected."""
        while True:
            await asyncio.sleep(self.session_check_seconds)
            try:
                await self.desk.check_sessions()
                await self.board.check_sessions()
                if self.telephone is not None:
                    await self.telephone.check_sessions()
            except Exception:
                # A database that is away for a minute must not end the checks for ever.
                LOG.exception("live_session_check_failed")


def _show(audience: str, count: int) -> None:
    metrics.live_connections.labels(audience).set(count)
