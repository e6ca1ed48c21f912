"""How a case stands is read on the telephone to whoever types its reference and its PIN, and to nobody else."""

from __future__ import annotations

import pytest

from tests.exchange import Exchange
from tests.integration.voice.owing import stands_at
from tests.servers import wait_until
from tests.sip_phone import SipPhone

STATUS = "442079460555"


@pytest.fixture(scope="module")
def case(house: Exchange) -> dict[str, str]:
    """A case, and what to type for it."""
    return dict(house.do("case_menu", number=f"+{STATUS}"))


def types(house: Exchange, caller: SipPhone, phase: str, keys: str) -> None:
    wait_until(lambda: stands_at(house, phase), what=f"it asks: {phase}")
    caller.press(f"{keys}#")


def test_reference_and_pin_open_it(house: Exchange, caller: SipPhone, case: dict[str, str]) -> None:
    caller.call(STATUS, house.address)
    types(house, caller, "reference", case["keys"])
    types(house, caller, "pin", case["pin"])
    wait_until(lambda: house.do("read_by_phone", case=case["id"]) == 1, what="the status is read")
    wait_until(lambda: caller.state == "over", seconds=40, what="it says goodbye")
    house.reaches("ended", contact="closed")


def test_the_number_one_calls_from_opens_nothing_and_a_wrong_pin_neither(
    house: Exchange, caller: SipPhone, case: dict[str, str]
) -> None:
    before = house.do("read_by_phone", case=case["id"])
    wrong = "000000" if case["pin"] != "000000" else "111111"
    caller.call(STATUS, house.address)
    types(house, caller, "reference", case["keys"])
    types(house, caller, "pin", wrong)
    wait_until(
        lambda: stands_at(house, "reference"), what="it asks again, and does not say which half was wrong"
    )
    caller.hang_up()
    house.reaches("ended")
    assert house.do("read_by_phone", case=case["id"]) == before
