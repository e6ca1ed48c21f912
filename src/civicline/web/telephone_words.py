"""How the telephone stands, in the words of walls and boards."""

from __future__ import annotations

from django.utils.translation import gettext, pgettext

from civicline.channels.voice.lines_now import LinesNow
from civicline.insight import wording


def telephone_words(calls: LinesNow) -> dict[str, str]:
    """`longest`: the longest wait as a clock, "" while nobody waits. `next`: when somebody is free for a caller."""
    return {
        "longest": wording.clock_words(calls.longest_s) if calls.longest_s is not None else "",
        "next": _next(calls),
    }


def _next(calls: LinesNow) -> str:
    if calls.free:
        return pgettext("somebody is free", "now")
    if calls.next_s is None:
        return gettext("not known yet")
    minutes = max(1, -int(-calls.next_s // 60))
    return gettext("within %(minutes)s min") % {"minutes": minutes}
