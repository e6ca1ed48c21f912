"""From hours on the wall to instants: the unrolling of a calendar, with the daylight-saving traps."""

from datetime import UTC, date, datetime, timedelta

from civicline.engine.hours.calendar import Calendar, day_hours

Interval = tuple[int, int]
"""Start and end in microseconds since 1970-01-01 UTC; the end is outside."""

_MINUTE = 60_000_000
_DAY = 86_400_000_000
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
_LOOK_BACK_DAYS = 2


class Unroller:
    """Turns the days of one calendar into disjoint intervals."""

    def __init__(self, cal: Calendar) -> None:
        self._cal = cal
        self._zone = cal.zone

    def intervals(self, first: int, last: int) -> tuple[Interval, ...]:
        """Open intervals that begin on the dates with ordinals first..last-1, cut clear of earlier days.

        The two days before are unrolled too, because their night shifts may reach into the first.
        """
        start_at = first - _LOOK_BACK_DAYS
        offsets = [self._midnight_offset(ordinal) for ordinal in range(start_at, last + 2)]
        reached = -(1 << 62)
        found: list[Interval] = []
        for index in range(last - start_at):
            ordinal = start_at + index
            steady = offsets[index] == offsets[index + 1] == offsets[index + 2]
            for start, end in self._day(ordinal, offsets[index] if steady else None):
                begin = max(start, reached)
                if end <= begin:
                    continue
                reached = end
                if ordinal < first:
                    continue
                if found and found[-1][1] == begin:
                    found[-1] = (found[-1][0], end)
                else:
                    found.append((begin, end))
        return tuple(found)

    def _midnight_offset(self, ordinal: int) -> int:
        midnight = datetime.fromordinal(ordinal).replace(tzinfo=self._zone)
        return _offset(midnight)

    def _day(self, ordinal: int, offset: int | None) -> list[Interval]:
        """One date's spans as instants; `offset` is None near a change of the clocks."""
        spans = day_hours(self._cal, date.fromordinal(ordinal)).spans
        base = (ordinal - _EPOCH_ORDINAL) * _DAY
        if offset is not None:
            zero = base - offset
            return [(zero + start * _MINUTE, zero + end * _MINUTE) for start, end in spans]
        return [
            (self._instant(base + start * _MINUTE, fold=0), self._instant(base + end * _MINUTE, fold=1))
            for start, end in spans
        ]

    def _instant(self, wall: int, *, fold: int) -> int:
        """Wall time in microseconds -> instant. In a repeated hour `fold` chooses; in a gap: its moment."""
        naive = datetime(1970, 1, 1) + wall * _MICROSECOND  # noqa: DTZ001 - a wall time, zone put on below
        before = _offset(naive.replace(tzinfo=self._zone, fold=0))
        after = _offset(naive.replace(tzinfo=self._zone, fold=1))
        if after <= before:
            return wall - (after if fold else before)
        # The wall time was skipped. The change lies in (wall - after, wall - before]: bisect to the second.
        low, high = (wall - after) // 1_000_000, (wall - before) // 1_000_000
        while high - low > 1:
            middle = (low + high) // 2
            at = datetime.fromtimestamp(middle, UTC).astimezone(self._zone)
            low, high = (low, middle) if _offset(at) == after else (middle, high)
        return high * 1_000_000


def _offset(at: datetime) -> int:
    offset = at.utcoffset()
    return 0 if offset is None else offset // _MICROSECOND
