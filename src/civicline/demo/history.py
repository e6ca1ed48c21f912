"""A day in the life of Saltmere: yesterday afternoon and this morning, lived through the real services."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from civicline.cases import services as cases
from civicline.demo.words import NAMES, REPLIES, STORIES
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.kernel import clock
from civicline.kernel.db import writes
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.routing import selectors as routing_selectors
from civicline.routing import services as routing

SEED = 42
CHATS = 48
REPORTS = 18
"""Small on purpose: the first start of the demo shall take seconds."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One contact of the day: when, about what, and how it went."""

    at: datetime
    service: str
    channel: str
    language: str
    name: str
    text: str


class Lived(NamedTuple):
    """What a day left behind: its cases (id, type) as they came, and its contacts that somebody answered."""

    opened: list[tuple[UUID, str]]
    answered: list[UUID]


def live_a_day() -> Lived:
    """Live yesterday afternoon and this morning. Needs services, queues and staff; leaves everybody signed out."""
    dice, now = random.Random(SEED), clock.now()  # noqa: S311 -- a story, the same each time
    lived = Lived([], [])
    for moment in sorted(_moments(dice, now), key=lambda moment: moment.at):
        with clock.use(clock.ManualClock(moment.at)) as then:
            if moment.channel == "chat":
                lived.answered.extend(_chat(moment, dice, then))
            else:
                lived.opened.extend(_report(moment, dice, then))
    return lived


def _moments(dice: random.Random, now: datetime) -> Iterator[Moment]:
    names = list(NAMES)
    for number in range(CHATS + REPORTS):
        channel = "chat" if number < CHATS else "webform"
        about = [story for story in STORIES if story.channel == channel]
        story = about[number % len(about)]
        # Denser towards now: the last hours are what the live board and the waits look at.
        ago = timedelta(minutes=20 + 1400 * dice.random() ** 2)
        yield Moment(
            now - ago, story.service, channel, story.language, names[number % len(names)], story.text
        )


def _inbound(moment: Moment) -> Inbound:
    plain = unicodedata.normalize("NFKD", moment.name).encode("ascii", "ignore").decode()
    address = f"{plain.lower().replace(' ', '.')}@resident.example"
    return Inbound(
        channel=moment.channel,
        text=moment.text,
        service_code=moment.service,
        subject=moment.text[:80],
        resident=ResidentFacts(name=moment.name, email=address, language=moment.language),
        languages=(moment.language,),
    )


@writes
def _chat(moment: Moment, dice: random.Random, then: clock.ManualClock) -> list[UUID]:
    contact = intake.receive(inbound=_inbound(moment)).contact
    routing.triage(contact_id=contact.id)
    agent_id = _someone_for(contact.id)
    if dice.random() < 0.07 or agent_id is None:
        then.advance(dice.uniform(40, 300))
        routing.leave_queue(contact_id=contact.id)
        return []
    then.advance(dice.lognormvariate(3.9, 0.9))
    people_services.set_presence(agent_id=agent_id, state="available")
    routing.assign(contact_id=contact.id, agent_id=agent_id, by=agent_id, reason="demo history")
    for reply in REPLIES[moment.language]:
        then.advance(dice.uniform(25, 110))
        intake.add_message(contact_id=contact.id, direction="out", body=reply, author_id=agent_id)
    then.advance(dice.uniform(30, 140))
    disposition = dice.choices(routing.DISPOSITIONS, weights=(70, 12, 8, 4, 6))[0]
    routing.complete(contact_id=contact.id, agent_id=agent_id, disposition=disposition)
    people_services.set_presence(agent_id=agent_id, state="signed_out", reason="end_of_shift")
    return [contact.id]


def _someone_for(contact_id: UUID) -> UUID | None:
    contact = intake_selectors.get_contact(contact_id)
    line = routing_selectors.lines().get(contact.queue_id) if contact and contact.queue_id else None
    if contact is None or line is None:
        return None
    members = [member.agent_id for member in line.queue.members.all()]
    speakers = [fact for fact in people.agent_states(members) if contact.languages[0] in fact.languages]
    able = speakers or people.agent_states(members)
    return min(able, key=lambda fact: (fact.idle_since, str(fact.agent_id))).agent_id if able else None


@writes
def _report(moment: Moment, dice: random.Random, then: clock.ManualClock) -> list[tuple[UUID, str]]:
    contact = intake.receive(inbound=_inbound(moment)).contact
    routing.triage(contact_id=contact.id)
    service = intake_selectors.get_service(moment.service)
    if service is None or not service.case_type:
        return []
    somewhere = cases.Place(
        latitude=50.7 + dice.uniform(-0.02, 0.02), longitude=-1.1 + dice.uniform(-0.03, 0.03)
    )
    opened = cases.open_case(
        type=service.case_type,
        title=moment.text[:120],
        service=service,
        description=moment.text,
        contact=contact,
        answers=_answers(service, dice),
        place=somewhere if service.case_type == "incident" else None,
    )
    return [(opened.case.pk, service.case_type)]


def _answers(service: Any, dice: random.Random) -> Mapping[str, Any]:
    answers: dict[str, Any] = {}
    for attribute in service.attributes.all():
        if attribute.values:
            key = dice.choice(attribute.values)["key"]
            answers[attribute.code] = [key] if attribute.datatype == "multivaluelist" else key
    return answers
