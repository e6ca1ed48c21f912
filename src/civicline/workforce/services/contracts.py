"""Kinds of shifts, contracts, and when people can and want to work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.core.validators import validate_slug
from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid
from civicline.workforce.models import Contract, Pattern, Place, Site, Wish
from civicline.workforce.rules import EITHER

LONGEST = 16 * 60
CONTRACT_FIELDS = (
    "week_min", "week_max", "day_max", "rest", "row_max", "weekends", "hour_cost", "place", "site_id", "on_call",
)  # fmt: skip
PLACES = (*Place.values, EITHER)
HOUR_WISHES = (Wish.Kind.CANNOT, Wish.Kind.RATHER_NOT, Wish.Kind.LIKES)
LEAST_REST = 11 * 60
"""Hours between two working days that the European working time directive (2003/88/EC, article 3) asks for."""
MOST_WEEK = 48 * 60
"""Hours of a week in the same directive (article 6)."""


class Hours(NamedTuple):
    """When, on one weekday (0 is Monday), somebody cannot, would rather not, or likes to work; minutes of the day."""

    weekday: int
    kind: str
    start: int = 0
    end: int = 1440


@writes
def save_pattern(
    *,
    code: str,
    name: str,
    start: int,
    minutes: int,
    breaks: Sequence[Sequence[Any]] = (),
    weekdays: Sequence[int] = (),
    active: bool = True,
) -> Pattern:
    """Make or change a kind of shift. `breaks`: [minutes after the start, minutes, paid]; `weekdays` empty is all."""
    wrong: dict[str, Any] = {}
    try:
        validate_slug(code)
    except Exception:  # Django's own sentence speaks of slugs
        wrong["code"] = _("Use small letters, digits and -, like early-8.")
    if not name.strip():
        wrong["name"] = _("Give it a name.")
    if not 0 <= start < 1440:
        wrong["start"] = _("A shift begins within the day.")
    if not 60 <= minutes <= LONGEST:
        wrong["minutes"] = _("A shift is from 1 to 16 hours long.")
    elif not breaks_fit(breaks, minutes):
        wrong["breaks"] = _("The breaks have to lie inside the shift, one after the other.")
    if wrong:
        raise Invalid(fields=wrong, code="pattern-invalid")
    values = {
        "name": name.strip()[:60], "start": start, "minutes": minutes, "breaks": [list(one) for one in breaks],
        "weekdays": sorted(weekdays), "active": active,
    }  # fmt: skip
    row, _made = Pattern.objects.update_or_create(code=code, defaults=values)
    audit.record("pattern.saved", object=("pattern", code), data=values)
    return row


def breaks_fit(breaks: Iterable[Sequence[Any]], minutes: int) -> bool:
    """Whether breaks lie inside a shift of this length without overlapping."""
    at = 0
    for after, length, _paid in sorted(breaks, key=lambda one: int(one[0])):
        if after < at or length <= 0 or after + length > minutes:
            return False
        at = after + length
    return True


@writes
def save_contract(*, agent_id: UUID, patterns: Sequence[str] | None = None, **fields: Any) -> Contract:
    """Make or change one agent's contract; fields left out stay. `patterns`: codes, empty for every kind of shift."""
    unknown = set(fields) - set(CONTRACT_FIELDS)
    if unknown:
        raise TypeError(f"a contract has no {sorted(unknown)}")
    row = Contract.objects.filter(pk=agent_id).first() or Contract(agent_id=agent_id)
    for name, value in fields.items():
        setattr(row, name, value)
    if wrong := _wrong(row):
        raise Invalid(fields=wrong, code="contract-invalid")
    row.save()
    if patterns is not None:
        row.patterns.set(Pattern.objects.filter(code__in=patterns))
    audit.record(
        "contract.saved", object=("contract", agent_id), data={name: str(fields[name]) for name in fields}
    )
    return row


def _wrong(row: Contract) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    if row.week_min > row.week_max:
        wrong["week_min"] = _("The least hours are more than the most.")
    if not 0 < row.week_max <= MOST_WEEK:
        wrong["week_max"] = _("The law allows 48 hours a week at most.")
    if not 0 < row.day_max <= LONGEST:
        wrong["day_max"] = _("Give at most 16 hours a day.")
    elif row.week_min > row.day_max * 7:
        wrong["day_max"] = _("With so few hours a day the week's hours cannot be reached.")
    if row.rest < LEAST_REST:
        wrong["rest"] = _("The law asks for 11 hours of rest between two days of work.")
    if not 1 <= row.row_max <= 12:
        wrong["row_max"] = _("Give 1 to 12 days.")
    if row.week_min and row.week_min > row.day_max * (7 if row.weekends else 5):
        wrong["week_min"] = _("These hours do not fit into the days that the contract leaves.")
    if Decimal(row.hour_cost) < 0:
        wrong["hour_cost"] = _("Give an amount from 0 upwards.")
    return wrong | _wrong_place(row)


def _wrong_place(row: Contract) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    if row.place not in PLACES:
        wrong["place"] = _("Choose one of these.")
    if row.site_id is not None and not Site.objects.filter(pk=row.site_id).exists():
        wrong["site_id"] = _("There is no such office.")
    return wrong


@writes
def save_wishes(*, agent_id: UUID, wishes: Sequence[Hours]) -> None:
    """When an agent cannot or would rather (not) work, in place of what was said before."""
    kinds = set(HOUR_WISHES)
    for one in wishes:
        if one.kind not in kinds or not 0 <= one.weekday <= 6 or not 0 <= one.start < one.end <= 1440:
            raise Invalid(
                fields={"wishes": _("The last minute has to come after the first.")}, code="wish-invalid"
            )
    Wish.objects.filter(agent_id=agent_id, kind__in=HOUR_WISHES).delete()
    Wish.objects.bulk_create(
        Wish(agent_id=agent_id, weekday=one.weekday, kind=one.kind, start=one.start, end=one.end)
        for one in wishes
    )
    audit.record("wishes.saved", object=("contract", agent_id), data={"count": len(wishes)})
