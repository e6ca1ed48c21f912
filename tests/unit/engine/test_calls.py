"""The table of a call: from everywhere it can end, and from everybody's hand it can come back into the line."""

import pytest

from civicline.engine.calls import CALL, LIVE
from civicline.engine.lifecycle import can


@pytest.mark.parametrize("state", [*LIVE, "wrapup"])
def test_every_call_can_end(state: str) -> None:
    assert can(CALL, state, "ended")


@pytest.mark.parametrize("state", ["offered", "talking", "held"])
def test_whoever_was_with_somebody_can_wait_again(state: str) -> None:
    assert can(CALL, state, "queued")


def test_what_is_over_stays_over() -> None:
    assert CALL.finals == {"ended"}
    assert not can(CALL, "wrapup", "talking")
