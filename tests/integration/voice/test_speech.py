"""A caller who speaks instead of pressing a key, with a recogniser that understands one tone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.exchange import AGENT_TONE, CALLER_TONE, Exchange
from tests.servers import ROOT, wait_until
from tests.sip_phone import SipPhone

MENU = "442079460998"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, redis_server: servers.Redis) -> Iterator[Exchange]:
    desk = SipPhone("127.0.0.3", AGENT_TONE, name="desk")
    var: Path = tmp_path_factory.mktemp("speech") / "var"
    options = {
        "CIVICLINE_VOICE_RECOGNISER": "tests.tone_recogniser:ToneRecogniser", "PYTHONPATH": str(ROOT),
        "CIVICLINE_VOICE_NUMBERS": "",
    }  # fmt: skip
    exchange = Exchange(var, redis=redis_server.url, options=options)
    try:
        exchange.start(agents=1, ports=[desk.port], menu_number=MENU)
        yield exchange
    finally:
        exchange.stop()
        desk.close()


def ears(town: Exchange) -> list[str]:
    return [
        one["id"] for one in [*town.ari("channels"), *town.ari("bridges")] if one["id"].startswith("listen-")
    ]


def test_what_is_said_counts_as_the_key_and_nothing_listens_any_longer(town: Exchange) -> None:
    caller = SipPhone("127.0.0.2", CALLER_TONE, name="speaker")
    try:
        caller.call(MENU, town.address)
        town.reaches("talking", seconds=30)
        wait_until(lambda: caller.hears(AGENT_TONE), what="somebody answers")
        assert ears(town) == []
    finally:
        caller.close()
    wait_until(town.empty, what="nothing is left in the exchange")


def test_what_a_killed_process_listened_with_is_ended(town: Exchange) -> None:
    caller = SipPhone("127.0.0.2", 97.0, name="mumbler")
    try:
        caller.call(MENU, town.address)
        wait_until(lambda: len(ears(town)) == 3, seconds=20, what="somebody listens")
        town.voice.kill()
        town.voice.start()
        town.wait_connected()
        caller.hang_up()
        wait_until(town.empty, seconds=20, what="nothing is left in the exchange")
    finally:
        caller.close()
