"""`civicline simulate` and `civicline headline`, as typed: answers, and refusals that name line and key."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from civicline.cli import simulating
from civicline.cli.headline.calls import read_days
from civicline.cli.headline.comparing import Terms, compare_days, offered, shorter, together
from civicline.cli.headline.planning import forecast, shifts
from civicline.cli.headline.telling import lines, plain
from civicline.cli.problems import Problem
from civicline.cli.scenario_files import read_scenario
from civicline.engine.simulation import Callback, Rates

SCENARIO = """
title = "Two desks"

[[queue]]
name = "permits"
arrivals_from = "08:00"
arrivals = [30, 40, 40, 30]
service = {shape = "lognormal", mean = 200, variation = 1.2}
wrap_up = 20
patience = 180
hours = ["08:00-09:00"]
rings = [{after_seconds = 30, overflow = ["taxes"]}]

[[queue]]
name = "taxes"
arrivals_from = "08:00"
arrivals = [20, 20, 20, 20]
service = 240
patience = {samples = [30, 60, 600]}
languages = {es = 0.25}
callback = {above_seconds = 60, accepted = 0.5, reached = 0.9, attempts = 2}

[[team]]
name = "permits desk"
count = 8
queues = ["permits"]
shifts = ["08:00-10:00"]
breaks = ["08:30-08:45"]
hourly_cost = 30

[[team]]
name = "tax desk"
count = 6
queues = ["taxes"]
languages = ["es"]
shifts = ["08:00-10:00"]

[[surge]]
from = "08:15"
until = "08:30"
factor = 1.5
"""


def written(folder: Path, text: str = SCENARIO, name: str = "day.toml") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def simulated(files: list[Path], out: Path, *, as_json: bool = True) -> str:
    simulating.run(files, replications=3, seed=1, processes=1, live=False, as_json=as_json, out=out)
    return out.read_text()


def test_a_scenario_file_is_simulated_and_compared(tmp_path: Path) -> None:
    base = written(tmp_path)
    more = written(
        tmp_path, SCENARIO.replace("count = 6", "count = 9").replace("Two desks", "More"), "more.toml"
    )
    told = json.loads(simulated([base, more], tmp_path / "out.json"))
    first, second = told["scenarios"]
    assert first["total"]["paid_hours"][0] == 8 * 1.75 + 6 * 2
    assert first["total"]["cost"][0] == 8 * 1.75 * 30
    assert first["total"]["offered"] == second["total"]["offered"]
    difference = told["differences"][0]["total"]["mean_wait"][0]
    assert difference < 0
    assert difference == pytest.approx(
        second["total"]["mean_wait"][0] - first["total"]["mean_wait"][0], abs=1e-5
    )


def test_the_page_of_figures_has_words_and_the_same_seed_the_same_page(tmp_path: Path) -> None:
    file = written(tmp_path)
    page = simulated([file, file], tmp_path / "a.txt", as_json=False)
    assert "mean wait, s" in page
    assert "Two desks beside Two desks" in page
    assert page == simulated([file, file], tmp_path / "b.txt", as_json=False)
    assert "[-" not in page  # nobody waits less than no time, however wide the interval


def test_two_processes_answer_as_one_does(tmp_path: Path) -> None:
    scenario = read_scenario(written(tmp_path))
    seen: list[int] = []
    answers = [
        simulating.simulate_all(
            scenario, replications=2, seed=4, processes=number, progress=lambda done, of: seen.append(done)
        ).plain()
        for number in (1, 2)
    ]
    assert answers[0] == answers[1]
    assert seen == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("patience = 180", "patience = -3", r"line 10: \[\[queue\]\] number 1, patience is -3"),
        ("patience = 180", 'patience = "long"', "patience is 'long', which is no number"),
        (
            '"Two desks"',
            '"Two desks"\nanswer_seconds = 25',
            "answer_seconds is 25, and an offer of queue permits",
        ),
        ("count = 8", "cuont = 8", "line 25.*cuont is not known"),
        ("count = 8", "count = 2.5", "a whole number"),
        ("[30, 40, 40, 30]", "[30, -4]", "arrivals is -4"),
        ("[30, 40, 40, 30]", '["x"]', "arrivals is 'x'"),
        ('queues = ["permits"]', 'queues = ["bins"]', "names 'bins', which is no queue here"),
        ('overflow = ["taxes"]', 'overflow = ["bins"]', "rings names 'bins'"),
        ("after_seconds = 30,", "level = 1,", "rings are tables"),
        ("rings = [{after_seconds = 30", "rings = [{after_seconds = -5", "after_seconds is -5"),
        ('"08:00-10:00"]\nbreaks', '"10:00-08:00"]\nbreaks', "ends before it begins"),
        ('"08:30-08:45"', '"half past"', "holds 'half'|holds 'half past'"),
        ("variation = 1.2", "variation = 0", "service cannot be used"),
        ('shape = "lognormal"', 'shape = "round"', "has the shape 'round'"),
        ("variation = 1.2", "wide = 1.2", "has wide, which is not known"),
        ("samples = [30, 60, 600]", "samples = [30, -1]", "patience is -1"),
        ("es = 0.25", "es = 1.25", "languages is 1.25"),
        ("accepted = 0.5", "accpeted = 0.5", "callback has accpeted"),
        ("accepted = 0.5", "accepted = 5", "accepted is 5"),
        ("factor = 1.5", "factor = -1", "factor is -1"),
        ('until = "08:30"', 'until = "08:10"', "until cannot be used"),
        ('name = "permits"\n', 'name = "taxes"\n', "line 15.*as another queue's"),
        ('title = "Two desks"', "title = 7", "title is 7; give a text"),
        ('title = "Two desks"', "queue = 3", "is no TOML|is 3; give a list"),
        ('title = "Two desks"', "absence = 1.5", "line 2: absence is 1.5"),
        ("service = 240", "", "number 2, service is missing"),
        ('name = "tax desk"', "", "number 2, name is missing"),
        ("[[team]]", "[[team", "is no TOML"),
        ("hourly_cost = 30", "capacity = {fax = 1}", "capacity names fax"),
        ("hourly_cost = 30", "days = [3]", "days is 3"),
    ],
)
def test_what_cannot_be_is_refused_with_line_and_key(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in SCENARIO
    with pytest.raises(Problem, match=f"(?s){words}"):
        read_scenario(written(tmp_path, SCENARIO.replace(old, new, 1)))


def test_nothing_is_written_when_one_of_the_files_is_wrong(tmp_path: Path) -> None:
    wrong = written(tmp_path, "title = 'nothing'", "wrong.toml")
    with pytest.raises(Problem, match="Describe at least one"):
        simulated([written(tmp_path), wrong], tmp_path / "out.json")
    assert not (tmp_path / "out.json").exists()
    with pytest.raises(Problem, match="cannot be read"):
        read_scenario(tmp_path / "missing.toml")
    (tmp_path / "latin.toml").write_bytes(b"title = '\xe9'\n")
    with pytest.raises(Problem, match="not text in UTF-8"):
        read_scenario(tmp_path / "latin.toml")
    with pytest.raises(Problem, match="cannot be written"):
        simulated([written(tmp_path)], tmp_path / "nowhere" / "out.json")


def test_arrivals_come_from_a_forecast_or_a_log_and_again_on_each_day(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("series,start,expected\nall,2026-03-02,12\nall,2026-03-02,8\n")
    (tmp_path / "log.csv").write_text(
        "arrival\n2026-03-02 00:05:00\n2026-03-02 00:20:00\n2026-03-02 00:21:00\n"
    )
    for name, first in (("plan.csv", [12.0, 8.0]), ("log.csv", [1.0, 2.0])):
        text = SCENARIO.replace("arrivals = [30, 40, 40, 30]", f'arrivals_file = "{name}"', 1)
        text = "days = 2\n" + text.replace('arrivals_from = "08:00"\n', "", 1)
        rates = read_scenario(written(tmp_path, text)).queues[0].arrivals
        assert isinstance(rates, Rates)
        assert list(rates.counts[:2]) == list(rates.counts[96:98]) == first


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("count\n-3\n", "row 2: -3 cannot be"),
        ("count\nmany\n", "row 2: 'many' is no number"),
        ("arrival\nnoon\n", "row 2: 'noon' is no time"),
        ("colour\nred\n", "no column of counts or times"),
    ],
)
def test_a_table_of_arrivals_that_cannot_be_used_is_refused_by_row(
    tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "log.csv").write_text(content)
    text = SCENARIO.replace("arrivals = [30, 40, 40, 30]", 'arrivals_file = "log.csv"', 1)
    with pytest.raises(Problem, match=words):
        read_scenario(written(tmp_path, text))


# --- the headline

HEADING = "arrival,priority,type,queue_start,queue_sec,outcome,service_start,service_sec,server"


def call_log(folder: Path, days: int = 3) -> Path:
    """Two servers from eight to twelve who rest for half of the time, and callers who give up meanwhile."""
    rows = [HEADING]
    for day in range(1, days + 1):
        date = f"2026-03-0{day}"
        for minute in range(0, 240, 2):
            hour, rest = 8 + minute // 60, minute % 60
            time, priority = f"{hour:02}:{rest:02}:00", minute % 3
            if minute % 60 < 36:
                server = "ADA" if minute % 4 else "BO"
                rows.append(f"{date} {time},{priority},PS,,0,AGENT,{time},{150 + minute % 7},{server}")
            elif minute % 8:
                rows.append(f"{date} {time},{priority},PS,{time},{60 + minute},HANG,,0,NO_SERVER")
            else:
                later = f"{hour + (rest + 20) // 60:02}:{(rest + 20) % 60:02}:00"
                rows.append(f"{date} {time},{priority},PS,{time},1200,AGENT,{later},90,ADA")
        rows.append(f"{date} 09:00:00,0,PS,,0,PHANTOM,,0,NO_SERVER")
    file = folder / "calls.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


def test_the_same_paid_hours_planned_anew_lose_fewer_callers(tmp_path: Path) -> None:
    days = read_days(call_log(tmp_path))
    assert all("PHANTOM" not in call.server for calls in days.values() for call in calls)
    terms = Terms(replications=2, callback=Callback(30, 0.6))
    compared = compare_days(days, terms, processes=1, progress=lambda done, of: None)
    assert [day.name for day in compared] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    for day in compared:
        assert day.planned.paid_hours <= day.before.paid_hours + 1e-6
    assert shorter(compared, "lost").mean > 0.3
    assert "callers lost" in "\n".join(lines(compared, terms))
    told = plain(compared)
    assert told["all"]["calls"] == sum(day.calls for day in compared)


def test_nobody_is_planned_for_before_the_doors_open(tmp_path: Path) -> None:
    days = read_days(call_log(tmp_path))
    late = {name: [call for call in calls if call.at >= 9.5 * 3600] for name, calls in days.items()}
    expected = forecast({**days, "2026-03-03": late["2026-03-03"]}, "2026-03-03")
    assert not expected[:38].any() and expected[38] > 0
    assert expected.sum() == pytest.approx(len(days["2026-03-01"]))


def test_days_that_bring_more_work_than_the_paid_hours_hold_are_named(tmp_path: Path) -> None:
    days = read_days(call_log(tmp_path))
    compared = compare_days(days, Terms(2), processes=1, progress=lambda done, of: None)
    hours = compared[0].planned.line_hours
    answered = [call.talked for calls in days.values() for call in calls if call.talked > 0]
    work = sum(call.talked or np.mean(answered) for call in days["2026-03-01"]) / 3600
    assert compared[0].least == pytest.approx(max(0, 1 - hours / work))
    idle = [day._replace(work=0.0) for day in compared]
    assert "whatever the plan" not in "\n".join(lines(idle, Terms(2)))
    busy = [idle[0], idle[1]._replace(work=10 * idle[1].planned.line_hours)]
    told = "\n".join(lines(busy, Terms(2)))
    assert "whatever the plan" in told and told.rstrip().endswith(": 2026-03-02")
    assert plain(busy)["days"][1]["least_lost"] == 0.9


def test_calls_are_owed_from_day_to_day_and_lost_when_the_promise_is_not_kept(tmp_path: Path) -> None:
    days = read_days(call_log(tmp_path))
    evening = {
        name: [*calls, *(call._replace(at=call.at + 43_200) for call in calls)]
        for name, calls in days.items()
    }
    terms = Terms(2, callback=offered(accepted=1.0), owed=9.0, promise=2)
    kept = compare_days(evening, terms, processes=1, progress=lambda done, of: None)
    assert all((day.planned.next_day <= day.planned.called_back).all() for day in kept)
    assert sum(day.planned.next_day.sum() for day in kept) > 0
    same_day = compare_days(evening, replace(terms, promise=0), processes=1, progress=lambda done, of: None)
    assert sum(day.planned.next_day.sum() for day in same_day) == 0
    assert together(same_day, "planned", "lost").mean() > together(kept, "planned", "lost").mean()


def test_a_day_without_anything_to_halve_is_told_so(tmp_path: Path) -> None:
    compared = compare_days(
        read_days(call_log(tmp_path)), Terms(2, callback=None), processes=1, progress=lambda done, of: None
    )
    nobody = np.zeros(2)
    quiet = compared[0].before._replace(lost=nobody, on_line=nobody)
    told = "\n".join(lines([compared[0]._replace(before=quiet), *compared[1:]], Terms(2)))
    assert "2026-03-01: callers lost: there was nothing to halve." in told
    few = compared[1].before._replace(lost=np.array([0.10, 0.10]))
    some = compared[1].planned._replace(lost=np.array([0.03, 0.06]))
    told = "\n".join(lines([compared[1]._replace(before=few, planned=some)], Terms(2)))
    assert "2026-03-02: callers lost halved, though not for sure: -55 [" in told and "too few to tell" in told


def test_paid_hours_are_planned_however_late_the_doors_open(tmp_path: Path) -> None:
    waits = np.zeros(96)
    waits[90:] = 20.0
    for quarters in range(6, 80):
        planned = shifts(waits, quarters / 4, handle=200.0, patience=300.0, resting=0.1)
        assert all(one.start >= 89 and one.end <= 96 for one in planned)
        assert sum(one.end - one.start for one in planned) > quarters - 6


def test_without_rests_the_hours_on_the_line_are_those_that_were(tmp_path: Path) -> None:
    days = read_days(call_log(tmp_path))
    strict = compare_days(days, Terms(2, strict=True), processes=2, progress=lambda done, of: None)
    for day in strict:
        assert day.planned.line_hours <= day.before.line_hours + 0.25


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n", "has no column arrival"),
        (f"{HEADING}\n2026-03-01 08:00:00,0,PS,,-5,AGENT,08:00:00,5,ADA\n", "row 2: queue_sec is -5"),
        (
            f"{HEADING}\nnoon,0,PS,,5,AGENT,08:00:00,5,ADA\n",
            "row 2: arrival is noon; give it like 2026-03-02",
        ),
        (f"{HEADING}\n,0,PS,,5,AGENT,08:00:00,5,ADA\n", "row 2: arrival is empty"),
        (
            f"{HEADING}\n2026-03-01 08:00:00,0,PS,noon,5,AGENT,,5,ADA\n",
            "row 2: queue_start is noon; give it like 1",
        ),
        (
            f"{HEADING}\n2026-03-01 08:00:00,high,PS,,5,AGENT,,5,ADA\n",
            "row 2: priority is high; give 0, 1 or 2",
        ),
        (f"{HEADING}\n2026-03-01 08:00:00,0,PS,,ten,AGENT,,5,ADA\n", "row 2: queue_sec is ten; give seconds"),
        (f"{HEADING}\n2026-03-01 08:00:00,0,PS\n", "row 2: it has fewer or more cells"),
        (
            HEADING + 2 * "\n2026-03-01 08:00:00,0,PS,,0,AGENT,08:00:00,5,ADA",
            "row 3: it is the same call as row 2",
        ),
        (f"{HEADING}\n2026-03-01 08:00:00,0,PS,,0,AGENT,08:00:00,5,ADA\n", "at least two days"),
    ],
)
def test_a_log_that_cannot_be_used_is_refused_by_row(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(content)
    with pytest.raises(Problem, match=words):
        read_days(file)
