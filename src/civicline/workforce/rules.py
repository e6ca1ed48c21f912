"""What law, contract and people's own words say about somebody's shifts. Plain values in, findings out."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from civicline.workforce.models import CallOut, Contract, Leave, OnCallDuty, Shift, Wish

WORDS: dict[str, Promise] = {
    "overlap": _("Two shifts overlap on %(day)s."),
    "away": _("Away on %(day)s."),
    "cannot": _("Cannot work at this time on %(day)s."),
    "rest": _("Only %(hours)s hours of rest before the shift on %(day)s; %(least)s are due."),
    "day_max": _("%(hours)s hours on %(day)s; the contract allows %(most)s."),
    "week_max": _("%(hours)s hours in the week from %(day)s; the contract allows %(most)s."),
    "week_min": _("%(hours)s hours in the week from %(day)s; the contract promises %(least)s."),
    "row": _("%(count)s days in a row up to %(day)s; the contract allows %(most)s."),
    "weekend": _("Works on %(day)s; the contract leaves weekends free."),
    "rather_not": _("Would rather not work at this time on %(day)s."),
    "queues": _("Serves no queue that needs people then."),
    "short": _("%(hours)s more hours with too few people."),
    "many_away": _("Too many are away on %(day)s already."),
    "on_call_shift": _("On call during the shift on %(day)s."),
    "call_out_rest": _(
        "Only %(hours)s hours of rest after being called out before the shift on %(day)s; %(least)s are due."
    ),
    "not_home": _("Works at home on %(day)s; the contract says office."),
    "not_office": _("Works in the office on %(day)s; the contract says home."),
    "no_seat": _("%(site)s has no seat left on %(day)s at %(time)s."),
    "notice": _("The shift begins in less than %(hours)s hours."),
    "duty_overlap": _("On call already on %(day)s."),
    "duty_shift": _("Has a shift during the turn on %(day)s."),
    "duty_queue": _("Does not serve the queue of the turn on %(day)s."),
    "duty_rest": _("Was called out and is not rested before the turn on %(day)s."),
    "duty_turns": _("The contract has no turns on call."),
    "duty_many": _("That makes %(count)s turns in the week from %(day)s."),
    "duty_notice": _("The turn begins in less than %(hours)s hours."),
}
EITHER = "either"
"""A contract that lets people work in the office or at home."""
SOFT = frozenset({"rather_not", "week_min"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that is not kept: its code, and what stands in its sentence. Stored as [code, values]."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def soft(self) -> bool:
        """Whether it is a wish, and no rule of law or contract."""
        return self.code in SOFT

    def words(self) -> str:
        """The sentence in the reader's language; days with their weekday."""
        shown = {
            name: date_format(date.fromisoformat(value), "D j M") if name == "day" else value
            for name, value in self.values.items()
        }
        return str(WORDS[self.code]) % shown if shown else str(WORDS[self.code])

    def stored(self) -> list[Any]:
        """As it is kept in a row."""
        return [self.code, self.values]


def paid_minutes(shift: Shift) -> int:
    """Working time: the length without unpaid breaks."""
    length = round((shift.end - shift.start).total_seconds() / 60)
    return length - sum(int(minutes) for _after, minutes, paid in shift.breaks if not paid)


def day_of(shift: Shift) -> date:
    """The local day on which a shift begins."""
    return timezone.localtime(shift.start).date()


def check(
    shifts: Iterable[Shift],
    contract: Contract | None,
    leaves: Sequence[Leave] = (),
    wishes: Sequence[Wish] = (),
    *,
    weeks: Iterable[date] = (),
    duties: Sequence[OnCallDuty] = (),
    call_outs: Sequence[CallOut] = (),
) -> list[Finding]:
    """Everything about one person's shifts that is not kept. `weeks`: Mondays whose least hours are looked at too.

    `duties`: when the person is on call; `call_outs`: when they had to work for it, after which rest is due.
    """
    own = sorted(shifts, key=lambda shift: shift.start)
    found = [*_overlaps(own), *_absences(own, leaves, wishes), *_on_call(own, duties)]
    if contract is not None:
        found += [*_rests(own, contract), *_hours(own, contract, set(weeks)), *_rows(own, contract)]
        found += [*_rests_after(own, call_outs, contract), *_places(own, contract)]
    return found


def _day(shift: Shift) -> str:
    return day_of(shift).isoformat()


def _overlaps(own: list[Shift]) -> Iterable[Finding]:
    for left, right in itertools.pairwise(own):
        if right.start < left.end:
            yield Finding("overlap", {"day": _day(right)})


def _absences(own: list[Shift], leaves: Sequence[Leave], wishes: Sequence[Wish]) -> Iterable[Finding]:
    for shift in own:
        day = day_of(shift)
        if any(leave.first <= day <= leave.last for leave in leaves):
            yield Finding("away", {"day": day.isoformat()})
        begin = _minute(shift.start)
        end = begin + round((shift.end - shift.start).total_seconds() / 60)
        for wish in wishes:
            if (
                wish.kind in ("cannot", "rather_not")
                and wish.weekday == day.weekday()
                and begin < wish.end
                and end > wish.start
            ):
                yield Finding(wish.kind, {"day": day.isoformat()})


def _minute(at: datetime) -> int:
    local = timezone.localtime(at)
    return local.hour * 60 + local.minute


def _number(minutes: float) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")


def _rests(own: list[Shift], contract: Contract) -> Iterable[Finding]:
    for left, right in itertools.pairwise(own):
        rest = (right.start - left.end).total_seconds() / 60
        if 0 <= rest < contract.rest and day_of(left) != day_of(right):
            yield Finding(
                "rest", {"day": _day(right), "hours": _number(rest), "least": _number(contract.rest)}
            )


def _on_call(own: list[Shift], duties: Sequence[OnCallDuty]) -> Iterable[Finding]:
    for shift in own:
        if any(duty.start < shift.end and duty.end > shift.start for duty in duties):
            yield Finding("on_call_shift", {"day": _day(shift)})


def _rests_after(own: list[Shift], call_outs: Sequence[CallOut], contract: Contract) -> Iterable[Finding]:
    for shift in own:
        ends = [one.end for one in call_outs if one.end <= shift.start]
        rest = (shift.start - max(ends)).total_seconds() / 60 if ends else contract.rest
        if rest < contract.rest:
            values = {"day": _day(shift), "hours": _number(rest), "least": _number(contract.rest)}
            yield Finding("call_out_rest", values)


def _places(own: list[Shift], contract: Contract) -> Iterable[Finding]:
    for shift in own:
        if contract.place not in (EITHER, shift.place):
            code = "not_home" if contract.place == "office" else "not_office"
            yield Finding(code, {"day": _day(shift)})


def _hours(own: list[Shift], contract: Contract, weeks: set[date]) -> Iterable[Finding]:
    by_day: dict[date, int] = defaultdict(int)
    by_week: dict[date, int] = defaultdict(int)
    for shift in own:
        day = day_of(shift)
        by_day[day] += paid_minutes(shift)
        by_week[day - timedelta(days=day.weekday())] += paid_minutes(shift)
        if day.weekday() >= 5 and not contract.weekends:
            yield Finding("weekend", {"day": day.isoformat()})
    for day, minutes in by_day.items():
        if minutes > contract.day_max:
            values = {"day": day.isoformat(), "hours": _number(minutes), "most": _number(contract.day_max)}
            yield Finding("day_max", values)
    for week in sorted({*by_week, *weeks}):
        minutes = by_week.get(week, 0)
        values = {"day": week.isoformat(), "hours": _number(minutes)}
        if minutes > contract.week_max:
            yield Finding("week_max", {**values, "most": _number(contract.week_max)})
        elif minutes < contract.week_min and week in weeks:
            yield Finding("week_min", {**values, "least": _number(contract.week_min)})


def _rows(own: list[Shift], contract: Contract) -> Iterable[Finding]:
    days = sorted({day_of(shift) for shift in own})
    run = 0
    for at, day in enumerate(days):
        run = run + 1 if at and days[at - 1] == day - timedelta(days=1) else 1
        last = at + 1 == len(days) or days[at + 1] != day + timedelta(days=1)
        if last and run > contract.row_max:
            yield Finding("row", {"day": day.isoformat(), "count": run, "most": contract.row_max})
