"""Where recordings lie: encrypted in the var folder, and plain in the exchange's spool while they are made."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings


def folder() -> Path:
    """The folder of the encrypted files. Every process of the installation has to see the same, as with uploads."""
    return Path(settings.CIVICLINE.folder("recordings"))


def path_of(recording_id: UUID) -> Path:
    """The encrypted file of a recording, whether it is there or not."""
    return folder() / recording_id.hex[-2:] / f"{recording_id.hex}.rec"


def spool() -> Path:
    """Where the exchange writes what is being recorded."""
    return Path(settings.CIVICLINE.voice_folder) / "spool" / "recording"


def plain_of(name: str) -> Path:
    """The file that the exchange writes for a recording of this name."""
    return spool() / f"{name}.wav"
