"""API keys: needed to write, never to read.

Tokens live in a module above the channels, so the function that knows them is registered here by the wiring:
`access.register_verifier(fn)`. A key in the setting `open311.open_keys` is accepted besides.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from civicline.channels.open311.errors import refuse
from civicline.channels.open311.fields import Fields

SCOPE = "open311:write"
MAX_KEY = 200


@dataclass(frozen=True)
class KeyHolder:
    """Who a key belongs to. `rate_per_minute` None: the endpoint's own limit holds."""

    id: str
    name: str
    rate_per_minute: int | None = None


Verifier = Callable[[str, str], KeyHolder | None]
"""(key, scope) -> holder, or None when the key is unknown, expired, revoked or lacks the scope."""


class _Registered:
    """The one verifier of this process."""

    verifier: Verifier | None = None


def register_verifier(verifier: Verifier | None) -> Verifier | None:
    """Use this function to look keys up, and return the one before; the wiring calls it once. None knows no tokens."""
    before, _Registered.verifier = _Registered.verifier, verifier
    return before


def check_key(fields: Fields) -> KeyHolder:
    """Return the holder of `api_key`; raises a 403 when it is missing or not good."""
    values = set(fields.all("api_key"))
    key = values.pop() if len(values) == 1 else ""
    holder = (_open_key(key) or _token(key)) if 0 < len(key) <= MAX_KEY else None
    if holder is None:
        raise refuse(
            403,
            _("Invalid api_key received: this server takes reports only with a valid api_key.")
            if key
            else _("No api_key received: this server takes reports only with a valid api_key."),
        )
    return holder


def _open_key(key: str) -> KeyHolder | None:
    for known in settings.CIVICLINE.open311_open_keys:
        if hmac.compare_digest(known.encode(), key.encode()):
            return KeyHolder(
                id="open:" + hashlib.sha256(key.encode()).hexdigest()[:12], name="Open311 open key"
            )
    return None


def _token(key: str) -> KeyHolder | None:
    return _Registered.verifier(key, SCOPE) if _Registered.verifier else None
