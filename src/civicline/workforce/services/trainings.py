"""Trainings in the roster: sessions where they do least harm, in people's own shifts, and what they may do then.

A session takes the place of work at the beginning or the end of a shift, on the days on which most people are to spare.
When the last session is over, its person serves the queue: a job of each night says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.kernel import clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Refused
from civicline.routing import selectors as routing
from civicline.workforce.models import ChangeRequest, Decision, Shift
from civicline.workforce.selectors.coverage import Cover, cover, shifts_between
from civicline.workforce.selectors.history import local_midnight, today
from civicline.workforce.selectors.staffing import SLOT
from civicline.workforce.services.plan_changes import do, teaching
from civicline.workforce.services.plan_steps import Step
from civicline.workforce.services.rosters import SHORTEST, add_shift, change_shift, remove_shift

if TYPE_CHECKING:
    from civicline.workforce.models import WhatIf

SESSION = 240
"""Minutes of one session at most."""
AHEAD = 28
"""Days from tomorrow in which time is looked for."""


class Window(NamedTuple):
    """A possible session. `harm`: hours of people too few that it makes; `shift` it is taken from."""

    harm: float
    start: datetime
    end: datetime
    shift: Shift


def session_steps(row: WhatIf) -> list[Step]:
    """The sessions of every training of a plan. Refused when somebody has no shifts to train in."""
    first = today() + timedelta(days=1)
    shifts = [one for one in shifts_between(first, AHEAD) if one.agent_id and one.kind == Shift.Kind.WORK]
    covers = {one.day: one for one in cover(first, AHEAD)} if row.result.get("steps") else {}
    taken: set[UUID] = set()
    steps = []
    for told in row.result.get("steps", ()):
        own = [one for one in shifts if str(one.agent_id) == told["agent"] and one.pk not in taken]
        slots = _chosen(own, covers, round(told["hours"] * 60))
        taken |= {slot.shift.pk for slot in slots}
        times = [[slot.start.isoformat(), slot.end.isoformat(), str(slot.shift.pk)] for slot in slots]
        steps.append(Step("session", told["agent"], None, {"queue": told["queue"], "sessions": times}))
    return steps


def _chosen(shifts: Sequence[Shift], covers: dict[date, Cover], minutes: int) -> list[Window]:
    """The windows that harm least, one a shift, until the training is whole."""
    found: list[Window] = []
    left, used = minutes, set[UUID]()
    for window in sorted(_windows(shifts, covers), key=lambda one: (one.harm, one.start)):
        if left <= 0:
            break
        if window.shift.pk not in used:
            used.add(window.shift.pk)
            end = min(window.end, window.start + timedelta(minutes=max(SHORTEST, left)))
            found.append(
                window._replace(end=end) if window.start == window.shift.start else _late(window, left)
            )
            left -= round((window.end - window.start).total_seconds() / 60)
    if left > 0:
        words = _(
            "There is not enough time in the shifts of the next four weeks for this training. Plan more weeks first."
        )
        raise Refused(words, code="no-time-to-train")
    return sorted(found, key=lambda one: one.start)


def _late(window: Window, left: int) -> Window:
    """A session at the end of a shift that needs no more than what is left of the training."""
    return window._replace(start=max(window.start, window.end - timedelta(minutes=max(SHORTEST, left))))


def _windows(shifts: Iterable[Shift], covers: dict[date, Cover]) -> list[Window]:
    found = []
    for shift in shifts:
        length = timedelta(minutes=SESSION)
        if shift.end - shift.start < length + timedelta(minutes=SHORTEST):
            found.append(_window(shift, shift.start, shift.end, covers))
        else:
            found.append(_window(shift, shift.start, shift.start + length, covers))
            found.append(_window(shift, shift.end - length, shift.end, covers))
    return found


def _window(shift: Shift, start: datetime, end: datetime, covers: dict[date, Cover]) -> Window:
    day = start.astimezone(local_midnight(today()).tzinfo).date()
    seen = covers.get(day)
    if seen is None:
        return Window(0.0, start, end, shift)
    first, last = ((at - local_midnight(day)).total_seconds() / (60 * SLOT) for at in (start, end))
    spare = [
        seen.planned[at] - seen.needed[at] for at in range(int(first), min(ceil(last), len(seen.planned)))
    ]
    return Window(round(sum(max(0.0, 1.0 - one) for one in spare) * SLOT / 60, 2), start, end, shift)


# --- booked, and taken back ---


def book(step: Step) -> Step:
    """Put the sessions into the roster in the place of work; returns what is to be kept. Inside a write only."""
    kept: list[dict[str, Any]] = []
    for start_text, end_text, shift_id in step.after["sessions"]:
        row = Shift.objects.filter(pk=UUID(shift_id)).first()
        if row is None or str(row.agent_id) != step.of:
            raise Conflict(
                _("The roster was changed in the meantime. Look at the plan again."), code="shift-changed"
            )
        kept.append(_cut(row, datetime.fromisoformat(start_text), datetime.fromisoformat(end_text)))
    return Step("session", step.of, kept, step.after)


def _cut(row: Shift, start: datetime, end: datetime) -> dict[str, Any]:
    """Work ends or begins where the session begins or ends; a session of the whole shift takes its place."""
    was = {
        "shift": str(row.pk), "start": row.start.isoformat(), "end": row.end.isoformat(), "breaks": row.breaks,
        "kind": row.kind, "session": "",
    }  # fmt: skip
    if (start, end) == (row.start, row.end):
        change_shift(shift_id=row.pk, kind=Shift.Kind.TRAINING)
        return was
    work = (end, row.end) if start == row.start else (row.start, start)
    change_shift(shift_id=row.pk, start=work[0], end=work[1], breaks=_breaks(row, *work))
    session = add_shift(agent_id=row.agent_id, start=start, end=end, kind=Shift.Kind.TRAINING)
    return {**was, "session": str(session.pk)}


def _breaks(row: Shift, start: datetime, end: datetime) -> list[list[Any]]:
    """The breaks that lie in what is left of the work, by their new distance from its start."""
    kept = []
    for after, minutes, paid in row.breaks:
        begin = row.start + timedelta(minutes=after)
        if start < begin and begin + timedelta(minutes=minutes) < end:
            kept.append([round((begin - start).total_seconds() / 60), minutes, paid])
    return kept


def unbook(step: Step) -> None:
    """Sessions to come become work again. Conflict when one of their shifts is gone. Inside a write only."""
    for was in step.before:
        if datetime.fromisoformat(was["start"]) <= clock.now():
            continue  # it has been held
        if was["session"] and Shift.objects.filter(pk=UUID(was["session"])).exists():
            remove_shift(shift_id=UUID(was["session"]))
        if not Shift.objects.filter(pk=UUID(was["shift"])).exists():
            raise Conflict(
                _("A shift that was cut for a session is gone. Change the roster by hand."), code="shift-gone"
            )
        start, end = datetime.fromisoformat(was["start"]), datetime.fromisoformat(was["end"])
        change_shift(
            shift_id=UUID(was["shift"]), start=start, end=end, breaks=was["breaks"], kind=was["kind"]
        )


# --- trained ---


def finish_trainings() -> int:
    """Everybody whose last session is over serves the queue they learned; returns how many people that are."""
    rows = ChangeRequest.objects.filter(
        what_if__kind="training", state=Decision.APPROVED, undone_at__isnull=True
    ).values_list("pk", flat=True)
    return sum(_finish(request_id=pk) for pk in list(rows))


@writes
def _finish(*, request_id: UUID) -> int:
    request = ChangeRequest.objects.filter(pk=request_id).first()
    if request is None:
        return 0
    known = [Step(**one) for one in request.done]
    taught = {(one.of, one.after["queue"]) for one in known if one.kind == "taught"}
    ready = [
        one
        for one in known
        if one.kind == "session" and (one.of, one.after["queue"]) not in taught and _over(one)
    ]
    for one in ready:
        known += _teach(one)
    if ready:
        request.done = [one.plain() for one in known]
        request.save(update_fields=["done"])
    return len(ready)


def _over(step: Step) -> bool:
    return all(datetime.fromisoformat(end) <= clock.now() for _start, end, _shift in step.after["sessions"])


def _teach(step: Step) -> list[Step]:
    queues = [
        one
        for one in routing.list_queues().prefetch_related("members", "routes")
        if one.code == step.after["queue"]
    ]
    new = [one for one in teaching(queues, {UUID(step.of)}) if one.before != one.after]
    return [*(do(one) for one in new), Step("taught", step.of, None, {"queue": step.after["queue"]})]
