"""The robots' own HTTP client against servers that behave, hang up, and say what is no HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from civicline.demo.replay.browser import Browser, Lost, Server
from civicline.demo.replay.wire import Wire

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def with_server(serve: Serve, use: Callable[[str], Awaitable[None]]) -> None:
    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        await use(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")


def answering(answer: bytes, heard: list[str]) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append("connected")
        while head := await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b"":
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0
            )
            heard.append((head + await reader.readexactly(length)).decode())
            writer.write(answer)

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    return quietly


def test_a_connection_is_kept_and_chunks_are_joined() -> None:
    heard: list[str] = []
    answer = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n'

    async def use(url: str) -> None:
        wire = Wire(url, most=2)
        for _turn in range(3):
            assert (await wire.send("GET", "/x", {})).json() == {"a": 1}
        wire.close()

    asyncio.run(with_server(answering(answer, heard), use))
    assert heard.count("connected") == 1
    assert sum(line.startswith("GET /x HTTP/1.1\r\n") for line in heard) == 3


def test_a_browser_keeps_cookies_and_sends_forms_with_their_protection() -> None:
    heard: list[str] = []
    answer = (
        b"HTTP/1.1 302 Found\r\nLocation: /y\r\nSet-Cookie: civicline_csrf=abc; Path=/\r\n"
        b"Set-Cookie: deep=1; Path=/deep\r\nContent-Length: 0\r\n\r\n"
    )

    async def use(url: str) -> None:
        server = Server(url)
        browser = Browser(server, "198.18.0.7")
        await browser.get("/")
        answered = await browser.post("/form", {"body": "Grüße & more"})
        assert (answered.status_code, answered.headers.get("location")) == (302, "/y")
        await browser.close()
        await server.close()

    asyncio.run(with_server(answering(answer, heard), use))
    form = heard[-1]
    assert "Cookie: civicline_csrf=abc\r\n" in form
    assert "X-CSRFToken: abc\r\n" in form
    assert "X-Forwarded-For: 198.18.0.7\r\n" in form
    assert form.endswith("body=Gr%C3%BC%C3%9Fe+%26+more")


def test_a_server_that_hangs_up_is_lost_and_the_next_request_connects_anew() -> None:
    met: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(1)
        await reader.readuntil(b"\r\n\r\n")
        if len(met) > 1:
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    async def use(url: str) -> None:
        wire = Wire(url, most=1)
        with pytest.raises(Lost):
            await wire.send("GET", "/", {})
        assert (await wire.send("GET", "/", {})).status_code == 204

    asyncio.run(with_server(serve, use))
    assert len(met) == 2


def test_what_is_no_http_is_told() -> None:
    async def use(url: str) -> None:
        with pytest.raises(ConnectionError, match="no HTTP"):
            await Wire(url, most=1).send("GET", "/", {})

    asyncio.run(with_server(answering(b"220 mail.example ready\r\n\r\n", []), use))


def test_a_server_that_is_not_there_is_lost() -> None:
    async def go() -> None:
        with pytest.raises(Lost):
            await Wire("http://127.0.0.1:9", most=1).send("GET", "/", {})

    asyncio.run(go())
