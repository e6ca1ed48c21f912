"""What a client may say, and what it may not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.web.live import origins, protocol
from civicline.web.live.limits import Doorkeeper, Limits, Pace
from civicline.web.live.typists import Typists


def test_a_greeting_with_a_watch_is_understood_in_one_message() -> None:
    said = protocol.parse('{"hello": 41, "epoch": "9f", "watch": ["contact:1"]}')
    assert (said.greets, said.hello, said.epoch, said.watch) == (True, 41, "9f", ("contact:1",))


def test_a_fresh_page_greets_with_null() -> None:
    said = protocol.parse('{"hello": null}')
    assert said.greets
    assert said.hello is None


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "[]",
        '"hello"',
        '{"hello": "1"}',
        '{"hello": -1}',
        '{"seen": true}',
        '{"watch": "contact:1"}',
        '{"watch": [1]}',
        '{"auth": 7}',
        json.dumps({"watch": ["x"] * 65}),
        json.dumps({"auth": "x" * 5_000}),
        json.dumps({"epoch": "x" * 20_000}),
        "[" * 10_000,
    ],
)
def test_nonsense_is_refused(text: str | None) -> None:
    with pytest.raises(protocol.Malformed):
        protocol.parse(text)


@given(st.text(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        protocol.parse(text)
    except protocol.Malformed:
        return


def scope(origin: str | None, host: str = "town.example") -> dict[str, object]:
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    return {"headers": headers}


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("https://town.example", "town.example", True),
        ("https://town.example:443", "town.example", True),
        ("http://town.example:8000", "town.example:8000", True),
        ("https://town.example:8443", "town.example", False),
        ("https://evil.example", "town.example", False),
        ("https://town.example.evil.example", "town.example", False),
        ("https://evil.example", "evil.example", False),  # a host we do not answer to
        ("null", "town.example", False),
        (None, "town.example", False),
        ("https://[", "town.example", False),
        ("file://town.example", "town.example", False),
        ("https://news.example", "town.example", True),  # named in the settings
    ],
)
def test_only_our_own_pages_open_sockets(origin: str | None, host: str, own: bool) -> None:
    assert origins.is_own(scope(origin, host), ["town.example"], ["https://news.example/"]) is own


def test_of_two_cookies_with_one_name_the_first_counts() -> None:
    cookies = origins.cookies({"headers": [(b"cookie", b"chat_secret=near; a=1; chat_secret=far; junk")]})
    assert cookies == {"chat_secret": "near", "a": "1"}


def test_one_address_can_not_hold_all_connections() -> None:
    shown: list[int] = []
    door = Doorkeeper(Limits(per_address=2), lambda _audience, count: shown.append(count))
    with door.admitted("chat", "10.0.0.1", "a") as first, door.admitted("chat", "10.0.0.1", "b") as second:
        assert first
        assert second
        with door.admitted("chat", "10.0.0.1", "c") as third:
            assert not third
        with door.admitted("chat", "10.0.0.2", "d") as elsewhere:
            assert elsewhere
    assert door.count("chat") == 0
    assert shown == [1, 2, 3, 2, 1, 0]


def test_a_client_that_babbles_runs_out_of_pace() -> None:
    pace = Pace(Limits(burst=5, per_second=0.0))
    assert [pace.allows() for _ in range(6)] == [True] * 5 + [False]


def test_somebody_who_writes_is_news_once_in_ten_seconds() -> None:
    typists = Typists(every=10.0)
    assert typists.is_news("c1", "staff")
    assert not typists.is_news("c1", "staff")
    assert typists.is_news("c1", "resident")
    assert typists.is_news("c2", "staff")
