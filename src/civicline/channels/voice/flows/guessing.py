"""A bound on guessing phone PINs, counted in the shared cache: by case and by caller.

A PIN has six digits. Five wrong ones an hour for one case are 120 a day: one in 8,000 days of trying opens it.
When the counter is away nothing is opened by PIN: people help then.
"""

from __future__ import annotations

import hashlib

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from civicline.kernel import clock

LOG = structlog.get_logger(__name__)
WINDOW_S = 3600
WRONG_FOR_CASE = 5
WRONG_FROM_CALLER = 10
WRONG_FROM_WITHHELD = 60
LOOKS_FROM_CALLER = 40
LOOKS_FROM_WITHHELD = 400


def may_look(caller: str) -> bool:
    """Count one look at a reference; False past the limit of the hour."""
    return _count("look", caller) <= (LOOKS_FROM_CALLER if caller else LOOKS_FROM_WITHHELD)


def may_try(caller: str, keys: str) -> bool:
    """Whether a PIN may be tried from this number for what was typed as a reference."""
    most = WRONG_FROM_CALLER if caller else WRONG_FROM_WITHHELD
    return _seen("caller", caller) < most and _seen("case", keys) < WRONG_FOR_CASE


def was_wrong(caller: str, keys: str) -> None:
    """Count a wrong PIN."""
    _count("caller", caller)
    _count("case", keys)


def _key(kind: str, who: str) -> str:
    mark = hashlib.sha256(who.encode()).hexdigest()[:32]
    return f"callflow:{kind}:{mark}:{int(clock.now().timestamp()) // WINDOW_S}"


def _count(kind: str, who: str) -> int:
    try:
        cache.add(_key(kind, who), 0, timeout=2 * WINDOW_S)
        return int(cache.incr(_key(kind, who)))
    except ValueError:  # dropped between the two calls: a full cache forgets the oldest
        return 1
    except (RedisError, OSError):
        LOG.warning("callflow_guesses_not_counted")
        return 1_000_000


def _seen(kind: str, who: str) -> int:
    try:
        return int(cache.get(_key(kind, who)) or 0)
    except (RedisError, OSError):
        LOG.warning("callflow_guesses_not_counted")
        return 1_000_000
