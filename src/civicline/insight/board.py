"""The live board: queues, people, alarms, the day so far. Plain values, fixed order, a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from civicline.engine import hours
from civicline.engine.measures import QueueCounts, WaitCounts
from civicline.engine.waits import UnknownWait, WaitRange
from civicline.insight.journal import LOOK_BACK, Journal, todays_journal
from civicline.insight.measures import INTERVAL, by_interval, queue_counts, together, wait_counts
from civicline.intake import selectors as intake
from civicline.kernel import clock
from civicline.people import selectors as people
from civicline.routing import selectors as routing
from civicline.routing.channels import class_of, is_live
from civicline.routing.waits import range_for

if TYPE_CHECKING:
    from civicline.people.selectors import AgentFacts
    from civicline.routing.models import Alarm, Queue
    from civicline.routing.selectors import Line

FEW = 20
"""Under so many contacts a share is told as counts."""
SPARK_STEP = timedelta(minutes=5)
SPARK_POINTS = 13
LONG_TALK = timedelta(minutes=20)
LONG_BREAK = timedelta(minutes=30)
"""When a time in state is marked, so that a supervisor asks whether help is needed. No ranking is made of it."""
LIVE_STATES = ("queued", "offered", "connected", "wrap_up", "parked")


class Told(NamedTuple):
    """What a resident who comes now would be told: a range in seconds, or a reason for none."""

    low: float | None
    high: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue now. Waiting counts residents who are there; `written` is work that waits with a promise."""

    queue: Queue
    open: bool
    waiting: int
    ages: tuple[int, int, int]  # under half the promise, past half, past the promise
    longest_s: float | None
    told: Told
    counts: QueueCounts
    written: int
    overdue: int
    free: int
    talking: int
    wrapping: int
    staffed: int
    spark: tuple[int, ...]
    callbacks: int = 0  # of those who wait, not on the line: we call them when it is their turn

    @property
    def promise(self) -> int:
        """The promised share in per cent."""
        return round(self.queue.target_share * 100)

    @property
    def role(self) -> str:
        """fine, attention or critical: what the longest wait and the share in time say together."""
        if not self.open:
            return "closed"
        if self.longest_s is not None and self.longest_s > self.queue.alarm_longest_seconds:
            return "critical"
        if self.waiting and not self.staffed:
            return "critical"
        late = self.longest_s is not None and self.longest_s > self.queue.target_seconds
        return "attention" if late or self.waiting > self.queue.alarm_waiting else "ok"


@dataclass(frozen=True, slots=True)
class Person:
    """One agent now; `late` marks a long time in a state, for help, not for comparison."""

    agent_id: UUID
    name: str
    state: str
    reason: str
    since: datetime
    seconds: float
    late: bool
    held: Mapping[str, int]
    queue_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that the page and the wall show, and when it was counted."""

    at: datetime
    rows: tuple[QueueRow, ...]
    people: tuple[Person, ...]
    alarms: tuple[Alarm, ...]
    counts: QueueCounts
    words: WaitCounts
    arrivals: tuple[int, ...]
    day_start: datetime

    @property
    def waiting(self) -> int:
        """Residents waiting in all rows."""
        return sum(row.waiting for row in self.rows)

    @property
    def longest_s(self) -> float | None:
        """The longest wait of all rows, None when nobody waits."""
        return max((row.longest_s for row in self.rows if row.longest_s is not None), default=None)

    @property
    def free(self) -> int:
        """People who could take a contact now."""
        return sum(1 for person in self.people if person.state == "available")

    @property
    def promise(self) -> int:
        """The promised share over all rows, in per cent, each queue weighing as many as it was offered."""
        offered = sum(row.counts.offered for row in self.rows)
        if not offered:
            return max((row.promise for row in self.rows), default=80)
        return round(sum(row.queue.target_share * row.counts.offered for row in self.rows) / offered * 100)


class _Contact(NamedTuple):
    id: UUID
    queue_id: int | None
    channel: str
    state: str
    agent_id: UUID | None
    connected_at: datetime | None
    wrapped_at: datetime | None
    due_at: datetime | None
    data__owed: str | None


def day_of(moment: datetime) -> tuple[datetime, datetime]:
    """The day of the wall clock that holds `moment`: from midnight to midnight, also where clocks change."""
    start = timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    naive = start.replace(tzinfo=None)
    zone = timezone.get_current_timezone()
    return naive.replace(tzinfo=zone), (naive + timedelta(days=1)).replace(tzinfo=zone)


def read_board(queue_code: str = "") -> Board:
    """The board now, of all queues or of one (an unknown code is all)."""
    now = clock.now()
    lines = routing.lines()
    chosen = sorted(
        (line for line in lines.values() if queue_code in ("", line.queue.code)),
        key=lambda line: (line.queue.position, line.queue.code),
    ) or sorted(lines.values(), key=lambda line: (line.queue.position, line.queue.code))
    start, end = day_of(now)
    journal = todays_journal(start - LOOK_BACK, end)
    today = [one for one in journal.ended if one.at >= start]
    contacts = _contacts()
    everyone = _people(contacts, now)
    ids = {line.queue.pk for line in chosen}
    rows = tuple(_row(line, everyone, contacts, journal, today, now) for line in chosen)
    return Board(
        at=now,
        rows=rows,
        people=tuple(person for person in everyone if person.queue_ids & ids),
        alarms=tuple(_alarms(ids, everyone)),
        counts=together(row.counts for row in rows),
        words=wait_counts(one for one in today if one.queue_id in ids),
        arrivals=tuple(
            by_interval(
                (one.at for one in journal.joined if one.queue_id in ids and one.at >= start),
                start,
                max(now, start + INTERVAL),
            )
        ),
        day_start=start,
    )


def _contacts() -> list[_Contact]:
    rows = intake.contacts_in_states(LIVE_STATES).values_list(*_Contact._fields)
    return [_Contact(*row) for row in rows]


def _alarms(ids: set[int], everyone: Iterable[Person]) -> Iterable[Alarm]:
    near = {person.agent_id for person in everyone if person.queue_ids & ids}
    for alarm in routing.list_alarms():
        if alarm.queue_id in ids or alarm.agent_id in near:
            yield alarm


def _people(contacts: Iterable[_Contact], now: datetime) -> list[Person]:
    """Everyone who is signed in, by name."""
    facts = [fact for fact in people.agent_states() if fact.state != "signed_out"]
    serves = routing.queues_of(fact.agent_id for fact in facts)
    held: dict[UUID, list[_Contact]] = defaultdict(list)
    for contact in contacts:
        if contact.agent_id is not None and contact.state in ("connected", "wrap_up", "parked"):
            held[contact.agent_id].append(contact)
    found = [_person(fact, held.get(fact.agent_id, []), serves.get(fact.agent_id, []), now) for fact in facts]
    return sorted(found, key=lambda person: (person.name.casefold(), str(person.agent_id)))


def _person(fact: AgentFacts, held: list[_Contact], queues: Iterable[Queue], now: datetime) -> Person:
    state, since = fact.state, fact.since
    talking = [one for one in held if one.state == "connected" and is_live(one.channel)]
    writing = [one for one in held if one.state == "connected" and not is_live(one.channel)]
    wrapping = [one for one in held if one.state == "wrap_up"]
    if state == "available":
        if talking or writing:
            state = "with_resident"
            since = min((one.connected_at for one in talking or writing if one.connected_at), default=since)
        elif wrapping:
            state, since = (
                "wrap_up",
                min((one.wrapped_at for one in wrapping if one.wrapped_at), default=since),
            )
        else:
            since = max(fact.since, fact.idle_since)
    limits = {
        "with_resident": LONG_TALK if talking else None,
        "wrap_up": timedelta(seconds=max((queue.wrap_up_seconds for queue in queues), default=120)),
        "break": LONG_BREAK,
        "not_responding": timedelta(0),
    }
    limit = limits.get(state)
    counted: dict[str, int] = defaultdict(int)
    for one in held:
        counted[class_of(one.channel)] += 1
    return Person(
        agent_id=fact.agent_id,
        name=fact.name,
        state=state,
        reason=fact.reason if state == fact.state else "",
        since=since,
        seconds=max(0.0, (now - since).total_seconds()),
        late=limit is not None and now - since >= limit,
        held=dict(counted),
        queue_ids=frozenset(queue.pk for queue in queues),
    )


def _row(
    line: Line,
    everyone: Iterable[Person],
    contacts: Iterable[_Contact],
    journal: Journal,
    today: list[Any],
    now: datetime,
) -> QueueRow:
    queue = line.queue
    waits = [(now - place.since).total_seconds() for place in line.places if place.channel_class != "written"]
    own = [one for one in contacts if one.queue_id == queue.pk and one.state in ("queued", "offered")]
    letters = [one for one in own if not is_live(one.channel)]
    serving = [person for person in everyone if queue.pk in person.queue_ids]
    half, whole = queue.target_seconds / 2, queue.target_seconds
    return QueueRow(
        queue=queue,
        open=hours.is_open(intake.hours_of(queue.calendar), now),
        waiting=len(waits),
        ages=(
            sum(1 for wait in waits if wait < half),
            sum(1 for wait in waits if half <= wait <= whole),
            sum(1 for wait in waits if wait > whole),
        ),
        longest_s=max(waits, default=None),
        told=_told(line),
        counts=queue_counts(today, queue),
        written=len(letters),
        overdue=sum(1 for one in letters if one.due_at is not None and one.due_at < now),
        free=sum(1 for person in serving if person.state == "available"),
        talking=sum(1 for person in serving if person.state == "with_resident"),
        wrapping=sum(1 for person in serving if person.state == "wrap_up"),
        staffed=sum(1 for person in serving if person.state in ("available", "with_resident", "wrap_up")),
        spark=_spark(journal.of_queue(queue.pk), now),
        callbacks=sum(1 for one in own if one.data__owed),
    )


def _told(line: Line) -> Told:
    told = range_for(line, "chat", len(line.waiting("chat")))
    if isinstance(told, WaitRange):
        return Told(told.low_s, told.high_s, "")
    return Told(None, None, told.reason if isinstance(told, UnknownWait) else "")


def _spark(journal: Journal, now: datetime) -> tuple[int, ...]:
    """How many residents waited, each five minutes of the last hour."""
    ends = {one.contact_id: one.at for one in journal.ended}
    spans = [(one.at, ends.get(one.contact_id)) for one in journal.joined if is_live(one.channel)]
    points = [now - SPARK_STEP * back for back in range(SPARK_POINTS - 1, -1, -1)]
    return tuple(
        sum(1 for begun, ended in spans if begun <= point and (ended is None or ended > point))
        for point in points
    )
