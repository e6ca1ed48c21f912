"""A day of the event log, lived again: as it was, and with other rules or people.

The log tells who came when and with which needs, how long each wait and each piece of work was, and who was there.
Queues, rings, abilities and promises are those of today: the log does not repeat them. Contacts count once, in the
line that they joined first; what was passed on is one piece of work. Who had waited since before comes at midnight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from civicline.engine.simulation import (
    DAY,
    Agent,
    Came,
    PastDay,
    Promise,
    Scenario,
    Shift,
    Spread,
    Surge,
    Trace,
    past_scenario,
)
from civicline.intake import events as intake
from civicline.kernel import clock
from civicline.kernel import selectors as kernel
from civicline.kernel.errors import Refused
from civicline.people.events import PRESENCE_CHANGED
from civicline.routing import selectors as routing
from civicline.routing.channels import is_live
from civicline.routing.dispatcher import loading
from civicline.routing.events import OFFER_ACCEPTED
from civicline.workforce.queue_rules import LENT
from civicline.workforce.scenarios import DEFAULT_COST, WRITTEN, Changes, changed
from civicline.workforce.selectors.history import local_midnight
from civicline.workforce.selectors.rosters import list_contracts

LOOK_BACK = timedelta(days=3)
"""So long before midnight the log is read: for who waits since then, and who is there."""
FEWEST = 2
"""A day with fewer contacts is none to learn from."""

_BEGINS = {
    one.name for one in (intake.CONTACT_RESUMED, intake.CONTACT_REOPENED, intake.CONTACT_WRAP_UP)
}  # fmt: skip
_ENDS = {
    one.name for one in (intake.CONTACT_RETURNED, intake.CONTACT_TRANSFERRED, intake.CONTACT_PARKED)
}  # fmt: skip
_QUEUED, _CONNECTED = intake.CONTACT_QUEUED.name, intake.CONTACT_CONNECTED.name
_LEFT, _CLOSED = intake.CONTACT_ABANDONED.name, intake.CONTACT_CLOSED.name
NAMES = tuple(
    sorted(
        _BEGINS | _ENDS | {_QUEUED, _CONNECTED, _LEFT, _CLOSED, PRESENCE_CHANGED.name, OFFER_ACCEPTED.name}
    )
)


@dataclass
class _Contact:
    """One contact while the log is read. Seconds from midnight."""

    at: float
    data: Mapping[str, Any]
    answered: float | None = None
    left: float | None = None
    held_since: float | None = None
    handled: float = 0.0
    closed: bool = False

    def put_down(self, at: float) -> None:
        """Out of the hand, if it was in one."""
        if self.held_since is not None:
            self.handled += at - self.held_since
            self.held_since = None


@dataclass
class _Log:
    """What a day's log tells."""

    contacts: dict[str, _Contact] = field(default_factory=dict)
    presence: dict[str, list[tuple[float, bool]]] = field(default_factory=lambda: defaultdict(list))
    rang: list[float] = field(default_factory=list)


def past_day(day: date) -> PastDay:
    """A day of the log up to now. Refused when it is still to come, or fewer than two contacts came."""
    begin = local_midnight(day)
    until = min((clock.now() - begin).total_seconds(), DAY)
    if until <= 0:
        raise Refused(_("This day has not begun. Take one that is over."), code="day-to-come")
    log = _read(begin, begin + timedelta(seconds=until))
    codes = {queue.pk: queue.code for queue in routing.list_queues()}
    came = tuple(
        _came(key, one, codes, until) for key, one in log.contacts.items() if _counts(one, codes, until)
    )
    if len(came) < FEWEST:
        raise Refused(_("The log has no contacts of this day."), code="day-empty")
    answer = sum(log.rang) / len(log.rang) if log.rang else 0.0
    return PastDay(came, _people(log, codes, until), _promises(codes), until, answer)


def _read(begin: datetime, end: datetime) -> _Log:
    log = _Log()
    rows = kernel.events_named(NAMES, begin - LOOK_BACK, end)
    for name, subject, contact_id, moment, data in rows.values_list(
        "name", "subject_id", "contact_id", "at", "data"
    ):
        at = (moment - begin).total_seconds()
        if name == PRESENCE_CHANGED.name:
            log.presence[subject].append((at, data.get("to") == "available"))
        elif name == OFFER_ACCEPTED.name:
            if at >= 0:
                log.rang.append(float(data.get("seconds") or 0.0))
        else:
            _hear(log.contacts, name, str(contact_id), at, data)
    return log


def _hear(contacts: dict[str, _Contact], name: str, key: str, at: float, data: Mapping[str, Any]) -> None:
    one = contacts.get(key)
    if one is None:
        if name == _QUEUED:
            contacts[key] = _Contact(at, data)
        return
    if name == _CONNECTED:
        one.answered = at if one.answered is None else one.answered
    if name in _BEGINS or name == _CONNECTED:
        one.held_since = at if one.held_since is None else one.held_since
        return
    if name != _QUEUED:
        one.put_down(at)
    if name == _LEFT:
        one.left = at
    one.closed = one.closed or name == _CLOSED


def _counts(one: _Contact, codes: Mapping[int, str], until: float) -> bool:
    """Whether it waited on this day, in a queue there still is. What was closed before anybody took it did not."""
    ended = one.answered if one.answered is not None else one.left
    if one.data.get("queue") not in codes or (ended is None and one.closed):
        return False
    return one.at < until and (ended is None or ended >= 0)


def _came(key: str, one: _Contact, codes: Mapping[int, str], until: float) -> Came:
    at = max(0.0, one.at)
    ended = one.answered if one.answered is not None else one.left
    data, over = one.data, one.closed and one.held_since is None
    languages = data.get("languages") or [""]
    channel = str(data.get("channel") or "chat")
    return Came(
        contact_id=key, line=codes[data["queue"]] + ("" if is_live(channel) else WRITTEN), at=at,
        waited=(until if ended is None else ended) - at,
        fate="waiting" if ended is None else "answered" if one.answered is not None else "left",
        handled=one.handled if over and one.answered is not None else None, channel=channel,
        language=str(languages[0]), priority=int(data.get("priority") or 0),
        skills=tuple(sorted((str(skill), int(level)) for skill, level in data.get("skills") or ())),
        emergency=bool(data.get("emergency")),
    )  # fmt: skip


def _promises(codes: Mapping[int, str]) -> dict[str, Promise]:
    """What each queue promises today, live and written, by its code."""
    policies = {policy.queue_id: policy for policy in loading.policies()}
    found = {}
    for queue in routing.list_queues():
        policy = policies[str(queue.pk)]
        rings = tuple(
            replace(ring, overflow_queues=tuple(_code(one, codes) for one in ring.overflow_queues))
            for ring in policy.rings
        )
        live = Promise(
            float(queue.target_seconds), float(queue.short_abandon_seconds), policy.ageing_seconds, rings,
            policy.offer_seconds,
        )  # fmt: skip
        found[queue.code] = live
        found[queue.code + WRITTEN] = replace(live, within_seconds=float(queue.written_target_seconds))
    return found


def _code(pool: str, codes: Mapping[int, str]) -> str:
    """The code of a queue's own people, or of those whom another body lends to it."""
    lent = LENT if pool.startswith(LENT) else ""
    key = pool.removeprefix(LENT)
    return lent + codes.get(int(key), key) if key.isdigit() else pool


def _people(log: _Log, codes: Mapping[int, str], until: float) -> tuple[Agent, ...]:
    """Who was there, with what they can do today."""
    costs = {str(one.agent_id): float(one.hour_cost) for one in list_contracts()}
    found = []
    for state in (agent.state for agent in loading.agents()):
        shifts = tuple(Shift(*one) for one in _stretches(log.presence.get(state.agent_id, ()), until))
        own = {_code(queue, codes) for queue in state.queues}
        if shifts:
            found.append(Agent(
                state.agent_id, frozenset(own | {code + WRITTEN for code in own if code in codes.values()}), shifts,
                skills=dict(state.skills), languages=state.languages, capacity=dict(state.capacity),
                hourly_cost=costs.get(state.agent_id, DEFAULT_COST),
            ))  # fmt: skip
    return tuple(found)


def _stretches(told: Iterable[tuple[float, bool]], until: float) -> list[tuple[float, float]]:
    """When somebody was available, within the day."""
    found, since = [], None
    for at, there in [*told, (until, False)]:
        if there and since is None:
            since = max(0.0, at)
        elif not there and since is not None:
            if min(at, until) - since > 1:
                found.append((since, min(at, until)))
            since = None
    return found


def replayed(day: PastDay, changes: Changes) -> tuple[Scenario, Scenario]:
    """The day as it was, and with the changes: more contacts, longer work and absences are changes here too."""
    base = past_scenario(day, "as it was")
    other = changed(base, changes)
    if changes.more:
        other = replace(other, surges=(Surge(0.0, DAY, 1 + changes.more / 100),))
    if changes.handle:
        queues = tuple(_longer(queue, 1 + changes.handle / 100) for queue in other.queues)
        other = replace(other, queues=queues)
    return base, replace(other, absence=changes.absent / 100, title="changed")


def _longer(queue: Any, factor: float) -> Any:
    """The same line with work that takes so many times as long."""
    if isinstance(queue.arrivals, Trace):
        contacts = tuple(
            one if one.service is None else replace(one, service=one.service * factor)
            for one in queue.arrivals.contacts
        )
        queue = replace(queue, arrivals=Trace(contacts))
    service: Spread = queue.service
    samples = tuple(one * factor for one in service.samples)
    return replace(queue, service=replace(service, mean=service.mean * factor, samples=samples))


def logged_days(most: int = 14) -> list[date]:
    """The newest days of which the log has contacts, the newest first."""
    rows = kernel.events_named([_QUEUED], clock.now() - timedelta(days=60), clock.now())
    zone = local_midnight(clock.now().date()).tzinfo
    found = {at.astimezone(zone).date() for at in rows.values_list("at", flat=True)}
    return sorted(found, reverse=True)[:most]
