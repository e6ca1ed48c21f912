"""Everything we hold about one resident, room by room: to hand it out, and to erase it.

Each module that stores personal data registers one step, listed in `config.wiring`:

    erasure.register("cases", erase=..., export=...)

Erasing blanks words and addresses and keeps the bare facts (when, which service, how long), so reports stay true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

Erase = Callable[[UUID], int]
"""Blanks the personal data of this resident inside the running write; says how many rows it changed."""

Export = Callable[[UUID], object]
"""All that is held about this resident, as values that JSON can hold."""


Kept = Callable[[UUID], int]
"""How many things of this resident are on legal hold, so that `Erase` left them as they are."""


Files = Callable[[UUID], Iterator[tuple[str, Iterator[bytes]]]]
"""What is held about this resident beside words: names of files, and their content piece by piece."""


Blanked = Callable[[str, Sequence[UUID]], None]
"""Hears, inside the same write, that words were blanked: of what kind ("contact", "case", "resident") and which."""


def _nothing(_resident_id: UUID) -> int:
    return 0


def _no_files(_resident_id: UUID) -> Iterator[tuple[str, Iterator[bytes]]]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Step:
    """What one module does when a resident asks for their data, or to be forgotten."""

    name: str
    erase: Erase
    export: Export
    kept: Kept = _nothing
    files: Files = _no_files


_steps: dict[str, Step] = {}
_hearers: dict[str, Blanked] = {}


def register(
    name: str, *, erase: Erase, export: Export, kept: Kept = _nothing, files: Files = _no_files
) -> None:
    """Add a module's step, once per name; a second registration takes the place of the first."""
    _steps[name] = Step(name, erase, export, kept, files)


def unregister(name: str) -> None:
    """Take a step out again; an unknown name is ignored."""
    _steps.pop(name, None)


def steps() -> Mapping[str, Step]:
    """The registered steps by name, in the order in which they were registered."""
    return dict(_steps)


def when_blanked(name: str, hear: Blanked) -> None:
    """Add who keeps copies of words and has to forget them at once, by erasure and by retention; once per name."""
    _hearers[name] = hear


def blanked(kind: str, ids: Sequence[UUID]) -> None:
    """Tell that the words of these things are gone; by whoever blanked them, in the same write, afterwards."""
    for hear in _hearers.values() if ids else ():
        hear(kind, ids)


def kept(resident_id: UUID) -> int:
    """How many things of a resident are on legal hold, in all modules together."""
    return sum(step.kept(resident_id) for step in _steps.values())


def files(resident_id: UUID) -> Iterator[tuple[str, Iterator[bytes]]]:
    """What all modules hold of a resident as files."""
    for step in _steps.values():
        yield from step.files(resident_id)
