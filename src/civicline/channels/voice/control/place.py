"""Which exchange a voice process drives, and how long it leaves the work to those who drive the same one.

Calls stand in an exchange. Where the process that followed them has died, another one beside the same exchange finds
them again; one beside another exchange would take them for lost, while people talk. So that one waits longer: until a
process of the first machine would be back, if that machine lived.
"""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from civicline.config.options import Configuration

COURTESY_S: Final = 20.0
"""Longer than a killed process needs to be started again by what runs it."""
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def of(conf: Configuration) -> str:
    """The name of the exchange that these settings drive: the same for each process beside it, and for no other."""
    if conf.voice_mode != "external":
        where = f"{socket.gethostname()}:{conf.voice_folder}"
    elif urlsplit(conf.voice_ari_url).hostname in LOOPBACK:
        where = f"{socket.gethostname()}:{conf.voice_ari_url}"
    else:
        where = conf.voice_ari_url
    return hashlib.sha256(where.encode()).hexdigest()[:12]


def new_holder(place: str) -> str:
    """A name for a process' claim, unique for ever: its place, process id, random."""
    return f"{place}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def courtesy(place: str, holder: str) -> float:
    """For how long (s) the work of `holder`, who died, is left to others beside the same exchange."""
    return 0.0 if holder.partition(":")[0] == place else COURTESY_S
