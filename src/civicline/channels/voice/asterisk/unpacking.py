"""Asterisk 22 out of Debian's packages, checked by Debian's keyring, into a folder of its own.

    python -m civicline.channels.voice.asterisk.unpacking [FOLDER]

apt works out the whole closure in a state of its own, in which nothing is installed, so the C library and its
loader come along and the system's packages and lists stay as they are. About 80 MB to fetch, 180 MB on disk.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from civicline.channels.voice.asterisk.installation import SOUNDS, NoAsterisk, cache_folder, triplet, unpacked

KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SUITES: Final = ("forky", "sid")
"""Debian releases with Asterisk 22, the calmer one first."""
LONGEST_S: Final = 300
NOT_NEEDED: Final = (
    *(f"usr/share/{name}" for name in ("doc", "man", "locale", "info", "zoneinfo", "perl")),
    *(f"usr/lib/{triplet()}/{name}" for name in ("gconv", "perl*")),
)
BY_HAND: Final = "Install Asterisk 22 by hand and name it in voice.asterisk, or set voice.mode to off."


def unpack(folder: Path) -> None:
    """Unpack it, once, whoever else tries at the same moment. Raises `NoAsterisk` with one sentence."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb") and KEYRING.exists()):
        raise NoAsterisk(
            "There is no Asterisk here, and it can be unpacked only where apt and Debian's keyring are. "
            + BY_HAND
        )
    with _alone(folder):
        if unpacked(folder) is not None:
            return
        with tempfile.TemporaryDirectory(prefix="unpacking-", dir=folder.parent) as work:
            packages = _fetch(Path(work))
            fresh = Path(work) / "fresh"
            _lay_out(packages, fresh)
            if unpacked(fresh) is None:
                raise NoAsterisk(f"The Asterisk of Debian's packages does not run on this machine. {BY_HAND}")
            shutil.rmtree(folder, ignore_errors=True)
            fresh.rename(folder)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = (folder.parent / f"{folder.name}.lock").open("w")
    except OSError as error:
        raise NoAsterisk(
            f"The folder {folder.parent} cannot be written ({error.strerror}); name another one in voice.cache."
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(work: Path) -> list[Path]:
    """Fetch Asterisk and all it stands on; return the packages."""
    mirror, trouble = _mirror(), ""
    for suite in SUITES:
        state = work / suite
        options = _apt_state(state, mirror, suite)
        for step in (["update"], ["-y", "--download-only", "install", "asterisk"]):
            done = _run(["apt-get", *options, *step])
            if done.returncode:
                trouble = (
                    done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason was given"
                )
                break
        else:
            return sorted((state / "archives").glob("*.deb"))
    raise NoAsterisk(
        f"Asterisk 22 could not be fetched from {mirror} ({trouble}). Is there a network? {BY_HAND}"
    )


def _mirror() -> str:
    """The mirror of Debian that this machine's apt already uses."""
    told = _run(["apt-get", "indextargets", "--format", "$(SITE)"]).stdout.split()
    used = (site for site in told if site.rstrip("/").endswith("/debian"))
    mirror = next(used, None)
    if mirror is None:
        raise NoAsterisk(f"apt here knows no mirror of Debian to fetch Asterisk 22 from. {BY_HAND}")
    return mirror


def _apt_state(state: Path, mirror: str, suite: str) -> list[str]:
    """A state of apt's own in which nothing is installed; return the options that make apt use it."""
    for name in (
        "lists/partial",
        "archives/partial",
        "etc/apt.conf.d",
        "etc/preferences.d",
        "etc/trusted.gpg.d",
    ):
        (state / name).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    (state / "etc/sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n", "utf-8")
    settings = {
        "Dir::Etc": state / "etc",
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::State::lists": state / "lists",
        "Dir::Cache": state,
        "Dir::Cache::archives": state / "archives",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
        "Acquire::Languages": "none",
        "Acquire::Retries": 2,
        "Acquire::http::Timeout": 20,
        "Debug::NoLocking": "true",
    }
    return ["-q", *(word for name, value in settings.items() for word in ("-o", f"{name}={value}"))]


def _lay_out(packages: list[Path], folder: Path) -> None:
    folder.mkdir()
    leave_out = [f"--exclude=./{name}" for name in NOT_NEEDED]
    for package in packages:
        done = _run(["sh", "-c", 'package=$1; shift; dpkg-deb --fsys-tarfile "$package" | tar -x "$@"', "unpack",
                     str(package), "-C", str(folder), "--keep-directory-symlink", *leave_out])  # fmt: skip
        if done.returncode:
            raise NoAsterisk(
                f"{package.name} could not be unpacked ({done.stderr.strip()[-200:]}). {BY_HAND}"
            )
    # What the package's own script would have done.
    english = folder / SOUNDS
    link = english.parent / "en"
    if english.is_dir() and not link.is_symlink():
        shutil.rmtree(link, ignore_errors=True)
        link.symlink_to(english.name)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(  # noqa: S603 -- fixed programs
            command, capture_output=True, text=True, check=False, timeout=LONGEST_S, env=environment,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NoAsterisk(f"{command[0]} did not end within {LONGEST_S} s. {BY_HAND}") from error


if __name__ == "__main__":
    try:
        unpack(Path(sys.argv[1]) if len(sys.argv) > 1 else cache_folder())
    except NoAsterisk as problem:
        sys.exit(str(problem))
