"""How often one visitor or one chat may do what costs something, counted in the shared cache (Redis when scaled)."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from civicline.kernel import clock
from civicline.kernel.errors import Refused

LOG = structlog.get_logger(__name__)


class TooOften(Refused):
    """Come back in `retry_after` seconds."""

    status = 429
    default_code = "too-often"

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            _("That was very fast. Wait %(seconds)s seconds, then send it again. What you wrote is kept."),
            seconds=retry_after,
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in `seconds`."""

    name: str
    most: int
    seconds: int


STARTS = Limit("start", 30, 600)  # from one address: a library or a school has many people behind one
MESSAGES = Limit("say", 40, 60)  # in one chat
FILES = Limit("file", 20, 600)  # in one chat
READS = Limit("read", 240, 60)  # in one chat: several tabs that follow every hint
TRIES = Limit("try", 60, 600)  # from one address, with a wrong secret


def address_of(request: HttpRequest) -> str:
    """Return where the visitor is; the server has resolved trusted proxies."""
    return str(request.META.get("REMOTE_ADDR", ""))


def spend(limit: Limit, who: object) -> None:
    """Count one deed. Raises `TooOften` past the limit."""
    second = int(clock.now().timestamp())
    window = second // limit.seconds
    if _counted(f"chat:{limit.name}:{who}:{window}", 2 * limit.seconds) > limit.most:
        raise TooOften(limit.seconds - second % limit.seconds)


def _counted(key: str, seconds: int) -> int:
    try:
        cache.add(key, 0, timeout=seconds)
        return cache.incr(key)
    except ValueError:  # dropped between the two calls: a full cache forgets the oldest
        return 1
    except (RedisError, OSError):  # a counter that is away must not close the door to residents
        LOG.warning("chat_rate_not_counted")
        return 1
