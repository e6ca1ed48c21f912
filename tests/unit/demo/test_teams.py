"""Who the robots are: teams by type of call and level, on the command line or in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from civicline.demo.teams import NoSuchTeam, gather, parse, read


def test_a_team_is_written_as_a_count_and_levels_by_type_of_call() -> None:
    team = parse("6: ps=5, NW=3")
    assert team.robots == 6
    assert dict(team.skills) == {"council-tax": 5, "general": 3}
    assert team.words == "6:PS=5,NW=3"
    assert parse(team.words) == team


def test_a_service_of_the_town_may_be_named_by_its_own_code() -> None:
    assert parse("1:blue-badge=2").words == "1:blue-badge=2"
    assert parse("1:council-tax=2") == parse("1:PS=2")


def test_the_same_skills_are_the_same_accounts_in_whatever_order() -> None:
    assert parse("2:PS=5,NW=3").emails == parse("2:NW=3,PS=5").emails
    assert parse("2:PS=5").emails == [
        "robot-ps5-001@robots.saltmere.example",
        "robot-ps5-002@robots.saltmere.example",
    ]
    assert not set(parse("9:PS=5").emails) & set(parse("9:PS=4").emails)


def test_long_lists_of_skills_still_make_addresses_that_mail_takes() -> None:
    (email,) = parse("1:" + ",".join(f"service-number-{number}=3" for number in range(9))).emails
    assert len(email.partition("@")[0]) <= 64


def test_equal_teams_are_put_together_so_that_nobody_is_there_twice() -> None:
    (team,) = gather([parse("2:PS=5"), parse("3:PS=5")])
    assert len(set(team.emails)) == team.robots == 5
    with pytest.raises(NoSuchTeam, match="more than 500"):
        gather([parse("300:PS=5"), parse("300:PS=4")])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("PS=5", "write it as 6:PS=5,NW=3"),
        ("6:PS", "write it as"),
        ("6:PS=x", "write it as"),
        ("6:", "write it as"),
        ("0:PS=5", "1 to 500"),
        ("501:PS=5", "1 to 500"),
        ("6:PS=6", "level of PS goes from 1 to 5"),
        ("6:PS=0", "level of PS goes from 1 to 5"),
        ("6:PS=5,PS=4", "twice"),
        ("6:PS=5,council-tax=4", "twice"),
    ],
)
def test_a_team_that_cannot_be_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(NoSuchTeam, match=why):
        parse(text)


def test_a_file_says_the_same(tmp_path: Path) -> None:
    file = tmp_path / "robots.toml"
    file.write_text(
        "[[team]]\nrobots = 6\nskills = { PS = 5, NW = 3 }\n[[team]]\nrobots = 2\nskills = { IN = 5 }\n"
    )
    assert [team.words for team in read(file)] == ["6:PS=5,NW=3", "2:IN=5"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[team", "is no TOML"),
        ("", "tables"),
        ("[team]\nrobots = 1", "tables"),
        ("[[team]]\nrobots = 1", "team 1: write robots = 6"),
        ('[[team]]\nrobots = "1"\nskills = { PS = 5 }', "team 1: write robots = 6"),
        ('[[team]]\nrobots = 1\nskills = { PS = "5" }', "team 1: write robots = 6"),
        ("[[team]]\nrobots = 1\nskills = {}", "team 1: write robots = 6"),
        ("[[team]]\nrobots = 1\nskills = { PS = 9 }", "team 1: the level of PS"),
        ("[[team]]\nrobots = 1\nskill = { PS = 5 }", "team 1: write robots = 6"),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_words(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "robots.toml"
    file.write_text(text)
    with pytest.raises(NoSuchTeam, match=why):
        read(file)


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(NoSuchTeam, match="cannot be read"):
        read(tmp_path / "none.toml")
