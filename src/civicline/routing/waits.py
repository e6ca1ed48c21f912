"""What residents are told of their wait: place and range, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.engine import hours
from civicline.engine.experience import look
from civicline.engine.waits import LineState, RoundedRange, UnknownWait, WaitRange, estimate, rounded
from civicline.intake import selectors as intake
from civicline.intake.catalogue import Catalogue, catalogue
from civicline.kernel import clock
from civicline.routing.channels import class_of, is_live
from civicline.routing.lines import FRESH_S, Line, lines
from civicline.routing.models import Route
from civicline.routing.past import priority_in_line

if TYPE_CHECKING:
    from civicline.intake.models import Contact, Service


@dataclass(frozen=True, slots=True)
class Wait:
    """What is told: `position` (1 is first), a `range` in whole minutes, or `reason` why there is none.

    reason: "closed", "nobody_staffed", "nobody_answers", "staff_leaves", "too_little_data", "connected",
    "over". `due_at` is the promise for written work. `at` is when it was counted.
    """

    position: int | None
    range: RoundedRange | None
    reason: str
    at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ServiceWait:
    """One service on one channel class, as a resident sees it before asking."""

    service: Service
    open: bool
    closes_at: datetime | None
    opens_at: datetime | None
    closed_reason: str
    waiting: int
    wait: Wait
    full: bool  # past the queue's cap: write instead, and here is the wait


@dataclass(frozen=True, slots=True)
class _Told:
    """Waits that were worked out, and from what."""

    offered: Catalogue
    current: Mapping[int, Line]
    at: datetime
    waits: tuple[ServiceWait, ...]


_told: dict[str, _Told] = {}


def get_wait(contact: Contact) -> Wait:
    """Place and range of a contact that waits."""
    now = clock.now()
    if contact.state in ("connected", "wrap_up", "parked"):
        return Wait(None, None, "connected", now, contact.due_at)
    line = lines().get(contact.queue_id) if contact.queue_id else None
    if contact.state not in ("queued", "offered") or line is None:
        return Wait(None, None, "over", now, contact.due_at)
    kind = class_of(contact.channel)
    place = line.position(contact.id)
    ahead = len(line.waiting(kind)) if place is None else place - 1
    needs = tuple((skill, int(level)) for skill, level in contact.skills)
    told = range_for(line, kind, ahead, needs, tuple(contact.languages))
    priority = priority_in_line(contact.priority, emergency=contact.emergency)
    told = _by_experience(told, line, contact.channel, priority, contact.id)
    return Wait(
        ahead + 1,
        rounded(told) if isinstance(told, WaitRange) else None,
        told.reason if isinstance(told, UnknownWait) else "",
        now,
        contact.due_at,
    )


def wait_in_queue(queue_id: int, channel: str = "voice") -> Wait | None:
    """Place and range of somebody who joins this queue by this channel now; None for a queue that is not in use."""
    line, now, kind = lines().get(queue_id), clock.now(), class_of(channel)
    if line is None:
        return None
    ahead = len(line.waiting(kind))
    told = range_for(line, kind, ahead)
    return Wait(
        ahead + 1,
        rounded(told) if isinstance(told, WaitRange) else None,
        told.reason if isinstance(told, UnknownWait) else "",
        now,
    )


def range_for(
    line: Line,
    kind: str,
    ahead: int,
    skills: tuple[tuple[str, int], ...] = (),
    languages: tuple[str, ...] = (),
) -> WaitRange | UnknownWait:
    """The range for a contact of this class with `ahead` before it; worked out once for all who ask the same.

    Staff who have the skills and language asked for count; while none does, everyone in the queue counts, because
    the rings relax. Whoever does not respond counts for nothing: nobody knows when they will be back.
    """
    is_open = hours.is_open(intake.hours_of(line.queue.calendar), clock.now())
    asked = (kind, ahead, skills, languages, is_open)
    told = line.ranges.get(asked)
    if told is None:
        told = line.ranges[asked] = _estimated(line, kind, ahead, skills, languages, is_open=is_open)
    return told


def _estimated(
    line: Line,
    kind: str,
    ahead: int,
    skills: tuple[tuple[str, int], ...],
    languages: tuple[str, ...],
    *,
    is_open: bool,
) -> WaitRange | UnknownWait:
    """What the formula says of a line as it was read."""
    able = [member for member in line.members if member.fits(skills, languages) and member.slots(kind)]
    able = able or [member for member in line.members if member.slots(kind)]
    state = LineState(
        ahead=ahead,
        staff=sum(member.slots(kind) / member.queues for member in able),
        service_seconds=_service_seconds(line, kind),
        idle=float(sum(member.free(kind) for member in able)),
        abandon_rate=line.abandon_rate,
        answer_seconds=float(line.queue.offer_seconds),
        silent=float(sum(member.silent(kind) for member in line.members)),
        open=is_open,
    )
    return estimate(state, line.calibration)


def _by_experience(
    told: WaitRange | UnknownWait, line: Line, channel: str, priority: int, contact_id: UUID | None = None
) -> WaitRange | UnknownWait:
    """What the line learned to foretell, where it learned; theory says when there is nothing to tell or to wait for.

    Somebody in the line already (`contact_id`) is told what those would be who join now, behind the same people.
    """
    if line.experience is None or not isinstance(told, WaitRange) or "free_staff" in told.basis:
        return told
    if not is_live(channel):
        return told
    order = next((place.order for place in line.places if place.contact_id == contact_id), None)
    behind = {place.contact_id for place in line.places if order is not None and place.order >= order}
    turns = [turn for number, turn in line.turns.items() if number not in behind]
    found = line.experience.foretell(look(clock.now().timestamp(), turns, channel, priority))
    return line.calibration.stretched(found.low, found.high, basis="experience")


def _service_seconds(line: Line, kind: str) -> tuple[float, ...]:
    """Recent handling times of the class; of all classes while it has too few of its own."""
    own = tuple(line.service_seconds.get(kind, ()))
    if len(own) >= 5:
        return own
    return tuple(seconds for times in line.service_seconds.values() for seconds in times)


def list_service_waits(services: Iterable[Service], channel: str = "chat") -> list[ServiceWait]:
    """Hours, people waiting and range of each service for somebody who comes now, in a fixed number of queries."""
    chosen = list(services)
    routes = {row.service_id: row for row in Route.objects.filter(service_id__in=[row.pk for row in chosen])}
    current, now = lines(), clock.now()
    first = next(iter(current.values()), None)
    return [
        _service_wait(service, routes.get(service.pk), current, first, channel, now) for service in chosen
    ]


def waits_now(channel: str = "chat") -> tuple[ServiceWait, ...]:
    """The wait of every service for somebody who comes by this channel, worked out once a second for all who ask.

    The same tuple comes back while catalogue and lines are the same, so that a page drawn from it can be kept with it.
    """
    offered, current, now = catalogue(), lines(), clock.now()
    told = _told.get(channel)
    if (
        told is None
        or told.offered is not offered
        or told.current is not current
        or not timedelta(0) <= now - told.at < timedelta(seconds=FRESH_S)
    ):
        waits = tuple(list_service_waits(offered.services, channel))
        told = _told[channel] = _Told(offered, current, now, waits)
    return told.waits


def _service_wait(
    service: Service,
    route: Route | None,
    current: dict[int, Line],
    first: Line | None,
    channel: str,
    now: datetime,
) -> ServiceWait:
    status, kind = hours.status(intake.hours_of(service.calendar), now), class_of(channel)
    line = current.get(route.queue_id) if route else first
    waiting = len(line.waiting(kind)) if line else 0
    needs = tuple((skill, int(level)) for skill, level in route.skills) if route else ()
    told: WaitRange | UnknownWait = UnknownWait("closed")
    if line and status.open:
        told = range_for(line, kind, waiting, needs)
        told = _by_experience(told, line, channel, route.priority if route else 0)
    return ServiceWait(
        service=service,
        open=status.open,
        closes_at=status.closes_at,
        opens_at=status.opens_at,
        closed_reason=status.reason,
        waiting=waiting,
        wait=Wait(
            waiting + 1,
            rounded(told) if isinstance(told, WaitRange) else None,
            told.reason if isinstance(told, UnknownWait) else "",
            now,
        ),
        full=bool(line and line.queue.max_waiting is not None and waiting >= line.queue.max_waiting),
    )


def position_of(contact_id: UUID, queue_id: int) -> int | None:
    """Place of a contact in its line, 1 is first."""
    line = lines().get(queue_id)
    return line.position(contact_id) if line else None
