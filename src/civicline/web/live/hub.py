"""The hub: who in this process listens to what, and the fan-out of hints to them.

A hint may be lost between processes; a client that may have missed one is told to `resync`, that is to fetch anew. So
the hub promises one thing: whoever was connected for the whole time, or came back with a `seq` of this epoch that the
ring still covers, has been offered every hint of their topics; everyone else hears `resync`.
"""

from __future__ import annotations

import asyncio
import functools
import secrets
import threading
import types
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping
from typing import Any, Final

from civicline.kernel import bus
from civicline.web.live import protocol

QUEUE_LIMIT: Final = 64  # hints that may wait for one slow reader; then it gets one resync instead
PUMP_AT_ONCE: Final = 100  # sends in one turn of the loop, about 5 ms
GATHERED: Final = 256  # so many hints that nobody listens to may wait to be kept
RING_SIZE: Final = 4_096  # the latest hints, for clients that come back after a short cut

SendText = Callable[[str], Coroutine[Any, Any, None]]


class _Resync:
    """Stands in a queue for a resync, whose `seq` is only known when it is sent."""


RESYNC: Final = _Resync()


class Connection:
    """One listener. It has no task of its own while its peer reads: that keeps it small and a broadcast fast."""

    __slots__ = ("_hub", "_pending", "_send", "_task", "_waits", "closed", "topics")

    def __init__(self, hub: Hub, send: SendText) -> None:
        self._hub = hub
        self._send = send
        self._pending: deque[str | _Resync] | None = None
        self._task: asyncio.Task[None] | None = None
        self._waits = False  # for its turn in the hub's pump
        self.topics: set[str] = set()
        self.closed = False

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be sent."""
        return self._pending is None

    def offer(self, text: str) -> None:
        """Queue one hint. A reader that is `QUEUE_LIMIT` behind gets one resync in place of all that waits."""
        if self.closed:
            return
        pending = self._pending
        if pending is None:
            pending = self._pending = deque()
        elif pending and pending[0] is RESYNC:
            return  # what happens before the resync is read is covered by it
        if len(pending) >= self._hub.queue_limit:
            self._hub.overflows += 1
            self.resync()
            return
        pending.append(text)
        self._wake()

    def resync(self) -> None:
        """Tell the client to fetch anew, and forget what waited."""
        if self.closed:
            return
        self._pending = deque([RESYNC])
        self._wake()

    def _wake(self) -> None:
        if self._task is None and not self._waits:
            self._waits = True
            self._hub.pump(self)

    def start(self) -> None:
        """Send what waits, at once as far as the peer's buffer takes it, the rest in a task."""
        self._waits = False
        drain = self._drain()
        try:
            blocked = drain.send(None)
        except StopIteration:
            return  # the usual case: all was written without waiting
        self._task = asyncio.get_running_loop().create_task(_resumed(drain, blocked))

    async def _drain(self) -> None:
        try:
            while self._pending:
                item = self._pending.popleft()
                await self._send(self._hub.own("resync") if isinstance(item, _Resync) else item)
        except (OSError, RuntimeError):
            # The peer left between two sends; its own receive loop tidies up.
            self.closed = True
        finally:
            self._task = None
            self._pending = None

    def close(self) -> None:
        """Stop sending. What waits is dropped: nobody is there to read it."""
        self.closed = True
        self._pending = None
        if self._task is not None:
            self._task.cancel()


@types.coroutine
def _resumed(begun: Coroutine[Any, Any, None], blocked: Any) -> Generator[Any, Any, None]:
    """Go on, inside a task, with a coroutine that was begun outside of one and waits for `blocked`.

    A task for each send of a broadcast to 5,000 would cost more than the sends, and the objects it makes would
    bring on full garbage collections of half a second.
    """
    while True:
        try:
            yield blocked
        except BaseException as error:
            step = functools.partial(begun.throw, error)
        else:
            step = functools.partial(begun.send, None)
        try:
            blocked = step()
        except StopIteration:
            return


class Hub:
    """Topics and their listeners in this process. `hear` is for any thread, all else for the loop's own."""

    def __init__(self, *, queue_limit: int = QUEUE_LIMIT, ring_size: int = RING_SIZE) -> None:
        self.epoch = secrets.token_hex(4)  # a `seq` means something only with the process run that gave it
        self.seq = 0
        self.queue_limit = queue_limit
        self.overflows = 0
        self.connections: set[Connection] = set()
        self._listeners: dict[str, set[Connection]] = {}
        self._ring: deque[tuple[int, str, str]] = deque(maxlen=ring_size)
        self._inbox: deque[Mapping[str, Any]] = deque()
        self._guard = threading.Lock()
        self._scheduled = False
        self._ready: deque[Connection] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Deliver on `loop` from now on."""
        self._loop = loop

    def hear(self, message: Mapping[str, Any]) -> None:
        """Take one bus message, from any thread. Many that come at once cost the loop one wake-up.

        What nobody here listens to wakes it only when much has gathered: it is kept for those who come back.
        """
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        with self._guard:
            self._inbox.append(message)
            if self._scheduled or not self._is_awaited(message.get("topic")):
                return
            self._scheduled = True
        try:
            loop.call_soon_threadsafe(self._flush)
        except RuntimeError:  # the loop closed between the check and the call: the process is ending
            self._scheduled = False

    def _is_awaited(self, topic: Any) -> bool:
        return topic in self._listeners or topic == bus.RESYNC or len(self._inbox) >= GATHERED

    def call_soon(self, act: Callable[[], None]) -> None:
        """Run something on the loop's thread, from any other; nothing happens when the loop has ended."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)

    def _flush(self) -> None:
        with self._guard:
            self._scheduled = False
        self._take()

    def _take(self) -> None:
        """Spread what has gathered, on the loop's thread."""
        with self._guard:
            messages, self._inbox = self._inbox, deque()
        for message in messages:
            if message.get("topic") == bus.RESYNC:
                self.resync_all()
            else:
                self.spread(message)

    def spread(self, message: Mapping[str, Any]) -> None:
        """Give a hint its number and offer it to all who listen to its topic."""
        topic = str(message.get("topic", ""))
        fleeting = message.get("kind") in protocol.FLEETING
        listeners = self._listeners.get(topic)
        if fleeting and not listeners:
            return
        self.seq += 1
        text = protocol.hint(message, self.seq)
        if not fleeting:
            self._ring.append((self.seq, topic, text))
        for connection in listeners or ():
            connection.offer(text)

    def resync_all(self) -> None:
        """Hints may have been lost between processes: everyone fetches anew."""
        self.seq += 1
        self._ring.clear()
        for connection in self.connections:
            connection.resync()

    def pump(self, connection: Connection) -> None:
        """Let a connection send in its turn."""
        self._ready.append(connection)
        if len(self._ready) == 1:
            asyncio.get_running_loop().call_soon(self._pump)

    def _pump(self) -> None:
        """Let some send, then give the loop to others: a broadcast to all must not hold up an offer to one."""
        for _ in range(min(PUMP_AT_ONCE, len(self._ready))):
            self._ready.popleft().start()
        if self._ready:
            asyncio.get_running_loop().call_soon(self._pump)

    def own(self, kind: str) -> str:
        """A message of the edge itself, as text."""
        return protocol.own(kind, self.epoch, self.seq)

    def add(self, connection: Connection, topics: Iterable[str] = ()) -> None:
        """Begin to offer hints of `topics` to a connection."""
        self.connections.add(connection)
        for topic in topics:
            self.watch(connection, topic)

    def remove(self, connection: Connection) -> None:
        """Forget a connection."""
        connection.close()
        self.connections.discard(connection)
        for topic in list(connection.topics):
            self.unwatch(connection, topic)

    def watch(self, connection: Connection, topic: str) -> None:
        """Add one topic to what a connection hears."""
        connection.topics.add(topic)
        self._take()  # what was before is for `catch_up`
        with self._guard:
            self._listeners.setdefault(topic, set()).add(connection)
            late = bool(self._inbox) and not self._scheduled  # it came since, and woke nobody
            self._scheduled = self._scheduled or late
        if late:
            asyncio.get_running_loop().call_soon(self._flush)

    def unwatch(self, connection: Connection, topic: str) -> None:
        """Take one topic away."""
        connection.topics.discard(topic)
        listeners = self._listeners.get(topic)
        if listeners is not None:
            listeners.discard(connection)
            if not listeners:
                with self._guard:
                    del self._listeners[topic]

    def listeners(self, topic: str) -> int:
        """How many connections of this process hear a topic."""
        return len(self._listeners.get(topic, ()))

    def catch_up(self, connection: Connection, last: int | None, epoch: str) -> None:
        """Offer what a returning client missed, or a resync where that can not be known."""
        self._take()
        oldest = self._ring[0][0] if self._ring else self.seq + 1
        covered = last is not None and epoch == self.epoch and oldest - 1 <= last <= self.seq
        if not covered or last is None:
            connection.resync()
            return
        missed = [text for seq, topic, text in self._ring if seq > last and topic in connection.topics]
        if len(missed) > self.queue_limit:
            connection.resync()
            return
        for text in missed:
            connection.offer(text)
