"""The embedded Asterisk as a process: started, watched, adopted after a crash of ours, ended with us.

It is a session of its own: a `kill -9` of Civicline leaves it, and the calls in it, alone. The next Civicline finds
it by its process id and its configuration, and goes on with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from civicline.channels.voice.asterisk import configuration, passwords
from civicline.channels.voice.asterisk.endpoints import PhoneLine
from civicline.channels.voice.asterisk.installation import Installation, obtain
from civicline.kernel import bus

if TYPE_CHECKING:
    from civicline.config.options import Configuration

LOG = structlog.get_logger(__name__)
LOOK_S: Final = 0.5
END_S: Final = 1.5
PHONES_S: Final = 5.0
RELOADS: Final = (
    "module reload res_pjsip.so", "module reload res_rtp_asterisk.so", "dialplan reload", "module reload app_queue.so",
)  # fmt: skip
PHONES: Final = "voice-phones"
"""Topic: somebody got, lost or changed a telephone."""


class AsteriskEnded(Exception):
    """The Asterisk that ran has ended by itself; whoever runs this starts it again."""


class EmbeddedAsterisk:
    """Keeps one Asterisk running for this installation; `phones` tells the telephones of the people."""

    def __init__(self, conf: Configuration, phones: Callable[[], Sequence[PhoneLine]]) -> None:
        self._conf = conf
        self._phones = phones
        self._folder = conf.voice_folder
        self._changed = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self, stop: threading.Event) -> None:
        """Run until `stop`. Raises `NoAsterisk` when there is none to run, `AsteriskEnded` when it went down."""
        with self._alone(stop) as ours, bus.subscribe(PHONES, lambda _: self._changed.set()):
            if not ours:
                return
            found = obtain(named=self._conf.voice_asterisk, cache=self._conf.voice_cache)
            changed = self._write(found)
            pid = running(self._folder)
            if pid is None:
                pid = self._start(found)
            elif changed:
                self._reload(found)
            LOG.info("asterisk.runs", pid=pid, version=found.version)
            self._watch(pid, found, stop)

    def _watch(self, pid: int, found: Installation, stop: threading.Event) -> None:
        next_look = 0.0
        while not stop.wait(LOOK_S):
            if self._changed.is_set() or time.monotonic() > next_look:
                # Hints may be lost, and a command beside us gives none: the rows are looked at anyway.
                self._changed.clear()
                next_look = time.monotonic() + PHONES_S
                if self._write(found):
                    self._reload(found)
            if self._child is not None:
                self._child.poll()
            if not alive(pid, self._folder):
                raise AsteriskEnded(f"see {self._folder / 'log'}")
        end(pid, self._folder)

    def _write(self, found: Installation) -> bool:
        secret = passwords.of(self._conf)
        return configuration.write(self._conf, found, self._phones(), secret)

    def _start(self, found: Installation) -> int:
        with (self._folder / "log/console.log").open("ab") as log:
            self._child = subprocess.Popen(  # noqa: S603 -- the program that was found
                [*found.command, "-C", str(self._folder / "etc/asterisk.conf"), "-f"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder, start_new_session=True,
            )  # fmt: skip
        (self._folder / "run/started").write_text(str(self._child.pid))
        return self._child.pid

    def _reload(self, found: Installation) -> None:
        for order in RELOADS:
            console(found, self._folder, order)

    @contextmanager
    def _alone(self, stop: threading.Event) -> Iterator[bool]:
        """Whether this process looks after the Asterisk; waits while another does."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "owner").open("w") as lock:
            while not stop.is_set():
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    yield True
                    return
                stop.wait(LOOK_S)
            yield False


def console(found: Installation, folder: Path, order: str) -> str:
    """Give a running Asterisk an order of its console; return its answer."""
    command = [*found.command, "-C", str(folder / "etc/asterisk.conf"), "-rx", order]
    done = subprocess.run(command, capture_output=True, text=True, timeout=15, check=False)  # noqa: S603
    return done.stdout


def running(folder: Path) -> int | None:
    """The process id of the Asterisk that runs with this folder's configuration, None when there is none."""
    try:
        pid = int((folder / "run/started").read_text())
    except (OSError, ValueError):
        return None
    return pid if alive(pid, folder) else None


def alive(pid: int, folder: Path) -> bool:
    """Whether this process is an Asterisk with this folder's configuration, and not what got its number later."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return os.fsencode(str(folder / "etc/asterisk.conf")) in words


def end(pid: int, folder: Path) -> None:
    """End it: kindly, then by force."""
    for number, seconds in ((signal.SIGTERM, END_S), (signal.SIGKILL, END_S)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + seconds
        while alive(pid, folder) and time.monotonic() < until:
            threading.Event().wait(0.05)
        if not alive(pid, folder):
            return
