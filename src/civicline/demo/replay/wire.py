"""HTTP/1.1 over kept connections, with as little as can be between a robot and the wire.

A general client costs a millisecond of processor time for each request; a thousand robots beside the server on a
small machine would then measure themselves. This one does what robots need, and no more: no redirects, no cookies,
no compression, whole bodies.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import httptools

ANSWER_SECONDS = 30.0
KEPT_SECONDS = 4.0
"""An idle connection is not used again after so long: servers close theirs, and a request must not meet that."""


class Headers(dict[str, str]):
    """Names in small letters; of what stands several times the last counts, but for cookies."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self.cookies = [value for name, value in pairs if name == "set-cookie"]


class Answer:
    """What the server answered."""

    def __init__(self, status_code: int, headers: Headers, content: bytes) -> None:
        self.status_code, self.headers, self.content = status_code, headers, content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.content)


class _Line(asyncio.Protocol):
    """One connection: a request at a time. The methods `on_...` are called by the parser."""

    def __init__(self) -> None:
        self.open = True
        self.rested = time.monotonic()
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 -- said to the type checker
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        self._fail(exc or ConnectionResetError("the server closed the connection"))

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send a request; the future holds its answer."""
        self._parser = httptools.HttpResponseParser(self)
        self._pairs: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._answered = asyncio.get_running_loop().create_future()
        if self._transport is None or not self.open:
            raise ConnectionResetError("the connection is closed")
        self._transport.write(request)
        return self._answered

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as broken:
            self._fail(ConnectionError(f"no HTTP: {broken}"))
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._pairs.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        answer = Answer(self._parser.get_status_code(), Headers(self._pairs), b"".join(self._body))
        if not self._parser.should_keep_alive():
            self.close()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(answer)

    def _fail(self, problem: Exception) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(problem)

    def close(self) -> None:
        """Close it; what is being waited for is lost."""
        self.open = False
        if self._transport is not None:
            self._transport.close()


class Wire:
    """The connections to one server, which all browsers share: at most `most` requests are under way at once."""

    def __init__(self, url: str, *, most: int) -> None:
        parts = urlsplit(url)
        self._host, self._secure = parts.hostname or "127.0.0.1", parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self._name = parts.netloc
        self._idle: deque[_Line] = deque()
        self._places = asyncio.Semaphore(most)

    async def send(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        """One request. Raises OSError (ConnectionError among them) and TimeoutError."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._name}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        request = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        async with self._places, asyncio.timeout(ANSWER_SECONDS):
            line = await self._line()
            try:
                answer = await line.ask(request)
            except BaseException:  # cancelled too: nobody will read this answer
                line.close()
                raise
            if line.open:
                line.rested = time.monotonic()
                self._idle.append(line)
            return answer

    async def _line(self) -> _Line:
        while self._idle:
            line = self._idle.pop()
            if line.open and time.monotonic() - line.rested < KEPT_SECONDS:
                return line
            line.close()
        secure = ssl.create_default_context() if self._secure else None
        loop = asyncio.get_running_loop()
        _transport, line = await loop.create_connection(_Line, self._host, self._port, ssl=secure)
        return line

    def close(self) -> None:
        """Close the connections that rest."""
        while self._idle:
            self._idle.pop().close()
