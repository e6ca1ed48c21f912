"""The relay gives way for milliseconds to whoever finds a caller a person, and never for longer."""

import threading
from collections.abc import Iterator

import pytest

from civicline.kernel import precedence


@pytest.fixture(autouse=True)
def _clear_afterwards() -> Iterator[None]:
    yield
    precedence.served()


def test_nothing_expected_nothing_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "LONGEST_S", 60.0)
    precedence.give_way()


def test_the_relay_goes_on_as_soon_as_the_offer_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "LONGEST_S", 60.0)
    precedence.expect()
    gone_on = threading.Event()

    def go_on() -> None:
        precedence.give_way()
        gone_on.set()

    relay = threading.Thread(target=go_on)
    relay.start()
    assert not gone_on.is_set()
    precedence.served()
    assert gone_on.wait(10)
    relay.join()


def test_a_dispatcher_that_never_comes_stops_nobody() -> None:
    precedence.expect()
    precedence.give_way()
    precedence.give_way()


def test_the_dispatcher_gives_way_to_a_caller_and_not_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "LONGEST_S", 60.0)
    precedence.expect()
    precedence.give_way(besides=precedence.OFFER)
    precedence.expect("a call")
    gone_on = threading.Event()

    def go_on() -> None:
        precedence.give_way(besides=precedence.OFFER)
        gone_on.set()

    dispatcher = threading.Thread(target=go_on)
    dispatcher.start()
    assert not gone_on.is_set()
    precedence.served("a call")
    assert gone_on.wait(10)
    dispatcher.join()
