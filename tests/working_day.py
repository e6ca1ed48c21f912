"""A working day for the pictures of planning, whatever day they are taken on: on a Sunday nobody is needed otherwise.

As `tests.floor` opens the town hall on that day, the day gets the need and the shifts of the next working day. It runs
beside a server that makes its first forecasts, and waits for them.
"""

from __future__ import annotations

from datetime import date, timedelta

from tests.servers import wait_until

SATURDAY = 5
SERIES = ("median", "expected", "low", "high")


def make() -> None:
    """Let people work today; nothing on a day that is a working day already."""
    from civicline.workforce.selectors.history import today

    day = today()
    if day.weekday() < SATURDAY:
        return
    like = day + timedelta(days=7 - day.weekday())
    wait_until(_forecast, seconds=90, what="the forecasts are made", every=1.0)
    _need(day, like)
    _shifts(day, like)


def _forecast() -> bool:
    from civicline.workforce.models import Forecast

    states = set(Forecast.objects.values_list("state", flat=True))
    return states == {Forecast.State.DONE}


def _need(day: date, like: date) -> None:
    from civicline.workforce.models import Staffing
    from civicline.workforce.selectors.forecasts import newest_of_all

    for rule in Staffing.objects.all():
        rule.weekdays = sorted({*rule.weekdays, day.weekday()})
        rule.save()
    for made in newest_of_all().values():
        if made.first is None:
            continue
        here, there = (day - made.first).days, (like - made.first).days
        for name in SERIES:
            made.rows[name][here] = made.rows[name][there]
        made.save()


def _shifts(day: date, like: date) -> None:
    from civicline.kernel.ids import new_id
    from civicline.workforce.models import Schedule, Shift
    from civicline.workforce.selectors.coverage import shifts_between
    from civicline.workforce.selectors.rosters import monday_of

    schedule = Schedule.objects.filter(week=monday_of(day)).first()
    if schedule is None:
        return
    for shift in shifts_between(like, 1):
        Shift.objects.create(
            id=new_id(), schedule=schedule, agent_id=shift.agent_id, start=shift.start - (like - day),
            end=shift.end - (like - day), breaks=shift.breaks, kind=shift.kind, place=shift.place,
        )  # fmt: skip
