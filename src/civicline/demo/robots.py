"""Accounts for the robot agents of `civicline replay`: real staff accounts, whose password everybody knows."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.hashers import make_password

from civicline.demo.town import PASSWORD
from civicline.kernel.actors import SYSTEM, acting_as
from civicline.kernel.db import writes
from civicline.people import selectors as people_selectors
from civicline.people import services as people
from civicline.routing import selectors as routing_selectors
from civicline.routing import services as routing

DOMAIN = "robots.saltmere.example"
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
            known[email_of(number)] = _make(number=number, password_hash=password_hash, own=own)
        robots = [known[email_of(number)] for number in range(1, count + 1)]
        for queue in queues if missing else ():
            present = [row.agent_id for row in queue.members.all()]
            routing.set_members(queue=queue, agent_ids=list(dict.fromkeys([*present, *robots])))
    return [email_of(number) for number in range(1, count + 1)]


@writes
def _make(*, number: int, password_hash: str, own: str) -> UUID:
    user = people.create_staff(
        email=email_of(number),
        name=f"Robot {number:03}",
        roles=["agent"],
        password_hash=password_hash,
        capacity=CAPACITY,
    )
    levels = [
        people.SkillLevel(
            skill.code, OWN_LEVEL if skill.kind == "language" or skill.code == own else OTHER_LEVEL
        )
        for skill in people_selectors.list_skills()
    ]
    people.set_skills(agent_id=user.pk, skills=levels)
    made: UUID = user.pk
    return made
