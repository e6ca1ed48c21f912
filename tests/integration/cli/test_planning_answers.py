"""`civicline simulate --day`, `training` and `hiring`: the planner's answers on the terminal, and clear refusals."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from civicline.cli import day_replaying, planning_answers, simulating
from civicline.cli.problems import Problem
from civicline.people import services as people
from civicline.routing import services as routing
from civicline.routing.selectors import offers_of
from civicline.workforce.scenarios import Changes
from civicline.workforce.services.scenarios import ask_what_if
from tests.integration.workforce.conftest import TODAY, crew, queue, shift
from tests.town import Town

__all__ = ["crew", "queue"]
pytestmark = pytest.mark.django_db(transaction=True)
HIRING = {
    "months": 6, "leavers": 2, "person_years": 12.0, "lead": 2, "training": 1, "away": 18, "week_hours": 38.0,
    "chance": 80,
}  # fmt: skip


@pytest.fixture
def lived(town: Town) -> UUID:
    """Nadia took one chat today; another resident gave up."""
    nadia = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4}, capacity={"chat": 1})
    first, second = town.chat("council-tax"), town.chat("benefits")
    town.settle()
    routing.accept_offer(offer_id=offers_of(nadia)[0].id, agent_id=nadia)
    town.clock.advance(120)
    routing.leave_queue(contact_id=second.id)
    routing.complete(contact_id=first.id, agent_id=nadia, disposition="solved")
    town.clock.advance(60)
    town.settle()
    return nadia


def replay(
    rules: str = "", day: str = TODAY.isoformat(), *, as_json: bool = True, out: Path | None = None
) -> None:
    """The command, with few replications."""
    day_replaying.run(day, rules, False, replications=2, seed=1, as_json=as_json, out=out)


def test_a_day_of_the_log_is_told_for_programs_and_for_people(
    lived: UUID, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "pooled.toml"
    rules.write_text('pool = true\nopens = "08:30"\nmore = 20\n', encoding="utf-8")
    replay(str(rules))
    told = json.loads(capsys.readouterr().out)
    assert (told["day"], told["real"]["offered"], told["real"]["abandoned"]) == (TODAY.isoformat(), 2, 1)
    assert told["a"]["mean_wait"][0] == pytest.approx(told["real"]["mean_wait"])
    replay(as_json=False, out=tmp_path / "day.txt")
    text = (tmp_path / "day.txt").read_text(encoding="utf-8")
    assert "replayed as it was" in text
    assert "gave up or waited to the end, %" in text


def test_a_day_is_replayed_with_other_rules_of_a_queue(
    lived: UUID, town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people.set_skill(agent_id=lived, code="benefits", level=2)
    rules = tmp_path / "help.toml"
    rules.write_text(
        'rule_queue = "benefits"\nhelp_from = "council-tax"\nhelp_after = 30\n', encoding="utf-8"
    )
    replay(str(rules))
    told = json.loads(capsys.readouterr().out)["lines"]["benefits"]
    assert (told["real"]["answered"], told["a"]["answered"][0], told["b"]["answered"][0]) == (0, 0, 1)


def test_a_saved_scenario_goes_by_its_name(lived: UUID, capsys: pytest.CaptureFixture[str]) -> None:
    ask_what_if(name="One team", day=TODAY, changes=Changes(pool=True))
    replay("One team")
    assert json.loads(capsys.readouterr().out)["rules"] == "One team"


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("poool = true", "there is no change 'poool'"),
        ('pool = "yes"', "pool has to be true or false"),
        ('opens = "half past"', "opens is no time"),
        ("more = 1.5", "more has to be a whole number"),
        ("pool = ", "is no TOML"),
        ("extra = 900", "sensible bounds"),
    ],
)
def test_rules_that_cannot_be_read_are_refused_with_file_and_key(
    lived: UUID, tmp_path: Path, rules: str, words: str
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(rules, encoding="utf-8")
    with pytest.raises(Problem, match=words):
        replay(str(file))


def test_days_and_files_that_cannot_be_are_refused(lived: UUID) -> None:
    refused: tuple[tuple[Callable[[], None], str], ...] = (
        (lambda: replay(day="yesterday"), "is not a day"),
        (lambda: replay(day=(TODAY - timedelta(days=3)).isoformat()), "no contacts"),
        (lambda: replay("missing.toml"), "cannot be read"),
        (lambda: replay("No such scenario"), "no saved scenario"),
        (lambda: replay(day="", rules="x"), "Name it with --day"),
        (
            lambda: day_replaying.run("2026-03-02", "", True, replications=1, seed=1, as_json=True, out=None),
            "not both",
        ),
        (
            lambda: simulating.run(
                [], replications=1, seed=1, processes=1, live=False, as_json=True, out=None
            ),
            "Name a",
        ),
    )
    for deed, words in refused:
        with pytest.raises(Problem, match=words):
            deed()


def training(day: str = "", *, as_json: bool = False) -> None:
    """The command, with few replications."""
    planning_answers.training(day, most=1, hours=8, budget=0, replications=2, seed=1, as_json=as_json)


def test_trainings_are_told(crew: dict[str, UUID], capsys: pytest.CaptureFixture[str]) -> None:
    shift(crew["Asha"], TODAY + timedelta(days=1), 480, 1080)
    training()
    told = capsys.readouterr().out
    assert f"{TODAY + timedelta(days=1)}: mean wait" in told
    assert "takes every queue" in told
    training((TODAY + timedelta(days=1)).isoformat(), as_json=True)
    assert json.loads(capsys.readouterr().out)["ended"] == "nobody"
    with pytest.raises(Problem, match="Nobody has a shift"):
        training((TODAY + timedelta(days=3)).isoformat())


def test_hiring_is_told_as_lines_json_and_a_table(
    crew: dict[str, UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    planning_answers.hiring(HIRING, as_json=False, as_csv=False)
    assert "6 people;" in capsys.readouterr().out
    planning_answers.hiring(HIRING, as_json=True, as_csv=False)
    months = json.loads(capsys.readouterr().out)["months"]
    planning_answers.hiring(HIRING, as_json=False, as_csv=True)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [float(row["need"]) for row in rows] == [one["need"] for one in months]
    planning_answers.hiring(
        {**HIRING, "season": {"4": 150}, "agreed": {"2026-05": 2}}, as_json=True, as_csv=False
    )
    april, may, *_rest = json.loads(capsys.readouterr().out)["months"]
    assert (april["season"], may["agreed"]) == (1.5, 2)
    assert april["need"] > 1.2 * months[0]["need"]
    assert planning_answers.pairs(["3=130", "8=80"], "--month 3=130") == {"3": 130, "8": 80}
    for wrong in (["3"], ["3=x"], ["3=1", "3=2"]):
        with pytest.raises(Problem, match=r"cannot be read\. Write it like --month 3=130"):
            planning_answers.pairs(wrong, "--month 3=130")
    with pytest.raises(Problem, match="leavers: More people left"):
        planning_answers.hiring({**HIRING, "leavers": 50}, as_json=False, as_csv=False)
