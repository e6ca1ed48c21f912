"""A browser without a window: cookies, forms and a live socket of its own, at an address of its own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ssl import SSLError
from urllib.parse import urlencode, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.typing import Origin

from civicline.demo.replay.wire import Answer, Wire

CSRF_COOKIE = "civicline_csrf"
PARTS = {"HX-Request": "true"}

Lost = (WebSocketException, InvalidHandshake, OSError, SSLError, TimeoutError)
"""What a browser meets when the network or the server goes away in the middle of something."""


class NotAsExpected(Exception):
    """The server answered something that a browser could not go on with. The text is for people."""


class Server:
    """Where the server is, and the connections that all browsers to it share: a thousand are opened once."""

    def __init__(self, url: str, *, connections: int = 200) -> None:
        self.url = url.rstrip("/")
        self.wire = Wire(self.url, most=connections)

    async def close(self) -> None:
        """Close all connections."""
        self.wire.close()

    def live(self, path: str) -> str:
        """The address of a live socket."""
        return self.url.replace("http", "ws", 1) + path


class Browser:
    """One person's browser. `address` is told as by a proxy, so that limits per address see different people."""

    def __init__(self, server: Server, address: str = "", language: str = "en") -> None:
        self.server = server
        self._headers = {"Accept-Language": language, "User-Agent": "civicline-replay"}
        if address:
            self._headers["X-Forwarded-For"] = address
        self._jar: dict[tuple[str, str], str] = {}  # (name, path): value

    async def get(self, path: str, *, parts: bool = False, json: bool = False) -> Answer:
        """Fetch a page, or parts of one as the page's script does. Redirects are not followed."""
        headers = PARTS if parts else {"Accept": "application/json"} if json else {}
        return await self._send("GET", path, headers)

    async def post(self, path: str, fields: Mapping[str, str], *, parts: bool = False) -> Answer:
        """Send a form with its protection against forgery."""
        headers = {"Origin": self.server.url, "Referer": self.server.url + path, **(PARTS if parts else {})}
        token = self.cookie(CSRF_COOKIE)
        if token:
            headers["X-CSRFToken"] = token
        return await self._send("POST", path, headers, dict(fields))

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str], fields: Mapping[str, str] | None = None
    ) -> Answer:
        own = {**self._headers, **headers}
        if cookies := self.cookies_for(path):
            own["Cookie"] = cookies
        body = b""
        if fields is not None:
            body = urlencode(fields).encode()
            own["Content-Type"] = "application/x-www-form-urlencoded"
        answer = await self.server.wire.send(method, path, own, body)
        self._keep(answer)
        return answer

    def _keep(self, answer: Answer) -> None:
        for line in answer.headers.cookies:
            pair, *attributes = line.split(";")
            name, _sep, value = pair.strip().partition("=")
            given = dict(one.strip().lower().partition("=")[::2] for one in attributes)
            path = next(
                (one.strip()[5:] for one in attributes if one.strip().lower().startswith("path=")), "/"
            )
            if value.strip('"') and given.get("max-age") != "0":
                self._jar[(name, path)] = value
            else:
                self._jar.pop((name, path), None)

    def cookie(self, name: str) -> str:
        """The value of a cookie, whatever its path; empty when there is none."""
        return next((value for (known, _path), value in self._jar.items() if known == name), "")

    def cookies_for(self, path: str) -> str:
        """The Cookie header for an address."""
        asked = urlsplit(path).path
        return "; ".join(
            f"{name}={value}" for (name, under), value in self._jar.items() if asked.startswith(under)
        )

    @asynccontextmanager
    async def live(self, path: str) -> AsyncIterator[ClientConnection]:
        """Open a live socket with this browser's cookies."""
        headers = {name: value for name, value in self._headers.items() if name != "User-Agent"}
        cookies = self.cookies_for(path)
        if cookies:
            headers["Cookie"] = cookies
        origin = Origin(self.server.url)
        address = self.server.live(path)
        async with connect(
            address,
            origin=origin,
            additional_headers=headers,
            compression=None,
            open_timeout=15,
            max_queue=256,
        ) as socket:
            yield socket

    async def close(self) -> None:
        """Close the window: nothing of it is kept."""
        self._jar.clear()


def location_of(answer: Answer, what: str) -> str:
    """Where a form leads to, as a path. Raises `NotAsExpected`."""
    to = str(answer.headers.get("location", ""))
    if answer.status_code not in (302, 303) or not to:
        raise NotAsExpected(f"{what}: the server answered {answer.status_code} where a redirect was expected")
    parts = urlsplit(to)
    return parts.path


def field_value(page: str, name: str) -> str:
    """The value of a hidden field of a form. Raises `NotAsExpected`."""
    for tag in re.findall(r"<input[^>]*>", page):
        if re.search(rf'\bname="{re.escape(name)}"', tag):
            value = re.search(r'\bvalue="([^"]*)"', tag)
            if value:
                return value.group(1)
    raise NotAsExpected(f"the page has no field {name}")


def numbered_address(number: int) -> str:
    """An address of its own for each person, from the range kept for tests of networks (RFC 2544)."""
    return f"198.{18 + number // 65_536 % 2}.{number // 256 % 256}.{number % 256}"
