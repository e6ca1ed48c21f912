"""Music on hold: a quiet, slow turn of four chords, drawn here, so that nobody owns it. WAV, 8 kHz, 16 bit, mono."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import numpy as np

RATE: Final = 8_000
SECONDS: Final = 4.0
CHORDS: Final = (
    (220.0, 261.63, 329.63),
    (174.61, 220.0, 261.63),
    (196.0, 246.94, 293.66),
    (164.81, 196.0, 261.63),
)
"""A minor, F, G and C over E, in Hz (equal temperament)."""
LOUDNESS: Final = 0.12


def write_music(folder: Path) -> None:
    """Write the music where there is none: an administrator may put other files there instead."""
    if any(folder.glob("*.*")):
        return
    at = np.arange(int(RATE * SECONDS)) / RATE
    swell = np.sin(np.pi * at / SECONDS) ** 0.6
    parts = [swell * sum(np.sin(2 * np.pi * tone * at) for tone in chord) / 3 for chord in CHORDS]
    samples = (np.concatenate(parts) * LOUDNESS * 32_767).astype("<i2")
    draft = folder / ".music"
    with wave.open(str(draft), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())
    draft.rename(folder / "civicline.wav")
