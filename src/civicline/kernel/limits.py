"""How often somebody may do something, counted in the shared cache (Redis when scaled) in windows of fixed length."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from civicline.kernel import clock
from civicline.kernel.errors import Refused

LOG = structlog.get_logger(__name__)


class Counted(NamedTuple):
    """What was done in this window, now included, and in how many seconds the next begins."""

    used: int
    reset: int


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in `seconds`."""

    name: str
    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left in a window of `seconds`; the next begins in `reset` seconds."""

    limit: int
    remaining: int
    reset: int
    seconds: int = 60

    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers-06, section 3."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f"{self.limit};w={self.seconds}",
        }


class TooOften(Refused):
    """Come back in `retry_after` seconds."""

    status = 429
    default_code = "too-often"
    default_text = _("That was too many tries from here in a short time. Nothing is lost.")

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(seconds=retry_after)


def count(what: str, who: str, *, seconds: int, away: int = 1) -> Counted:
    """Count one deed of `who`. `away` stands in while nothing can be counted: a counter must not close the door."""
    key, reset = _window(what, who, seconds)
    try:
        cache.add(key, 0, timeout=2 * seconds)
        return Counted(int(cache.incr(key)), reset)
    except ValueError:  # dropped between the two calls: a full cache forgets the oldest
        return Counted(1, reset)
    except (RedisError, OSError):
        LOG.warning("rate_not_counted", what=what)
        return Counted(away, reset)


def seen(what: str, who: str, *, seconds: int, away: int = 1) -> int:
    """How often it was counted in this window."""
    try:
        return int(cache.get(_window(what, who, seconds)[0]) or 0)
    except (RedisError, OSError):
        LOG.warning("rate_not_counted", what=what)
        return away


def spend(limit: Limit, who: str, *, door: str, refusal: type[TooOften] = TooOften) -> None:
    """Count one deed of `who` at this door. Raises `refusal` past the limit."""
    used, reset = count(f"{door}:{limit.name}", who, seconds=limit.seconds)
    if used > limit.most:
        raise refusal(reset)


def _window(what: str, who: str, seconds: int) -> tuple[str, int]:
    second = int(clock.now().timestamp())
    # Hashed: what somebody typed may be anything, and a cache key may not.
    mark = hashlib.sha256(who.encode("utf-8", "replace")).hexdigest()[:32]
    return f"{what}:{mark}:{second // seconds}", seconds - second % seconds
