"""A page that stayed away: what it left behind ends, unless its sound still comes or it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from civicline.channels.voice import at_door
from civicline.channels.voice.ari.client import Ari, AriRefused
from civicline.channels.voice.control import vanished
from civicline.channels.voice.control.ledger import Ledger
from civicline.channels.voice.tickets import AGENT, Ticket

LOST_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BEFORE, SINCE = LOST_AT - timedelta(minutes=1), LOST_AT + timedelta(seconds=5)
OLD_PAGE = Ticket(AGENT, "browser-7001", "nadia", "page", "1")
HERS = ("PJSIP/browser-7001-0000001", BEFORE)


@dataclass
class Exchange:
    """`sound`: how many packets have come at each look, by leg; None where a leg is over by then."""

    legs: dict[str, tuple[str, datetime]]
    sound: dict[str, list[int | None]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)

    async def request(self, method: str, path: str, **_query: str) -> Any:
        if path == "channels":
            return [
                {"id": key, "name": name, "creationtime": made_at.isoformat()}
                for key, (name, made_at) in self.legs.items()
            ]
        leg = path.split("/")[1]
        if method == "DELETE":
            self.ended.append(leg)
            return None
        looks = self.sound.get(leg, [0])
        heard = looks.pop(0) if len(looks) > 1 else looks[0]
        if heard is None:
            raise AriRefused(404, path, "gone")
        return {"rxcount": heard}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vanished, "LISTENS_S", 0.0)


def left_behind(exchange: Exchange) -> list[str]:
    """What is ended of what the page left behind."""

    async def rows(work: Callable[..., Any], *given: Any) -> Any:
        return work(*given)

    gone = at_door.Gone(OLD_PAGE.user, OLD_PAGE.id, OLD_PAGE.holder, LOST_AT)
    asyncio.run(vanished.end_calls_of(cast("Ari", exchange), cast("Ledger", rows), gone))
    return exchange.ended


def test_a_page_that_is_gone_leaves_nothing_behind() -> None:
    at_door.came(OLD_PAGE)
    legs = {
        "hers": HERS,
        "of another": ("PJSIP/browser-70011-0000002", BEFORE),
        "the caller": ("PJSIP/trunk-network-0000003", BEFORE),
    }
    assert left_behind(Exchange(legs, {"hers": [700, 700]})) == ["hers"]


def test_whoever_still_sends_sound_is_there_until_the_sound_ends() -> None:
    at_door.came(OLD_PAGE)
    exchange = Exchange({"hers": HERS}, {"hers": [0, 100, 200, 300, 300]})
    assert left_behind(exchange) == ["hers"]
    assert exchange.sound["hers"] == [300]


def test_whoever_comes_back_in_time_keeps_the_call() -> None:
    at_door.came(Ticket(AGENT, OLD_PAGE.user, OLD_PAGE.who, OLD_PAGE.holder, "2"))
    assert left_behind(Exchange({"hers": HERS})) == []


def test_a_page_that_was_loaded_anew_does_not_bring_the_call_back_and_keeps_its_own() -> None:
    at_door.came(Ticket(AGENT, OLD_PAGE.user, OLD_PAGE.who, "loaded anew", "2"))
    assert left_behind(Exchange({"old": HERS, "new": ("PJSIP/browser-7001-0000002", SINCE)})) == ["old"]


def test_a_leg_that_ends_meanwhile_is_nobodys_trouble() -> None:
    at_door.came(OLD_PAGE)
    assert left_behind(Exchange({"hers": HERS}, {"hers": [100, None]})) == []


def test_what_is_told_over_the_bus_comes_whole() -> None:
    gone = at_door.Gone("browser-7001", "1", "page", LOST_AT)
    assert at_door.Gone.read({"topic": f"{at_door.TOPIC}browser-7001", **gone.as_hint()}) == gone
