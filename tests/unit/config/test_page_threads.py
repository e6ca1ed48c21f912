"""An ASGI request becomes a WSGI one and its answer comes back, whole or in pieces."""

import asyncio
import io
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from civicline.config.page_threads import PageThreads, WsgiApp, environment


def scope(
    method: str = "GET", path: str = "/", headers: Iterable[tuple[bytes, bytes]] = ()
) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": b"q=m%C3%BCll",
        "scheme": "https",
        "server": ("saltmere.example", 443),
        "client": ("192.0.2.7", 50_000),
        "headers": list(headers),
    }


def answered(app: WsgiApp, body: bytes = b"") -> list[dict[str, Any]]:
    """What a visitor's line gets for one request."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(dict(message))

    async def ask() -> None:
        pages = PageThreads(app, workers=1)
        await pages(scope("POST"), io.BytesIO(body), send)
        pages.shutdown()

    asyncio.run(ask())
    return sent


async def nobody(_message: Any) -> None:
    """A line that is not listened to."""


class Streamed:
    """An answer as Django gives files: in pieces, and to be closed."""

    streaming = True

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b"one, "
        yield b"two"

    def close(self) -> None:
        self.closed = True


def test_a_request_arrives_with_its_address_its_visitor_and_its_headers() -> None:
    headers = [
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"accept", b"x"),
        (b"accept", b"y"),
        (b"content-type", b"z"),
    ]

    made = environment(scope("POST", "/ar/مدينة", headers), io.BytesIO(b"12345"))

    assert made["PATH_INFO"].encode("latin-1").decode() == "/ar/مدينة"
    assert (made["REQUEST_METHOD"], made["QUERY_STRING"], made["REMOTE_ADDR"]) == (
        "POST",
        "q=m%C3%BCll",
        "192.0.2.7",
    )
    assert (made["wsgi.url_scheme"], made["SERVER_NAME"], made["SERVER_PORT"]) == (
        "https",
        "saltmere.example",
        "443",
    )
    assert (made["HTTP_COOKIE"], made["HTTP_ACCEPT"], made["CONTENT_TYPE"]) == ("a=1; b=2", "x,y", "z")


def test_the_length_told_is_that_of_the_body_whatever_the_headers_said() -> None:
    chunked = scope("POST", headers=[(b"transfer-encoding", b"chunked")])

    made = environment(chunked, io.BytesIO(b"12345"))

    assert (made["CONTENT_LENGTH"], made["wsgi.input"].read()) == ("5", b"12345")


def test_a_page_comes_whole_and_from_a_thread_of_its_own() -> None:
    threads: list[str] = []

    def page(environ: dict[str, Any], start: Any) -> list[bytes]:
        threads.append(threading.current_thread().name)
        start("201 Created", [("Content-Type", "text/plain")])
        return [b"you said ", environ["wsgi.input"].read()]

    head, body = answered(page, b"hello")

    assert (head["status"], head["headers"]) == (201, [(b"content-type", b"text/plain")])
    assert body == {"type": "http.response.body", "body": b"you said hello"}
    assert threads[0].startswith("page")


def test_a_file_goes_out_in_pieces_and_is_closed() -> None:
    made = Streamed()

    def page(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return made

    head, *pieces = answered(page)

    assert head["status"] == 200
    assert [piece["body"] for piece in pieces] == [b"one, ", b"two", b""]
    assert [piece.get("more_body", False) for piece in pieces] == [True, True, False]
    assert made.closed


def test_the_thread_that_became_free_last_makes_the_next_page() -> None:
    threads: list[str] = []

    def page(_environ: dict[str, Any], start: Any) -> list[bytes]:
        threads.append(threading.current_thread().name)
        start("200 OK", [])
        return [b""]

    async def ask() -> None:
        pages = PageThreads(page, workers=4)
        for _ in range(5):
            await pages(scope(), io.BytesIO(), nobody)
            while not pages.free:  # it tells the loop first, then that it is free
                await asyncio.sleep(0)
        pages.shutdown()

    asyncio.run(ask())
    assert threads == ["page_1"] * 5


def test_as_many_pages_at_once_as_there_are_threads_and_the_others_in_their_turn() -> None:
    together = threading.Barrier(3)
    made: dict[str, str] = {}

    def page(environ: dict[str, Any], start: Any) -> list[bytes]:
        if environ["PATH_INFO"] != "/later":
            together.wait(10)  # with one thread fewer, nobody would ever get past here
        made[environ["PATH_INFO"]] = threading.current_thread().name
        start("200 OK", [])
        return [b""]

    async def ask() -> None:
        pages = PageThreads(page, workers=3)
        paths = ["/a", "/b", "/c", "/later"]
        await asyncio.gather(*(pages(scope(path=path), io.BytesIO(), nobody) for path in paths))
        pages.shutdown()

    asyncio.run(ask())
    assert sorted(made) == ["/a", "/b", "/c", "/later"]
    assert made.pop("/later") in {"page_1", "page_2", "page_3"} == set(made.values())


def test_what_fails_on_a_pages_thread_fails_for_who_asked_and_the_next_page_is_made() -> None:
    def page(environ: dict[str, Any], start: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/broken":
            raise ValueError("broken")
        start("200 OK", [])
        return [b"whole"]

    async def ask() -> None:
        pages = PageThreads(page, workers=1)
        with pytest.raises(ValueError, match="broken"):
            await pages(scope(path="/broken"), io.BytesIO(), nobody)
        await pages(scope(), io.BytesIO(), nobody)
        pages.shutdown()
        with pytest.raises(RuntimeError):
            await pages(scope(), io.BytesIO(), nobody)

    asyncio.run(ask())
