"""How the telephone stands as a whole, for walls and boards: lines in use, who waits, and when somebody is free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings

from civicline.channels.voice.models import Call, Phone
from civicline.engine.calls import LIVE
from civicline.engine.next_free import next_free_within
from civicline.intake import selectors as intake
from civicline.kernel import clock
from civicline.people import selectors as people
from civicline.routing.channels import is_live

WAITS: Final = ("queued", "offered")
TALKS: Final = ("talking", "held")
LEARNT_FROM: Final = 50
FEWEST: Final = 5
"""Of how many talks of the last day the usual length is learnt; nothing is told from fewer."""


@dataclass(frozen=True, slots=True)
class LinesNow:
    """Callers on the line, of so many lines. `waiting` have nobody yet, the longest of them for `longest_s` seconds.

    free     people who could take a call this moment.
    next_s   with nobody free: somebody is within so many seconds, in 8 of 10 cases; None where nothing is known.
    """

    lines: int
    in_use: int
    waiting: int
    longest_s: float | None
    talking: int
    free: int
    next_s: float | None


def lines_now(queue_code: str = "") -> LinesNow | None:
    """The telephone now; those who wait of one queue, or of all. None where there is no telephone."""
    if settings.CIVICLINE.voice_mode == "off":
        return None
    now = clock.now()
    calls = Call.objects.filter(state__in=LIVE).values_list(
        "state", "contact__queued_at", "contact__queue__code"
    )
    live = list(calls)
    since = [at for state, at, code in live if state in WAITS and at and queue_code in ("", code)]
    talking = sum(state in TALKS for state, _at, _code in live)
    free = _free()
    return LinesNow(
        lines=settings.CIVICLINE.voice_lines,
        in_use=len(live),
        waiting=len(since),
        longest_s=(now - min(since)).total_seconds() if since else None,
        talking=talking,
        free=free,
        next_s=None if free else _next_free(talking),
    )


def _free() -> int:
    """Those who have a telephone, take contacts, and are with nobody."""
    there = people.available_agent_ids(Phone.objects.values_list("agent_id", flat=True))
    held = intake.contacts_in_states(["offered", "connected"]).filter(agent_id__in=there)
    return len(
        there
        - {agent_id for agent_id, channel in held.values_list("agent_id", "channel") if is_live(channel)}
    )


def _next_free(talking: int) -> float | None:
    """By the talks that ended in the last day."""
    ended = Call.objects.filter(talking_at__isnull=False, ended_at__gte=clock.now() - timedelta(days=1))
    lengths = [
        (end - begun).total_seconds()
        for begun, end in ended.order_by("-ended_at").values_list("talking_at", "ended_at")[:LEARNT_FROM]
        if begun is not None and end is not None
    ]
    mean = sum(lengths) / len(lengths) if len(lengths) >= FEWEST else 0.0
    return next_free_within(mean, talking=talking) if mean > 0 else None
