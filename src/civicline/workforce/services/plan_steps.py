"""A step of a change of the plan: what it is about, what stands there, what shall stand there. Plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One change. `of`: which one of its kind.

    `kind`: shift, members, skill, staffing, calling, calendar, rings, priorities or session.
    """

    kind: str
    of: str
    before: Any
    after: Any

    def plain(self) -> dict[str, Any]:
        """As a row keeps it."""
        return asdict(self)
