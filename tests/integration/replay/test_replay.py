"""`civicline replay` against a running server: the demo's day, a moment of it, with everybody accounted for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from civicline.demo.replay import day as days
from tests.servers import Civicline

MakeServer = Callable[..., Civicline]


def test_a_moment_of_the_demo_day_is_accounted_for_once(
    make_server: MakeServer, chosen_database: dict[str, str]
) -> None:
    server = make_server(environment=chosen_database)
    server.run("demo", "--robots", "10")
    options = ["--source", "demo", "--minutes", "0.15", "--speed", "60", "--agents", "10", "--json"]
    done = server.run("replay", "--server", server.url, *options)
    report = json.loads(done.stdout)
    assert report["unsettled"] == []
    assert report["planned"] == report["offered"] == report["answered"] + report["abandoned"] >= 3
    assert report["accounted"] == report["offered"]
    assert (report["missing"], report["twice"], report["unfinished"], report["refused"]) == (0, 0, 0, 0)
    assert report["answered"] > 0
    assert 0 <= report["latency_p50_ms"] <= report["latency_p95_ms"] <= report["latency_p99_ms"]
    assert 0 < report["occupancy"] <= 1
    assert report["concurrency"] >= 1


def test_a_replay_that_is_stopped_ends_with_everybody_home_and_a_report(
    make_server: MakeServer, chosen_database: dict[str, str]
) -> None:
    server = make_server(environment=chosen_database)
    server.run("demo", "--robots", "4")
    options = ["--source", "demo", "--speed", "60", "--agents", "4", "--minutes", "10", "--stop-after", "0.1"]
    report = json.loads(server.run("replay", "--server", server.url, *options, "--json").stdout)
    assert 0 < report["offered"] < report["planned"]
    assert (report["unsettled"], report["missing"], report["unfinished"]) == ([], 0, 0)


def test_chosen_robots_answer_the_types_of_call_they_know_and_no_others(
    make_server: MakeServer, chosen_database: dict[str, str], tmp_path: Path
) -> None:
    server = make_server(environment=chosen_database)
    file = tmp_path / "robots.toml"
    file.write_text(
        "[[team]]\nrobots = 4\nskills = { PS = 5 }\n\n[[team]]\nrobots = 1\nskills = { NW = 3 }\n"
    )
    options = ["--source", "demo", "--minutes", "0.3", "--speed", "60", "--robots-file", str(file), "--json"]
    refused = server.run("replay", "--server", server.url, *options, check=False)
    assert refused.stderr.strip().splitlines()[-1] == (
        "Not all of these robots can sign in; make them with: civicline demo --team 4:PS=5 --team 1:NW=3"
    )
    made = server.run("demo", "--team", "4:PS=5", "--team", "1:NW=3")
    assert "robot-ps5-001@robots.saltmere.example to robot-ps5-004@" in made.stdout
    report = json.loads(server.run("replay", "--server", server.url, *options).stdout)
    assert report["teams"] == ["4:PS=5", "1:NW=3"]
    assert report["agents"] == 5
    by_service = {part["service"]: part for part in report["by_service"]}
    assert by_service["council-tax"]["answered"] > 0
    assert [
        code
        for code, part in by_service.items()
        if part["answered"] and code not in ("council-tax", "general")
    ] == []
    assert sum(part["offered"] for part in by_service.values()) == report["offered"]
    assert (report["unsettled"], report["missing"], report["twice"]) == ([], 0, 0)


def test_a_server_that_is_not_there_is_told_in_one_sentence(make_server: MakeServer) -> None:
    server = make_server(start=False)
    done = server.run("replay", "--server", server.url, "--agents", "1", check=False)
    assert done.returncode == 1
    assert "Is http" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_day_that_is_shipped_is_the_generators() -> None:
    assert days.demo_day() == days.generate()


def test_a_bank_day_keeps_calls_that_reached_the_queue(cases: Path) -> None:
    calls = days.bank_day(cases, "1999-08-16", seed=1)
    assert len(calls) > 1_000
    assert [call.at for call in calls] == sorted(call.at for call in calls)
    assert min(call.patience for call in calls) >= 1.0
    assert {call.service for call in calls} <= set(days.SERVICES.values())


def test_a_day_without_calls_says_which_there_are(cases: Path) -> None:
    with pytest.raises(days.NoSuchDay, match="1999-08-01 to 1999-08-31"):
        days.bank_day(cases, "2001-01-01", seed=1)
