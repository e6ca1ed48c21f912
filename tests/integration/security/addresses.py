"""Every address of the installation, from its own list, with ids that could exist filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import get_resolver
from django.utils import translation

NOBODYS = str(UUID(int=7))
FILLED = {
    "uuid": NOBODYS, "int": "999999", "slug": "benefits", "str": "SM-4K7-291", "path": "rest",
}  # fmt: skip


class Address(NamedTuple):
    """A view's name (or its room when it has none), its route, and a path that leads to it."""

    name: str
    path: str
    route: str


def addresses() -> list[Address]:
    """All of them."""
    with translation.override("en"):
        return list(_walk(get_resolver().url_patterns))


def _walk(patterns: list[Any], before: str = "", room: str = "") -> Iterator[Address]:
    for one in patterns:
        route = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            inner = f"{room}{one.namespace}:" if one.namespace else room
            yield from _walk(one.url_patterns, route, inner)
        else:
            name = f"{room}{one.name}" if one.name else (room or route)
            yield Address(name, "/" + _fill(name, route), route)


def _fill(name: str, route: str) -> str:
    if name == "admin:calendar":
        route = route.replace("<slug:code>", "always")
    path = re.sub(r"<(\w+):\w+>", lambda match: FILLED[match[1]], route)
    path = re.sub(r"\(\?:\\\.\(\?P<extension>[^)]*\)\)\?/\?", ".json", path)
    path = re.sub(r"\(\?P<\w+>[^)]*\)", "x1", path)
    return re.sub(r"[\^$\\?]", "", path)
