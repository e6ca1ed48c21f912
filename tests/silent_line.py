"""A network between a browser and a server that can fall silent: nothing is closed, nothing arrives, nobody is told."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from typing import Any
from urllib.parse import urlsplit


class SilentLine:
    """Carries TCP from a free port of its own to `url`. Runs on a thread of its own until `close`."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="silent-line", daemon=True)
        self._thread.start()
        self._awake = asyncio.Event()
        self._generation = 0
        self._carrying: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server = self._do(self._open())
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def fall_silent(self) -> None:
        """From now on nothing passes; open connections stay as they are, and never pass anything again."""
        self._do(self._switch(on=False))

    def wake(self) -> None:
        """New connections work; the old ones stay dead: who says something on one is told so only then, by a reset."""
        self._do(self._switch(on=True))

    def close(self) -> None:
        """Close all connections and the port."""
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _open(self) -> asyncio.Server:
        self._awake.set()
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _switch(self, *, on: bool) -> None:
        if on:
            self._awake.set()
        else:
            self._awake.clear()
            self._generation += 1

    async def _close(self) -> None:
        self._server.close()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._awake.wait()
        born = self._generation
        far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        for one, own, other in ((reader, writer, far_writer), (far_reader, far_writer, writer)):
            task = asyncio.create_task(self._carry(one, own, other, born))
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

    async def _carry(
        self,
        source: asyncio.StreamReader,
        own: asyncio.StreamWriter,
        target: asyncio.StreamWriter,
        born: int,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                if born == self._generation:
                    target.write(data)
                    await target.drain()
                elif self._awake.is_set():
                    own.transport.abort()
                    return
            if born == self._generation:
                target.close()


@contextlib.contextmanager
def silent_line(url: str) -> Iterator[SilentLine]:
    """A line to `url` until the block ends."""
    line = SilentLine(url)
    try:
        yield line
    finally:
        line.close()
