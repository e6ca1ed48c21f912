"""Accounts for the robot agents of `civicline replay`: real staff accounts, whose password everybody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.contrib.auth.hashers import make_password

from civicline.demo.teams import DOMAIN, NoSuchTeam, Team, gather
from civicline.demo.town import PASSWORD
from civicline.intake import selectors as intake_selectors
from civicline.kernel.actors import SYSTEM, acting_as
from civicline.kernel.db import writes
from civicline.people import selectors as people_selectors
from civicline.people import services as people
from civicline.routing import selectors as routing_selectors
from civicline.routing import services as routing

if TYPE_CHECKING:
    from civicline.routing.models import Queue

CAPACITY = {"voice": 1, "chat": 1, "written": 5}
"""One chat at a time, as on the telephone: the days replayed are days of calls."""
OWN_LEVEL, OTHER_LEVEL = 5, 3


def email_of(number: int) -> str:
    """The address that robot `number` (from 1) signs in with."""
    return f"robot-{number:03}@{DOMAIN}"


def make_robots(count: int) -> list[str]:
    """Make robots 1 to `count` where they are missing and put each into all queues; return their addresses.

    Each has one queue and skill of its own, with level 5, and level 3 in the others: so the router has something to
    choose by. They speak every language of the town. Harmless when repeated.
    """
    with acting_as(SYSTEM):
        queues = [queue for queue in routing_selectors.list_queues() if not queue.emergency]
        known = {user.email: user.pk for user in people_selectors.list_staff()}
        missing = [number for number in range(1, count + 1) if email_of(number) not in known]
        password_hash = make_password(PASSWORD)
        for number in missing:
            own = queues[number % len(queues)].code
            levels = {
                skill.code: OWN_LEVEL if skill.code == own else OTHER_LEVEL
                for skill in people_selectors.list_skills()
            }
            known[email_of(number)] = _make(
                email=email_of(number), password_hash=password_hash, levels=levels
            )
        robots = [known[email_of(number)] for number in range(1, count + 1)]
        for queue in queues if missing else ():
            _join(queue, robots)
    return [email_of(number) for number in range(1, count + 1)]


def _join(queue: Queue, agent_ids: Iterable[UUID]) -> None:
    """Let them serve the queue beside those who do."""
    rows = list(queue.members.all())
    own = [row.agent_id for row in rows if not row.partner]
    lent = [row.agent_id for row in rows if row.partner]
    routing.set_members(queue=queue, agent_ids=list(dict.fromkeys([*own, *agent_ids])), partner_ids=lent)


class _Work(NamedTuple):
    """What a type of call asks of an agent: the queue it waits in, and skill codes."""

    queue: str
    skills: tuple[str, ...]


def make_teams(teams: Iterable[Team]) -> list[Team]:
    """Make the robots of these teams where they are missing; return the teams, equal ones put together.

    A robot has the skills that contacts of its types of call ask for, at the level told, and serves their queues and
    no others. Raises `NoSuchTeam` for a type that this town has no service for. Harmless when repeated.
    """
    chosen = gather(teams)
    with acting_as(SYSTEM):
        work = {code: _work_of(code) for team in chosen for code, _level in team.skills}
        known = {user.email: user.pk for user in people_selectors.list_staff()}
        password_hash = make_password(PASSWORD)
        serving: dict[str, list[UUID]] = {}
        for team in chosen:
            levels = {skill: level for code, level in team.skills for skill in work[code].skills}
            for email in team.emails:
                if email not in known:
                    known[email] = _make(email=email, password_hash=password_hash, levels=levels)
                for code, _level in team.skills:
                    serving.setdefault(work[code].queue, []).append(known[email])
        for queue in routing_selectors.list_queues():
            if queue.code in serving:
                _join(queue, serving[queue.code])
    return chosen


def _work_of(service_code: str) -> _Work:
    service = intake_selectors.get_service(service_code)
    route = routing_selectors.get_route(service.pk) if service is not None else None
    if route is None:
        raise NoSuchTeam(f"This town has no service {service_code!r} with a queue.")
    return _Work(route.queue.code, tuple(skill for skill, _level in route.skills))


@writes
def _make(*, email: str, password_hash: str, levels: Mapping[str, int]) -> UUID:
    """One robot with these levels by skill code, and every language at the highest."""
    user = people.create_staff(
        email=email,
        name=email.partition("@")[0].replace("-", " ").capitalize(),
        roles=["agent"],
        password_hash=password_hash,
        capacity=CAPACITY,
    )
    skills = [
        people.SkillLevel(skill.code, OWN_LEVEL if skill.kind == "language" else levels[skill.code])
        for skill in people_selectors.list_skills()
        if skill.kind == "language" or skill.code in levels
    ]
    people.set_skills(agent_id=user.pk, skills=skills)
    made: UUID = user.pk
    return made
