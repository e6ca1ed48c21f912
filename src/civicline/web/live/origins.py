"""Who may open a WebSocket: browsers send cookies to a socket from any site, so the Origin is checked first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.http.request import validate_host

Scope = dict[str, Any]
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def header(scope: Scope, name: bytes) -> str:
    """One header of an ASGI scope, or an empty text."""
    for key, value in scope.get("headers", ()):
        if key == name:
            return str(value, "latin-1")
    return ""


def cookies(scope: Scope) -> dict[str, str]:
    """The cookies of an ASGI scope. The first of two with one name counts: it has the longer path (RFC 6265, 5.4)."""
    found: dict[str, str] = {}
    for part in header(scope, b"cookie").split(";"):
        name, sign, value = part.strip().partition("=")
        if sign:
            found.setdefault(name, value)
    return found


def address(scope: Scope) -> str:
    """Where the client is, as the server in front of us told (uvicorn resolves trusted proxies)."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def is_own(scope: Scope, allowed_hosts: Iterable[str], extra: Iterable[str] = ()) -> bool:
    """Whether the page that opens this connection is ours: same host and port as asked for, or one of `extra` origins.

    A missing Origin is refused: every browser sends it with a WebSocket, and other programs can.
    """
    origin = header(scope, b"origin")
    if not origin or origin == "null":
        return False
    if origin.rstrip("/") in {one.rstrip("/") for one in extra}:
        return True
    asked = header(scope, b"host").lower()
    try:
        page = urlsplit(origin)
        host = urlsplit(f"//{asked}")
        page_port, host_port = page.port, host.port
    except ValueError:
        return False
    if page.scheme not in {"http", "https"} or not page.hostname or page.hostname != host.hostname:
        return False
    default = _PORTS[page.scheme]
    if (page_port or default) != (host_port or default):
        return False
    return validate_host(page.hostname, list(allowed_hosts))
