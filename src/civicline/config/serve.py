"""One process of Civicline: the server, its threads, a clean beginning and a clean end."""

import contextlib
import errno
import fcntl
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import structlog
import uvicorn
from django.conf import settings
from starlette.types import ASGIApp

from civicline.config import crew as crews
from civicline.config.crew import Crew
from civicline.config.ending import Ending
from civicline.config.options import Configuration

LOG = structlog.get_logger(__name__)
DEMO_BEGUN = "demo.begun"
ROLES = ("all", "web", "dispatch", "work", "voice")
STOP_SECONDS = 1.8  # people wait two seconds for Ctrl-C; a request that hangs does not make them wait longer


class CannotServeError(Exception):
    """Why this process cannot start, in one sentence with the remedy."""


@dataclass(frozen=True)
class Listener:
    """A bound socket and the address people can type."""

    socket: socket.socket
    url: str


def listen(host: str, port: int) -> Listener:
    """Bind the address. Raises `CannotServeError` when that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise CannotServeError(_why_not(error, host, port)) from error
    bound.listen(2048)
    bound.set_inheritable(True)
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 -- a name to show
    return Listener(bound, f"http://{shown}:{bound.getsockname()[1]}")


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is busy: end the program that uses it, or choose another: serve --port {port + 1}"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for the administrator; choose one above 1023, or put a proxy before Civicline."
    return (
        f"{host} is no address of this machine ({error.strerror}); use 127.0.0.1, or 0.0.0.0 for all of them."
    )


@contextlib.contextmanager
def running_mark(var: Path) -> Iterator[None]:
    """Hold a shared lock in the var folder, so that `civicline restore` can tell that something runs."""
    with _lock_file(var) as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def is_running(var: Path) -> bool:
    """Whether any process serves from this var folder."""
    with _lock_file(var) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


@contextlib.contextmanager
def _lock_file(var: Path) -> Iterator[IO[str]]:
    try:
        var.mkdir(parents=True, exist_ok=True)
        file = (var / "running").open("a")
    except OSError as error:
        raise CannotServeError(
            f"The folder {var} cannot be used ({error.strerror}): give this account the right to write there, "
            "or name another one with CIVICLINE_VAR."
        ) from error
    with file:
        yield file


class Server(uvicorn.Server):
    """uvicorn, which also ends what has no end of its own (boards' streams) when it is told to stop."""

    def __init__(self, config: uvicorn.Config, ending: Ending) -> None:
        super().__init__(config)
        self._ending = ending

    def handle_exit(self, sig: int, frame: Any) -> None:
        """React to Ctrl-C and SIGTERM. Not uvicorn's own way: that raises the signal again after a clean end."""
        if not self.should_exit:
            self._ending.tell()
        self.should_exit = True


def serve(conf: Configuration, role: str, listener: Listener | None) -> None:
    """Run one process until it is told to stop; returns within two seconds after that."""
    from civicline.config import wiring

    _join_the_bus(conf)
    wiring.personal_data()
    crew = Crew(wiring.threads(role))
    crews.put_in_charge(crew)
    ending = Ending(STOP_SECONDS)
    ending.do(crew.ask_to_stop)
    with running_mark(conf.var):
        crew.start()
        LOG.info("civicline.started", role=role, url=listener.url if listener else "", pid=os.getpid())
        try:
            if listener is None:
                _wait_for_signal(ending)
            else:
                _run_server(conf, role, listener, ending)
        finally:
            crew.ask_to_stop()
            late = crew.wait(STOP_SECONDS)
            if late:
                LOG.warning("civicline.stopped_late", threads=late)
            LOG.info("civicline.stopped", role=role)


def _join_the_bus(conf: Configuration) -> None:
    if conf.redis_url:
        from civicline.kernel import bus
        from civicline.kernel.redis_bus import RedisWire

        bus.hub.connect(RedisWire(conf.redis_url))


def _run_server(conf: Configuration, role: str, listener: Listener, ending: Ending) -> None:
    from civicline.web.live import uvicorn_options

    app: ASGIApp
    if role in {"all", "web"}:
        from civicline.config.asgi import application

        app, edge = application()
        ending.do(edge.end_streams)
    else:
        from civicline.config.vitals import vitals

        app = vitals()
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        lifespan="on",
        proxy_headers=bool(conf.trusted_proxies),
        forwarded_allow_ips=",".join(conf.trusted_proxies),
        server_header=False,
        timeout_keep_alive=20,
        **uvicorn_options(),
    )
    Server(config, ending).run(sockets=[listener.socket])


def _wait_for_signal(ending: Ending) -> None:
    import signal

    told = threading.Event()
    ending.do(told.set)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.tell())
    told.wait()


def first_start(conf: Configuration, role: str) -> bool:
    """Lay the database out, and put the demo town into an empty one. Returns whether anything was done.

    Raises `CannotServeError` when the database cannot be used as it is.
    """
    from civicline.config import schema

    trouble = schema.problem_with_connection()
    if trouble:
        raise CannotServeError(trouble)
    now = schema.layout()
    if now.unknown:
        app, name = min(now.unknown)
        raise CannotServeError(
            f"The database was written by a newer Civicline (it has {app} {name}); install that version, "
            "or restore a backup from before."
        )
    if not now.is_current and role != "all":
        raise CannotServeError(
            "The database is not laid out for this version; run `civicline migrate` first."
        )
    if not now.is_current:
        schema.bring_up_to_date()
    seeded = role == "all" and conf.wants_demo and _make_demo_town()
    return seeded or not now.is_current


def _make_demo_town() -> bool:
    """Seed the demo town where nobody works yet, or where seeding it was interrupted. Returns whether it did."""
    from django.contrib.auth import get_user_model

    from civicline.kernel import counters
    from civicline.kernel.db import writes

    if counters.peek(DEMO_BEGUN) is None and get_user_model().objects.exists():
        return False
    from civicline.demo import town

    if town.is_seeded():
        return False
    writes(counters.take)(DEMO_BEGUN)
    town.seed()
    return True


def addresses(base: str) -> list[tuple[str, str]]:
    """Return what is where, for the people who start it."""
    base = settings.CIVICLINE.public_url or base
    by_telephone = [("Call the town", f"{base}/call/")] if settings.CIVICLINE.voice_guests else []
    return [
        ("Residents", f"{base}/"),
        ("Chat", f"{base}/chat/"),
        *by_telephone,
        ("Agents' desk", f"{base}/desk/"),
        ("Supervisor", f"{base}/supervisor/"),
        ("Wall board", f"{base}/board/"),
        ("Administrator", f"{base}/admin/"),
        ("Open311", f"{base}/open311/v2/discovery.json"),
        ("API", f"{base}/api/v1/openapi.json"),
    ]
