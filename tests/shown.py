"""What one page is for the pictures and for the test that looks at each: who sees it, how wide, how to get there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PASSWORD = "saltmere-demo"
RESIDENT, NADIA, RUTH, OSKAR, AMINA, EDGAR, VERA = "", "nadia", "ruth", "oskar", "amina", "edgar", "vera"
MEI = "mei"  # on the telephone
PAULA = "paula"
INES = "ines"  # in a call with others
DESKTOP, PHONE, WALL = (1440, 900), (390, 844), (1920, 1080)
WIDE_AND_PHONE = (DESKTOP, PHONE)
NO_PICTURE: tuple[tuple[int, int], ...] = ()
"""Looked at by the tests; a picture would show what another one shows."""
SEND = "main form .btn-primary"


def as_it_comes(page: Any) -> None:
    """The page is as it comes."""


@dataclass(frozen=True)
class Shown:
    """One page. `path` may name what `tests.floor` made, as in {contact}; `before` goes on from there.

    `also` has the other looks worth a picture: ar (right to left) and dark. `secret` names the fact that opens a chat
    of a resident's own. `view` names the view that `before` leads to, where that is another one than that of `path`.
    """

    name: str
    path: str
    who: str = RESIDENT
    sizes: tuple[tuple[int, int], ...] = WIDE_AND_PHONE
    also: tuple[str, ...] = ()
    before: Callable[[Any], None] = as_it_comes
    status: int = 200
    secret: str = ""
    view: str = ""


def press(page: Any, selector: str = SEND) -> None:
    """Press a button that leads to another page."""
    with page.expect_navigation():
        page.click(selector)
