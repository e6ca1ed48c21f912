"""`civicline forecast` as planners use it: tables in, tables out, and one sentence when it cannot."""

import csv
import gzip
import io
import json
import os
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from civicline.cli.commands import app
from civicline.cli.problems import Problem
from civicline.engine.forecast import Columns, read_history

CASES = Path(os.environ.get("CIVICLINE_CASES", Path(__file__).parents[4] / "shared/cases")) / "volumes"


def run(*words: str | Path, given: str | None = None) -> str:
    """The standard output of `civicline forecast`; a problem is raised as it is."""
    result = CliRunner().invoke(app, ["forecast", *map(str, words)], input=given)
    if isinstance(result.exception, Problem):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Ten weeks of half hours of two queues; the last day ends at noon."""
    rng = np.random.default_rng(11)
    rows = ["interval_start,queue,count"]
    for number in range(70 * 20 - 12):
        at = datetime.fromisoformat("2024-03-04 08:00") + timedelta(
            days=number // 20, minutes=30 * (number % 20)
        )
        rows += [f"{at},bins,{rng.poisson(30)}", f"{at},tax,{rng.poisson(9)}"]
    file = tmp_path / "history.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


def test_a_table_of_every_slot_to_come(history: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(history, "--weeks", "2"))))
    assert len(rows) == 2 * 14 * 20
    assert list(rows[0]) == ["series", "start", "minutes", "forecast", "expected", "low", "high", "note"]
    assert rows[0]["start"] == "2024-05-13T08:00"
    assert 20 < float(rows[5]["low"]) < float(rows[5]["expected"]) < float(rows[5]["high"]) < 45


def test_holidays_events_and_marked_days_are_heeded(history: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text("date,name,until,factor\n2024-05-14,letters,2024-05-15,1.5\n2024-04-01,fair,,\n")
    marked = tmp_path / "marked.txt"
    marked.write_text("2024-04-02\n2024-04-03\n")
    told = json.loads(
        run(history, "--json", "--horizon", "16", "--interval", "60", "--holidays", "GB-ENG", "--events", events,
            "--outliers", marked)
    )  # fmt: skip
    notes = {slot["start"][:10]: slot["note"] for slot in told["series"][0]["slots"]}
    assert notes["2024-05-14"] == notes["2024-05-15"] == "letters"
    assert notes["2024-05-27"] == "Spring Bank Holiday"
    by_day = {slot["start"]: slot["expected"] for slot in told["series"][0]["slots"]}
    assert by_day["2024-05-14T09:00"] > 1.3 * by_day["2024-05-16T09:00"]


def test_past_weeks_are_judged(history: Path) -> None:
    text = run(history, "--backtest", "3")
    assert "seasonal naive" in text
    assert "Poisson floor" in text
    judged = json.loads(run(history, "--backtest", "3", "--json"))["accuracy"]
    assert [one["series"] for one in judged] == ["bins", "tax"]
    assert judged[0]["poisson_floor"] < judged[0]["wape"]["civicline"] < judged[0]["wape"]["seasonal naive"]


def test_the_rest_of_today_and_a_new_service(history: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(history, "--today", "--new", "glass=bins*0.5"))))
    assert rows[0]["start"] == "2024-05-12T08:00"
    assert rows[0]["low"] == rows[0]["high"]
    assert float(rows[12]["low"]) < float(rows[12]["high"])
    glass = [float(row["expected"]) for row in rows if row["series"] == "glass"]
    bins = [float(row["expected"]) for row in rows if row["series"] == "bins"]
    assert sum(glass) == pytest.approx(sum(bins) / 2, rel=0.01)
    known = run(history, "--new", "tax=bins*0.5")
    assert len(known.splitlines()) == 1 + 2 * 7 * 20


def test_a_log_comes_packed_or_by_the_standard_input(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    rows = ["arrival"]
    for number in range(30):
        day = datetime.fromisoformat("2024-03-04") + timedelta(days=number)
        rows += [str(day + timedelta(minutes=int(minute))) for minute in sorted(rng.integers(480, 1000, 60))]
    text = "\n".join(rows) + "\n"
    packed = tmp_path / "calls.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert run(packed) == run("-", given=text)


def test_the_answer_is_written_whole(history: Path, tmp_path: Path) -> None:
    out = tmp_path / "told.csv"
    assert run(history, "--out", out) == ""
    assert out.read_text().startswith("series,start")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["history.csv", "told.csv"]
    with pytest.raises(Problem, match="cannot be written"):
        run(history, "--out", tmp_path / "nowhere" / "told.csv")


def _table(tmp_path: Path, text: str | bytes, name: str = "table.csv") -> Path:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def _days(count: int, queue: str = "") -> str:
    start = date(2024, 1, 1)
    return "".join(
        f"{start + timedelta(days=n)},{queue + ',' if queue else ''}{50 + n % 7}\n" for n in range(count)
    )


def test_a_series_too_short_is_left_out_by_name(tmp_path: Path) -> None:
    text = "date,queue,count\n" + _days(40, "old") + "2024-02-01,new,1\n"
    both = _table(tmp_path, text)
    assert "old,2024-02-10" in run(both)
    with pytest.raises(Problem, match="only 5 days"):
        run(_table(tmp_path, "date,count\n" + _days(5)))
    with pytest.raises(Problem, match="No series has enough"):
        run(_table(tmp_path, "date,queue,count\n" + _days(5, "a") + _days(5, "b")))


def test_what_cannot_be_is_said_in_one_sentence(history: Path, tmp_path: Path) -> None:
    daily = _table(tmp_path, "date,count\n" + _days(40), "daily.csv")
    for words, says in (
        ((tmp_path / "none.csv",), "none.csv cannot be read"),
        ((_table(tmp_path, b"date,count\n\xff\xfe\n", "latin.csv"),), "not text in UTF-8"),
        ((_table(tmp_path, b"no gzip", "x.csv.gz"),), "cannot be read"),
        ((_table(tmp_path, "date,count\n2024-01-01,-1\n", "bad.csv"),), "Row 2: a count cannot be -1"),
        ((_table(tmp_path, "date,count\n2024-01-01,5\0\n", "nul.csv"),), r"Row 2: '5.x00' is not a count"),
        ((_table(tmp_path, f"date,count\n2024-01-01,{'x' * 9999}\n", "long.csv"),), "Row 2: 'x{300}…' is not"),
        ((history, "--interval", "7"), "does not divide"),
        ((history, "--holidays", "XX"), "No holidays are known for 'XX'"),
        ((history, "--events", _table(tmp_path, "when\n1\n", "e1.csv")), "no column date, name"),
        ((history, "--events", _table(tmp_path, "date,name\n2024-13-01,x\n", "e2.csv")), "row 2"),
        ((history, "--events", _table(tmp_path, "date,name,until\n2024-03-02,x,2024-03-01\n")), "span of days"),
        ((history, "--outliers", "yesterday"), "takes days like"),
        ((history, "--new", "glass"), "is not like"),
        ((history, "--new", "glass=paper*1"), "no series 'paper'"),
        ((history, "--new", "glass=bins*1.2.3"), "is not a number"),
        ((daily, "--today"), "slots of a whole day"),
        ((daily, "--backtest", "30"), "1 to 0 weeks"),
    ):  # fmt: skip
        with pytest.raises(Problem, match=says):
            run(*words)


@pytest.mark.parametrize(
    ("file", "interval", "by", "days", "slots"),
    [
        ("fpp3_bank_calls_5min.csv", None, "", 180, 57),
        ("montgomery_911_15min.csv", 60, "", 203, 24),
        ("montgomery_911_calls.csv.gz", 60, "category", 203, 24),
        ("anonymous_bank_1999_08_calls.csv", None, "type", 21, 48),
        ("sf_311_cases_10000.csv", 1440, "", 2767, 1),
        ("vancouver_311_daily.csv", None, "", 5221, 1),
        ("nypd_911_daily.csv", None, "", 1369, 1),
    ],
)
def test_the_real_tables_are_read_as_they_are(
    file: str, interval: int | None, by: str, days: int, slots: int
) -> None:
    if not (CASES / file).exists():
        return
    columns = Columns(by=(by,) if by else ())
    with gzip.open(CASES / file, "rt") if file.endswith(".gz") else (CASES / file).open() as lines:
        history = read_history(lines, interval=interval, columns=columns)
    for series in history.series.values():
        assert series.days >= days  # the tables may grow
        assert len(series.starts) == slots
        assert np.nansum(series.counts) > 0


def test_a_bank_is_forecast_from_its_calls() -> None:
    if not (CASES / "anonymous_bank_1999_08_calls.csv").exists():
        return
    rows = list(
        csv.DictReader(io.StringIO(run(CASES / "anonymous_bank_1999_08_calls.csv", "--holidays", "IL")))
    )
    assert 3000 < sum(float(row["expected"]) for row in rows) < 12000
