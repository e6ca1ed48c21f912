"""Identifiers and secrets."""

import hashlib
import os
import secrets
import threading
import time
import uuid

SECRET_BYTES = 24  # 192 bits: beyond guessing, and 32 characters in a link
DRAWN = 512  # random bytes fetched at once for the tails of ids
_lock = threading.Lock()
_last = 0
_random = b""
_used = 0


def _forget() -> None:
    """In a process that was forked off: what is left was its parent's to use."""
    global _random, _used
    _random, _used = b"", 0


os.register_at_fork(after_in_child=_forget)


def new_id() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then a count, then 62 random bits.

    Within one process ids strictly grow, also when the wall clock is set back (method 3 of RFC 9562, section
    6.2: the 12 bits after the version hold the fraction of the millisecond). Between processes they are only
    about in order, which keeps index pages warm; nothing may rely on more.
    """
    global _last, _random, _used  # noqa: PLW0603 -- what makes ids grow within the process
    stamp = (time.time_ns() << 12) // 1_000_000
    with _lock:
        stamp = _last = stamp if stamp > _last else _last + 1
        if _used >= len(_random):
            # Asked for one id at a time, the system's randomness would have every thread wait for its turn again.
            _random, _used = os.urandom(DRAWN), 0
        tail = int.from_bytes(_random[_used : _used + 8], "big") & 0x3FFF_FFFF_FFFF_FFFF
        _used += 8
    return uuid.UUID(int=(stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | tail)


def read(text: str) -> uuid.UUID | None:
    """An id that somebody sent, from a form or an address; None for what is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def new_secret() -> str:
    """A secret that opens one thing, 192 bits, safe in a URL. Store only its hash."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """SHA-256 of a secret in hex. Enough for long random secrets; passwords need argon2."""
    return hashlib.sha256(secret.encode()).hexdigest()
