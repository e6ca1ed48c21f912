"""Bodies are taken in before a page thread is given to them, and refused when they are too large."""

import asyncio
import json
from collections.abc import Iterable
from typing import IO, Any

import pytest
from lxml import etree

from civicline.config.bodies import WholeBodies

LIMIT = 1_000_000


async def _echo(scope: Any, body: IO[bytes], send: Any) -> None:
    size = len(body.read())
    names = ",".join(sorted(name.decode() for name, _ in scope["headers"]))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{size} {names}".encode()})


def _post(
    pieces: Iterable[bytes], headers: list[tuple[bytes, bytes]] | None = None, *, path: str = "/"
) -> tuple[int, str]:
    sent = _sent(pieces, headers or [], path)
    return sent[0]["status"], sent[1]["body"].decode()


def _sent(pieces: Iterable[bytes], headers: list[tuple[bytes, bytes]], path: str) -> list[dict[str, Any]]:
    waiting = list(pieces)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    asyncio.run(WholeBodies(_echo, limit=LIMIT)(scope, receive, send))
    return sent


def test_a_body_in_many_pieces_arrives_whole() -> None:
    assert _post([b"x" * 100_000] * 7 + [b""]) == (200, "700000 ")


def test_an_empty_body_is_a_body() -> None:
    assert _post([b""]) == (200, "0 ")


def test_a_body_that_announces_too_much_is_refused_before_it_is_read() -> None:
    status, words = _post([], [(b"content-length", b"1000001")])
    assert (status, words) == (413, "The request is larger than 1 MB.\n")


def test_a_body_that_grows_too_large_is_refused() -> None:
    assert _post([b"x" * 600_000] * 2)[0] == 413


TOO_MUCH = [(b"content-length", b"1000001")]


def test_a_program_is_refused_in_the_errors_of_its_own_interface() -> None:
    head, said = _sent([], TOO_MUCH, "/api/v1/contacts")
    problem = json.loads(said["body"])
    assert dict(head["headers"])[b"content-type"] == b"application/problem+json"
    assert (problem["status"], problem["type"]) == (413, "/api/v1/docs#problem-too-large")
    assert problem["detail"] == "The request is larger than 1 MB."
    assert problem["instance"] == "/api/v1/contacts"


@pytest.mark.parametrize(
    ("path", "accept"), [("/open311/v2/requests.json", b"*/*"), ("/open311/v2/requests", b"application/json")]
)
def test_an_app_is_refused_in_json(path: str, accept: bytes) -> None:
    head, said = _sent([], [*TOO_MUCH, (b"accept", accept)], path)
    assert dict(head["headers"])[b"content-type"] == b"application/json; charset=utf-8"
    assert json.loads(said["body"]) == [{"code": 413, "description": "The request is larger than 1 MB."}]


def test_an_app_is_refused_in_xml() -> None:
    head, said = _sent([], TOO_MUCH, "/open311/v2/requests.xml")
    assert dict(head["headers"])[b"content-type"] == b"text/xml; charset=utf-8"
    root = etree.fromstring(said["body"])
    assert root.findtext("error/code") == "413"
    assert root.findtext("error/description") == "The request is larger than 1 MB."


def test_headers_that_imitate_others_are_dropped() -> None:
    assert _post([b""], [(b"x_forwarded_for", b"1.2.3.4"), (b"accept", b"*/*")]) == (200, "0 accept")


def test_a_page_that_is_only_read_is_not_waited_for() -> None:
    sent: list[dict[str, Any]] = []

    async def nothing_comes() -> dict[str, Any]:
        raise AssertionError("a request without a body was asked for one")

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope: dict[str, Any] = {"type": "http", "method": "GET", "headers": [(b"host", b"saltmere.example")]}
    asyncio.run(WholeBodies(_echo, limit=LIMIT)(scope, nothing_comes, send))

    assert [sent[0]["status"], sent[1]["body"]] == [200, b"0 host"]
