"""A browser that is killed is found soon, and a network that comes back keeps its call."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.call_room import CallRoom
from tests.e2e.telephone.test_agent import desk, talk
from tests.e2e.telephone.test_guest import begin
from tests.e2e.telephone.test_video import CAMERA, guest, see_each_other
from tests.servers import wait_until
from tests.sip_phone import SipPhone

FOUND_S = 25.0
"""Within this whoever is killed is found: 15 s, and time for a slow machine. The session's timer takes 90."""
AWAY_S = 9.0
NETWORK, PIPE, KIND = (
    b"--utility-sub-type=network.mojom.NetworkService",
    b"--remote-debugging-pipe",
    b"--type=",
)


@pytest.fixture
def doomed(room: CallRoom) -> Iterator[Any]:
    """A browser that is killed in the test."""
    browser = room.launch()
    yield browser
    browser.close()


def kill_the_last_browser() -> None:
    """`kill -9`, for the browser that was started last here: it has no time to say a word."""
    os.kill(max(_processes(lambda words: PIPE in words and KIND not in words)), signal.SIGKILL)


def _processes(wanted: Callable[[bytes], bool]) -> list[int]:
    """Processes in the network of this test, by the words they were started with."""
    here = Path("/proc/thread-self/ns/net").readlink()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted((process / "cmdline").read_bytes()) and (process / "ns/net").readlink() == here:
                found.append(int(process.name))
    return found


@contextlib.contextmanager
def no_network() -> Iterator[None]:
    """For the block the browsers' network carries nothing, and nobody tells them."""
    processes = _processes(lambda words: NETWORK in words)
    assert processes
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def test_a_network_that_comes_back_keeps_the_call_and_a_killed_browser_ends_it(
    room: CallRoom, signing_agent: str, doomed: Any
) -> None:
    page = desk(room, signing_agent, permissions=CAMERA)
    resident = guest(room, chromium=doomed)
    page.wait_for_selector("[data-offer]", timeout=20_000)
    page.keyboard.press("Alt+a")
    room.house.reaches("talking", contact="connected", seconds=30)
    see_each_other(resident, page)
    until = time.monotonic() + AWAY_S
    with no_network():
        wait_until(
            lambda: time.monotonic() > until, seconds=AWAY_S + 5, what="they are away for long", every=0.5
        )
    see_each_other(resident, page)
    page.wait_for_selector(".callbar[data-call-state=talks]")
    kill_the_last_browser()
    room.house.reaches("wrapup", contact="wrap_up", seconds=FOUND_S)
    page.wait_for_selector("#telephone-state[data-state=ready]", timeout=20_000)


def test_a_killed_agent_s_caller_goes_back_to_their_place_and_a_killed_guest_leaves(
    room: CallRoom, caller: SipPhone, signing_agent: str, doomed: Any
) -> None:
    house = room.house
    talk(room, caller, desk(room, signing_agent, chromium=doomed))
    begin(room, room.page(chromium=doomed))
    kill_the_last_browser()
    house.reaches("ended", seconds=FOUND_S)
    wait_until(lambda: house.call(-2)["state"] == "queued", what="the caller waits at their place")
    assert caller.state == "talking"
    caller.hang_up()
