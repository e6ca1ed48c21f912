"""A small town hall: a service open on working days from nine to five, promises, and people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from civicline.cases.models import Case, CasePolicy
from civicline.cases.services import Opened, open_case
from civicline.intake.models import Calendar, Contact, Service
from civicline.intake.references import next_reference
from civicline.kernel import clock, ids
from civicline.kernel.db import writes
from civicline.people import services as people
from civicline.people.models import Resident, User
from civicline.people.permissions import Role

TUESDAY = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
HOUR = 3600
DAY = 8 * HOUR
"""A working day in open seconds."""


@pytest.fixture
def time() -> Iterator[clock.ManualClock]:
    """The clock on the wall: Tuesday 10 March 2026, nine o'clock, and moved by the tests."""
    with clock.use(clock.ManualClock(TUESDAY)) as watch:
        yield watch


@dataclass
class Town:
    """What the tests stand on."""

    service: Service
    calendar: Calendar
    agent: User
    colleague: User
    supervisor: User
    resident: Resident

    def open(self, **given: Any) -> Opened:
        """A case, by default Samira's complaint about housing."""
        usual = {
            "type": "complaint",
            "title": "Damp in the flat",
            "service": self.service,
            "resident": self.resident,
        }
        return open_case(**{**usual, **given})

    def staff(self, name: str, *roles: Role) -> User:
        """One more member of staff."""
        return staff(name, *roles)

    def case(self, **given: Any) -> Case:
        """The same, without its secret."""
        return self.open(**given).case

    def contact(self, **given: Any) -> Contact:
        """A contact of the resident."""
        return make_contact(service=self.service, resident=given.pop("resident", self.resident), **given)


@writes
def make_contact(*, service: Service, resident: Resident | None, secret: str = "", **given: Any) -> Contact:
    """A contact as intake would have stored it."""
    return Contact.objects.create(
        id=ids.new_id(),
        reference=next_reference(),
        secret_hash=ids.hash_secret(secret or ids.new_secret()),
        channel="chat",
        service=service,
        resident=resident,
        arrived_at=clock.now(),
        **given,
    )


def staff(name: str, *roles: Role) -> User:
    """A member of staff."""
    return people.create_staff(email=f"{uuid4().hex}@example.org", name=name, roles=roles)


@pytest.fixture
def town(db: None, time: clock.ManualClock) -> Town:
    """The town hall with its promises: first answer in a day, complaints in ten, incidents in five."""
    week = [{"day": day, "start": "09:00", "end": "17:00"} for day in range(5)]
    calendar = Calendar.objects.create(code="office", timezone="UTC", weekly=week)
    service = Service.objects.create(code="housing", name={"en": "Housing"}, calendar=calendar)
    for case_type, days in (
        ("complaint", 10),
        ("incident", 5),
        ("application", 20),
        ("information_request", 20),
    ):
        targets = {"first_answer": DAY, "resolution": days * DAY, "review": 20 * DAY}
        CasePolicy.objects.create(type=case_type, targets=targets, calendar=calendar)
    return Town(
        service=service,
        calendar=calendar,
        agent=staff("Mo Adeyemi", Role.AGENT),
        colleague=staff("Ines Duarte", Role.AGENT),
        supervisor=staff("Ada Byrne", Role.SUPERVISOR),
        resident=people.save_resident(name="Samira Haddad", email="samira@example.org"),
    )


Steps = Callable[..., Case]


@pytest.fixture
def stride(town: Town) -> Steps:
    """Take several steps one after the other, as the agent unless told."""
    from civicline.cases.services import take_step

    def walk(case: Case, *names: str, by: User | None = None) -> Case:
        for name in names:
            who = (by or town.agent).pk
            case = take_step(
                case_id=case.pk, transition=name, by=who, note="We wrote to you.", reason="because"
            )
        return case

    return walk
