"""How a report or an addition that is sent again is known again, also when both arrive at the same moment."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.core.cache import cache
from django.db import IntegrityError
from redis.exceptions import RedisError

from civicline.channels.open311.submission import Submission
from civicline.channels.open311.updates import Update
from civicline.kernel import clock

REPEAT_WINDOW_S = 600
T = TypeVar("T")
log = structlog.get_logger(__name__)


def report_key(submission: Submission, key_holder_id: str) -> str | None:
    """Return the key by which intake knows a repeat: the app's own, else one from device and content.

    The second kind lives for ten minutes from the first report: the cache remembers when that was, and should it
    forget (a restart), a repeat within the same ten minutes of the clock still finds the same key.
    """
    if submission.idempotency_key:
        return f"key:{_hash(key_holder_id, submission.idempotency_key)}"
    if not submission.reporter.device_id:
        return None
    fingerprint = submission.fingerprint()
    fresh = f"{fingerprint}:{int(clock.now().timestamp()) // REPEAT_WINDOW_S}"
    try:
        known = cache.get_or_set(f"open311:repeat:{fingerprint}", fresh, timeout=REPEAT_WINDOW_S)
    except (RedisError, OSError):
        log.warning("open311.repeat_not_remembered")
        return fresh
    return str(known or fresh)


def update_key(update: Update, key_holder_id: str) -> str | None:
    """Return the key of an addition: the app's own number of it on this request, None when it gave none."""
    if not update.external_id:
        return None
    return f"update:{_hash(key_holder_id, update.service_request_id, update.external_id)}"


def settled(write: Callable[[], T]) -> T:
    """Run `write`, once more when another writer stored the same key first: then it is there to be found."""
    try:
        return write()
    except IntegrityError:
        return write()


def _hash(*parts: str) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()
