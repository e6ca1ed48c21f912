"""`civicline staff`: from a table of volumes to a plan, or to sentences that say what is wrong in which row."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from civicline.cli import commands
from civicline.cli.staffing import COLUMNS

MORNING = "start,contacts\n09:00,100\n09:15,120.5\n09:30,0\n"


@pytest.fixture
def staff(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run the command on a table; gives (exit code, what it printed, what it complained of)."""

    def run(table: str | bytes | None, *options: str, name: str = "volumes.csv") -> tuple[int, str, str]:
        file = tmp_path / name
        if isinstance(table, bytes):
            file.write_bytes(table)
        elif table is not None:
            file.write_text(table, encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["civicline", "staff", str(file), *options])
        code = commands.run()
        return (code, *capsys.readouterr())

    return run


def planned(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_morning_without_a_patience_is_planned_by_erlang_c(staff) -> None:
    code, out, complaints = staff(MORNING)
    rows = planned(out)
    assert (code, complaints) == (0, "")
    assert list(rows[0]) == list(COLUMNS)
    assert [row["start"] for row in rows] == ["09:00", "09:15", "09:30"]
    assert [row["positions"] for row in rows] == ["39", "46", "0"]
    assert all(float(row["answered_within"]) >= 0.8 for row in rows)
    assert rows[0]["load"] == "33.3333"


def test_the_column_of_a_history_tells_when_an_interval_begins(staff) -> None:
    _, out, _ = staff("time,count\n2026-03-02 09:00,30\n2026-03-02 09:15,20\n")
    assert [row["start"] for row in planned(out)] == ["2026-03-02 09:00", "2026-03-02 09:15"]


def test_a_patience_and_shrinkage_change_both_numbers(staff) -> None:
    _, out, _ = staff(MORNING, "--patience", "180", "--shrinkage", "0.3")
    rows = planned(out)
    assert [(row["positions"], row["scheduled"]) for row in rows[:2]] == [("36", "52"), ("43", "62")]
    assert 0 < float(rows[0]["abandoned"]) < 0.1


def test_a_row_may_have_its_own_times_and_the_others_take_the_common_ones(staff) -> None:
    table = (
        "series,start,minutes,expected,handle_seconds,patience_seconds\n"
        "tax,09:00,30,50,600,\n"
        "bins,09:00,,50,,60\n"
    )
    code, out, _ = staff(table, "--handle", "120", "--interval", "60")
    tax, bins = planned(out)
    assert code == 0
    assert (float(tax["load"]), tax["minutes"]) == (pytest.approx(16.6667), "30")
    assert (float(bins["load"]), bins["minutes"]) == (pytest.approx(1.6667), "60")
    assert tax["abandoned"] == "0.0"
    assert float(bins["abandoned"]) > 0


def test_work_that_lasts_into_the_next_interval_is_counted_there(staff) -> None:
    table = "series,start,contacts\na,1,60\na,2,0\nb,1,0\nb,2,60\n"
    _, out, _ = staff(table, "--handle", "900", "--carry-over")
    loads = [float(row["load"]) for row in planned(out)]
    assert loads[0] == 60
    assert 20 < loads[1] < 40, "it is still being done"
    assert loads[2] == 0, "each series by itself"
    code, _, complaints = staff("contacts,minutes\n5,15\n5,30\n", "--carry-over")
    assert (code, "volumes.csv, row 3: work can be carried over only" in complaints) == (1, True)


def test_programs_get_the_definitions_and_the_hours_too(staff) -> None:
    code, out, _ = staff(
        MORNING, "--json", "--share", "0.9", "--within", "60", "--max-occupancy", "0.8", "--of-patient",
        "--max-wait", "30", "--max-abandon", "0.05", "--patience", "300",
    )  # fmt: skip
    told = json.loads(out)
    assert code == 0
    assert told["columns"] == COLUMNS
    assert told["target"] == {
        "share": 0.9,
        "within_seconds": 60.0,
        "max_mean_wait": 30.0,
        "max_abandon": 0.05,
        "max_occupancy": 0.8,
        "of_patient": True,
    }
    assert told["person_hours"] == sum(row["positions"] for row in told["rows"]) / 4
    assert all(row["occupancy"] <= 0.8 for row in told["rows"])


def test_a_packed_table_and_a_file_for_the_answer(staff, tmp_path: Path) -> None:
    plan = tmp_path / "plan.csv"
    code, out, _ = staff(gzip.compress(MORNING.encode()), "--out", str(plan), name="volumes.csv.gz")
    assert (code, out) == (0, "")
    assert len(planned(plan.read_text(encoding="utf-8"))) == 3
    assert sorted(file.name for file in tmp_path.iterdir()) == ["plan.csv", "volumes.csv.gz"]


def test_a_pipe_is_read_and_the_count_may_have_any_name(
    staff, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(sys, "argv", ["civicline", "staff", "-", "--count-column", "n"])
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n12\n"))
    assert commands.run() == 0
    assert planned(capsys.readouterr().out)[0]["contacts"] == "12"


def test_semicolons_and_tabs_part_columns_too_as_in_a_forecast(staff) -> None:
    plain = staff(MORNING)
    assert plain[0] == 0
    assert staff(MORNING.replace(",", ";")) == plain
    assert staff(MORNING.replace(",", "\t")) == plain


def test_every_bad_row_is_named_and_nothing_is_written(staff, tmp_path: Path) -> None:
    table = (
        "start,contacts,minutes\n09:00,ten,15\n09:15,-1,15\n09:30,,15\n09:45,5,0\n10:00,5,15\n10:00,5,15\n"
    )
    plan = tmp_path / "plan.csv"
    code, out, complaints = staff(table, "--out", str(plan))
    assert (code, out, plan.exists()) == (1, "", False)
    file = tmp_path / "volumes.csv"
    assert complaints.splitlines() == [
        f"{file}, row 2: contacts is 'ten', which is no number.",
        f"{file}, row 3: contacts is -1; give a number from 0 upwards.",
        f"{file}, row 4: contacts is empty.",
        f"{file}, row 5: minutes is 0; give a number above 0.",
        f"{file}, row 7: 10:00 stands in row 6 already.",
    ]
    _, _, complaints = staff("contacts\n" + "x\n" * 15)
    assert complaints.splitlines()[-1] == f"{file}: and 5 rows more."


@pytest.mark.parametrize(
    ("table", "options", "words"),
    [
        ("start,number\n1,2\n", [], "has no column contacts or expected"),
        ("", [], "The table is empty"),
        ("contacts\n", [], "has no rows"),
        ("contacts\n1e12\n", [], "beyond any team"),
        (b"contacts\n\xff\n", [], "not text in UTF-8"),
        (None, [], "cannot be read (No such file"),
        (MORNING, ["--share", "1.5"], "service level of 1.5"),
        (MORNING, ["--handle", "0"], "--handle is 0"),
        (MORNING, ["--patience", "-5"], "--patience is -5"),
        (MORNING, ["--interval", "nan"], "--interval is nan"),
        (MORNING, ["--shrinkage", "1"], "leaves nobody"),
        (MORNING, ["--out", "/nowhere/plan.csv"], "/nowhere/plan.csv cannot be written"),
    ],
)
def test_what_cannot_be_planned_is_said_in_one_sentence(staff, table, options: list[str], words: str) -> None:
    code, out, complaints = staff(table, *options)
    assert (code, out) == (1, "")
    assert words in complaints
    assert "Traceback" not in complaints
