"""What a killed test run left is removed by the next; what anybody still uses stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.own_folders import own_folder
from tests.servers import ROOT

MAKES = (
    "import sys; from tests.own_folders import own_folder; print(own_folder('part', sys.argv[1]), flush=True)"
)
WAITS = "; sys.stdin.read()"

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/ns/pid").exists(), reason="who is dead is told under /proc"
)


def running(place: Path, then: str) -> tuple[subprocess.Popen[str], Path]:
    """A process that has made a folder, and the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAKES + then, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_what_a_killed_process_left_is_removed_and_what_lives_stays(tmp_path: Path) -> None:
    process, folder = running(tmp_path, WAITS)
    stranger = tmp_path / "civicline-part-of-somebody"
    stranger.mkdir()
    own_folder("part", str(tmp_path))
    assert folder.is_dir()
    process.kill()
    process.communicate()
    mine = own_folder("part", str(tmp_path))
    assert not folder.exists()
    assert {mine, stranger} < set(tmp_path.iterdir())


def test_a_folder_in_which_an_orphan_works_stays_until_it_has_ended(tmp_path: Path) -> None:
    maker, folder = running(tmp_path, "")
    maker.communicate()
    orphan = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, cwd=folder
    )
    own_folder("part", str(tmp_path))
    assert folder.is_dir()
    orphan.communicate()
    own_folder("part", str(tmp_path))
    assert not folder.exists()
