"""Texts over a line, with a telephone that writes and reads; and messages that are stored as recordings are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.conftest import _served
from tests.exchange import CALLER_TONE, NUMBER, Exchange
from tests.servers import wait_until
from tests.sip_phone import SipPhone

WHO = "+442079460123"


@pytest.fixture(scope="module")
def mobile() -> Iterator[SipPhone]:
    """A telephone in the network that writes and reads texts; the line's own host, for answers go nowhere else."""
    phone = SipPhone("127.0.0.2", CALLER_TONE, name="mobile")
    yield phone
    phone.close()


@pytest.fixture(scope="module")
def town(
    tmp_path_factory: pytest.TempPathFactory, mobile: SipPhone, redis_server: servers.Redis
) -> Iterator[Exchange]:
    var: Path = tmp_path_factory.mktemp("texts") / "var"
    line = [{"id": "network", "host": f"127.0.0.2:{mobile.port}"}]
    exchange = Exchange(
        var, database=_served(f"texts_{os.urandom(4).hex()}"), redis=redis_server.url,
        options={"CIVICLINE_VOICE_TRUNKS": json.dumps(line)},
    )  # fmt: skip
    if exchange.database:
        work = servers.Civicline(var, role="work", environment=exchange.environment)
        exchange.servers.insert(0, work)
    try:
        exchange.start(agents=1, ports=[mobile.port])
        yield exchange
    finally:
        exchange.stop()


def conversation(town: Exchange, length: int) -> dict[str, Any]:
    """The conversation, once so much was said."""

    def there() -> dict[str, Any] | None:
        found = town.do("texts")
        return dict(found[-1]) if found and len(found[-1]["said"]) >= length else None

    found = wait_until(there, seconds=20, what=f"{length} texts are there")
    assert found is not None
    return found


def test_a_text_becomes_a_conversation_and_the_answer_goes_back(town: Exchange, mobile: SipPhone) -> None:
    mobile.write(NUMBER, town.address, 'My bin: "lost" ${EPOCH}, 3; (really) ;-)\nمرحبا\nThanks!', WHO)
    found = conversation(town, 1)
    assert found["number"] == WHO
    assert found["said"] == [["in", 'My bin: "lost" ${EPOCH}, 3; (really) ;-)\nمرحبا\nThanks!']]
    assert mobile.code == 202 or mobile.code == 200
    town.do("answer", contact=found["contact"], text="We bring you a new one. Çok yakında.")
    wait_until(
        lambda: mobile.read == ["We bring you a new one. Çok yakında."], seconds=20, what="they read it"
    )
    wait_until(lambda: conversation(town, 2)["sent"] == ["sent"], what="it counts as sent")


def test_the_next_text_goes_on_in_the_same_conversation(town: Exchange, mobile: SipPhone) -> None:
    before = town.do("texts")
    mobile.write(NUMBER, town.address, "Which colour?", WHO)
    after = conversation(town, len(before[-1]["said"]) + 1)
    assert len(town.do("texts")) == len(before)
    assert after["said"][-1] == ["in", "Which colour?"]


def test_a_text_that_comes_while_nobody_is_there_waits(town: Exchange, mobile: SipPhone) -> None:
    said = len(town.do("texts")[-1]["said"])
    town.voice.kill()
    mobile.write(NUMBER, town.address, "Hello?", WHO)
    folder = town.var / "voice/spool/texts"
    wait_until(lambda: list(folder.glob("*.done")), what="the exchange wrote it down")
    town.voice.start()
    assert conversation(town, said + 1)["said"][-1] == ["in", "Hello?"]
    wait_until(lambda: not list(folder.iterdir()), what="nothing plain is left")


def test_an_empty_text_and_one_from_nobody_are_dropped(town: Exchange, mobile: SipPhone) -> None:
    before = town.do("texts")
    mobile.write(NUMBER, town.address, "   ", WHO)
    mobile.write(NUMBER, town.address, "I have no number", "@@")
    mobile.write(NUMBER, town.address, "From somebody else", "+442079460777")
    wait_until(lambda: len(town.do("texts")) == len(before) + 1, seconds=20, what="the third text is there")
    assert town.do("texts")[-1]["number"] == "+442079460777"
