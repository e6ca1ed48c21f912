"""A laptop is closed for an hour in the middle of a chat: its connection dies without a word, the talk goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from civicline.web.live.hub import RING_SIZE
from tests.e2e.chat.conftest import House
from tests.e2e.chat.test_chat import begin, connected
from tests.servers import wait_until
from tests.silent_line import silent_line

pytestmark = pytest.mark.django_db(transaction=True)
Arrive = Callable[..., Page]


def test_a_browser_asleep_for_an_hour_wakes_up_to_the_right_page(house: House, resident: Arrive) -> None:
    with silent_line(house.url) as line:
        page = resident(base_url=line.url)
        page.set_default_timeout(60_000)
        page.clock.install()
        begin(page)
        connected(house)
        agent = house.agent()
        house.take(agent)
        expect(page.locator(".ev-ok")).to_be_visible()

        line.fall_silent()
        house.reply(agent, "Said while the lid was closed")
        topic = f"contact:{house.contact().id}"
        for number in range(
            RING_SIZE + 1
        ):  # an hour of a busy house: what the page knew last is not kept any more
            house.edge.tell(topic, {"topic": topic, "id": str(number), "kind": "position"})
        wait_until(
            lambda: house.edge.doorkeeper.count("chat") == 0,
            seconds=40,
            what="the server finds the silent peer",
        )
        assert page.locator(".msg-them .said").count() == 0

        line.wake()
        page.clock.fast_forward("01:00:00")
        expect(page.locator(".msg-them .said")).to_have_text("Said while the lid was closed", timeout=30_000)
        wait_until(
            lambda: house.edge.doorkeeper.count("chat") == 1, seconds=30, what="the page is connected anew"
        )
        house.reply(agent, "And this one live")
        expect(page.locator(".msg-them .said").last).to_have_text("And this one live", timeout=30_000)
        assert house.bodies() == [
            "Why is my bill so high?",
            "Said while the lid was closed",
            "And this one live",
        ]
