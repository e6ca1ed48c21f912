"""The cache that all processes share, for a day on which Redis is gone: then each process keeps its own for a while.

Sessions stand in the database and rate limits go on in each process alone, so nothing that a page needs is lost. A
Redis that did not answer is not asked again for some seconds: pages must not wait for its time-out one after another.
"""

import time
from typing import Any

import redis
import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

LOG = structlog.get_logger(__name__)
AGAIN_SECONDS = 5.0
GONE = (redis.ConnectionError, redis.TimeoutError, OSError)
# Django makes a cache object for each thread and request: what Redis last said is known to all of them.
_of_this_process = {"ask again": 0.0}


class SharedCache(RedisCache):
    """Redis; while it is gone, this process' own memory."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._own = LocMemCache("civicline-without-redis", {**params, "OPTIONS": {"MAX_ENTRIES": 20_000}})

    def _carried(self, name: str, *given: Any, **named: Any) -> Any:
        if time.monotonic() >= _of_this_process["ask again"]:
            try:
                return getattr(super(), name)(*given, **named)
            except GONE as gone:
                _of_this_process["ask again"] = time.monotonic() + AGAIN_SECONDS
                LOG.warning("cache.without_redis", error=type(gone).__name__)
        return getattr(self._own, name)(*given, **named)

    def add(self, *given: Any, **named: Any) -> Any:
        return self._carried("add", *given, **named)

    def get(self, *given: Any, **named: Any) -> Any:
        return self._carried("get", *given, **named)

    def set(self, *given: Any, **named: Any) -> Any:
        return self._carried("set", *given, **named)

    def touch(self, *given: Any, **named: Any) -> Any:
        return self._carried("touch", *given, **named)

    def delete(self, *given: Any, **named: Any) -> Any:
        return self._carried("delete", *given, **named)

    def get_many(self, *given: Any, **named: Any) -> Any:
        return self._carried("get_many", *given, **named)

    def set_many(self, *given: Any, **named: Any) -> Any:
        return self._carried("set_many", *given, **named)

    def delete_many(self, *given: Any, **named: Any) -> Any:
        return self._carried("delete_many", *given, **named)

    def has_key(self, *given: Any, **named: Any) -> Any:
        return self._carried("has_key", *given, **named)

    def incr(self, *given: Any, **named: Any) -> Any:
        return self._carried("incr", *given, **named)

    def clear(self) -> Any:
        return self._carried("clear")
