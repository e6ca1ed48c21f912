"""References that residents are told: drawn from one counter, in an order nobody can guess."""

import secrets

from django.conf import settings
from django.db import connection

from civicline.engine import references
from civicline.kernel import counters
from civicline.kernel.db import after_commit

_kept: dict[str, bytes] = {}


def _key() -> bytes:
    """The key of the permutation behind the references, drawn once in the life of an installation.

    It lives beside the counter, not in the configuration: with another key old and new references would collide.
    A process keeps it once it is durable; kept earlier, it might be one that was undone.
    """
    database = str(connection.settings_dict["NAME"])
    if database in _kept:
        return _kept[database]
    key = counters.drawn_once("reference.key", lambda: secrets.randbits(63)).to_bytes(8, "big")
    after_commit(lambda: _kept.update({database: key}))
    return key


def next_reference() -> str:
    """Take the next reference. Inside a write only; a number taken by a write that is undone is never reused."""
    number = counters.take("reference")
    return str(references.make(settings.CIVICLINE.town_reference_prefix, number, key=_key()))
