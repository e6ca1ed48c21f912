"""SQLite's gate: first come, first served, one commit for many, and nobody pays for a neighbour."""

import sqlite3
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import IntegrityError, connection

from civicline.kernel import actors, counters, db, metrics
from civicline.kernel.errors import Busy, StorageFull
from civicline.kernel.gate import Gate
from civicline.kernel.models import Counter, HandlerRun
from tests.integration.kernel.crew import together
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class Held:
    """A gate whose leader stands inside until it is told to go on, so that others line up behind it."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self._inside, self._go = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []
        self._start(lambda: gate.run(self._stand))
        assert self._inside.wait(10)

    def _stand(self) -> None:
        self._inside.set()
        assert self._go.wait(30)

    def _start(self, work: Callable[[], object]) -> None:
        def run() -> None:
            try:
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        self._threads.append(thread)

    def line_up(self, work: Callable[[], object]) -> None:
        """One more behind the others."""
        before = self.gate.waiting
        self._start(lambda: self.gate.run(work))
        wait_until(lambda: self.gate.waiting > before, what="it stands in line")

    def go(self) -> None:
        self._go.set()
        for thread in self._threads:
            thread.join(30)


@pytest.fixture(autouse=True)
def _quiet_threads() -> Iterator[None]:
    """Errors that a test provokes on its threads are the test's matter."""
    before = threading.excepthook
    threading.excepthook = lambda _: None
    yield
    threading.excepthook = before


def test_when_the_first_fails_nothing_of_it_stays_and_those_behind_are_served() -> None:
    held = Held(Gate(max_seconds=60))

    def half() -> None:
        counters.take("half")
        raise ValueError("the street is unknown")

    gate = held.gate
    held.go()
    with pytest.raises(ValueError, match="the street is unknown"):
        gate.run(half)
    held = Held(gate)
    held.line_up(half)
    held.line_up(lambda: counters.take("whole"))
    held.go()
    assert dict(Counter.objects.values_list("name", "value")) == {"whole": 1}


def test_callers_are_served_in_the_order_of_their_coming_with_one_commit() -> None:
    served: list[int] = []
    held = Held(Gate(max_seconds=60))
    for number in range(40):
        held.line_up(lambda number=number: served.append(number))
    assert served == []
    held.go()
    assert served == list(range(40))


def test_a_failing_call_undoes_itself_only_and_its_callbacks_do_not_run() -> None:
    told: list[str] = []

    def good(name: str) -> None:
        counters.take(name)
        db.after_commit(lambda: told.append(name))

    def bad() -> None:
        good("bad")
        raise ZeroDivisionError

    held = Held(Gate(max_seconds=60))
    held.line_up(lambda: good("first"))
    held.line_up(bad)
    held.line_up(lambda: good("last"))
    held.go()
    assert set(Counter.objects.values_list("name", flat=True)) == {"first", "last"}
    assert sorted(told) == ["first", "last"]


def test_nobody_is_told_before_the_commit() -> None:
    seen_by_others: list[int] = []

    def look() -> None:
        seen_by_others.append(Counter.objects.filter(name="mine").count())
        connection.close()

    def write() -> None:
        counters.take("mine")
        looker = threading.Thread(target=look)
        looker.start()
        looker.join()
        db.after_commit(lambda: seen_by_others.append(Counter.objects.filter(name="mine").count()))

    Gate().run(write)
    assert seen_by_others == [0, 1]


def test_a_broken_foreign_key_fails_its_writer_only() -> None:
    def break_key() -> None:
        HandlerRun.objects.create(event_id=404, handler="nobody")

    outcomes: list[str] = []

    def note(name: str, work: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            try:
                held_gate.run(work)
                outcomes.append(f"{name} saved")
            except IntegrityError:
                outcomes.append(f"{name} refused")

        return run

    held_gate = Gate(max_seconds=60)
    held = Held(held_gate)
    for name, work in (
        ("a", lambda: counters.take("a")),
        ("broken", break_key),
        ("b", lambda: counters.take("b")),
    ):
        before = held_gate.waiting
        held._start(note(name, work))
        wait_until(lambda before=before: held_gate.waiting > before, what="it stands in line")
    held.go()
    assert sorted(outcomes) == ["a saved", "b saved", "broken refused"]
    assert dict(Counter.objects.values_list("name", "value")) == {"a": 1, "b": 1}


def test_each_call_runs_as_its_own_caller_though_on_anothers_thread() -> None:
    who: list[tuple[str, int]] = []
    held = Held(Gate(max_seconds=60))
    for name in ("ann", "bob"):
        with actors.acting_as(actors.Actor("staff", name)):
            # A thread starts with an empty context, so it is bound there.
            actor = actors.current()
        before = held.gate.waiting
        held._start(lambda actor=actor: _as(actor, held.gate, who))
        wait_until(lambda before=before: held.gate.waiting > before, what="it stands in line")
    held.go()
    assert [name for name, _ in who] == ["ann", "bob"]
    assert len({thread for _, thread in who}) == 1


def _as(actor: actors.Actor, gate: Gate, who: list[tuple[str, int]]) -> None:
    with actors.acting_as(actor):
        gate.run(lambda: who.append((actors.current().id, threading.get_ident())))


def test_who_waited_too_long_is_told_so_and_never_runs() -> None:
    ran: list[str] = []
    outcome: list[object] = []
    gate = Gate(patience=0.2)
    held = Held(gate)

    def impatient() -> None:
        try:
            gate.run(lambda: ran.append("late"))
        except Busy as error:
            outcome.append(error)

    held._start(impatient)
    wait_until(lambda: outcome, what="it gives up")
    held.go()
    assert ran == []
    assert gate.run(lambda: "next") == "next"


def test_a_call_that_waits_for_another_in_the_line_does_not_hang_for_ever() -> None:
    gate = Gate(patience=0.3)
    inner: list[object] = []

    def second() -> None:
        try:
            gate.run(lambda: None)
        except Busy as error:
            inner.append(error)

    def first() -> str:
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        return "done"

    assert gate.run(first) == "done"
    assert len(inner) == 1


def test_a_batch_is_bounded_so_that_those_in_it_are_told_soon() -> None:
    commits: list[int] = []
    gate = Gate(max_calls=4, max_seconds=60)
    held = Held(gate)
    for _ in range(11):
        held.line_up(lambda: db.after_commit(lambda: commits.append(id(threading.current_thread()))))
    held.go()
    assert len(commits) == 11


def test_another_process_that_writes_for_too_long_gives_busy_and_nothing_is_saved() -> None:
    other = sqlite3.connect(
        str(connection.settings_dict["NAME"]), isolation_level=None, check_same_thread=False
    )
    other.execute("BEGIN IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
    try:
        with pytest.raises(Busy):
            _take("x")
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert _take("x") == 1
    connection.close()


def test_a_full_disk_is_said_in_words_and_the_next_write_works_when_there_is_room() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFull) as caught:
        _fill()
    assert caught.value.message().startswith("There is no room left")
    assert Counter.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")
    assert _take("x") == 1
    connection.close()


def test_the_settings_make_every_commit_durable() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone()[0] == "wal"
    assert connection.transaction_mode == "IMMEDIATE"


def test_many_calls_share_few_commits_under_load() -> None:
    before = _batches()
    assert together(*[lambda: [_take("load") for _ in range(10)]] * 30) == []
    assert Counter.objects.get(name="load").value == 300
    assert 0 < _batches() - before < 200


def _batches() -> float:
    return next(
        sample.value
        for metric in metrics.write_batch.collect()
        for sample in metric.samples
        if sample.name.endswith("_count")
    )


@db.writes
def _take(name: str) -> int:
    return counters.take(name)


@db.writes
def _fill() -> None:
    for number in range(200_000):
        counters.take(f"{number:060d}")
