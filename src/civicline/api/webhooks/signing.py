"""Signatures in the style of Standard Webhooks: id, time and body under a shared secret (symmetric, version 1)."""

from __future__ import annotations

import base64
import hmac
import secrets

SECRET_PREFIX = "whsec_"  # noqa: S105 -- how secrets begin
SECRET_BYTES = 24


def new_secret() -> str:
    """A secret of 192 bits: `whsec_` and base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


def headers(secret: str, *, message_id: str, timestamp: int, body: bytes, also: str = "") -> dict[str, str]:
    """What goes with the body; the receiver refuses times that are far from its own clock.

    `also` is a second secret that still holds: the receiver takes any one of the signatures, parted by a space.
    """
    secrets_now = [secret, *([also] if also else [])]
    signatures = [sign(one, message_id=message_id, timestamp=timestamp, body=body) for one in secrets_now]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
