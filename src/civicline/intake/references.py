"""References that residents are told: drawn from one counter, in an order nobody can guess."""

import hashlib
import hmac
from functools import cache

from django.conf import settings

from civicline.engine import references
from civicline.kernel import counters


@cache
def _key(secret: str) -> bytes:
    """This installation's key for the permutation behind the references."""
    return hmac.digest(secret.encode(), b"civicline.references", hashlib.sha256)


def next_reference() -> str:
    """Take the next reference. Inside a write only; a number taken by a write that is undone is never reused."""
    number = counters.take("reference")
    key = _key(settings.CIVICLINE_REFERENCE_KEY)
    return str(references.make(settings.CIVICLINE_REFERENCE_PREFIX, number, key=key))
