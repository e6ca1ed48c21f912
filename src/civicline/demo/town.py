"""Makes Saltmere: what an administrator would set up by hand, through the same services, and a morning's history."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from importlib import resources
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import make_password

from civicline.cases import services as cases
from civicline.demo.afterwards import what_came_of_it
from civicline.demo.calls import give_telephones, make_menu
from civicline.demo.history import live_a_day
from civicline.demo.planning import plan_the_town
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel import clock, counters
from civicline.kernel.actors import SYSTEM, acting_as
from civicline.kernel.db import writes
from civicline.knowledge import services as knowledge
from civicline.knowledge.selectors import list_canned_texts
from civicline.people import selectors as people_selectors
from civicline.people import services as people
from civicline.routing import selectors as routing_selectors
from civicline.routing import services as routing

MARK = "demo.saltmere"
PASSWORD = "saltmere-demo"  # noqa: S105 -- told on the screen; `civicline check --deploy` refuses to go live with it
DEFAULT_CAPACITY = {"voice": 1, "chat": 3, "written": 5}
LANGUAGE_NAMES = {
    "en": {"en": "English", "es": "Inglés", "fr": "Anglais", "ar": "الإنجليزية", "tr": "İngilizce"},
    "es": {"en": "Spanish", "es": "Español", "fr": "Espagnol", "ar": "الإسبانية", "tr": "İspanyolca"},
    "fr": {"en": "French", "es": "Francés", "fr": "Français", "ar": "الفرنسية", "tr": "Fransızca"},
    "ar": {"en": "Arabic", "es": "Árabe", "fr": "Arabe", "ar": "العربية", "tr": "Arapça"},
    "tr": {"en": "Turkish", "es": "Turco", "fr": "Turc", "ar": "التركية", "tr": "Türkçe"},
}


class SignIn(NamedTuple):
    """One account of the demo to try: role, email, password."""

    role: str
    email: str
    password: str


def plan() -> dict[str, Any]:
    """What Saltmere is made of, as written in data/saltmere.toml."""
    return tomllib.loads((resources.files("civicline.demo") / "data" / "saltmere.toml").read_text("utf-8"))


def is_seeded() -> bool:
    """Whether the town is there, whole: a first start that was interrupted goes on where it stopped."""
    return counters.peek(MARK) is not None


def sign_ins() -> list[SignIn]:
    """The first account of each role."""
    found: dict[str, SignIn] = {}
    for person in plan()["staff"]:
        role = person["roles"][0]
        found.setdefault(role, SignIn(role, person["email"], PASSWORD))
    return list(found.values())


def connect_telephones() -> int:
    """Give everybody of the town who takes contacts a telephone in their browser; returns how many are new."""
    with acting_as(SYSTEM):
        return give_telephones([row["email"] for row in plan()["staff"] if "skills" in row])


def seed(*, history: bool = True) -> None:
    """Make the town in an empty database; nothing is done when it is there.

    `history` adds contacts and cases of yesterday and this morning, so that boards, waits and searches have
    something to show. They go through the same services as real ones, with the clock set back.
    """
    if is_seeded():
        return
    with acting_as(SYSTEM):
        _make(plan())
        if history:
            lived = live_a_day()
            plan_the_town()
            what_came_of_it(opened=lived.opened, answered=lived.answered)
        _done()


@writes
def _done() -> None:
    counters.drawn_once(MARK, lambda: 1)


def _make(town: Mapping[str, Any]) -> None:
    _make_catalogue(town)
    _make_skills(town["skill"])
    _make_staff(town["staff"])
    _make_routes(town)
    _make_texts(town)
    make_menu()


def _make_catalogue(town: Mapping[str, Any]) -> None:
    calendars = {}
    for row in town["calendar"]:
        country = settings.CIVICLINE.town_country if row.get("holidays") else ""
        calendars[row["code"]] = intake.save_calendar(
            code=row["code"],
            name=row["name"],
            timezone=settings.CIVICLINE.town_time_zone,
            weekly=row["weekly"],
            holiday_country=country,
        )
    for position, row in enumerate(town["service"]):
        kept = {name: row[name] for name in _SERVICE_FIELDS if name in row}
        service = intake.save_service(
            code=row["code"], calendar=calendars[row["calendar"]], name=row["name"], position=position, **kept
        )
        for order, question in enumerate(row.get("attribute", ())):
            intake.save_attribute(service=service, position=order, **question)
    for position, row in enumerate(town["queue"]):
        kept = {name: row[name] for name in _QUEUE_FIELDS if name in row}
        routing.save_queue(
            code=row["code"], name=row["name"], calendar=calendars[row["calendar"]], position=position, **kept
        )
    for row in town["policy"]:
        cases.save_policy(type=row["type"], calendar=calendars["town-hall"], targets=row["targets"])


_SERVICE_FIELDS = ("description", "group", "icon", "keywords", "kind", "case_type", "channels", "next_steps")
_QUEUE_FIELDS = ("target_seconds", "target_share", "max_waiting", "emergency")


def _make_skills(rows: list[Mapping[str, Any]]) -> None:
    for row in rows:
        people.save_skill(code=row["code"], kind="service", name=row["name"])
    for code, name in LANGUAGE_NAMES.items():
        people.save_skill(code=code, kind="language", name=name)


def _make_staff(rows: list[Mapping[str, Any]]) -> None:
    password_hash = make_password(PASSWORD)
    known = {user.email for user in people_selectors.list_staff()}
    for row in rows:
        if row["email"] in known:
            continue
        user = people.create_staff(
            email=row["email"],
            name=row["name"],
            roles=row["roles"],
            password_hash=password_hash,
            capacity=DEFAULT_CAPACITY if "skills" in row else None,
        )
        if "skills" in row:
            levels = {**row["skills"], **row["languages"]}
            skills = [people.SkillLevel(code, level) for code, level in levels.items()]
            people.set_skills(agent_id=user.pk, skills=skills)


def _make_routes(town: Mapping[str, Any]) -> None:
    queues = {queue.code: queue for queue in routing_selectors.list_queues()}
    for row in town["queue"]:
        rings = [routing.RingSpec(**ring) for ring in row.get("rings", ())]
        routing.set_rings(queue=queues[row["code"]], rings=rings)
    ids = {user.email: user.pk for user in people_selectors.list_staff()}
    for code, queue in queues.items():
        members = [ids[row["email"]] for row in town["staff"] if code in row.get("queues", ())]
        routing.set_members(queue=queue, agent_ids=members)
    services = {service.code: service for service in intake_selectors.list_services(questions=False)}
    for row in town["service"]:
        skills = [(skill, level) for skill, level in row.get("skills", ())]
        routing.save_route(service=services[row["code"]], queue=queues[row["queue"]], skills=skills)


def _make_texts(town: Mapping[str, Any]) -> None:
    services = {service.code: service for service in intake_selectors.list_services(questions=False)}
    known = {text.code for text in list_canned_texts()}
    for row in town["canned"]:
        if row["code"] in known:
            continue
        service = services.get(row.get("service", ""))
        knowledge.create_canned_text(code=row["code"], title=row["title"], body=row["body"], service=service)
    now = clock.now()
    for row in town["service_message"]:
        intake.save_service_message(
            kind=row["kind"],
            title=row["title"],
            body=row["body"],
            starts_at=now,
            ends_at=now + timedelta(days=28),
            services=[services[code] for code in row.get("services", ())],
        )
