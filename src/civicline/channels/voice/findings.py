"""What a look at the telephone found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `found`: what is so, in one sentence; `remedy`: what to do, empty when all is well."""

    check: str
    good: bool
    found: str
    remedy: str = ""
