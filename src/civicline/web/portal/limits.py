"""How often one visitor may try what costs something or could be guessed, counted in the shared cache."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import structlog
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from civicline.kernel import clock
from civicline.kernel.errors import Refused

LOG = structlog.get_logger(__name__)


class TooOften(Refused):
    """Come back in `retry_after` seconds."""

    status = 429
    default_code = "too-often"
    default_text = _("That was too many tries from here in a short time. Nothing is lost.")

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in `seconds`."""

    name: str
    most: int
    seconds: int


LOOKS = Limit(
    "look", 60, 600
)  # look-ups of a reference from one address: a library has many people behind one
MISSES = Limit("miss", 10, 3600)  # wrong secrets for one reference, whether there is such a reference or not
LINKS = Limit("link", 60, 600)  # links with a secret, from one address
BEGINS = Limit("begin", 60, 3600)  # forms begun, from one address
SENDS = Limit("send", 30, 3600)  # forms sent, words added and judgements given, from one address
CALLS = Limit(
    "call", 20, 600
)  # lines asked for, from one address: each call takes one, a lost network another
LOOKS_IN = Limit(
    "look-in", 3000, 600
)  # looks of pages that call with a picture: each looks every second or two while it is on
SEARCHES = Limit("search", 120, 60)


def address_of(request: HttpRequest) -> str:
    """Where the visitor is; the server has resolved trusted proxies."""
    return str(request.META.get("REMOTE_ADDR", ""))


def spend(limit: Limit, who: str) -> None:
    """Count one deed of `who`. Raises `TooOften` past the limit."""
    second = int(clock.now().timestamp())
    # Hashed: what somebody typed as a reference may be anything, and a cache key may not.
    mark = hashlib.sha256(who.encode("utf-8", "replace")).hexdigest()[:32]
    if _counted(f"portal:{limit.name}:{mark}:{second // limit.seconds}", 2 * limit.seconds) > limit.most:
        raise TooOften(limit.seconds - second % limit.seconds)


def _counted(key: str, seconds: int) -> int:
    try:
        cache.add(key, 0, timeout=seconds)
        return cache.incr(key)
    except ValueError:  # dropped between the two calls: a full cache forgets the oldest
        return 1
    except (RedisError, OSError):  # a counter that is away must not close the door to residents
        LOG.warning("portal_rate_not_counted")
        return 1
