"""`--help` teaches: every command says all that was written for it, and shows how it is called."""

from __future__ import annotations

import re
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from civicline.cli.commands import app

Named = tuple[tuple[str, ...], Any]


def _commands(group: Any, path: tuple[str, ...] = ()) -> list[Named]:
    """All commands under a group with the words that call them."""
    if not hasattr(group, "commands"):
        return [(path, group)]
    return [one for name, command in group.commands.items() for one in _commands(command, (*path, name))]


COMMANDS = _commands(get_command(app))


def _words(text: str) -> list[str]:
    """The words of a text as they are read: without frames, marks of the markup and breaks of lines."""
    return re.findall(r"[\w\[\]/.-]+", text.replace(r"\[", "["))


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_what_was_written_for_an_option_is_what_is_read(
    path: tuple[str, ...], command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    shown = CliRunner().invoke(app, [*path, "--help"], terminal_width=400)
    assert shown.exit_code == 0, shown.output
    told = " ".join(_words(shown.output))
    for option in command.params:
        text = " ".join(_words(str(getattr(option, "help", "") or "")))
        assert text, f"{option.name} says nothing"
        assert text in told, f"{option.name}: {text}"
    assert f"civicline {' '.join(path)}" in told.split("help Show this message and exit.")[-1], "an example"
