"""Identifiers and secrets."""

import hashlib
import os
import secrets
import threading
import time
import uuid

SECRET_BYTES = 24  # 192 bits: beyond guessing, and 32 characters in a link
_lock = threading.Lock()
_last = 0


def new_id() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then a count, then 62 random bits.

    Within one process ids strictly grow, also when the wall clock is set back (method 3 of RFC 9562, section
    6.2: the 12 bits after the version hold the fraction of the millisecond). Between processes they are only
    about in order, which keeps index pages warm; nothing may rely on more.
    """
    global _last  # noqa: PLW0603 -- what makes ids grow within the process
    stamp = (time.time_ns() << 12) // 1_000_000
    with _lock:
        stamp = _last = max(stamp, _last + 1)
    tail = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=(stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | tail)


def new_secret() -> str:
    """A secret that opens one thing, 192 bits, safe in a URL. Store only its hash."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """SHA-256 of a secret in hex. Enough for long random secrets; passwords need argon2."""
    return hashlib.sha256(secret.encode()).hexdigest()
