"""`civicline roster`: from a file to a roster, its cost by rule, and sentences where there is none."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from django.utils.translation import get_language

from civicline.cli import commands
from civicline.cli.language import asked_language, in_own_language
from civicline.workforce.rostering import checker
from tests.unit.workforce.rostering.wards import WARD


@pytest.fixture
def roster(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run the command on an instance; gives (exit code, what it printed, what it complained of)."""

    def run(text: str, *options: str) -> tuple[int, str, str]:
        file = tmp_path / "ward.txt"
        file.write_text(text, encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["civicline", "roster", str(file), "--seconds", "2", *options])
        code = commands.run()
        return (code, *capsys.readouterr())

    return run


def test_the_table_the_cost_and_the_published_solution_agree(roster, tmp_path: Path) -> None:
    solution = tmp_path / "solution.txt"
    code, out, complaints = roster(WARD, "--output", str(solution))
    assert (code, complaints) == (0, f"Written: {solution}\n")
    rows = (tmp_path / "solution.txt").read_text(encoding="utf-8").splitlines()
    names = ["Ada", "Ben", "Cyd", "Dov"]
    solution = {name: row.split("\t") for name, row in zip(names, rows, strict=True)}
    verdict = checker.judge(WARD, solution)
    assert verdict.broken == ()
    assert f"Cost: {verdict.cost}" in out
    assert f"Too few at work: {verdict.by_rule['under']}" in out
    assert out.splitlines()[1].split() == ["Ada", *(shift or "." for shift in solution["Ada"])]


def test_programs_get_the_same_as_json(roster) -> None:
    code, out, _ = roster(WARD, "--json", "--seed", "4")
    content = json.loads(out)
    assert code == 0
    assert content["cost"] == sum(content["by_rule"].values())
    assert checker.judge(WARD, content["roster"]).cost == content["cost"]
    assert content["seconds"] < 3


def test_rules_that_contradict_each_other_end_with_a_sentence(roster) -> None:
    code, out, complaints = roster(WARD.replace("Cyd,E=14|L=3,4320,3360", "Cyd,E=14|L=3,3000,3360"))
    assert (code, out) == (1, "")
    assert "Cyd: at least 56 hours of work cannot go together with at most 50 hours" in complaints


def test_a_wrong_file_ends_with_its_rows_and_writes_nothing(roster, tmp_path: Path) -> None:
    wanted = tmp_path / "solution.txt"
    code, out, complaints = roster(WARD.replace("Ada,0\n", "Ada,99\n"), "--output", str(wanted))
    assert (code, out, wanted.exists()) == (1, "", False)
    assert "day 99 is outside the horizon" in complaints
    assert all(line.startswith(f"{tmp_path}") for line in complaints.splitlines()), "each says in which file"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "tr_TR"}, "tr"),
        ({"LC_MESSAGES": "es_ES@euro", "LANG": "de_DE"}, "es"),
    ],
)
def test_the_language_is_that_of_the_terminal(environment: dict[str, str], language: str) -> None:
    assert asked_language(environment) == language


def test_refusals_are_worded_in_a_language_that_is_spoken_and_else_in_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    spoken = []
    for name in ("fr_FR.UTF-8", "nl_NL.UTF-8", "C"):
        monkeypatch.setenv("LANG", name)
        spoken.append(in_own_language(lambda: [str(get_language())], ["plain"]))
    assert spoken == [["fr"], ["plain"], ["plain"]]
