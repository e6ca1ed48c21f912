"""Weeks of shifts: made, changed by hand, published. Each change is an event and stays in the history of its week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.events import emit
from civicline.workforce import events
from civicline.workforce.models import Place, Schedule, Shift
from civicline.workforce.rules import day_of, paid_minutes
from civicline.workforce.selectors.seats import place_for
from civicline.workforce.services.contracts import LONGEST, breaks_fit
from civicline.workforce.services.hints import plan_changed
from civicline.workforce.services.wishes import drop_wishes, keep_wishes

SHORTEST = 30


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


@writes
def open_week(*, week: date) -> Schedule:
    """The plan of the week that begins on this Monday, made as a draft when there is none."""
    if week.weekday():
        raise Invalid(_("A week begins on a Monday."), code="week-invalid")
    found = Schedule.objects.filter(week=week).first()
    if found is None:
        found = Schedule(week=week, made_at=clock.now())
        found.save(force_insert=True)
    return found


def draft_shift(
    *,
    agent_id: UUID | None,
    start: datetime,
    end: datetime,
    breaks: Sequence[Sequence[Any]] = (),
    kind: str = "work",
    place: str = "",
) -> Shift:
    """A shift that is not stored: for looking at what it would bring. Invalid for what cannot be one.

    `place`: office or home, for those whose contract leaves the choice; "" is as the agent wishes.
    """
    minutes = round((end - start).total_seconds() / 60)
    wrong: dict[str, Any] = {}
    if not SHORTEST <= minutes <= LONGEST:
        wrong["end"] = _("A shift is from 30 minutes to 16 hours long.")
    elif not breaks_fit(breaks, minutes):
        wrong["breaks"] = _("The breaks have to lie inside the shift, one after the other.")
    if kind not in Shift.Kind.values:
        wrong["kind"] = _("Choose one of these.")
    if place and place not in Place.values:
        wrong["place"] = _("Choose one of these.")
    if wrong:
        raise Invalid(fields=wrong, code="shift-invalid")
    return Shift(
        id=ids.new_id(),
        agent_id=agent_id,
        start=start,
        end=end,
        breaks=[list(one) for one in breaks],
        kind=kind,
        place=place_for(agent_id, timezone.localtime(start).date(), place),
    )


@writes
def add_shift(
    *,
    agent_id: UUID | None,
    start: datetime,
    end: datetime,
    breaks: Sequence[Sequence[Any]] = (),
    kind: str = "work",
    place: str = "",
) -> Shift:
    """Put a shift into its week; without an agent it is open for bids. Conflict when the agent works then already."""
    row = draft_shift(agent_id=agent_id, start=start, end=end, breaks=breaks, kind=kind, place=place)
    _free(row)
    row.schedule = open_week(week=week_of(day_of(row)))
    row.save(force_insert=True)
    _tell(row, "added")
    return row


@writes
def change_shift(
    *, shift_id: UUID, version: int | None = None, change: str = "moved", **fields: Any
) -> Shift:
    """Move a shift, change its breaks, or give it to another agent (None: open). `version`: as it was when read.

    Fields: agent_id, start, end, breaks, kind, place. Conflict when somebody changed it since, or the agent works then.
    """
    row = Shift.objects.select_related("schedule").filter(pk=shift_id).first()
    if row is None:
        raise NotFound(_("There is no such shift."), code="shift-unknown")
    if version is not None and version != row.version:
        raise Conflict(_("Somebody else has changed this shift. Look at it again."), code="shift-changed")
    before = row.agent_id
    checked = draft_shift(
        agent_id=fields.get("agent_id", row.agent_id), start=fields.get("start", row.start),
        end=fields.get("end", row.end), breaks=fields.get("breaks", row.breaks), kind=fields.get("kind", row.kind),
        place=fields.get("place", row.place),
    )  # fmt: skip
    checked.pk = row.pk
    _free(checked)
    for name in ("agent_id", "start", "end", "breaks", "kind", "place"):
        setattr(row, name, getattr(checked, name))
    row.schedule = open_week(week=week_of(day_of(row)))
    row.version += 1
    row.save()
    _tell(row, "given" if before != row.agent_id else change, before=before)
    return row


@writes
def remove_shift(*, shift_id: UUID) -> None:
    """Take a shift out of the plan."""
    row = Shift.objects.select_related("schedule").filter(pk=shift_id).first()
    if row is None:
        raise NotFound(_("There is no such shift."), code="shift-unknown")
    _tell(row, "removed")
    row.delete()


def _free(row: Shift) -> None:
    if row.agent_id is None:
        return
    near = Shift.objects.filter(agent_id=row.agent_id, start__lt=row.end, end__gt=row.start).exclude(
        pk=row.pk
    )
    if near.exists():
        raise Conflict(_("This person has another shift at that time."), code="shift-overlaps")


def _tell(row: Shift, change: str, before: UUID | None = None) -> None:
    data = {
        "change": change, "agent": str(row.agent_id) if row.agent_id else None, "start": row.start.isoformat(),
        "end": row.end.isoformat(), "before": str(before) if before and before != row.agent_id else None,
    }  # fmt: skip
    emit(events.SHIFT_CHANGED, subject=("shift", row.pk), data=data)
    audit.record(f"shift.{change}", object=("schedule", row.schedule.week.isoformat()), data=data)
    plan_changed([row.agent_id, before])


@writes
def publish_week(*, week: date) -> Schedule:
    """Let agents see a week, and keep with it what they wish for. Conflict when it is empty or published already."""
    row = Schedule.objects.filter(week=week).first()
    if row is None or not row.shifts.exists():
        raise Conflict(_("There is nothing to publish: the week has no shifts."), code="week-empty")
    if row.state == Schedule.State.PUBLISHED:
        raise Conflict(_("This week is published already."), code="week-published")
    row.state, row.published_at = Schedule.State.PUBLISHED, clock.now()
    row.save()
    keep_wishes(schedule=row)
    _told_week(row, "published")
    return row


@writes
def withdraw_week(*, week: date) -> Schedule:
    """Take a published week back to a draft, before it begins."""
    row = Schedule.objects.filter(week=week, state=Schedule.State.PUBLISHED).first()
    if row is None:
        raise Conflict(_("This week is not published."), code="week-draft")
    if week <= clock.now().date():
        raise Conflict(_("This week has begun. Change single shifts instead."), code="week-began")
    row.state, row.published_at = Schedule.State.DRAFT, None
    row.save()
    drop_wishes(schedule=row)
    _told_week(row, "withdrawn")
    return row


def _told_week(row: Schedule, deed: str) -> None:
    shifts = list(row.shifts.all())
    data = {
        "week": row.week.isoformat(),
        "shifts": len(shifts),
        "hours": round(sum(map(paid_minutes, shifts)) / 60),
    }
    if deed == "published":
        emit(events.SCHEDULE_PUBLISHED, subject=("schedule", row.pk), data=data)
    audit.record(f"schedule.{deed}", object=("schedule", row.week.isoformat()), data=data)
    plan_changed()


@writes
def hand_over(*, to: Mapping[UUID, UUID | None]) -> list[Shift]:
    """Give several shifts to others at once, as a swap does: {shift: agent, None for nobody}. Conflict on overlaps."""
    rows = list(Shift.objects.select_related("schedule").filter(pk__in=list(to)))
    if len(rows) != len(to):
        raise NotFound(_("There is no such shift."), code="shift-unknown")
    before = {row.pk: row.agent_id for row in rows}
    for row in rows:
        row.agent_id = to[row.pk]
        row.place = place_for(row.agent_id, day_of(row), row.place)
        row.version += 1
        row.save(update_fields=["agent", "place", "version"])
    for row in rows:
        _free(row)
        _tell(row, "traded", before=before[row.pk])
    return rows
