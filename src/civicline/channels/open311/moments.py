"""Datetimes in parameters: W3C profile of ISO 8601, as `2026-11-20T09:30:00-05:00`."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

# "+05:00" not percent-encoded arrives as " 05:00": every plus in a query string is a space.
_LOST_PLUS = re.compile(r"(T[0-9:.]+) (\d\d:?\d\d)$")


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment in UTC, or None when it cannot be read. Without an offset it is meant in `zone`."""
    try:
        at = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text.strip()))
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
