"""What the live edge must ask the house: who is this, may they listen, and who is at work. All of it may block.

The edge runs every one of these in its own threads. Tests give it doors of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Staff:
    """A signed-in member of staff."""

    user_id: str
    is_agent: bool
    sees_board: bool


@dataclass(frozen=True, slots=True)
class Doors:
    """The questions, as plain functions. `config.wiring` puts the house's own behind them."""

    staff_of: Callable[[str], Staff | None]  # session key -> who, None when signed out or not active
    may_watch: Callable[[str, str], bool]  # user id, topic -> permitted
    opens_contact: Callable[[str, str], bool]  # contact id, secret -> it is theirs
    opens_wall: Callable[[str], bool]  # token of a wall screen -> it is good
    got: Callable[[str, int], None]  # contact id, number: the resident's browser holds all messages up to it
    seen: Callable[[str, int], None]  # contact id, number: the resident has seen all messages up to it
    agents_seen: Callable[[Collection[str]], None]  # these agents have a desk open now
    agents_vanished: Callable[[datetime], None]  # agents last seen before then are away
