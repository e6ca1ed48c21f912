"""A sound file, encrypted so that any part of it can be read without the rest.

    head      8 bytes CIVREC01, name of the key (32), id of the recording (16), bytes in a piece (4), bytes in all (8),
              nonce (12) and the file's own key, wrapped with the named one (48)
    pieces    64 KiB each, AES-256-GCM with the file's own key; the nonce is the number of the piece

Each file has a key of its own and is written once, so no nonce is used twice. What stands in the head is authenticated
with the wrapped key and again with every piece: pieces cannot be changed, moved, left out or taken from another file.
Another key (rotation) means another head; the pieces stay as they are. AES-GCM: NIST SP 800-38D.
"""

from __future__ import annotations

import os
import secrets
import struct
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from civicline.channels.voice.recordings.keys import BYTES, Keyring

MAGIC: Final = b"CIVREC01"
HEAD: Final = struct.Struct(">8s32s16sIQ12s48s")
PIECE: Final = 65_536
TAG: Final = 16


class Damaged(Exception):
    """The file is not what was stored: changed, cut off, or of another recording."""


@dataclass(frozen=True, slots=True)
class _Head:
    key_name: str
    id: bytes
    piece: int
    length: int
    nonce: bytes
    wrapped: bytes

    @property
    def fixed(self) -> bytes:
        """What a new key does not change."""
        return self.id + struct.pack(">IQ", self.piece, self.length)

    def packed(self) -> bytes:
        return HEAD.pack(
            MAGIC,
            self.key_name.encode().ljust(32, b"\0"),
            self.id,
            self.piece,
            self.length,
            self.nonce,
            self.wrapped,
        )


def write(target: Path, recording_id: UUID, length: int, content: Iterable[bytes], ring: Keyring) -> str:
    """Store `length` bytes; return the name of the key. Whole or not at all, and durable when it returns.

    Raises `OSError` when the disk does not take it, `ValueError` when the content has another length.
    """
    name, key = ring.first
    own = secrets.token_bytes(BYTES)
    head = _wrapped(own, name, key, recording_id.bytes, length, PIECE)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _Draft(target) as out:
        out.write(head.packed())
        written = _write_pieces(out, AESGCM(own), head.fixed, content)
        if written != length:
            raise ValueError(f"{written} bytes came instead of {length}")
    return name


def _write_pieces(out: BinaryIO, cipher: AESGCM, fixed: bytes, content: Iterable[bytes]) -> int:
    waiting, number, written = bytearray(), 0, 0
    for part in content:
        waiting += part
        written += len(part)
        while len(waiting) >= PIECE:
            out.write(cipher.encrypt(_nonce(number), bytes(waiting[:PIECE]), fixed))
            del waiting[:PIECE]
            number += 1
    if waiting:
        out.write(cipher.encrypt(_nonce(number), bytes(waiting), fixed))
    return written


class _Draft:
    """A file beside its final name, which it gets once it is whole and on disk."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __enter__(self) -> BinaryIO:
        handle, self._name = tempfile.mkstemp(dir=self._target.parent, prefix=".", suffix=".new")
        self._file = os.fdopen(handle, "wb")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        try:
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())
            self._file.close()
            if kind is None:
                Path(self._name).replace(self._target)
        finally:
            with suppress(FileNotFoundError):
                Path(self._name).unlink()


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _wrapped(own: bytes, name: str, key: bytes, recording: bytes, length: int, piece: int) -> _Head:
    nonce = secrets.token_bytes(12)
    bare = _Head(name, recording, piece, length, nonce, b"")
    return _Head(name, recording, piece, length, nonce, AESGCM(key).encrypt(nonce, own, MAGIC + bare.fixed))


def _read_head(file: BinaryIO) -> _Head:
    raw = file.read(HEAD.size)
    if len(raw) != HEAD.size or not raw.startswith(MAGIC):
        raise Damaged("this is no stored recording")
    _magic, name, recording, piece, length, nonce, wrapped = HEAD.unpack(raw)
    return _Head(name.rstrip(b"\0").decode("ascii", "replace"), recording, piece, length, nonce, wrapped)


def _opened(head: _Head, ring: Keyring) -> bytes:
    try:
        return AESGCM(ring.named(head.key_name)).decrypt(head.nonce, head.wrapped, MAGIC + head.fixed)
    except InvalidTag as wrong:
        raise Damaged(f"the key {head.key_name} does not open it") from wrong


class Stored:
    """An encrypted file, opened. `length`: bytes of the sound. Raises `Damaged`, `KeyMissing`, `OSError`."""

    def __init__(self, path: Path, recording_id: UUID, ring: Keyring) -> None:
        self._path = path
        with path.open("rb") as file:
            self._head = _read_head(file)
        if self._head.id != recording_id.bytes:
            raise Damaged("this is another recording")
        self._cipher = AESGCM(_opened(self._head, ring))
        self.length = self._head.length
        self.key_name = self._head.key_name

    def read(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`, piece by piece."""
        size, end = self._head.piece, self.length if end is None else min(end, self.length)
        with self._path.open("rb") as file:
            at = start
            while at < end:
                number = at // size
                first = number * size
                piece = self._piece(file, number, min(size, self.length - first))
                yield piece[at - first : end - first]
                at = first + size

    def _piece(self, file: BinaryIO, number: int, length: int) -> bytes:
        file.seek(HEAD.size + number * (self._head.piece + TAG))
        try:
            return self._cipher.decrypt(_nonce(number), file.read(length + TAG), self._head.fixed)
        except InvalidTag as wrong:
            raise Damaged(f"piece {number} is not what was stored") from wrong


def rekey(path: Path, ring: Keyring) -> bool:
    """Wrap the file's own key with the first key of the ring; whether it was another one before."""
    name, key = ring.first
    with path.open("rb") as file:
        head = _read_head(file)
        if head.key_name == name:
            return False
        fresh = _wrapped(_opened(head, ring), name, key, head.id, head.length, head.piece)
        with _Draft(path) as out:
            out.write(fresh.packed())
            while part := file.read(PIECE):
                out.write(part)
    return True
