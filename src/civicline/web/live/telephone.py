"""`/live/telephone/<ticket>`: SIP over WebSocket (RFC 7118) between a browser's telephone and the exchange.

Nothing of the exchange is reachable from outside: this door looks at Origin, ticket and each frame, and passes frames
on in both directions. Each side waits for the other, so neither can fill our memory.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import structlog
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from civicline.channels.voice.sip_frames import Frames
from civicline.channels.voice.tickets import AGENT, Ticket
from civicline.kernel import clock
from civicline.web.live import origins, protocol
from civicline.web.live.limits import Limits, Pace
from civicline.web.live.socket import Receive, Send, Socket

if TYPE_CHECKING:
    from civicline.web.live.edge import LiveEdge

LOG = structlog.get_logger(__name__)
SIP: Final = Subprotocol("sip")
PACE: Final = Limits(burst=60, per_second=8.0)
"""Frames: a call takes ten to begin and four to end, and keys go with the sound."""
FROM_EXCHANGE: Final = 65_536
IN_HAND: Final = 16
"""Frames of the exchange that wait for a slow browser; then the exchange itself waits."""
OPEN_S: Final = 5.0
SILENCE_S: Final = 20.0
KEEP_S: Final = 30.0
SIGNED_OUT_S: Final = 1.0
"""Whoever has signed out does not come back. As long as their page sends sound they talk on, and nobody ends that."""
BACK_S: Final = 15.0
"""How long a browser that is gone without a word may stay away: then its calls end. It tries again for long before."""
STILL_HERE: Final = "\r\n"
"""Answers a browser that asks whether we are there (RFC 5626, 4.4.1)."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the door asks the house; all of it may block.

    `socket`: where the exchange takes SIP. `admits`: ticket and session -> who comes in, None for nobody. `keeps` and
    `leaves`: a guest still uses their line, or has left it. `misses`: whoever came in with this ticket has stayed
    away since that moment; returns whether it was told, for they may be back in another process.
    """

    socket: str
    admits: Callable[[str, str], Ticket | None]
    keeps: Callable[[Ticket], None]
    leaves: Callable[[Ticket], None]
    misses: Callable[[Ticket, datetime], bool]


class TelephoneSocket:
    """Serves the telephones of agents and guests."""

    def __init__(self, edge: LiveEdge, exchange: Exchange) -> None:
        self._edge = edge
        self._exchange = exchange
        self.back_s = BACK_S
        self._open: dict[Socket, tuple[str, Ticket]] = {}
        self._away: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """ASGI: one connection from handshake to end."""
        edge = self._edge
        socket = Socket(receive, send)
        if not origins.is_own(scope, edge.allowed_hosts) or SIP not in scope.get("subprotocols", ()):
            await socket.refuse()
            return
        await socket.accept(SIP)
        session = origins.cookies(scope).get(edge.session_cookie, "")
        text = scope["path_params"]["ticket"]
        ticket = await edge.ask(self._exchange.admits, text, session)
        if ticket is None:
            await socket.close(protocol.SIGNED_OUT)
            return
        address = origins.address(scope)
        with edge.doorkeeper.admitted("telephone", address, f"telephone {ticket.user}") as admitted:
            if not admitted:
                await socket.close(protocol.TOO_MANY)
                return
            self._open[socket] = (session, ticket)
            try:
                await self._serve(socket, ticket)
            finally:
                self._open.pop(socket, None)
                if socket.lost is not None:
                    self._wait_for(ticket, self.back_s)
                await edge.ask(self._exchange.leaves, ticket)

    async def _serve(self, socket: Socket, ticket: Ticket) -> None:
        """Bring both together; ends when one of them has ended."""
        try:
            async with open_socket(
                self._exchange.socket, subprotocols=[SIP], compression=None, max_size=FROM_EXCHANGE,
                max_queue=IN_HAND, open_timeout=OPEN_S, close_timeout=1, ping_interval=SILENCE_S,
                ping_timeout=SILENCE_S, proxy=None,
            ) as exchange:  # fmt: skip
                await _first_of(
                    self._to_exchange(socket, exchange, Frames(ticket)),
                    _to_browser(exchange, socket),
                    self._keep(ticket),
                )
        except (OSError, WebSocketException, TimeoutError) as gone:
            LOG.warning("telephone.exchange_away", why=type(gone).__name__)
        # Whoever is still here hears that it was not their fault: the exchange is away, come back in a moment.
        await socket.close(protocol.EXCHANGE_AWAY)

    def _wait_for(self, ticket: Ticket, seconds: float) -> None:
        """A browser is gone: a lost network comes back, a killed browser does not."""
        task = asyncio.create_task(self._miss(ticket, clock.now(), seconds))
        self._away.add(task)
        task.add_done_callback(self._away.discard)

    async def _miss(self, ticket: Ticket, lost_at: datetime, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if any(one.user == ticket.user and one.holder == ticket.holder for _, one in self._open.values()):
            return
        try:
            if await self._edge.ask(self._exchange.misses, ticket, lost_at):
                LOG.info("telephone.stayed_away", user=ticket.user)
        except Exception:
            # The exchange finds them by itself, later.
            LOG.exception("telephone.not_missed")

    def stop(self) -> None:
        """This process ends: whoever is away comes back through another, or is found by the exchange."""
        for task in self._away:
            task.cancel()

    async def _to_exchange(self, socket: Socket, exchange: ClientConnection, frames: Frames) -> None:
        pace = Pace(PACE)
        while (text := await socket.hear()) is not None:
            if not pace.allows():
                await socket.close(protocol.TOO_MANY)
                return
            if text and not text.strip("\r\n"):
                await socket.send(STILL_HERE)
                continue
            if not text or not frames.allows(text):
                await socket.close(protocol.MALFORMED)
                return
            await exchange.send(text)

    async def _keep(self, ticket: Ticket) -> None:
        while True:
            await asyncio.sleep(KEEP_S)
            try:
                await self._edge.ask(self._exchange.keeps, ticket)
            except Exception:
                # A cache that is away for a minute must not end a call.
                LOG.exception("telephone.line_not_kept")

    async def check_sessions(self) -> None:
        """Close the telephones of agents who signed out since."""
        for socket, (session, ticket) in list(self._open.items()):
            if ticket.kind != AGENT:
                continue
            staff = await self._edge.ask(self._edge.doors.staff_of, session)
            if staff is None or staff.user_id != ticket.who:
                await socket.close(protocol.SIGNED_OUT)
                self._wait_for(ticket, SIGNED_OUT_S)


async def _to_browser(exchange: ClientConnection, socket: Socket) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for frame in exchange:
            await socket.send(frame if isinstance(frame, str) else frame.decode("utf-8", "replace"))


async def _first_of(*ways: Any) -> None:
    """Run all until the first has ended, then end the others. Raises what the first one raised."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
