"""A chosen set of robot agents, by what they can do: "6:PS=5,NW=3" is six who know two types of call.

A type of call is a letter code of the bank's days (`demo.replay.day.SERVICES`) or the code of a service; a level goes
from 1 to 5. A robot's address follows from its skills, so the same words always mean the same accounts.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from civicline.demo.replay.day import SERVICES

DOMAIN = "robots.saltmere.example"
MOST = 500
LEVELS = range(1, 6)
WRITTEN = re.compile(r"(?P<robots>\d+):(?P<skills>.+)")
HOW = "write it as 6:PS=5,NW=3 (how many robots, then type of call and level from 1 to 5)"
LONGEST_KEY = 40
_TYPES = {service: kind for kind, service in SERVICES.items()}


class NoSuchTeam(ValueError):
    """A team that cannot be; the text says how it is written."""


@dataclass(frozen=True, slots=True)
class Team:
    """So many robots with the same skills: service code -> level, sorted."""

    robots: int
    skills: tuple[tuple[str, int], ...]

    @property
    def words(self) -> str:
        """As it is written on the command line: "6:PS=5,NW=3"."""
        return f"{self.robots}:" + ",".join(
            f"{_TYPES.get(code, code)}={level}" for code, level in self.skills
        )

    @property
    def emails(self) -> list[str]:
        """The addresses that these robots sign in with."""
        key = "-".join(f"{_TYPES.get(code, code).lower()}{level}" for code, level in self.skills)
        if len(key) > LONGEST_KEY:
            key = hashlib.sha256(key.encode()).hexdigest()[:12]
        return [f"robot-{key}-{number:03}@{DOMAIN}" for number in range(1, self.robots + 1)]


def parse(text: str) -> Team:
    """One team as it is written on the command line. Raises `NoSuchTeam`."""
    found = WRITTEN.fullmatch(text.replace(" ", ""))
    pairs = [pair.partition("=") for pair in found["skills"].split(",")] if found else []
    if found is None or not all(kind and level.isdigit() for kind, _equals, level in pairs):
        raise NoSuchTeam(f"{text!r} is no team; {HOW}.")
    if len({kind for kind, _equals, _level in pairs}) < len(pairs):
        raise NoSuchTeam(f"{text!r} names a type of call twice.")
    return _team(int(found["robots"]), {kind: int(level) for kind, _equals, level in pairs}, text)


def read(path: Path) -> list[Team]:
    """The teams of a TOML file: tables [[team]] with `robots` and `skills`. Raises `NoSuchTeam`."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NoSuchTeam(f"{path} cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NoSuchTeam(f"{path} is no TOML: {error}.") from error
    tables = told.get("team")
    if set(told) != {"team"} or not isinstance(tables, list) or not tables:
        raise NoSuchTeam(f"{path} has to hold tables [[team]], each with robots and skills.")
    return [_table(table, f"{path}, team {number}") for number, table in enumerate(tables, start=1)]


def _table(table: Mapping[str, Any], where: str) -> Team:
    robots, skills = table.get("robots"), table.get("skills")
    known = set(table) == {"robots", "skills"} and type(robots) is int and isinstance(skills, dict)
    if not known or not skills or not all(type(level) is int for level in skills.values()):
        raise NoSuchTeam(f"{where}: write robots = 6 and skills = {{ PS = 5, NW = 3 }}, and nothing else.")
    return _team(int(table["robots"]), skills, where)


def _team(robots: int, skills: Mapping[str, int], where: str) -> Team:
    if not 1 <= robots <= MOST:
        raise NoSuchTeam(f"{where}: a team has 1 to {MOST} robots.")
    wrong = [kind for kind, level in skills.items() if level not in LEVELS]
    if wrong:
        raise NoSuchTeam(f"{where}: the level of {wrong[0]} goes from 1 to 5.")
    named = {SERVICES.get(kind.upper(), kind): level for kind, level in skills.items()}
    if len(named) < len(skills):
        raise NoSuchTeam(f"{where}: one type of call is named twice.")
    return Team(robots, tuple(sorted(named.items())))


def gather(teams: Iterable[Team]) -> list[Team]:
    """The teams with those of equal skills put together, so that no two robots share an address."""
    total: dict[tuple[tuple[str, int], ...], int] = {}
    for team in teams:
        total[team.skills] = total.get(team.skills, 0) + team.robots
    found = [Team(robots, skills) for skills, robots in total.items()]
    if sum(team.robots for team in found) > MOST:
        raise NoSuchTeam(f"There are more than {MOST} robots; choose fewer.")
    return found
