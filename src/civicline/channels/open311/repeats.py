"""How a report or an addition that is sent again is known again, also when both arrive at the same moment."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db import IntegrityError

from civicline.channels.open311.offers import CHANNEL
from civicline.channels.open311.submission import Submission
from civicline.channels.open311.updates import Update
from civicline.intake.selectors import was_received
from civicline.kernel import clock

REPEAT_WINDOW_S = 600
T = TypeVar("T")


def report_key(submission: Submission, key_holder_id: str) -> str | None:
    """Return the key by which intake knows a repeat: the app's own, else one from device and content.

    The second kind holds for ten minutes from the first report. It names the ten minutes of the clock in which that
    came, so two that arrive together agree on it; a repeat after those but within its own ten minutes finds the
    first one's key in the database, where it outlives any crash.
    """
    if submission.idempotency_key:
        return f"key:{_hash(key_holder_id, submission.idempotency_key)}"
    if not submission.reporter.device_id:
        return None
    fingerprint, now = submission.fingerprint(), clock.now()
    window = int(now.timestamp()) // REPEAT_WINDOW_S
    earlier = f"{fingerprint}:{window - 1}"
    since = now - timedelta(seconds=REPEAT_WINDOW_S)
    return earlier if was_received(CHANNEL, earlier, since=since) else f"{fingerprint}:{window}"


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
