"""Which Asterisk there is: the one named, the system's own, or one unpacked from Debian's packages.

Debian 12 has no Asterisk, so 22 from Debian's next release is unpacked into a folder with its own C library and
loader. Nothing of the system is changed: no package is installed, no script of a package runs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REST_OVER_WEBSOCKET: Final = {20: 14, 21: 9, 22: 4}
"""First minor version of each line that takes requests over the events' WebSocket; 23 and later do."""
VERSION = re.compile(r"Asterisk (?:certified/)?(\d+)\.(\d+)")
SOUNDS = "usr/share/asterisk/sounds/en_US_f_Allison"


class NoAsterisk(Exception):
    """There is none, and none can be had. One sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Installation:
    """An Asterisk that can be started. `command`: how, without arguments of its own."""

    command: tuple[str, ...]
    modules: Path
    data: Path
    sounds: Path
    version: str

    @property
    def new_enough(self) -> bool:
        """Whether it takes requests over the events' WebSocket."""
        found = re.match(r"(\d+)\.(\d+)", self.version)
        major, minor = (int(found[1]), int(found[2])) if found else (0, 0)
        return major > max(REST_OVER_WEBSOCKET) or minor >= REST_OVER_WEBSOCKET.get(major, 1_000)


def triplet() -> str:
    """The folder name of this machine's kind, as Debian has it."""
    machine = os.uname().machine
    return {"x86_64": "x86_64-linux-gnu", "aarch64": "aarch64-linux-gnu"}.get(machine, f"{machine}-linux-gnu")


def unpacked(prefix: Path) -> Installation | None:
    """The Asterisk that was unpacked into this folder, with the loader that came along."""
    libraries = prefix / "usr/lib" / triplet()
    program = prefix / "usr/sbin/asterisk"
    loader = next(iter(sorted(libraries.glob("ld-linux*.so.*"))), None)
    if loader is None or not program.exists():
        return None
    command = (str(loader), "--library-path", str(libraries), str(program))
    version = version_of(command)
    if not version:
        return None
    modules = libraries / "asterisk/modules"
    return Installation(command, modules, prefix / "usr/share/asterisk", prefix / SOUNDS, version)


def of_program(program: Path) -> Installation | None:
    """An Asterisk that the system has installed."""
    version = version_of((str(program),))
    if not version:
        return None
    folders = [
        "/usr/lib/asterisk/modules",
        f"/usr/lib/{triplet()}/asterisk/modules",
        "/usr/lib64/asterisk/modules",
    ]
    modules = next((Path(one) for one in folders if Path(one).is_dir()), None)
    data = next(
        (Path(one) for one in ("/usr/share/asterisk", "/var/lib/asterisk") if Path(one).is_dir()), None
    )
    if modules is None or data is None:
        return None
    sounds = data / "sounds"
    english = next((one for one in (sounds / "en_US_f_Allison", sounds / "en") if one.exists()), sounds)
    return Installation((str(program),), modules, data, english, version)


def version_of(command: Sequence[str]) -> str:
    """What it says of itself, such as "22.10"; empty when it cannot be started."""
    try:
        told = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = VERSION.search(told.stdout)
    return f"{found[1]}.{found[2]}" if found else ""


def cache_folder(named: str = "") -> Path:
    """Where an unpacked Asterisk is kept."""
    if named:
        return Path(named).expanduser() / "asterisk"
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "civicline" / "asterisk"


def present(*, named: str = "", cache: str = "") -> Installation | None:
    """The Asterisk that is here: the one named, the system's own, or one unpacked before. Raises `NoAsterisk`.

    An Asterisk that was named and is not usable is an error; one of the system that is too old is passed over.
    """
    if named:
        found = unpacked(Path(named)) if Path(named).is_dir() else of_program(Path(named))
        if found is None or not found.new_enough:
            raise NoAsterisk(
                f"{named} is no Asterisk of 20.14, 21.9, 22.4 or newer; correct voice.asterisk, or leave it out."
            )
        return found
    program = shutil.which("asterisk") or "/usr/sbin/asterisk"
    system = of_program(Path(program)) if Path(program).exists() else None
    if system is not None and system.new_enough:
        return system
    return unpacked(cache_folder(cache))


def obtain(*, named: str = "", cache: str = "") -> Installation:
    """The Asterisk that is here, or one unpacked now. Raises `NoAsterisk`."""
    from civicline.channels.voice.asterisk.unpacking import unpack

    found = present(named=named, cache=cache)
    if found is not None:
        return found
    folder = cache_folder(cache)
    unpack(folder)
    done = unpacked(folder)
    if done is None or not done.new_enough:
        raise NoAsterisk(f"What was unpacked into {folder} does not run here; install Asterisk 22 by hand.")
    return done
