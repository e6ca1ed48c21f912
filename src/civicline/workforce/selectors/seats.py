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
from civicline.workforce.rules import EITHER
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
