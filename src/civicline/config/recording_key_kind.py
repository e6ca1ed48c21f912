"""A kind of setting: the keys that recordings are stored with."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from civicline.config.kinds import words

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
BYTES = 32


@dataclass(frozen=True)
class RecordingKey:
    """One key under its name. The bytes are never shown."""

    name: str
    key: bytes = field(repr=False)


def recording_keys(value: object) -> tuple[RecordingKey, ...]:
    """Keys as name:base64, the one to encrypt with first."""
    found = tuple(_key(item) for item in words(value))
    if len({one.name for one in found}) < len(found):
        raise ValueError("needs a different name for each key")
    return found


def _key(item: str) -> RecordingKey:
    name, colon, text = item.partition(":")
    if not colon or not NAME.fullmatch(name) or name == "made":
        raise ValueError(
            "takes keys as name:key, the name of small letters, digits and hyphens (and not made)"
        )
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != BYTES:
        raise ValueError(f"needs {BYTES} bytes in base64 for the key {name}; `civicline voice key` makes one")
    return RecordingKey(name, key)
