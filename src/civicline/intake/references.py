"""References that residents are told: drawn from one counter, in an order nobody can guess."""

import secrets
from collections import deque

from django.conf import settings

from civicline.engine import references
from civicline.kernel import counters, rows
from civicline.kernel.connection import here
from civicline.kernel.db import after_commit

BLOCK = 32  # as in the migration that made the sequence
_kept: dict[str, bytes] = {}
_blocks: dict[str, deque[int]] = {}


def _key() -> bytes:
    """The key of the permutation behind the references, drawn once in the life of an installation.

    It lives beside the counter, not in the configuration: with another key old and new references would collide.
    A process keeps it once it is durable; kept earlier, it might be one that was undone.
    """
    database = str(here().settings_dict["NAME"])
    if database in _kept:
        return _kept[database]
    key = counters.drawn_once("reference.key", lambda: secrets.randbits(63)).to_bytes(8, "big")
    after_commit(lambda: _kept.update({database: key}))
    return key


def next_reference() -> str:
    """Take the next reference. Inside a write only. References that are not used leave gaps, which nobody can see."""
    number = _next_of_block() if here().vendor == "postgresql" else counters.take("reference")
    return str(references.make(settings.CIVICLINE.town_reference_prefix, number, key=_key()))


def _next_of_block() -> int:
    """On PostgreSQL: a counter's row would make every intake wait for the commit of the one before.

    The sequence gives out blocks of numbers, outside of any transaction; the process keeps what is left of its own.
    """
    numbers = _blocks.setdefault(str(here().settings_dict["NAME"]), deque())
    while True:
        try:
            return numbers.popleft()
        except IndexError:
            first = int(rows.first_row("SELECT nextval('intake_reference')", [], whole=True)[0]) * BLOCK + 1
            numbers.extend(range(first, first + BLOCK))
