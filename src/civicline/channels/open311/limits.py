"""How often one address or one key may call, counted per minute in the shared cache (Redis when scaled)."""

from dataclasses import dataclass

import structlog
from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from civicline.channels.open311.errors import Fault, RefusalError
from civicline.kernel import clock

WINDOW_S = 60
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Allowance:
    """What is left in this minute. `reset` in seconds."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Return the RateLimit fields (draft-ietf-httpapi-ratelimit-headers, version 06)."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def spend(who: str, limit: int) -> Allowance:
    """Count one call of `who` in this minute; raises a 429 that says when to come back."""
    second = int(clock.now().timestamp())
    reset = WINDOW_S - second % WINDOW_S
    used = _count(f"open311:rate:{who}:{second // WINDOW_S}")
    if used > limit:
        fault = Fault(
            429,
            _("Too many requests: at most %(limit)s in a minute. Try again in %(seconds)s seconds.")
            % {"limit": limit, "seconds": reset},
        )
        raise RefusalError(fault, retry_after=reset)
    return Allowance(limit=limit, remaining=limit - used, reset=reset)


def _count(key: str) -> int:
    try:
        cache.add(key, 0, timeout=2 * WINDOW_S)
        return cache.incr(key)
    except ValueError:  # dropped between the two calls: a full cache forgets the oldest
        return 1
    except (RedisError, OSError):  # a counter that is away must not close the door to residents
        log.warning("open311.rate_not_counted")
        return 1
