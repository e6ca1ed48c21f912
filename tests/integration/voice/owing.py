"""Calls that the town owes: how they are booked on the telephone, and how they stand."""

from __future__ import annotations

from typing import Any

from tests.exchange import AGENT_TONE, Exchange
from tests.servers import wait_until
from tests.sip_phone import SipPhone

OFFERS = "442079460888"
HOME_TONE = 520.0


def latest(house: Exchange) -> dict[str, Any]:
    """The last call that is owed."""
    found = house.do("owed")
    return dict(found[-1]) if found else {}


def owed(house: Exchange, state: str, *, seconds: float = 20.0) -> dict[str, Any]:
    """Wait until the last call that is owed is in this state."""
    wait_until(
        lambda: latest(house).get("state") == state, seconds=seconds, every=0.05,
        what=f"the call back is {state}: {latest(house)}",
    )  # fmt: skip
    return latest(house)


def book(house: Exchange, caller: SipPhone) -> dict[str, Any]:
    """Call, take the offer, confirm the number that one calls from, and hang up."""
    count = len(house.do("owed"))
    house.do("presence", agent=house.agents[0], state="break")
    caller.call(OFFERS, house.address)
    wait_until(
        lambda: caller.state == "talking" and abs(caller.sound(0.5)).max(initial=0) > 500, what="it speaks"
    )
    caller.press("1")
    wait_until(lambda: asked_for_number(house), what="the number is read to them")
    caller.press("1")
    wait_until(lambda: len(house.do("owed")) > count, what="the call back is booked")
    wait_until(lambda: caller.state == "over", seconds=25, what="the menu says goodbye")
    house.reaches("callback")
    return latest(house)


def back(house: Exchange) -> None:
    """The agent is back from their break, in which the call back was booked."""
    house.do("presence", agent=house.agents[0], state="available")


def asked_for_number(house: Exchange) -> bool:
    """Whether the menu asks which number it is to be."""
    return stands_at(house, "which")


def stands_at(house: Exchange, phase: str) -> bool:
    """Whether the menu waits for this."""
    flow = house.call().get("flow") or {}
    return bool(flow.get("position", {}).get("phase") == phase)


def hear_each_other(home: SipPhone, desk: SipPhone) -> bool:
    """Whether the agent and whoever was called do."""
    return home.hears(AGENT_TONE) and desk.hears(HOME_TONE)
