"""Work for later or outside of a request: leased rows that another worker takes over when theirs dies.

A job is claimed by compare-and-set on (state, attempts), which is right on SQLite and PostgreSQL alike. While it
runs, its lease is renewed by a second thread; when the process is killed the lease runs out and the next worker runs
it again. So a job runs AT LEAST once: write its function so that a second run does no harm. Each claim counts as an
attempt, so a job that kills its workers ends as failed too.

Leases here are wall time of many seconds (30 by default): machines have to agree on the time to within a third of it.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import IntegrityError, close_old_connections, connection
from django.db.models import Q, QuerySet

from civicline.kernel import bus, clock, db, metrics
from civicline.kernel.db import writes
from civicline.kernel.leases import new_holder
from civicline.kernel.models import Job
from civicline.kernel.readings import RowReading
from civicline.kernel.retries import loop_pause, retry_delay
from civicline.kernel.rows import insert

JOBS_TOPIC = "jobs"
LEASE_SECONDS = 30.0
LET_BE_SECONDS = 60.0  # long enough that what kills its workers does not keep the house from standing up
ERROR_LENGTH = 2000
TICK = timedelta(microseconds=1)

Run = Callable[[dict[str, Any]], None]
"""Takes the payload of a job."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recurring:
    """A job that comes back: `every` seconds after each run was due."""

    kind: str
    every: float
    payload: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"every:{self.kind}"


class JobRegistry:
    """Which function does which kind of job."""

    def __init__(self) -> None:
        self._by_kind: dict[str, Run] = {}
        self._recurring: dict[str, Recurring] = {}
        self._given_up: dict[str, Run] = {}

    def job(self, kind: str, fn: Run, *, given_up: Run | None = None) -> None:
        """`fn(payload)` does jobs of this kind, outside of any transaction. Raises ValueError when it has one.

        `given_up(payload)` is called in the write that gives a job up: for those who wait for what will not come.
        """
        if kind in self._by_kind:
            raise ValueError(f"There is already a function for jobs of the kind {kind}.")
        self._by_kind[kind] = fn
        if given_up is not None:
            self._given_up[kind] = given_up

    def every(self, seconds: float, kind: str, fn: Run, payload: Mapping[str, Any] | None = None) -> None:
        """Do this each `seconds` (> 0), once in the whole installation, however many workers there are."""
        if seconds <= 0:
            raise ValueError("A recurring job needs a time between its runs.")
        self.job(kind, fn)
        self._recurring[kind] = Recurring(kind, seconds, dict(payload or {}))

    def get(self, kind: str) -> Run | None:
        return self._by_kind.get(kind)

    def kinds(self) -> list[str]:
        return list(self._by_kind)

    def tell_given_up(self, job: Job) -> None:
        """Tell whoever waits for a job that it was given up. Joins the write; what fails here undoes only itself."""
        tell = self._given_up.get(job.kind)
        if tell is None:
            return
        try:
            with db.undoable():
                tell(dict(job.payload))
        except Exception:
            logger.exception("Nobody could be told that job %s (%s) was given up", job.pk, job.kind)

    def recurring(self, kind: str | None = None) -> list[Recurring]:
        """All recurring jobs, or the one of this kind."""
        return [one for one in self._recurring.values() if kind in (None, one.kind)]


@writes
def enqueue(
    kind: str,
    payload: Mapping[str, Any] | None = None,
    *,
    run_at: datetime | None = None,
    key: str | None = None,
    max_attempts: int = 10,
) -> int:
    """Store a job to be run at `run_at` (aware; by default now). Joins the write. Returns its id.

    `key` says which work it is: there is at most one unfinished job of a key. Enqueued again while it waits, the
    job takes the new payload and the earlier time; while it runs, it runs once more afterwards.
    """
    due = run_at or clock.now()
    bus.publish(JOBS_TOPIC, {})
    if key is None:
        return _insert(kind, payload, due, key, max_attempts)
    known = _renewed(key, payload, due, max_attempts)
    if known is not None:
        return known
    try:
        with db.undoable():
            return _insert(kind, payload, due, key, max_attempts)
    except IntegrityError:
        # Somebody stored the same key since we looked (PostgreSQL only: SQLite has one writer).
        known = _renewed(key, payload, due, max_attempts)
        if known is None:
            raise
        return known


def _insert(
    kind: str, payload: Mapping[str, Any] | None, due: datetime, key: str | None, max_attempts: int
) -> int:
    return int(insert(
        Job, kind=kind, key=key, payload=dict(payload or {}), state=Job.State.QUEUED, run_at=due, lease_owner="",
        leased_until=None, attempts=0, max_attempts=max_attempts, error="", created_at=clock.now(), finished_at=None,
    ))  # fmt: skip


def _renewed(key: str, payload: Mapping[str, Any] | None, due: datetime, max_attempts: int) -> int | None:
    """The unfinished job of this key, with the new payload and time; None when there is none."""
    same = Job.objects.filter(key=key)
    if connection.features.has_select_for_update:
        same = same.select_for_update()
    job = same.first()
    if job is None:
        return None
    if job.state == Job.State.QUEUED:
        due = min(due, job.run_at)
    elif due == job.run_at:
        # A changed time is how the worker that runs it learns that it is wanted once more.
        due += TICK
    job.payload, job.run_at, job.max_attempts = dict(payload or {}), due, max_attempts
    job.save(update_fields=["payload", "run_at", "max_attempts"])
    return int(job.pk)


@writes
def retry_failed(kind: str | None = None) -> int:
    """Queue again what was given up, of one kind or of all: after its cause was mended. Returns how many."""
    failed = Job.objects.filter(state=Job.State.FAILED)
    if kind is not None:
        failed = failed.filter(kind=kind)
    bus.publish(JOBS_TOPIC, {})
    return failed.update(state=Job.State.QUEUED, attempts=0, run_at=clock.now(), finished_at=None)


@cache
def _due(kinds: tuple[str, ...]) -> RowReading[Job]:
    """The job of these kinds that is due first; asked every second, and mostly there is none."""

    def build(*, now: datetime) -> QuerySet[Job, Job]:
        due = Q(state=Job.State.QUEUED, run_at__lte=now) | Q(state=Job.State.LEASED, leased_until__lt=now)
        return Job.objects.filter(due, kind__in=kinds).order_by("run_at", "id")[:1]

    return RowReading(build)


class Worker:
    """Runs jobs one after the other. For more at once start more workers, in threads or processes."""

    def __init__(
        self, registry: JobRegistry, *, lease_seconds: float = LEASE_SECONDS, poll_seconds: float = 1.0
    ) -> None:
        self._registry = registry
        self._lease_seconds, self._poll = lease_seconds, poll_seconds
        self._holder = new_holder()[:64]
        self._nudged = threading.Event()
        self._jumps = clock.Jumps()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; a running job is finished first."""
        with bus.subscribe(JOBS_TOPIC, lambda _: self._nudged.set()):
            failures = 0
            planned = False
            while not stop.is_set():
                self._nudged.clear()
                try:
                    if not planned:
                        self.plan()
                        planned = True
                    jumped = self._jumps.seconds()
                    if jumped:
                        self._follow_clock(jumped)
                    busy = self.run_one()
                    failures = 0
                except Exception as error:
                    failures += 1
                    pause = loop_pause(error, failures, "worker")
                    close_old_connections()
                    stop.wait(pause)
                    continue
                if not busy:
                    self._nudged.wait(self._poll)
        connection.close()

    def run_due(self) -> int:
        """Run everything that is due now, once. Returns how many jobs were tried. For tests and the command line."""
        self.plan()
        tried = 0
        while self.run_one():
            tried += 1
        return tried

    @writes
    def plan(self) -> None:
        """Make sure that each recurring job has its row."""
        for one in self._registry.recurring():
            row = Job(
                kind=one.kind,
                key=one.key,
                payload=dict(one.payload),
                run_at=clock.now(),
                created_at=clock.now(),
            )
            Job.objects.bulk_create([row], ignore_conflicts=True)

    @writes
    def _follow_clock(self, jumped: float) -> None:
        """The clock was set: leases go on, and what was planned by a wrong later time does not wait for it."""
        now, lease = clock.now(), timedelta(seconds=self._lease_seconds)
        before = now - timedelta(seconds=max(0.0, jumped))
        leased = Job.objects.filter(state=Job.State.LEASED, leased_until__gt=before)
        leased.filter(Q(leased_until__lt=now) | Q(leased_until__gt=now + lease)).update(
            leased_until=now + lease
        )
        if jumped > 0:
            return
        again = [one.kind for one in self._registry.recurring()]
        ahead = Job.objects.filter(state=Job.State.QUEUED, run_at__gt=now)
        ahead.filter(Q(kind__in=again) | Q(attempts__gt=0) | Q(created_at__gt=now)).update(run_at=now)

    def run_one(self) -> bool:
        """Claim one due job and run it. False when there was none."""
        job = self._claim_next()
        if job is None:
            return False
        over = threading.Event()
        keeper = threading.Thread(
            target=self._keep, args=(job, over), name=f"lease-of-job-{job.pk}", daemon=True
        )
        keeper.start()
        error: Exception | None = None
        try:
            with metrics.job_seconds.labels(job.kind).time():
                self._do(job)
        except Exception as caught:
            error = caught
        finally:
            over.set()
            keeper.join()
        if error is None:
            self._finish(job)
        else:
            self._put_back(job, error)
        return True

    def _do(self, job: Job) -> None:
        fn = self._registry.get(job.kind)
        if fn is None:
            raise LookupError(f"This worker does not know jobs of the kind {job.kind}.")
        fn(dict(job.payload))

    def _claim_next(self) -> Job | None:
        due = _due(tuple(sorted(self._registry.kinds())))
        while True:
            now = clock.now()
            job = due.first(now=now)
            if job is None:
                return None
            if self._claim(job, now):
                return job

    @writes
    def _claim(self, job: Job, now: datetime) -> bool:
        """Compare-and-set: nobody else has claimed it since it was read, and it was not enqueued again."""
        same = Job.objects.filter(
            pk=job.pk, state=job.state, attempts=job.attempts, lease_owner=job.lease_owner, run_at=job.run_at
        )
        if job.attempts >= job.max_attempts:
            self._leave(job, same, now)
            return False
        until = now + timedelta(seconds=self._lease_seconds)
        if not same.update(
            state=Job.State.LEASED, lease_owner=self._holder, leased_until=until, attempts=job.attempts + 1
        ):
            return False
        job.attempts += 1
        return True

    def _leave(self, job: Job, same: QuerySet[Job], now: datetime) -> None:
        """Its workers died with it again and again: it is given up, or let be for long when it recurs."""
        error = job.error or "Its workers died with it."
        if not self._recurs(job):
            if same.update(state=Job.State.FAILED, key=None, finished_at=now, error=error):
                self._registry.tell_given_up(job)
                metrics.jobs_run.labels(job.kind, "failed").inc()
            return
        # Perhaps the house itself was killed each time; a beat that is lost for good would be worse than a late one.
        same.update(
            state=Job.State.QUEUED, lease_owner="", leased_until=None, error=error, attempts=job.max_attempts - 1,
            run_at=now + timedelta(seconds=LET_BE_SECONDS),
        )  # fmt: skip
        logger.error("Job %s (%s) is let be for a while: %s", job.pk, job.kind, error)

    def _recurs(self, job: Job) -> bool:
        return bool(self._registry.recurring(job.kind)) and job.key is not None

    def _keep(self, job: Job, over: threading.Event) -> None:
        while not over.wait(self._lease_seconds / 3):
            try:
                self._renew(job)
            except Exception:
                logger.exception("The lease of job %s could not be renewed; tried again", job.pk)
        connection.close()

    @writes
    def _renew(self, job: Job) -> None:
        until = clock.now() + timedelta(seconds=self._lease_seconds)
        Job.objects.filter(pk=job.pk, lease_owner=self._holder, attempts=job.attempts).update(
            leased_until=until
        )

    @writes
    def _finish(self, job: Job) -> None:
        mine = Job.objects.filter(pk=job.pk, lease_owner=self._holder, attempts=job.attempts)
        free: dict[str, Any] = {"lease_owner": "", "leased_until": None, "error": ""}
        metrics.jobs_run.labels(job.kind, "done").inc()
        unchanged = mine.filter(run_at=job.run_at)
        recurring = self._registry.recurring(job.kind)
        if recurring and job.key == recurring[0].key:
            slot = _next_slot(job.run_at, recurring[0].every)
            ended = unchanged.update(state=Job.State.QUEUED, attempts=0, run_at=slot, **free)
        else:
            ended = unchanged.update(state=Job.State.DONE, key=None, finished_at=clock.now(), **free)
        if not ended:
            # Enqueued again while it ran: once more.
            mine.update(state=Job.State.QUEUED, attempts=0, **free)

    @writes
    def _put_back(self, job: Job, error: Exception) -> None:
        mine = Job.objects.filter(pk=job.pk, lease_owner=self._holder, attempts=job.attempts)
        words = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
        recurring = self._recurs(job)
        if job.attempts >= job.max_attempts and not recurring:
            given_up = mine.filter(run_at=job.run_at).update(
                state=Job.State.FAILED, key=None, finished_at=clock.now(), error=words, lease_owner="",
                leased_until=None,
            )  # fmt: skip
            if not given_up:
                # Enqueued again while it ran: what is wanted now has tries of its own.
                mine.update(
                    state=Job.State.QUEUED, attempts=0, lease_owner="", leased_until=None, error=words
                )
                return
            self._registry.tell_given_up(job)
            metrics.jobs_run.labels(job.kind, "failed").inc()
            logger.error(
                "Job %s (%s) was given up after %s tries", job.pk, job.kind, job.attempts, exc_info=error
            )
            return
        attempts = min(job.attempts, job.max_attempts - 1) if recurring else job.attempts
        mine.update(
            state=Job.State.QUEUED, lease_owner="", leased_until=None, error=words, attempts=attempts,
            run_at=clock.now() + timedelta(seconds=retry_delay(job.attempts)),
        )  # fmt: skip
        metrics.jobs_run.labels(job.kind, "retry").inc()
        logger.warning("Job %s (%s) failed and is tried again", job.pk, job.kind, exc_info=error)


def _next_slot(due: datetime, every: float) -> datetime:
    """The next time on the same beat that is still to come: a worker that was away does not catch up on every beat."""
    passed = max(0.0, (clock.now() - due).total_seconds())
    return due + timedelta(seconds=every * (int(passed // every) + 1))
