"""References that residents are told: drawn from one counter, in an order nobody can guess."""

import secrets

from django.conf import settings

from civicline.engine import references
from civicline.kernel import counters


def _key() -> bytes:
    """The key of the permutation behind the references, drawn once in the life of an installation.

    It lives beside the counter, not in the configuration: with another key old and new references would collide.
    """
    return counters.drawn_once("reference.key", lambda: secrets.randbits(63)).to_bytes(8, "big")


def next_reference() -> str:
    """Take the next reference. Inside a write only; a number taken by a write that is undone is never reused."""
    number = counters.take("reference")
    return str(references.make(settings.CIVICLINE.town_reference_prefix, number, key=_key()))
