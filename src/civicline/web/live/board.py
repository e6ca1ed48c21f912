"""`/live/board`: server-sent events for boards and wall screens. One way only; a wall has nothing to say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from civicline.web.live import origins
from civicline.web.live.hub import Connection
from civicline.web.live.socket import Receive, Send

if TYPE_CHECKING:
    from civicline.web.live.edge import LiveEdge

WALL_COOKIE = "wall"
HEARTBEAT_SECONDS = 10.0  # a board older than 15 s says so; one lost heartbeat is forgiven
MAX_DIGITS = 16  # a sequence stays below 2**53

_HEAD = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would hold events back
]


class BoardStream:
    """Serves boards, to staff who may see them and to wall screens with a token in their cookie."""

    def __init__(self, edge: LiveEdge) -> None:
        self._edge = edge
        self._open: dict[asyncio.Event, str] = {}

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """ASGI: one stream from request to end."""
        edge = self._edge
        cookies = origins.cookies(scope)
        session, token = cookies.get(edge.session_cookie, ""), cookies.get(WALL_COOKIE, "")
        if not await self._admits(session, token):
            await _answer(send, 403)
            return
        with edge.doorkeeper.admitted("board", origins.address(scope), session or token) as admitted:
            if admitted:
                await self._serve(scope, receive, send, session)
            else:
                await _answer(send, 429)

    async def _admits(self, session: str, token: str) -> bool:
        edge = self._edge
        if session:
            staff = await edge.ask(edge.doors.staff_of, session)
            if staff is not None and staff.sees_board:
                return True
        return bool(token) and await edge.ask(edge.doors.opens_wall, token)

    async def _serve(self, scope: dict[str, Any], receive: Receive, send: Send, session: str) -> None:
        edge = self._edge
        ended = asyncio.Event()

        async def event(text: str) -> None:
            body = f"id: {edge.hub.epoch}-{edge.hub.seq}\ndata: {text}\n\n".encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})

        connection = Connection(edge.hub, event)
        await send({"type": "http.response.start", "status": 200, "headers": _HEAD})
        edge.hub.add(connection, ["board"])
        self._open[ended] = session
        try:
            await event(edge.hub.own("welcome"))
            last, epoch = _last_heard(scope)
            edge.hub.catch_up(connection, last, epoch)
            await asyncio.gather(_until_gone(receive, ended), _beat(send, ended))
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (OSError, RuntimeError):
            pass  # the peer vanished in the middle of a send
        finally:
            self._open.pop(ended, None)
            edge.hub.remove(connection)

    async def check_sessions(self) -> None:
        """End the streams of staff who signed out since."""
        for ended, session in list(self._open.items()):
            if session and not await self._admits(session, ""):
                ended.set()

    def end_all(self) -> None:
        """End every stream: the server is about to stop and would wait for them."""
        for ended in list(self._open):
            ended.set()


async def _answer(send: Send, status: int) -> None:
    head = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _last_heard(scope: dict[str, Any]) -> tuple[int | None, str]:
    """The `Last-Event-ID` that a browser sends when it comes back: our epoch and the last sequence."""
    epoch, _, seq = origins.header(scope, b"last-event-id").partition("-")
    return (int(seq), epoch) if seq.isdecimal() and len(seq) < MAX_DIGITS else (None, "")


async def _until_gone(receive: Receive, ended: asyncio.Event) -> None:
    """Wait for the peer to leave, or for us to end the stream."""
    ending = asyncio.create_task(ended.wait())
    try:
        while not ended.is_set():
            hearing = asyncio.ensure_future(receive())
            await asyncio.wait({hearing, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not hearing.done():
                hearing.cancel()
                return
            if hearing.result()["type"] == "http.disconnect":
                ended.set()
    finally:
        ending.cancel()


async def _beat(send: Send, ended: asyncio.Event) -> None:
    """A comment line now and then: proxies keep the stream open, and a dead peer shows at the next write."""
    while not ended.is_set():
        try:
            await asyncio.wait_for(ended.wait(), HEARTBEAT_SECONDS)
        except TimeoutError:
            await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
