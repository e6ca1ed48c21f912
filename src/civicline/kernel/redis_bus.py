"""Hints between processes over Redis pub/sub.

All hints of an installation go over one channel, in small batches: a hint is about a hundred bytes, and one message
with fifty of them costs Redis and each process less than fifty subscriptions and messages. Publishers never wait: a
sender thread takes the hints from a bounded line, and drops the oldest when Redis is away.

Losses are told: when this process was cut off from Redis, everybody here hears "resync" once it is back; when hints of
this process could not be sent, the next parcel makes everybody everywhere hear it. Each process sends an empty parcel
at least every `HEARTBEAT` seconds and hears its own, so a connection that died without a word is noticed too.
"""

import json
import logging
import threading
import time
from collections import deque
from typing import Any, cast

import redis

from civicline.kernel import bus, metrics
from civicline.kernel.leases import new_holder

CHANNEL = "civicline:hints"
LINE_LENGTH = 10_000
BATCH = 500
TIMEOUT = 3.0
HEARTBEAT, SILENCE = 4.0, 12.0
LONGEST_PAUSE = 5.0

logger = logging.getLogger(__name__)


class RedisWire:
    """Carries hints of `hub` to and from Redis at `url`. Starts two threads; `close()` ends them."""

    def __init__(self, url: str, hub: bus.Hub | None = None, *, channel: str = CHANNEL) -> None:
        self._hub = hub or bus.hub
        self._channel, self._me = channel, new_holder()
        self._redis = redis.Redis.from_url(
            url,
            max_connections=10,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            health_check_interval=15,
        )
        self._line: deque[bus.Message] = deque(maxlen=LINE_LENGTH)
        self._lossy = False
        self._filled = threading.Event()
        self._stop = threading.Event()
        self.connected = threading.Event()
        self._threads = [
            threading.Thread(target=run, name=f"redis-bus-{name}", daemon=True)
            for name, run in (("send", self._send_all), ("hear", self._hear_all))
        ]
        for thread in self._threads:
            thread.start()

    def send(self, message: bus.Message) -> None:
        if len(self._line) >= LINE_LENGTH:
            self._lossy = True
            metrics.bus_errors.labels("dropped").inc()
        self._line.append(message)
        self._filled.set()

    def close(self) -> None:
        self._stop.set()
        self._filled.set()
        for thread in self._threads:
            thread.join(timeout=2 * TIMEOUT)
        self._redis.close()

    def _send_all(self) -> None:
        failures = 0
        while not self._stop.is_set():
            self._filled.wait(HEARTBEAT)
            self._filled.clear()
            more = True
            while more and not self._stop.is_set():
                if self._send_some():
                    failures = 0
                    more = bool(self._line)
                else:
                    failures += 1
                    self._stop.wait(_pause(failures))

    def _send_some(self) -> bool:
        """Send one parcel, empty when there is nothing to tell."""
        some = [self._line.popleft() for _ in range(min(BATCH, len(self._line)))]
        # The same hint twice in one parcel is one hint.
        lines = list(dict.fromkeys(json.dumps(message, default=str) for message in some))
        lossy, self._lossy = self._lossy, False
        head = json.dumps({"from": self._me, "resync": lossy})
        try:
            self._redis.publish(self._channel, f'{head[:-1]}, "hints": [{", ".join(lines)}]}}')
        except redis.RedisError as error:
            self._lossy = lossy or bool(some)
            metrics.bus_errors.labels("publish").inc(len(some))
            logger.warning("%d hints were lost: Redis does not answer (%s)", len(some), type(error).__name__)
            return False
        return True

    def _hear_all(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                self._hear_while_connected(back=failures > 0)
            except (redis.RedisError, OSError) as error:
                # A connection that had worked starts the pauses anew.
                failures = 1 if self.connected.is_set() else failures + 1
                self.connected.clear()
                metrics.bus_errors.labels("subscribe").inc()
                logger.warning("Redis is away (%s)", type(error).__name__)
                self._stop.wait(_pause(failures))

    def _hear_while_connected(self, *, back: bool) -> None:
        with self._redis.pubsub() as ears:  # type: ignore[no-untyped-call]  # untyped in redis-py
            ears.subscribe(self._channel)
            heard_at = time.monotonic()
            while not self._stop.is_set():
                message = cast("dict[str, Any] | None", ears.get_message(timeout=0.3))
                if message is None:
                    if time.monotonic() - heard_at > SILENCE:
                        raise redis.ConnectionError("not even our own heartbeat comes back")
                    continue
                heard_at = time.monotonic()
                if message["type"] == "subscribe":
                    self.connected.set()
                    if back:
                        logger.warning("Redis is back: all parts read the truth again")
                        self._hub.resync()
                elif message["type"] == "message":
                    self._hear(message["data"])

    def _hear(self, data: bytes) -> None:
        try:
            parcel = json.loads(data)
            if parcel["from"] == self._me:
                return
            hints = [dict(hint) for hint in parcel["hints"]]
            lossy = bool(parcel["resync"])
        except (ValueError, KeyError, TypeError):
            metrics.bus_errors.labels("parse").inc()
            logger.warning("Something that is no hint came over Redis")
            return
        if lossy:
            self._hub.resync()
        for hint in hints:
            self._hub.deliver(hint)


def _pause(failures: int) -> float:
    return min(LONGEST_PAUSE, 0.1 * 2.0 ** min(failures, 10))


def connect(url: str) -> RedisWire:
    """Join the bus of this process to Redis."""
    wire = RedisWire(url)
    bus.hub.connect(wire)
    return wire
