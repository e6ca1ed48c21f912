"""What this process had to refuse of late, for health checks: which trouble, and how long ago."""

import time

RECENT_SECONDS = 15.0
_last: dict[str, float] = {}


def note(code: str) -> None:
    """Something was refused just now, for this reason."""
    _last[code] = time.monotonic()


def recent(within: float = RECENT_SECONDS) -> list[str]:
    """The reasons why something was refused in the last seconds."""
    now = time.monotonic()
    return sorted(code for code, at in _last.copy().items() if now - at <= within)
