"""Folders for the servers and databases of a test run; what a killed run left, the next one removes."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from pathlib import Path

PROCESSES = Path("/proc")


def own_folder(kind: str, inside: str | None = None) -> Path:
    """Make a fresh folder for a part of this process; `inside` some other folder than the system's for such things.

    What dead processes left of this kind goes first: only where whoever made it, and whatever ran in it, is dead for
    sure. The name says who made it, so no folder is there a moment without its owner.
    """
    place = Path(inside or tempfile.gettempdir())
    for folder in place.glob(f"civicline-{kind}-*"):
        if _is_left(folder.name.removeprefix(f"civicline-{kind}-")) and not _is_lived_in(folder):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"civicline-{kind}-{_room()}-{_began('self')}-", dir=inside))


def _room() -> str:
    """Which numbers of processes these are: another container counts its own."""
    try:
        return re.sub(r"\D", "", str((PROCESSES / "self/ns/pid").readlink()))
    except OSError:
        return "0"


def _began(process: str) -> str:
    """The process by its number and the tick at which it began (man proc_pid_stat, fields 1 and 22); "" when dead."""
    try:
        stat = (PROCESSES / process / "stat").read_text()
    except OSError:
        return "" if PROCESSES.exists() else "0.0"
    number, rest = stat.split(" ", 1)[0], stat.rpartition(")")[2].split()
    return f"{number}.{rest[19]}"


def _is_left(owner: str) -> bool:
    """Whether whoever made a folder with this end of its name is dead."""
    found = re.fullmatch(r"(\d+)-((\d+)\.\d+)-\w+", owner)
    return found is not None and found[1] == _room() != "0" and _began(found[3]) != found[2]


def _is_lived_in(folder: Path) -> bool:
    """Whether a process works in it, as servers do in the folder of their data.

    One that has ended meanwhile does not, nor does one that we may not look at: what we start, we may.
    """
    for process in PROCESSES.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(folder):
                return True
    return False
