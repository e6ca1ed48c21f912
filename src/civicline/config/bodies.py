"""Request bodies, read and measured before a page thread is given to them.

Page threads are few. A visitor on a slow line would hold one for as long as an upload lasts; so the body is taken
in here first, in memory up to 1 MB and in a temporary file above, and refused when it is too large or too slow.
"""

import asyncio
import io
import tempfile
from collections.abc import Awaitable, Callable
from typing import IO

from starlette.types import Receive, Scope, Send

from civicline.config.refused_bodies import refusal

PageApp = Callable[[Scope, IO[bytes], Send], Awaitable[None]]
IN_MEMORY = 1_000_000
SMALL = 16_384
QUIET_SECONDS = 20.0


class BodyRefusedError(Exception):
    """The request cannot be taken: the status to answer, and the words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class WholeBodies:
    """ASGI application: hands on requests whose body has arrived completely, of at most `limit` bytes."""

    def __init__(self, app: PageApp, *, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        # WSGI cannot tell X_Forwarded_For from X-Forwarded-For: names with underscores are never honest.
        scope["headers"] = [(name, value) for name, value in scope["headers"] if b"_" not in name]
        named = dict(scope["headers"])
        announced = named.get(b"content-length", b"")
        if scope["method"] in {"GET", "HEAD"} and not announced and b"transfer-encoding" not in named:
            await self.app(scope, io.BytesIO(), send)
            return
        try:
            if announced.isdigit() and int(announced) > self.limit:
                raise BodyRefusedError(413, f"The request is larger than {self.limit // 1_000_000} MB.")
            with _room_for(announced) as body:
                if await self._take_in(receive, body):
                    body.seek(0)
                    await self.app(scope, body, send)
        except BodyRefusedError as refused:
            await _refuse(scope, send, refused)

    async def _take_in(self, receive: Receive, body: IO[bytes]) -> bool:
        """Copy the body into `body`. False when the visitor left in the middle."""
        size = 0
        while True:
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    message = await receive()
            except TimeoutError:
                raise BodyRefusedError(408, "The rest of the request did not arrive in time.") from None
            if message["type"] == "http.disconnect":
                return False
            piece = message.get("body", b"")
            size += len(piece)
            if size > self.limit:
                raise BodyRefusedError(413, f"The request is larger than {self.limit // 1_000_000} MB.")
            body.write(piece)
            if not message.get("more_body", False):
                return True


def _room_for(announced: bytes) -> IO[bytes]:
    """Memory for a body that says that it is small, as forms are; else memory that becomes a file."""
    if announced.isdigit() and int(announced) <= SMALL:
        return io.BytesIO()
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)


async def _refuse(scope: Scope, send: Send, refused: BodyRefusedError) -> None:
    content_type, body = refusal(scope, refused.status, refused.words)
    head = [(b"content-type", content_type.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": refused.status, "headers": head})
    await send({"type": "http.response.body", "body": body})
