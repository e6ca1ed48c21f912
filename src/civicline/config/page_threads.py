"""Django's pages on threads that live long: an ASGI request becomes a WSGI one, answered by the next free thread.

The request's body is whole before it comes here (`config.bodies`), and a page is whole when it leaves its thread, so a
page costs one change of threads there and one back. Only files and long tables, which Django streams, go out in
pieces; each piece waits until the visitor's line has taken the one before.
"""

import asyncio
import contextvars
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, Any

from starlette.types import Scope, Send

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
PLAIN_NAMES = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


@dataclass(slots=True)
class Head:
    """Status and headers of an answer, as ASGI wants them."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] | None = None

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        """WSGI's start_response."""
        self.status = int(status.partition(" ")[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]

    def message(self) -> dict[str, Any]:
        """What begins the answer."""
        return {"type": "http.response.start", "status": self.status, "headers": self.headers or []}


class PageThreads:
    """Runs a WSGI application on `workers` threads, each with its own database connection."""

    def __init__(self, app: WsgiApp, *, workers: int) -> None:
        self.app = app
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="page")

    async def __call__(self, scope: Scope, body: IO[bytes], send: Send) -> None:
        """Answer one HTTP request, `body` being all that it carries."""
        loop = asyncio.get_running_loop()
        environ = environment(scope, body)
        context = contextvars.copy_context()  # what a page binds to its log lines stays with it
        head = Head()
        piece = await loop.run_in_executor(
            self._threads, context.run, self._answer, environ, head, _outlet(loop, send)
        )
        if piece is not None:
            await send(head.message())
            await send({"type": "http.response.body", "body": piece})

    def _answer(
        self, environ: dict[str, Any], head: Head, outlet: Callable[[dict[str, Any]], None]
    ) -> bytes | None:
        """The whole body; None when it was streamed and is sent already."""
        answer = self.app(environ, head.start)
        try:
            if not getattr(answer, "streaming", False):
                return b"".join(answer)
            outlet(head.message())
            for piece in answer:
                outlet({"type": "http.response.body", "body": piece, "more_body": True})
            outlet({"type": "http.response.body", "body": b""})
            return None
        finally:
            getattr(answer, "close", _nothing)()

    def shutdown(self) -> None:
        """Take no more requests; those that are being answered go on."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def environment(scope: Scope, body: IO[bytes]) -> dict[str, Any]:
    """The WSGI environment of an ASGI request. Its length is that of the body: a chunked request names none."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    made: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = PLAIN_NAMES.get(name) or "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        if key in made:
            text = f"{made[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}"
        made[key] = text
    made["CONTENT_LENGTH"] = str(body.seek(0, 2))
    body.seek(0)
    return made


def _outlet(loop: asyncio.AbstractEventLoop, send: Send) -> Callable[[dict[str, Any]], None]:
    """Send from a page's thread, and wait until it is sent."""

    def out(message: dict[str, Any]) -> None:
        asyncio.run_coroutine_threadsafe(_sent(send, message), loop).result()

    return out


async def _sent(send: Send, message: dict[str, Any]) -> None:
    await send(message)


def _nothing() -> None:
    """An answer that holds nothing open."""
