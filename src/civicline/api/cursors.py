"""Cursors of lists: where the page before ended, signed, so that they are opaque and nobody makes up their own."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from django.conf import settings

from civicline.api.problems import Flaw, Problem

SIGNED_BYTES = 12
REFUSED = Flaw("", "This is not a cursor of this list. Take it from `next` of the page before.", "cursor")


def seal(scope: str, place: str) -> str:
    """Return the cursor that stands for `place` in the list `scope` (its name with its filters); "" for ""."""
    if not place:
        return ""
    return base64.urlsafe_b64encode(_signature(scope, place) + place.encode()).decode().rstrip("=")


def unseal(scope: str, cursor: str) -> str:
    """Return the place of a cursor; "" for none. Raises `Problem` 422 when it is not of this list."""
    if not cursor:
        return ""
    try:
        raw = base64.urlsafe_b64decode((cursor + "=" * (-len(cursor) % 4)).encode("ascii"))
        place = raw[SIGNED_BYTES:].decode()
    except (ValueError, binascii.Error):
        raise Problem("invalid", flaws=[REFUSED]) from None
    if not hmac.compare_digest(raw[:SIGNED_BYTES], _signature(scope, place)):
        raise Problem("invalid", flaws=[REFUSED])
    return place


def _signature(scope: str, place: str) -> bytes:
    key = hashlib.sha256(f"api-cursor:{settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, f"{scope}\n{place}".encode(), "sha256")[:SIGNED_BYTES]
