"""Leased jobs: once each in the normal run, at least once when workers die."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from civicline.kernel import clock, selectors
from civicline.kernel.db import writes
from civicline.kernel.housekeeping import sweep
from civicline.kernel.jobs import JobRegistry, Worker, enqueue, retry_failed
from civicline.kernel.models import Job
from tests.integration.kernel.crew import kill, read_line, start_child, together
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_jobs_run_when_due_in_the_order_of_their_time() -> None:
    done: list[object] = []
    jobs = JobRegistry()
    jobs.job("letter", lambda payload: done.append(payload["n"]))
    worker = Worker(jobs)
    with clock.use(clock.ManualClock(NOON)) as hands:
        enqueue("letter", {"n": 3}, run_at=NOON + timedelta(minutes=5))
        enqueue("letter", {"n": 2})
        enqueue("letter", {"n": 1}, run_at=NOON - timedelta(minutes=1))
        assert worker.run_due() == 2
        hands.advance(300)
        assert worker.run_due() == 1
        assert worker.run_due() == 0
    assert done == [1, 2, 3]
    assert selectors.count_jobs() == {}


def test_a_job_of_an_undone_write_never_was() -> None:
    @writes
    def undone() -> None:
        enqueue("letter")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert not Job.objects.exists()


def test_a_failing_job_is_tried_again_then_given_up_and_can_be_seen() -> None:
    tries: list[datetime] = []
    jobs = JobRegistry()

    def fails(_: object) -> None:
        tries.append(clock.now())
        raise ConnectionError("the printer is away")

    jobs.job("letter", fails)
    worker = Worker(jobs)
    with clock.use(clock.ManualClock(NOON)) as hands:
        enqueue("letter", max_attempts=3)
        for _ in range(6):
            worker.run_due()
            hands.advance(600)
    assert len(tries) == 3
    (job,) = selectors.failed_jobs()
    assert (job.attempts, job.error) == (3, "ConnectionError: the printer is away")


def test_a_key_stands_for_one_unfinished_job() -> None:
    done: list[object] = []
    jobs = JobRegistry()
    jobs.job("remind", lambda payload: done.append(payload["n"]))
    with clock.use(clock.ManualClock(NOON)):
        first = enqueue("remind", {"n": 1}, key="remind:5", run_at=NOON + timedelta(hours=1))
        assert enqueue("remind", {"n": 2}, key="remind:5", run_at=NOON) == first
        assert enqueue("remind", {"n": 3}, key="remind:6") != first
        Worker(jobs).run_due()
        assert enqueue("remind", {"n": 4}, key="remind:5") != first
        Worker(jobs).run_due()
    assert sorted(done, key=str) == [2, 3, 4]


def test_a_key_enqueued_while_its_job_runs_makes_it_run_once_more() -> None:
    done: list[object] = []
    jobs = JobRegistry()

    def recount(payload: dict[str, object]) -> None:
        done.append(payload["n"])
        if payload["n"] == 1:
            enqueue("recount", {"n": 2}, key="recount")

    jobs.job("recount", recount)
    enqueue("recount", {"n": 1}, key="recount")
    Worker(jobs).run_due()
    assert done == [1, 2]
    assert selectors.count_jobs() == {}


def test_a_recurring_job_keeps_its_beat_and_does_not_catch_up_on_what_it_missed() -> None:
    runs: list[datetime] = []
    jobs = JobRegistry()
    jobs.every(60, "check", lambda _: runs.append(clock.now()))
    with clock.use(clock.ManualClock(NOON)) as hands:
        Worker(jobs).run_due()
        Worker(jobs).run_due()
        hands.advance(61)
        Worker(jobs).run_due()
        hands.advance(600)
        Worker(jobs).run_due()
    assert runs == [NOON, NOON + timedelta(seconds=61), NOON + timedelta(seconds=661)]
    job = Job.objects.get()
    assert (job.state, job.run_at) == ("queued", NOON + timedelta(seconds=720))


def test_a_recurring_job_that_fails_goes_on_for_ever() -> None:
    tries: list[int] = []
    jobs = JobRegistry()

    def fails(_: object) -> None:
        tries.append(1)
        raise ConnectionError

    jobs.every(60, "check", fails)
    with clock.use(clock.ManualClock(NOON)) as hands:
        for _ in range(25):
            Worker(jobs).run_due()
            hands.advance(1000)
    assert len(tries) == 25
    assert Job.objects.get().state == "queued"


def test_a_job_that_kills_its_workers_is_given_up() -> None:
    jobs = JobRegistry()
    jobs.job("deadly", lambda _: None)
    with clock.use(clock.ManualClock(NOON)) as hands:
        enqueue("deadly", max_attempts=2)
        for _ in range(3):
            # Claimed, and then nothing is heard of its worker.
            Worker(jobs)._claim_next()
            hands.advance(100)
    assert selectors.count_jobs() == {"failed": 1}


@pytest.mark.parametrize("dies", [True, False])
def test_whoever_waits_for_a_job_is_told_once_that_it_was_given_up(dies: bool) -> None:
    def fails(_: object) -> None:
        raise ValueError("no")

    told: list[object] = []
    jobs = JobRegistry()
    jobs.job("plan", fails, given_up=told.append)
    with clock.use(clock.ManualClock(NOON)) as hands:
        enqueue("plan", {"week": 7}, max_attempts=2)
        for tries in range(4):
            worker = Worker(jobs)
            worker._claim_next() if dies else worker.run_due()
            assert len(told) == (tries >= (2 if dies else 1))
            hands.advance(1000)
    assert told == [{"week": 7}]


def test_what_is_asked_again_during_the_last_try_is_not_given_up_with_it() -> None:
    told: list[object] = []
    done: list[object] = []

    def work(payload: dict[str, object]) -> None:
        if payload["wish"] == 1:
            enqueue("plan", {"wish": 2}, key="plan", max_attempts=1)  # a second press meanwhile
            raise ValueError("no")
        done.append(payload["wish"])

    jobs = JobRegistry()
    jobs.job("plan", work, given_up=told.append)
    with clock.use(clock.ManualClock(NOON)) as hands:
        enqueue("plan", {"wish": 1}, key="plan", max_attempts=1)
        Worker(jobs).run_one()
        assert selectors.count_jobs() == {"queued": 1}
        hands.advance(1)
        Worker(jobs).run_one()
    assert (told, done) == ([], [2])
    assert selectors.count_jobs() == {}


def test_a_job_is_given_up_also_when_nobody_can_be_told() -> None:
    def fails(_: object) -> None:
        raise ValueError("no")

    jobs = JobRegistry()
    jobs.job("plan", fails, given_up=fails)
    with clock.use(clock.ManualClock(NOON)):
        enqueue("plan", max_attempts=1)
        Worker(jobs).run_due()
    assert selectors.count_jobs() == {"failed": 1}


def test_a_recurring_job_whose_workers_died_again_and_again_is_put_off_and_keeps_its_beat() -> None:
    runs: list[datetime] = []
    jobs = JobRegistry()
    jobs.every(60, "check", lambda _: runs.append(clock.now()))
    with clock.use(clock.ManualClock(NOON)) as hands:
        Worker(jobs).plan()
        for _ in range(15):
            Worker(jobs)._claim_next()  # and the house is killed
            hands.advance(100)
        assert selectors.count_jobs() == {"queued": 1}
        assert Job.objects.get().error
        hands.advance(100)
        Worker(jobs).run_due()
        assert runs == [clock.now()]
        job = Job.objects.get()
        assert (job.state, job.attempts, job.error) == ("queued", 0, "")


def test_many_workers_run_each_job_once() -> None:
    done: list[object] = []
    jobs = JobRegistry()
    jobs.job("letter", lambda payload: done.append(payload["n"]))
    for number in range(60):
        enqueue("letter", {"n": number})
    assert together(*[lambda: Worker(jobs).run_due()] * 5) == []
    assert sorted(done, key=int) == list(range(60))  # type: ignore[call-overload]  # they are numbers


def test_a_long_job_keeps_its_lease_while_it_runs() -> None:
    release, began = threading.Event(), threading.Event()
    jobs = JobRegistry()

    def long(_: object) -> None:
        began.set()
        assert release.wait(20)

    jobs.job("long", long)
    enqueue("long")
    first_until: list[datetime] = []

    def watch() -> None:
        assert began.wait(10)
        first_until.append(Job.objects.get().leased_until or NOON)
        wait_until(lambda: (Job.objects.get().leased_until or NOON) > first_until[0], what="it is renewed")
        other = Worker(jobs)
        assert other.run_one() is False
        release.set()

    assert together(Worker(jobs, lease_seconds=0.6).run_due, watch) == []
    job = Job.objects.get()
    assert (job.state, job.attempts) == ("done", 1)


def test_a_worker_is_woken_by_a_new_job_and_stops_when_told() -> None:
    done = threading.Event()
    jobs = JobRegistry()
    jobs.job("letter", lambda _: done.set())
    stop = threading.Event()
    thread = threading.Thread(target=Worker(jobs, poll_seconds=30).run, args=(stop,))
    thread.start()
    enqueue("letter")
    assert done.wait(10)
    stop.set()
    enqueue("letter")
    thread.join(10)
    assert not thread.is_alive()


def test_a_job_whose_process_was_killed_is_taken_over() -> None:
    done: list[object] = []
    jobs = JobRegistry()
    jobs.job("letter", lambda payload: done.append(payload["n"]))
    enqueue("letter", {"n": 7})
    child = start_child("job", "letter")
    assert read_line(child) == "running"
    worker = Worker(jobs)
    assert worker.run_due() == 0
    kill(child)
    wait_until(worker.run_due, seconds=10, what="the lease runs out")
    job = Job.objects.get()
    assert (done, job.state, job.attempts) == ([7], "done", 2)


def test_the_same_key_enqueued_by_many_at_once_is_one_job() -> None:
    assert together(*[lambda: enqueue("recount", {"n": 1}, key="recount")] * 12) == []
    assert Job.objects.count() == 1


def test_what_was_given_up_can_be_queued_again_and_what_is_done_is_forgotten_in_time() -> None:
    broken = True
    jobs = JobRegistry()

    def letter(_: object) -> None:
        if broken:
            raise ConnectionError

    jobs.job("letter", letter)
    with clock.use(clock.ManualClock(NOON)) as hands:
        enqueue("letter", max_attempts=1)
        Worker(jobs).run_due()
        broken = False
        assert sweep(0) == 0
        assert (retry_failed("other"), retry_failed("letter")) == (0, 1)
        Worker(jobs).run_due()
        assert selectors.count_jobs() == {}
        assert sweep() == 0
        hands.advance(timedelta(days=8))
        assert sweep() == 1


def test_of_two_workers_who_find_the_same_dead_lease_one_takes_it_over() -> None:
    jobs = JobRegistry()
    jobs.job("letter", lambda _: None)
    with clock.use(clock.ManualClock(NOON)) as hands:
        enqueue("letter")
        Worker(jobs)._claim_next()
        hands.advance(100)
        found = [Job.objects.get(), Job.objects.get()]
        assert [Worker(jobs)._claim(job, clock.now()) for job in found] == [True, False]
    assert Job.objects.get().attempts == 2
