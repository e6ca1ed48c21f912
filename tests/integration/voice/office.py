"""An exchange with three agents and a line to the network, for calls with more than two people in them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.conftest import _served
from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, OFFER_S, SECOND_TONE, Exchange
from tests.servers import wait_until
from tests.sip_phone import SipPhone

THIRD_TONE, OUTSIDE_TONE = 1400.0, 1900.0
OUTSIDE = "+442079460200"
TONES = (AGENT_TONE, SECOND_TONE, THIRD_TONE)


@dataclass
class Office:
    """Three desks, a caller and somebody outside; after `talk` the desks by what they are in the call."""

    house: Exchange
    desks: list[SipPhone]
    network: SipPhone
    caller: SipPhone
    contact: str = ""
    me: int = 0

    @property
    def agent(self) -> str:
        """Who had the call first."""
        return self.house.agents[self.me]

    @property
    def other(self) -> int:
        """A colleague of theirs."""
        return 1 - self.me

    def talk(self) -> dict[str, Any]:
        """A call that talks."""
        self.caller.call(NUMBER, self.house.address)
        call = self.house.reaches("talking")
        self.contact, self.me = call["contact"], self.house.agents.index(call["agent"])
        self.hear("caller", self.me)
        return call

    def phone(self, who: int | str) -> SipPhone:
        """A desk by its number, the caller, or "outside"."""
        return (
            self.desks[who] if isinstance(who, int) else {"caller": self.caller, "outside": self.network}[who]
        )

    def tone(self, who: int | str) -> float:
        """What they sound like."""
        return self.phone(who).hertz

    def hear(self, *people: int | str, apart: tuple[int | str, ...] = ()) -> None:
        """Wait until all of these hear each other, and none of them whoever is `apart`, nor is heard by them."""

        def so() -> bool:
            together = all(
                self.phone(one).hears(self.tone(two)) for one in people for two in people if one != two
            )
            alone = all(
                not self.phone(one).hears(self.tone(two), 100)
                and (self.phone(two).state != "talking" or not self.phone(two).hears(self.tone(one), 100))
                for one in people
                for two in apart
            )
            return together and alone

        try:
            wait_until(so, seconds=15, what=f"{people} hear each other, without {apart}")
        except AssertionError as late:
            raise AssertionError(f"{late}: {self.house.call()}, {self.company()}, {self.rooms()}") from late

    def rooms(self) -> Any:
        """The rooms of the exchange and who is in them."""
        return [(one["id"], one["channels"]) for one in self.house.ari("bridges")]

    def hand(self, name: str, *, by: int | None = None, **facts: str) -> None:
        """A verb of whoever has the call, or of another agent."""
        agent = self.agent if by is None else self.house.agents[by]
        self.house.do("hand", name=name, contact=self.contact, agent=agent, **facts)

    def supervise(self, name: str, by: int, **facts: str) -> None:
        """A verb of a supervisor."""
        self.house.do("hand", name=name, contact=self.contact, by=self.house.agents[by], **facts)

    def company(self) -> list[dict[str, str]]:
        """Who was asked into the call."""
        found: list[dict[str, str]] = self.house.do("company", contact=self.contact)
        return found

    def party(self, state: str, at: int = -1) -> str:
        """Wait until the last who was asked is in this state; their key."""

        def there() -> str:
            now = self.company()
            return now[at]["id"] if now and now[at]["state"] == state else ""

        try:
            return str(wait_until(there, seconds=15, what=f"the party is {state}"))
        except AssertionError as late:
            raise AssertionError(f"{late}: {self.company()}") from late


Built = tuple[Exchange, list[SipPhone], SipPhone]


def built(tmp_path_factory: pytest.TempPathFactory, redis: servers.Redis) -> Iterator[Built]:
    """The exchange, the desks, and somebody outside."""
    desks = [SipPhone("127.0.0.3", tone, name=f"desk-{at}") for at, tone in enumerate(TONES)]
    network = SipPhone("127.0.0.4", OUTSIDE_TONE, name="outside")
    var: Path = tmp_path_factory.mktemp("office") / "var"
    database = _served(f"voice_{os.urandom(4).hex()}")
    trunks = [
        {"id": "out", "host": f"127.0.0.4:{network.port}", "from": ["127.0.0.4"]},
        {"id": "network", "host": "127.0.0.2:5060"},
    ]
    exchange = Exchange(
        var, database=database, redis=redis.url,
        options={"CIVICLINE_VOICE_TRUNKS": json.dumps(trunks)},
    )  # fmt: skip
    try:
        exchange.agents = exchange.start(
            agents=3, ports=[phone.port for phone in desks], offer_seconds=OFFER_S
        )
        yield exchange, desks, network
    finally:
        exchange.stop()
        for phone in (*desks, network):
            phone.close()


def cleared(office: Office) -> None:
    """Everybody is free again, and nothing is left in the exchange."""
    office.caller.close()
    phones = (*office.desks, office.network)
    for phone in phones:
        phone.hang_up()
    wait_until(office.house.empty, seconds=20, what="nothing is left in the exchange")
    for phone in phones:
        phone.state, phone.picks_up, phone.refuses = "idle", 0.1, 0
    wait_until(
        lambda: all(call["contact_state"] != "connected" for call in office.house.do("calls")),
        what="every end is written down",
    )
    for call in office.house.do("calls"):
        if call["contact_state"] == "wrap_up":
            office.house.do("complete", contact=call["contact"], agent=call["agent"])
    for agent in office.house.agents:
        if office.house.do("presence", agent=agent) != "available":
            office.house.do("presence", agent=agent, state="available")
    assert office.house.do("engaged") == []


def new_caller() -> SipPhone:
    """Somebody who will call."""
    return SipPhone("127.0.0.2", CALLER_TONE, name="caller")
