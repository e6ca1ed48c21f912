"""Django's pages on threads that live long: an ASGI request becomes a WSGI one, answered by the next free thread.

The request's body is whole before it comes here (`config.bodies`), and a page is whole when it leaves its thread, so a
page costs one change of threads there and one back. Only files and long tables, which Django streams, go out in
pieces; each piece waits until the visitor's line has taken the one before.

The next page goes to the thread that became free last: its database connection, its prepared statements and the
processor's caches are warm, and as many threads are awake as there are pages at once, not all in turns.
"""

import asyncio
import contextlib
import contextvars
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from functools import partial
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


class _Job:
    """One page to be made, and who waits for it on the loop's thread."""

    __slots__ = ("_answered", "_loop", "_make")

    def __init__(self, loop: asyncio.AbstractEventLoop, make: Callable[[], bytes | None]) -> None:
        self._loop, self._make = loop, make
        self._answered: asyncio.Future[bytes | None] = loop.create_future()

    def __await__(self) -> Generator[Any, None, bytes | None]:
        return self._answered.__await__()

    def run(self) -> None:
        """On a page's thread."""
        try:
            body = self._make()
        except BaseException as error:  # whatever it is, the server logs it and answers
            self._tell(None, error)
        else:
            self._tell(body, None)

    def _tell(self, body: bytes | None, error: BaseException | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed: the process is ending
            self._loop.call_soon_threadsafe(self._settle, body, error)

    def _settle(self, body: bytes | None, error: BaseException | None) -> None:
        if self._answered.done():  # nobody waits any more
            return
        if error is None:
            self._answered.set_result(body)
        else:
            self._answered.set_exception(error)


class _Thread:
    """One thread and the job that it is given; None ends it."""

    __slots__ = ("_given", "job")

    def __init__(self, number: int, work: "Callable[[_Thread], None]") -> None:
        self.job: _Job | None = None
        self._given = threading.Lock()
        self._given.acquire()
        threading.Thread(target=work, args=(self,), name=f"page_{number}", daemon=True).start()

    def give(self, job: _Job | None) -> None:
        self.job = job
        self._given.release()

    def wait(self) -> _Job | None:
        self._given.acquire()
        return self.job


class PageThreads:
    """Runs a WSGI application on at most `workers` threads, each with its own database connection."""

    def __init__(self, app: WsgiApp, *, workers: int) -> None:
        self.app, self._workers = app, workers
        self._guard = threading.Lock()
        self._begun = 0
        self._idle: list[_Thread] = []
        self._waiting: deque[_Job] = deque()
        self._ends = False

    @property
    def free(self) -> int:
        """How many threads have begun and have nothing to do."""
        return len(self._idle)

    async def __call__(self, scope: Scope, body: IO[bytes], send: Send) -> None:
        """Answer one HTTP request, `body` being all that it carries."""
        loop = asyncio.get_running_loop()
        environ = environment(scope, body)
        context = contextvars.copy_context()  # what a page binds to its log lines stays with it
        head = Head()
        job = _Job(loop, partial(context.run, self._answer, environ, head, _outlet(loop, send)))
        self._hand_out(job)
        piece = await job
        if piece is not None:
            await send(head.message())
            await send({"type": "http.response.body", "body": piece})

    def _hand_out(self, job: _Job) -> None:
        """Give a job to the thread that became free last, to a new one, or to whoever is free next."""
        with self._guard:
            if self._ends:
                raise RuntimeError("The pages have ended: the process is being stopped.")
            thread = self._idle.pop() if self._idle else None
            if thread is None and self._begun < self._workers:
                self._begun += 1
                thread = _Thread(self._begun, self._work)
            elif thread is None:
                self._waiting.append(job)
        if thread is not None:
            thread.give(job)

    def _work(self, thread: _Thread) -> None:
        while (job := thread.wait()) is not None:
            while job is not None:
                job.run()
                job = self._next(thread)

    def _next(self, thread: _Thread) -> _Job | None:
        """The job that waits longest; the thread is free when there is none."""
        with self._guard:
            if self._waiting:
                return self._waiting.popleft()
            self._idle.append(thread)
            ends = self._ends
        if ends:
            self.shutdown()
        return None

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
        with self._guard:
            self._ends = True
            free, self._idle = self._idle, []
            self._waiting.clear()
        for thread in free:
            thread.give(None)


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
