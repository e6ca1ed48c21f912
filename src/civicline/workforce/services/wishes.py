"""Wishes are kept with the week that was planned by them, and forgotten when nobody needs that week any more."""

from __future__ import annotations

from datetime import timedelta

from civicline.kernel.db import writes
from civicline.workforce.models import KeptWish, Schedule, Wish
from civicline.workforce.selectors.fairness import COUNTED
from civicline.workforce.selectors.history import today

FORGET_WISHES = "workforce.forget_wishes"
KEPT_WEEKS = 53
"""Kept for a year: the twelve weeks that plans look at, and as far back as somebody would compare."""


@writes
def keep_wishes(*, schedule: Schedule) -> None:
    """Keep what everybody wishes for now with a week that is being published, in place of what was kept of it."""
    drop_wishes(schedule=schedule)
    KeptWish.objects.bulk_create(
        KeptWish(
            schedule=schedule, agent_id=one.agent_id, weekday=one.weekday, start=one.start, end=one.end, kind=one.kind
        )
        for one in Wish.objects.filter(kind__in=COUNTED)
    )  # fmt: skip


@writes
def drop_wishes(*, schedule: Schedule) -> None:
    """Keep no wishes of a week: it is a draft again, and will be planned by those of then."""
    KeptWish.objects.filter(schedule=schedule).delete()


@writes
def forget_wishes() -> None:
    """Forget the wishes of weeks that lie more than a year back. A job, once a day."""
    KeptWish.objects.filter(schedule__week__lt=today() - timedelta(weeks=KEPT_WEEKS)).delete()
