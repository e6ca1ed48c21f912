"""Offices with their seats: who sits there in each half hour of a week, and where more would sit than can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import NotFound
from civicline.workforce.models import Contract, Place, Shift, Site, Wish
from civicline.workforce.rules import EITHER, Finding
from civicline.workforce.selectors.coverage import SLOTS, shifts_between
from civicline.workforce.selectors.history import local_midnight
from civicline.workforce.selectors.staffing import SLOT


@dataclass(frozen=True, slots=True)
class SeatDay:
    """One office on one day: how many sit there in each half hour, breaks included."""

    site: Site
    day: date
    used: tuple[int, ...]

    @property
    def most(self) -> int:
        """At the fullest time."""
        return max(self.used)

    def fuller_than(self, before: SeatDay) -> int | None:
        """The first minute of the day at which more sit there than there are seats, and more than before."""
        rows = enumerate(zip(self.used, before.used, strict=True))
        return next((at * SLOT for at, (now, then) in rows if now > max(then, self.site.seats)), None)

    @property
    def full_from(self) -> int | None:
        """The minute of the day from which more would sit there than there are seats; None when all find one."""
        return next((at * SLOT for at, count in enumerate(self.used) if count > self.site.seats), None)


def list_sites(*, active: bool = True) -> QuerySet[Site]:
    """Offices by name."""
    return Site.objects.filter(active=True) if active else Site.objects.all()


def get_site(code: str) -> Site:
    """One office; NotFound when there is none."""
    row = Site.objects.filter(code=code).first()
    if row is None:
        raise NotFound(_("There is no such office."), code="site-unknown")
    return row


def site_of(agent_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The office of each agent whose contract names one."""
    rows = Contract.objects.filter(pk__in=set(agent_ids), site__isnull=False)
    return {agent: site for agent, site in rows.values_list("agent_id", "site_id") if site is not None}


def place_for(agent_id: UUID | None, day: date, wanted: str = "") -> str:
    """Where somebody works on a day: as the contract says; who has the choice as wanted, else by their own wish."""
    contract = Contract.objects.filter(pk=agent_id).first() if agent_id is not None else None
    if contract is not None and contract.place != EITHER:
        return contract.place
    if wanted or contract is None:
        return wanted or Place.OFFICE
    kinds = [Wish.Kind.HOME, Wish.Kind.OFFICE]
    wish = Wish.objects.filter(agent_id=agent_id, weekday=day.weekday(), kind__in=kinds).first()
    return Place.HOME if wish is not None and wish.kind == Wish.Kind.HOME else Place.OFFICE


def places_for(agent_ids: Iterable[UUID], day: date) -> dict[UUID, str]:
    """Where each of these people works on a day when nobody has said it for the shift: two queries for all."""
    ids = set(agent_ids)
    kinds = [Wish.Kind.HOME, Wish.Kind.OFFICE]
    wishes = Wish.objects.filter(agent_id__in=ids, weekday=day.weekday(), kind__in=kinds).order_by(
        "-start", "-pk"
    )
    home = {
        one.agent_id: one.kind == Wish.Kind.HOME for one in wishes
    }  # the first of the day counts, as in `place_for`
    contracts = dict(Contract.objects.filter(pk__in=ids).values_list("agent_id", "place"))
    return {
        one: (Place.HOME if home.get(one) else Place.OFFICE)
        if contracts.get(one, Place.OFFICE) == EITHER
        else contracts.get(one, Place.OFFICE)
        for one in ids
    }


@dataclass(frozen=True, slots=True)
class Seats:
    """The offices of one day, and whose office is which: asked for many shifts, read once."""

    day: date
    offices: dict[int, SeatDay]
    homes: dict[UUID, int]

    def full_with(self, shift: Shift) -> Finding | None:
        """What is wrong when one more shift sits in its office: None where it finds a seat."""
        office = self.offices.get(self.homes.get(shift.agent_id, 0)) if shift.agent_id is not None else None
        if office is None:
            return None
        added = zip(office.used, _used([shift], self.day), strict=True)
        then = SeatDay(office.site, self.day, tuple(before + more for before, more in added))
        if (full := then.fuller_than(office)) is None:
            return None
        time = f"{full // 60:02d}:{full % 60:02d}"
        return Finding("no_seat", {"site": office.site.name, "day": self.day.isoformat(), "time": time})


def free_seats(day: date) -> Seats:
    """The offices of a day as its shifts fill them: four queries at most."""
    offices = {one.site.pk: one for one in seat_days(day, 1)}
    homes = Contract.objects.filter(site__isnull=False).values_list("agent_id", "site_id") if offices else ()
    return Seats(day, offices, {agent: site for agent, site in homes if site is not None})


def seat_days(first: date, count: int = 7, shifts: Sequence[Shift] | None = None) -> list[SeatDay]:
    """Each office on each of `count` days from `first`, by these shifts or those of the roster."""
    sites = list(list_sites())
    if not sites:
        return []
    rows = list(shifts) if shifts is not None else shifts_between(first, count)
    rows = [one for one in rows if one.agent_id is not None and one.place == Place.OFFICE]
    homes = site_of(one.agent_id for one in rows if one.agent_id is not None)
    by_site: dict[int, list[Shift]] = defaultdict(list)
    for one in rows:
        if one.agent_id in homes:
            by_site[homes[one.agent_id]].append(one)
    days = [first + timedelta(days=number) for number in range(count)]
    return [SeatDay(site, day, _used(by_site[site.pk], day)) for site in sites for day in days]


def _used(shifts: list[Shift], day: date) -> tuple[int, ...]:
    midnight = local_midnight(day)
    slots = []
    for at in range(SLOTS):
        start = midnight + timedelta(minutes=at * SLOT)
        end = start + timedelta(minutes=SLOT)
        slots.append(sum(1 for one in shifts if one.start < end and one.end > start))
    return tuple(slots)
