"""The day as the event log tells it, laid over the roster."""

from __future__ import annotations

from uuid import UUID

import pytest

from civicline.people.services import set_presence
from civicline.routing import services as routing
from civicline.workforce.selectors.adherence import day_kept
from civicline.workforce.services.rosters import publish_week
from tests.integration.workforce.conftest import TODAY, shift
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def test_presence_and_contacts_become_a_day_that_was_kept(town: Town, crew: dict[str, UUID]) -> None:
    asha, bela = crew["Asha"], crew["Bela"]
    shift(asha, TODAY, 540, 660, breaks=[])
    shift(bela, TODAY, 540, 660, breaks=[])
    assert day_kept(TODAY) == []  # a draft is nobody's plan yet
    publish_week(week=TODAY)
    set_presence(agent_id=bela, state="signed_out", reason="end_of_shift", by=bela)
    contact = town.chat("council-tax")
    town.settle()
    town.clock.advance(110 * 60)
    routing.assign(contact_id=contact.pk, agent_id=asha, by=asha, reason="mine")
    town.clock.advance(30 * 60)
    routing.complete(contact_id=contact.pk, agent_id=asha, disposition="solved")
    kept = {day.name: day for day in day_kept(TODAY)}
    assert list(kept) == ["Asha", "Bela"]
    assert kept["Asha"].kept.share == 1.0
    assert kept["Asha"].kept.extra == 20 * 60
    assert kept["Bela"].kept.share == 0.0
    assert [day.name for day in day_kept(TODAY, bela)] == ["Bela"]
