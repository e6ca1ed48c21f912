"""Real parts for the tests: throw-away PostgreSQL and Redis, and Civicline itself as a process of its own.

Everything listens on free loopback ports, writes under a folder of its own, and is ended by its own process id.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.own_folders import own_folder

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[1]
POSTGRESQL_FOLDERS = [
    "/usr/lib/postgresql/15/bin",
    "/usr/lib/postgresql/16/bin",
    "/usr/lib/postgresql/17/bin",
]


class PartMissing(RuntimeError):
    """A real part is not installed here; the message says how to get it."""


def free_port() -> int:
    """Return a TCP port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    condition: Callable[[], T], *, seconds: float = 20.0, what: str = "it happens", every: float = 0.02
) -> T:
    """Return the first true value of `condition`; fail with `what` when `seconds` have passed."""
    pause = threading.Event()
    until = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds:g} s until {what}, in vain")
        pause.wait(every)
    return value


def _program(name: str, folders: list[str], package: str) -> str:
    for folder in folders:
        if (Path(folder) / name).exists():
            return str(Path(folder) / name)
    found = shutil.which(name)
    if not found:
        raise PartMissing(f"{name} is not installed here; on Debian: apt-get install {package}")
    return found


def _end(
    process: subprocess.Popen[bytes], first: signal.Signals = signal.SIGTERM, seconds: float = 10.0
) -> None:
    if process.poll() is None:
        process.send_signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    if process.poll() is None:
        process.kill()
        process.wait(seconds)


def answers(port: int) -> bool:
    """Whether anything accepts connections on the loopback port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False


@dataclass
class PostgreSQL:
    """A PostgreSQL of our own, durable (fsync on) as in real life. It refuses to run as root: then user postgres."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    launch: Callable[[], subprocess.Popen[bytes]]

    @classmethod
    def start(cls, inside: str | None = None) -> PostgreSQL:
        """Make a cluster in a fresh folder (`inside` another than the system's) and start it. Raises `PartMissing`."""
        initdb = _program("initdb", POSTGRESQL_FOLDERS, "postgresql-15")
        postgres = _program("postgres", POSTGRESQL_FOLDERS, "postgresql-15")
        folder = own_folder("pg", inside)
        user = None
        if os.getuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
            user = "postgres"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        environment["LC_ALL"] = "C.UTF-8"
        common: dict[str, Any] = {
            "user": user,
            "group": user,
            "extra_groups": [] if user else None,
            "cwd": "/",
            "env": environment,
        }
        data = folder / "data"
        making = [
            initdb,
            "-D",
            str(data),
            "-U",
            "civicline",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-instructions",
        ]
        done = subprocess.run(making, capture_output=True, text=True, check=False, **common)
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr}")
        port = free_port()
        options = [
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "max_connections=300",
            "-c",
            "shared_buffers=64MB",
        ]
        command = [postgres, "-D", str(data), "-p", str(port), "-k", str(folder), *options]

        def launch() -> subprocess.Popen[bytes]:
            with (folder / "log").open("ab") as log:
                return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **common)

        server = cls(folder, port, launch(), launch)
        wait_until(server._ready, what=f"PostgreSQL starts (log: {folder}/log)")
        return server

    def crash(self) -> None:
        """As `pg_ctl stop -m immediate`: every client is cut off, nothing is tidied; the next start recovers."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)

    def start_again(self) -> None:
        """Start it after a crash, and wait until it has recovered."""
        self.process = self.launch()
        wait_until(self._ready, what=f"PostgreSQL recovers (log: {self.folder}/log)")

    def _ready(self) -> bool:
        import psycopg

        if self.process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended at once: {(self.folder / 'log').read_text()[-800:]}")
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(self.url("postgres"), connect_timeout=2),
        ):
            return True
        return False

    def url(self, database: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://civicline@127.0.0.1:{self.port}/{database}"

    def make_database(self, name: str) -> str:
        """Make an empty database (a former one of that name is dropped) and return its address."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def stop(self) -> None:
        """End it and remove its folder."""
        _end(self.process, signal.SIGINT)  # "fast": disconnects clients
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Redis:
    """A Redis of our own that keeps nothing on disk."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, port: int | None = None) -> Redis:
        """Start it. Raises `PartMissing`."""
        program = _program("redis-server", ["/usr/bin"], "redis-server")
        folder = own_folder("redis")
        port = port or free_port()
        options = [
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(folder),
        ]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([program, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: answers(port), what="Redis starts")
        return cls(folder, port, process)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        """End it and remove its folder."""
        _end(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Civicline:
    """`civicline serve` as a process of its own, as in real life. `environment` holds CIVICLINE_ settings.

    `niceness`: how far it stands back for others on a busy machine, 0 to 19, as `nice` has it.
    """

    var: Path
    port: int = field(default_factory=free_port)
    role: str = "all"
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    niceness: int = 0

    @property
    def url(self) -> str:
        """Return the address of its pages, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """Return the file that holds all it printed."""
        return self.var / f"{self.role}-{self.port}.log"

    def settings(self) -> dict[str, str]:
        """Return the environment it runs in: this process's own, without the tests' settings."""
        inherited = {
            key: value for key, value in os.environ.items() if not key.startswith(("CIVICLINE_", "DJANGO_"))
        }
        return inherited | {"CIVICLINE_VAR": str(self.var), "PYTHONUNBUFFERED": "1"} | self.environment

    def start(self, *, wait: bool = True, seconds: float = 60.0) -> Civicline:
        """Start it (again), and wait until it says that it is ready. Nothing is left of a start that fails."""
        self.var.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "civicline", "serve", "--role", self.role, "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.settings(), cwd=self.var
            )
        if self.niceness:
            os.setpriority(os.PRIO_PROCESS, self.process.pid, self.niceness)
        if wait:
            try:
                wait_until(self.is_ready, seconds=seconds, what=f"{self.url} is ready")
            except BaseException:
                self.kill()
                raise
        return self

    def is_ready(self) -> bool:
        """Whether it serves pages, perhaps with a part down; raises when the process has ended."""
        if self.process is None or self.process.poll() is not None:
            raise AssertionError(f"civicline serve ended at once:\n{self.log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5) as answer:  # noqa: S310 -- our own
                return bool(json.load(answer)["status"] in {"ok", "degraded"})
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def health(self) -> dict[str, Any]:
        """What it says of itself: {"status": ..., "checks": {part: state}}."""
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=6) as answer:  # noqa: S310 -- our own
                told = json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                told = json.load(refused)
        return dict(told)

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run another civicline command with the same settings, such as `run("backup", "x.tar")`."""
        self.var.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "civicline", *arguments],
            env=self.settings(),
            cwd=self.var,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode:
            raise AssertionError(
                f"civicline {' '.join(arguments)} gave {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done

    def kill(self) -> None:
        """kill -9: nothing is told to it, nothing is tidied."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def stop(self, seconds: float = 10.0) -> int:
        """End it as Ctrl-C or systemd would, and return its exit code."""
        if self.process is None:
            return 0
        _end(self.process, signal.SIGTERM, seconds)
        return int(self.process.returncode)
