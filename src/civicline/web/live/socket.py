"""One WebSocket, spoken in plain ASGI: a task, a queue that is mostly absent, and nothing else per connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from civicline.web.live import protocol
from civicline.web.live.limits import Limits, Pace

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Socket:
    """The server's end of one WebSocket."""

    __slots__ = ("_receive", "_send", "closed", "lost")

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self.closed = False
        self.lost: int | None = None
        """The code with which it ended, where it was not we who ended it."""

    async def accept(self, subprotocol: str | None = None) -> None:
        """Complete the handshake."""
        await self._receive()  # "websocket.connect"
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol})

    async def refuse(self) -> None:
        """Answer the handshake with 403: this page may not open a socket here at all."""
        await self._receive()
        await self._send({"type": "websocket.close", "code": protocol.FORBIDDEN})

    async def send(self, text: str) -> None:
        """Send one text. Raises OSError when the peer is gone."""
        try:
            await self._send({"type": "websocket.send", "text": text})
        except OSError:
            if not self.closed:
                self.lost = protocol.NO_STATUS
            raise

    async def close(self, code: int) -> None:
        """End the connection with a code that tells the client what to do next."""
        if self.closed:
            return
        self.closed = True
        try:
            await self._send({"type": "websocket.close", "code": code})
        except (OSError, RuntimeError):
            return  # it was gone already

    async def hear(self) -> str | None:
        """The next text of the client, or None at its end."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            if not self.closed:
                self.lost = int(message.get("code") or protocol.NO_STATUS)
            self.closed = True
            return None
        text = message.get("text")
        return text if isinstance(text, str) else ""

    async def hear_within(self, seconds: float) -> str | None:
        """Like `hear`; None too when nothing came in time."""
        try:
            return await asyncio.wait_for(self.hear(), seconds)
        except TimeoutError:
            return None

    async def said(self, limits: Limits) -> AsyncIterator[protocol.Said]:
        """What the client says until it leaves. Ends the connection of one that babbles or speaks nonsense."""
        pace = Pace(limits)
        while not self.closed:
            text = await self.hear()
            if text is None:
                return
            if not pace.allows():
                await self.close(protocol.TOO_MANY)
                return
            try:
                yield protocol.parse(text)
            except protocol.Malformed:
                await self.close(protocol.MALFORMED)
                return
