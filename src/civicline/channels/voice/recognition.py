"""What understands callers who speak instead of pressing a key: nothing, unless voice.recogniser names something.

A recogniser is anything with `async listen(sound, language) -> str`: `sound` gives pieces of 16-bit samples (16 kHz,
mono, little-endian) as they are spoken, the answer is what keys would have been pressed ("2"), or "" for nothing
understood. It is cancelled when a key is pressed or the time is up. It runs in the event loop of the telephone, so
heavy work belongs into a process or a server of its own, on this body's machines. A package offers one under the entry
point group `civicline.recognisers`; `package.module:Name` names one without.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final, Protocol

from civicline.kernel.errors import Unavailable

GROUP: Final = "civicline.recognisers"
NONE: Final = "none"


class Recogniser(Protocol):
    """Understands one answer of one caller; made anew for each."""

    async def listen(self, sound: AsyncIterator[bytes], language: str) -> str:
        """The keys that stand for what was said, "" for none."""
        ...


def maker(name: str) -> type[Recogniser] | None:
    """What makes recognisers; None where none is wanted. Raises `Unavailable` for one that is not there."""
    if name == NONE:
        return None
    module, colon, attribute = name.partition(":")
    try:
        if colon:
            return _as_maker(getattr(import_module(module), attribute))
        for entry in entry_points(group=GROUP, name=name):
            return _as_maker(entry.load())
    except (ImportError, AttributeError) as fault:
        raise Unavailable(
            f"The recogniser {name!r} cannot be loaded: {fault}.", code="no-recogniser"
        ) from fault
    raise Unavailable(f"No recogniser {name!r} is installed; check voice.recogniser.", code="no-recogniser")


def _as_maker(found: type[Recogniser]) -> type[Recogniser]:
    """What a package offers is believed; a wrong one fails when it listens, and the log says so."""
    return found
