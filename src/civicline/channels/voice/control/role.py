"""The voice role of a process: one is active by lease, the others stand by; killed and started at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import structlog
import uvloop
from django.db import connections

from civicline.channels.voice import at_door
from civicline.channels.voice.ari.client import Address, Ari, AriGone, AriRefused, connect, in_path
from civicline.channels.voice.ari.messages import TYPES, Replaced
from civicline.channels.voice.control import place
from civicline.channels.voice.control.ledger import Ledger
from civicline.channels.voice.control.switchboard import CONTACT, Switchboard
from civicline.channels.voice.control.waiting import keep_company
from civicline.kernel import bus
from civicline.kernel.errors import Unavailable
from civicline.kernel.leases import Lease

if TYPE_CHECKING:
    from civicline.config.options import Configuration

R = TypeVar("R")
LOG = structlog.get_logger(__name__)
LEASE: Final = "voice"
LEASE_S: Final = 3.0
RENEW_S: Final = 1.0
STANDBY_S: Final = 0.5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0


class VoiceRole:
    """Drives the exchange at `address`. `run` is a thread of the crew; inside, one event loop does the work."""

    def __init__(self, conf: Configuration, address: Address, holder: str | None = None) -> None:
        self._conf = conf
        self._address = address
        here = place.of(conf)
        self._lease = Lease(LEASE, holder or place.new_holder(here), LEASE_S, partial(place.courtesy, here))
        # A lease belongs to one thread.
        self._lease_thread = ThreadPoolExecutor(1, thread_name_prefix="voice-lease")

    def run(self, stop: threading.Event) -> None:
        """Stand by until the lease is ours, then drive the exchange until it is lost or `stop` is set."""
        # The server's own kind of loop: a request to the exchange and a step of the rows cost it a third less.
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._run(stop))

    async def _run(self, stop: threading.Event) -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        watcher = threading.Thread(
            target=_pass_on, args=(stop, loop, stopped), name="voice-stop", daemon=True
        )
        watcher.start()
        rows = Ledger()
        try:
            while not stopped.is_set():
                if await self._of_lease(self._lease.acquire) is None:
                    await _pause(stopped, STANDBY_S)
                    continue
                LOG.info("voice.active", fence=self._lease.fence)
                await self._be_active(rows, stopped)
        finally:
            with contextlib.suppress(Unavailable):
                await self._of_lease(self._lease.release)
            rows.close()
            self._lease_thread.submit(connections.close_all)
            self._lease_thread.shutdown(wait=False)

    async def _of_lease(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._lease_thread, work)

    async def _be_active(self, rows: Ledger, stopped: asyncio.Event) -> None:
        """Drive until the lease is lost or the process stops."""
        over = asyncio.Event()
        tasks = [
            asyncio.create_task(self._keep_lease(over)),
            asyncio.create_task(_set_with(stopped, over)),
        ]
        try:
            await self._drive(rows, over)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_lease(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await asyncio.sleep(RENEW_S)
            try:
                kept = await self._of_lease(self._lease.renew)
            except Unavailable:
                kept = self._lease.held
            if not kept:
                LOG.warning("voice.lease_lost")
                over.set()

    async def _drive(self, rows: Ledger, over: asyncio.Event) -> None:
        """Connect, compare, follow; and again after each loss, with a pause that grows."""
        pause, silent = FIRST_PAUSE_S, False
        while not over.is_set():
            try:
                async with connect(self._address) as ari:
                    LOG.info("voice.connected", url=self._address.url)
                    pause, silent = FIRST_PAUSE_S, False
                    await self._serve(ari, rows, over)
            except (AriGone, AriRefused) as error:
                if not silent:
                    LOG.warning("voice.exchange_away", why=str(error))
                silent = True
            except Unavailable as error:
                LOG.warning("voice.rows_away", reason=error.code)
            await _pause(over, pause)
            pause = min(LONGEST_PAUSE_S, pause * 2)

    async def _serve(self, ari: Ari, rows: Ledger, over: asyncio.Event) -> None:
        await _hear_only_what_is_understood(ari, self._address.app)
        board = Switchboard(ari, rows, self._conf, self._address.app)
        hints = bus.subscribe_prefix([CONTACT, at_door.TOPIC], board.hear)
        tasks: list[asyncio.Task[None]] = []
        try:
            # What happens meanwhile waits in the connection: an event is never about a call we do not know yet.
            await board.reconcile()
            tasks = [
                asyncio.create_task(one)
                for one in (
                    self._listen(ari, board),
                    _until(over),
                    board.tell_presence(),
                    board.take_messages(),
                    board.owed.keep(),
                    keep_company(board),
                )
            ]
            await asyncio.wait(tasks[:2], return_when=asyncio.FIRST_COMPLETED)
        finally:
            hints.close()
            board.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, ari: Ari, board: Switchboard) -> None:
        async for event in ari.events():
            if isinstance(event, Replaced):
                LOG.warning("voice.replaced")
                return
            board.take(event)


async def _hear_only_what_is_understood(ari: Ari, app: str) -> None:
    """Half of what Asterisk tells of a call are its variables: not sent, they need not be read."""
    try:
        await ari.request(
            "PUT", f"applications/{in_path(app)}/eventFilter", {"allowed": [{"type": one} for one in TYPES]}
        )
    except AriRefused as refused:
        LOG.info("voice.hears_everything", why=str(refused))


def _pass_on(stop: threading.Event, loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    stop.wait()
    with contextlib.suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(stopped.set)


async def _until(event: asyncio.Event) -> None:
    await event.wait()


async def _set_with(first: asyncio.Event, second: asyncio.Event) -> None:
    await first.wait()
    second.set()


async def _pause(event: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until the event is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
