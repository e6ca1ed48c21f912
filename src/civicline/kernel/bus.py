"""Hints between the parts: "something about this changed, read it again". Never content, never a promise.

Within a process a hint reaches its subscribers at once, on the publisher's thread; between processes it goes by
Redis pub/sub when that is configured (see `kernel.redis_bus`). Hints may be lost or come twice; the database is the
truth, and whoever was cut off gets one "resync" hint to read it again.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from civicline.kernel import db, metrics

Message = dict[str, Any]
Callback = Callable[[Message], None]

RESYNC = "resync"
logger = logging.getLogger(__name__)


class Wire(Protocol):
    """What carries hints to other processes."""

    def send(self, message: Message) -> None:
        """Takes the message and returns at once; never raises."""

    def close(self) -> None: ...


class Subscription:
    """Ends with `close()`, after which no new call of the callback begins. Also a context manager."""

    def __init__(
        self, hub: "Hub", topics: frozenset[str], prefixes: tuple[str, ...], callback: Callback
    ) -> None:
        self._hub = hub
        self.topics, self.prefixes, self.callback = topics, prefixes, callback

    def close(self) -> None:
        self._hub.remove(self)

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Hub:
    """The subscribers of one process. Thread-safe; callbacks run outside of its lock and have to be quick."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_topic: dict[str, tuple[Subscription, ...]] = {}
        self._by_prefix: tuple[tuple[str, Subscription], ...] = ()
        self._wire: Wire | None = None

    def connect(self, wire: Wire | None) -> None:
        """Send what is published here to other processes too, by `wire`; None disconnects."""
        with self._lock:
            before, self._wire = self._wire, wire
        if before is not None:
            before.close()

    def add(self, topics: Iterable[str], prefixes: Iterable[str], callback: Callback) -> Subscription:
        subscription = Subscription(self, frozenset(topics), tuple(prefixes), callback)
        with self._lock:
            for topic in subscription.topics:
                self._by_topic[topic] = (*self._by_topic.get(topic, ()), subscription)
            self._by_prefix += tuple((prefix, subscription) for prefix in subscription.prefixes)
        return subscription

    def remove(self, subscription: Subscription) -> None:
        with self._lock:
            for topic in subscription.topics:
                left = tuple(one for one in self._by_topic.get(topic, ()) if one is not subscription)
                if left:
                    self._by_topic[topic] = left
                else:
                    self._by_topic.pop(topic, None)
            self._by_prefix = tuple(pair for pair in self._by_prefix if pair[1] is not subscription)

    def topics(self) -> frozenset[str]:
        """What is listened to here: topics and prefixes."""
        with self._lock:
            return frozenset(self._by_topic) | frozenset(prefix for prefix, _ in self._by_prefix)

    def send(self, message: Message) -> None:
        """Tell subscribers here and in other processes."""
        self.deliver(message)
        wire = self._wire
        if wire is not None:
            wire.send(message)

    def deliver(self, message: Message) -> None:
        """Tell subscribers of this process only."""
        topic = str(message.get("topic", ""))
        hearers = self._by_topic.get(topic, ())
        if self._by_prefix:
            # One subscription may match by topic and by several prefixes: it hears once.
            near = (one for prefix, one in self._by_prefix if topic.startswith(prefix))
            hearers = tuple(dict.fromkeys((*hearers, *near)))
        _tell(hearers, message)

    def resync(self) -> None:
        """Tell every subscriber of this process that hints may have been lost."""
        with self._lock:
            all_of_them = [*(one for many in self._by_topic.values() for one in many)]
            all_of_them += [one for _, one in self._by_prefix]
        _tell(dict.fromkeys(all_of_them), {"topic": RESYNC})


def _tell(hearers: Iterable[Subscription], message: Message) -> None:
    for hearer in hearers:
        try:
            hearer.callback(message)
        except Exception:
            metrics.bus_errors.labels("callback").inc()
            logger.exception("A subscriber failed on a hint of %s", message.get("topic"))


hub = Hub()


def publish(topic: str, message: Mapping[str, Any] | None = None) -> None:
    """Hint that `topic` changed: after commit when called inside a write, at once otherwise. Never raises."""
    whole: Message = {"topic": topic, **(message or {})}
    if db.in_write():
        db.after_commit(lambda: hub.send(whole))
    else:
        hub.send(whole)


def subscribe(topics: str | Iterable[str], callback: Callback) -> Subscription:
    """Call `callback(message)` for hints of these topics, and with {"topic": "resync"} after a loss."""
    return hub.add((topics,) if isinstance(topics, str) else topics, (), callback)


def subscribe_prefix(prefixes: str | Iterable[str], callback: Callback) -> Subscription:
    """The same for all topics that begin so, such as "agent:"."""
    return hub.add((), (prefixes,) if isinstance(prefixes, str) else prefixes, callback)
