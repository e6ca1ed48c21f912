"""An agent's laptop is closed for an hour with a chat in hand: it goes on with others, the desk wakes to the truth."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from civicline.intake.models import Contact
from civicline.kernel import clock
from civicline.people import services as people
from civicline.people.models import Presence
from civicline.routing import services as routing
from civicline.web.live.hub import RING_SIZE
from tests.e2e.chat.conftest import House
from tests.e2e.desk.conftest import Desks, settled
from tests.servers import wait_until
from tests.silent_line import silent_line

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


def an_hour_passes(agent: UUID) -> None:
    """What the house does by the clock for a desk of which nobody has heard for so long."""
    now = clock.now()
    Presence.objects.filter(pk=agent).update(last_seen_at=now - HOUR)
    people.agents_vanished(before=now - routing.LOST_AFTER)
    people.agents_vanished(before=now - routing.LOST_AFTER)
    routing.return_lost_contacts(now=now)


def test_a_desk_asleep_for_an_hour_wakes_up_to_the_truth(desks: Desks, house: House, nadia: UUID) -> None:
    contact = desks.chat("Why is my bill so high?")
    with silent_line(house.url) as line:
        page = desks.open(nadia, base_url=line.url, before=lambda page: page.clock.install())
        page.keyboard.press("Alt+a")
        settled(page, "Why is my bill so high?")
        wait_until(lambda: house.edge.doorkeeper.count("desk") == 1, what="the desk is connected")

        line.fall_silent()
        for number in range(RING_SIZE + 1):  # more than is kept for those who come back soon
            house.edge.tell(f"agent:{nadia}", {"topic": f"agent:{nadia}", "id": str(number), "kind": "offer"})
        wait_until(
            lambda: house.edge.doorkeeper.count("desk") == 0,
            seconds=40,
            what="the server finds the silent peer",
        )
        house.do(an_hour_passes, nadia)
        colleague = house.agent("Omar")
        house.take(colleague)
        assert house.do(lambda: Contact.objects.get(pk=contact.pk).agent_id) == colleague

        line.wake()
        page.clock.fast_forward("01:00:00")
        expect(page.locator(f"#hand .conv[data-contact='{contact.pk}']")).to_have_count(0, timeout=60_000)
        expect(page.get_by_text("Omar has this contact.").first).to_be_visible(timeout=60_000)
        expect(page.get_by_text("the contact went back to its place").first).to_be_visible()
        wait_until(
            lambda: house.edge.doorkeeper.count("desk") == 1, seconds=30, what="the desk is connected anew"
        )
        assert house.do(lambda: Presence.objects.get(pk=nadia).state) == "signed_out"
