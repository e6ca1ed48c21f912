"""One WebSocket to Asterisk: events come in, requests go out (0.1-0.4 ms each, half of what HTTP takes).

    async with connect(address) as ari:
        await ari.request("POST", f"channels/{channel}/answer")
        async for event in ari: ...

Lost connections end the iteration; whoever uses it connects again and compares (see `control.role`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import structlog
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed, WebSocketException

from civicline.channels.voice.ari.messages import Event, event

LOG = structlog.get_logger(__name__)
PATIENCE_S: Final = 10.0
"""A request that takes longer has no answer any more, and the connection is given up."""
SILENCE_S: Final = 10.0


class AriGone(Exception):
    """Asterisk cannot be reached, or the connection was lost: what was asked may or may not have been done."""


class AriRefused(Exception):
    """Asterisk said no. `status`: HTTP; 404 means that what was meant is gone, as happens at any call."""

    def __init__(self, status: int, what: str, message: str) -> None:
        super().__init__(f"{what}: {status} {message}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Address:
    """Where ARI is and who we are there."""

    url: str
    user: str
    password: str
    app: str

    @property
    def socket(self) -> str:
        """The events' WebSocket. All events of our channels, and no others."""
        parts = urlsplit(self.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        query = urlencode({"app": self.app, "api_key": f"{self.user}:{self.password}"})
        return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/ari/events?{query}"


class Ari:
    """An open connection. Belongs to one event loop."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._answers: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._number = 0
        self._closed = False

    async def request(
        self, method: str, uri: str, body: Mapping[str, object] | None = None, /, **query: object
    ) -> Any:
        """Ask for something; return the decoded answer. Raises `AriRefused`, `AriGone`."""
        answer = await self.send(method, uri, body, **query)
        status = int(answer["status_code"])
        text = answer.get("message_body") or ""
        if status >= 400:
            raise AriRefused(status, f"{method} {uri}", text[:300])
        return json.loads(text) if text else None

    async def send(
        self, method: str, uri: str, body: Mapping[str, object] | None = None, /, **query: object
    ) -> Mapping[str, Any]:
        """As `request`, with the answer as it came."""
        if self._closed:
            raise AriGone("the connection to Asterisk is closed")
        self._number += 1
        number = str(self._number)
        told: dict[str, Any] = {
            "type": "RESTRequest", "transaction_id": number, "request_id": number, "method": method, "uri": uri,
            "query_strings": [{"name": k, "value": str(v)} for k, v in query.items() if v is not None],
        }  # fmt: skip
        if body is not None:
            told |= {"content_type": "application/json", "message_body": json.dumps(body)}
        answer: asyncio.Future[Mapping[str, Any]]
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send(json.dumps(told))
            async with asyncio.timeout(PATIENCE_S):
                return await answer
        except ConnectionClosed as error:
            raise AriGone(f"{method} {uri}: {type(error).__name__}") from error
        except TimeoutError as error:
            # Whether it was done, nobody knows. Whoever asked stops here, so the connection ends with it: the next one
            # begins with how things stand. Left open, this one call would be nobody's.
            LOG.warning("ari.no_answer", what=f"{method} {uri}")
            await self._socket.close()
            raise AriGone(f"{method} {uri}: no answer") from error
        finally:
            self._answers.pop(number, None)

    async def events(self) -> AsyncIterator[Event]:
        """What happens, in its order, until the connection is lost or closed."""
        while (told := await self._events.get()) is not None:
            yield told

    async def read(self) -> None:
        """Take in what comes, until the connection ends."""
        try:
            async for text in self._socket:
                self._take(json.loads(text))
        except ConnectionClosed as error:
            LOG.warning("ari.lost", reason=str(error))
        finally:
            self._closed = True
            self._events.put_nowait(None)
            for waiting in self._answers.values():
                if not waiting.done():
                    waiting.set_exception(AriGone("the connection to Asterisk was lost"))

    def _take(self, told: Mapping[str, Any]) -> None:
        if told.get("type") == "RESTResponse":
            waiting = self._answers.get(str(told.get("request_id")))
            if waiting is not None and not waiting.done():
                waiting.set_result(told)
            return
        known = event(told)
        if known is not None:
            self._events.put_nowait(known)


@asynccontextmanager
async def connect(address: Address) -> AsyncIterator[Ari]:
    """Connect. Raises `AriGone` when there is nobody, or we are not let in."""
    try:
        socket = await open_socket(
            address.socket, compression=None, max_size=None, open_timeout=5, close_timeout=1,
            ping_interval=SILENCE_S, ping_timeout=SILENCE_S, proxy=None,
        )  # fmt: skip
    except (OSError, WebSocketException, TimeoutError) as error:
        raise AriGone(f"{address.url}: {_why(error)}") from error
    ari = Ari(socket)
    reader = asyncio.create_task(ari.read())
    try:
        yield ari
    finally:
        await socket.close()
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


def _why(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    return f"answered {status}" if status else str(error) or type(error).__name__


def in_path(part: str) -> str:
    """An identifier as a part of a path."""
    return quote(part, safe="")
