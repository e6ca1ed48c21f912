"""The keys that recordings are stored with: from the settings, or else one made for this installation.

`voice.recording_keys` holds `name:key` pairs, each key 32 random bytes in base64. The first one encrypts, all of them
decrypt: a new key goes to the front, and the old one may leave once `civicline voice rekey` has run.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import Unavailable

if TYPE_CHECKING:
    from civicline.config.options import Configuration

BYTES: Final = 32
MADE: Final = "made"
"""Name of the key that an installation makes for itself."""
FEW_DIFFERENT: Final = 12
"""32 random bytes have 30 different ones on average, and fewer than 20 practically never."""


class KeyMissing(Unavailable):
    """A recording was stored with a key that is not there any more."""

    default_code = "recording-key-missing"
    default_text = _(
        "This recording was stored with another key. Ask whoever runs Civicline to add it to voice.recording_keys."
    )


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys by name; the first encrypts."""

    keys: tuple[tuple[str, bytes], ...]

    @property
    def first(self) -> tuple[str, bytes]:
        """Name and key for what is stored now."""
        return self.keys[0]

    def named(self, name: str) -> bytes:
        """The key of this name. Raises `KeyMissing`."""
        for known, key in self.keys:
            if known == name:
                return key
        raise KeyMissing()


def key_file(conf: Configuration) -> Path:
    """Where the key of our own making lies: beside the database, so that a backup has both."""
    return conf.folder("recordings.key")


def keyring(conf: Configuration) -> Keyring:
    """The keys of this installation; one is made and kept (mode 0600) when none was ever given."""
    given = tuple((one.name, one.key) for one in conf.voice_recording_keys)
    file = key_file(conf)
    if not given and not file.exists():
        _make(file)
    own = _read(file) if file.exists() else None
    return Keyring((*given, *([(MADE, own)] if own else [])))


def _read(file: Path) -> bytes:
    return base64.b64decode(file.read_text("ascii").strip())


def _make(file: Path) -> None:
    """Two processes may begin at the same moment: the first one's key counts."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(base64.b64encode(secrets.token_bytes(BYTES)).decode())
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def is_weak(key: bytes) -> bool:
    """Whether a key was typed rather than made: few different bytes, or nothing but printable signs."""
    return len(set(key)) < FEW_DIFFERENT or all(32 <= byte < 127 for byte in key)


def problems(conf: Configuration, used: frozenset[str], *, deploy: bool) -> Iterator[str]:
    """What is wrong with the keys, each in a sentence. `used`: names of those that recordings were stored with."""
    make = "make one with `civicline voice key`"
    for one in conf.voice_recording_keys:
        if is_weak(one.key):
            yield f"The recording key {one.name} is weak: it was typed, not made; {make}, put it first, and rekey."
    file = key_file(conf)
    if file.exists():
        if file.stat().st_mode & 0o077:
            yield f"Others can read {file}, the key of the recordings; run: chmod 600 {file}"
        if len(_readable(file)) != BYTES:
            yield f"{file} holds no key; bring it back from a backup, or the recordings made with it stay closed."
            return
    known = {one.name for one in conf.voice_recording_keys} | ({MADE} if file.exists() else set())
    for name in sorted(used - known):
        yield f"Recordings were stored with the key {name}, which is missing; add it to voice.recording_keys."
    if deploy and conf.voice_mode != "off" and not conf.voice_recording_keys:
        yield (
            "CIVICLINE_VOICE_RECORDING_KEYS is not set; the key of the recordings lies on the same disk as they do; "
            f"{make} and keep it with your other secrets."
        )


def _readable(file: Path) -> bytes:
    try:
        return _read(file)
    except (OSError, ValueError):
        return b""
