"""`make run` on a machine that lacks something says in one sentence what."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import preparation
from tests.architecture.source import ROOT


def test_an_old_python_says_which_one_is_needed() -> None:
    pretend = (
        "import runpy, sys; sys.version_info = (3, 9, 2); "
        f"runpy.run_path({str(ROOT / 'scripts' / 'bootstrap.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Civicline needs Python 3.11 or newer, and this is 3.9.")
    assert len(done.stderr.strip().splitlines()) == 1


def _program(folder: Path, name: str, prints: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {prints}\n", encoding="utf-8")
    path.chmod(0o755)


def test_a_missing_node_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        preparation.CannotPrepare, match="Node 20 or newer builds the front end and is not installed"
    ):
        preparation._npm()


def test_an_old_node_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "node", "v18.19.0")
    _program(tmp_path, "npm", "9")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    with pytest.raises(preparation.CannotPrepare, match=r"and this is v18\.19\.0; nodejs\.org/en/download"):
        preparation._npm()


def test_what_was_done_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "STAMPS", tmp_path / "stamps")
    stamp = preparation._hash([ROOT / "pyproject.toml"])
    assert not preparation._is_fresh("step", stamp)
    preparation._done("step", stamp)
    assert preparation._is_fresh("step", stamp)
    assert not preparation._is_fresh("step", preparation._hash([ROOT / "pyproject.toml"], "another Python"))


def test_modules_are_compiled_once_and_again_when_one_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(preparation, "ROOT", tmp_path)
    monkeypatch.setattr(preparation, "STAMPS", tmp_path / "stamps")
    module = tmp_path / "src" / "town.py"
    module.parent.mkdir()
    for text, told in (("NAME = 1", True), ("NAME = 1", False), ("NAME = 1234", True)):
        if not module.exists() or module.read_text() != text:
            module.write_text(text)
        preparation.bytecode()
        assert ("Compiling the modules" in capsys.readouterr().out) is told
    (compiled,) = (tmp_path / "src" / "__pycache__").glob("town.*.pyc")
    assert compiled.stat().st_size > 0
