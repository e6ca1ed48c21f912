"""What a recording sounds like, without hearing it: its samples in a file, its length, and its picture."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

BARS: Final = 600
"""Bars of a picture: enough for a wide screen, and little to store."""
FULL: Final = 100
BLOCK: Final = 1 << 20
BYTES_A_SECOND: Final = 16_000
"""Of what the exchange writes: 8000 samples of 16 bits."""
HEAD: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")


class NoSound(Exception):
    """The file holds no samples that we can read."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Where the samples of a WAV file are: 16 bits, one channel. `start` and `length` in bytes."""

    path: Path
    rate: int
    start: int
    length: int

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.length / 2 / self.rate

    @property
    def size(self) -> int:
        """Bytes of the whole as `wave` gives it."""
        return HEAD.size + self.length

    def wave(self) -> Iterator[bytes]:
        """The sound as a WAV file with a true head, block by block."""
        kind = (b"fmt ", 16, 1, 1, self.rate, self.rate * 2, 2, 16)
        yield HEAD.pack(b"RIFF", 36 + self.length, b"WAVE", *kind, b"data", self.length)
        yield from self.blocks()

    def blocks(self) -> Iterator[bytes]:
        """The samples alone."""
        left = self.length
        with self.path.open("rb") as file:
            file.seek(self.start)
            while left > 0 and (block := file.read(min(BLOCK, left))):
                left -= len(block)
                yield block


def samples_of(path: Path) -> Samples:
    """Find the samples. The head of a file whose writer was killed tells too little: then all to the end is sound.

    Raises `NoSound` for anything but 16-bit samples of one channel.
    """
    whole = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"RIFF" or len(file.read(4)) != 4 or file.read(4) != b"WAVE":
            raise NoSound(f"{path.name} is no WAV file")
        rate = 0
        while len(head := file.read(8)) == 8:
            name, length = head[:4], int.from_bytes(head[4:], "little")
            at = file.tell()
            if name == b"fmt ":
                facts = file.read(16)
                if len(facts) < 16:
                    break
                kind, channels, rate, _bytes, _align, bits = struct.unpack("<HHIIHH", facts)
                if (kind, channels, bits) != (1, 1, 16):
                    raise NoSound(f"{path.name} is {bits} bits in {channels} channels of kind {kind}")
            elif name == b"data" and rate:
                told = length if 0 < length <= whole - at else whole - at
                return Samples(path, rate, at, told - told % 2)
            file.seek(at + length + length % 2)
    raise NoSound(f"{path.name} has no samples")


def seconds_of(path: Path) -> float:
    """How long the sound in a file takes; 0.0 where there is none that we can read."""
    try:
        return samples_of(path).seconds
    except (NoSound, OSError):
        return 0.0


def picture(samples: Samples, bars: int = BARS) -> list[int]:
    """The loudest sample of each of `bars` equal parts, 0 to 100. Shorter sounds have fewer bars."""
    count = samples.length // 2
    bars = max(1, min(bars, count))
    found = np.zeros(bars, np.int32)
    at = 0
    for block in samples.blocks():
        values = np.abs(np.frombuffer(block[: len(block) // 2 * 2], "<i2").astype(np.int32))
        places = (np.arange(at, at + len(values)) * bars) // count
        np.maximum.at(found, np.minimum(places, bars - 1), values)
        at += len(values)
    return [int(one) for one in np.minimum(FULL, np.ceil(found * FULL / 32_768))]


def outline(bars: Sequence[int], width: float = 1000, height: float = 100) -> str:
    """The picture as the path of an SVG: a thin bar for each value about the middle line; quiet ones stay visible."""
    if not bars:
        return ""
    step, middle = width / len(bars), height / 2
    loudest = max(*bars, 20)
    parts = []
    for number, value in enumerate(bars):
        half = max(0.8, value / loudest * (middle - 2))
        parts.append(f"M{number * step + step / 2:.1f} {middle - half:.1f}v{2 * half:.1f}")
    return "".join(parts)
