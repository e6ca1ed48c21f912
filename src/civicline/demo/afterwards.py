"""What came of the day: cases that colleagues took on, what residents thought, and what the house has decided."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from civicline.api import services as api
from civicline.cases import selectors as read
from civicline.cases import services as cases
from civicline.channels.voice import services as voice
from civicline.insight.services import feedback
from civicline.kernel import clock
from civicline.kernel.actors import Actor, acting_as
from civicline.kernel.db import writes
from civicline.people import selectors as people
from civicline.people import services as people_services

SEED = 42
FIRST_STEP = {
    "incident": "triage",
    "complaint": "investigate",
    "application": "check",
    "information": "collect",
}
NOTES = (
    "Same place as last month, see the photo there.",
    "Asked the depot. They answer by noon.",
    "Two neighbours have written about this too.",
)
UPDATES = (
    "We have looked at it. Work begins this week.",
    "We have what we need from you, and write again by Friday.",
    "A crew comes by tomorrow morning.",
)
OPINIONS = ((5, 7), (5, 6), (4, 6), (4, 5), (5, 7), (3, 4), (2, 3), (4, 6))
"""Satisfaction from 1 to 5 and ease from 1 to 7, of one resident each."""
NOT_CALLED = ("+442079460177", "Asked us to write and never to call, by letter of 3 March.")


def what_came_of_it(*, opened: Sequence[tuple[UUID, str]], answered: Sequence[UUID]) -> None:
    """Go on from a day: `opened` are its cases (id, type) as they came, `answered` its contacts that were answered."""
    dice = random.Random(SEED)  # noqa: S311 -- a story, the same each time
    agents = [agent_id for agent_id, _name in people.agent_names()]
    for number, (case_id, kind) in enumerate(opened):
        if number % 4:
            _taken_on(case_id, kind, agents[number % len(agents)], number)
    for contact_id, (satisfaction, ease) in zip(answered[::3], OPINIONS * 3, strict=False):
        feedback.give_feedback(
            contact_id=contact_id, satisfaction=satisfaction, ease=ease if dice.random() < 0.8 else None
        )
    _decided([case_id for case_id, kind in opened if kind == "complaint"])


@writes
def _taken_on(case_id: UUID, kind: str, agent_id: UUID, number: int) -> None:
    """Somebody owns it, has begun it, and has written of it."""
    cases.assign_owner(case_id=case_id, agent_id=agent_id, by=agent_id)
    if number % 4 == 1:
        cases.add_note(case_id=case_id, text=NOTES[number % len(NOTES)], by=agent_id)
        return
    if kind in FIRST_STEP:
        cases.take_step(case_id=case_id, transition=FIRST_STEP[kind], by=agent_id)
    cases.add_public_update(case_id=case_id, text=UPDATES[number % len(UPDATES)], by=agent_id)


@writes
def _decided(complaints: Sequence[UUID]) -> None:
    """What an administrator has decided: a hold for the ombudsman, a number that is not called, a key for an app."""
    chief = next(user for user in people.list_staff() if user.email.startswith("amina"))
    with acting_as(Actor("staff", str(chief.pk), chief.name)):
        if complaints:
            people_services.place_hold(
                kind="case", object_id=complaints[0], by=chief.pk, reference=read.get_case(complaints[0]).reference,
                reason="The ombudsman has asked for the file, letter of last Monday.",
                review_on=clock.now().date() + timedelta(days=90),
            )  # fmt: skip
        number, reason = NOT_CALLED
        voice.bar_number(number=number, reason=reason)
        api.create_token(name="Saltmere in your pocket", scopes=["open311:write"], by=chief.pk)
