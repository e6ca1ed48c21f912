"""`@writes` on both databases."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from civicline.kernel import audit, bus, counters, db, selectors
from civicline.kernel.db import after_commit, joins, writes
from civicline.kernel.errors import Conflict
from civicline.kernel.events import EventType, emit
from civicline.kernel.models import Counter, HandlerRun
from tests.integration.kernel.crew import together

whole = pytest.mark.django_db(transaction=True)
inside = pytest.mark.django_db


@writes
def take(name: str) -> int:
    return counters.take(name)


@writes
def take_and_fail(name: str) -> None:
    counters.take(name)
    raise Conflict(code="lost")


@whole
def test_two_hundred_threads_write_at_once_and_all_succeed() -> None:
    taken: list[int] = []
    assert together(*[lambda: taken.extend(take("n") for _ in range(5))] * 200) == []
    assert sorted(taken) == list(range(1, 1001))
    assert Counter.objects.get(name="n").value == 1000


@whole
def test_failing_writes_among_many_undo_only_themselves() -> None:
    def bad() -> None:
        for _ in range(5):
            with pytest.raises(Conflict):
                take_and_fail("bad")

    assert together(*[lambda: [take("good") for _ in range(5)], bad] * 20) == []
    assert dict(Counter.objects.values_list("name", "value")) == {"good": 100}


@whole
def test_a_nested_write_joins_and_is_undone_alone_when_its_error_is_caught() -> None:
    told: list[str] = []

    @writes
    def outer() -> None:
        take("outer")
        with pytest.raises(Conflict):
            inner()
        after_commit(lambda: told.append("outer"))

    @writes
    def inner() -> None:
        after_commit(lambda: told.append("inner"))
        take_and_fail("inner")

    outer()
    assert dict(Counter.objects.values_list("name", "value")) == {"outer": 1}
    assert told == ["outer"]


@whole
def test_a_joining_function_is_a_write_of_its_own_or_simply_part_of_its_callers() -> None:
    @joins
    def take_then_fail(name: str) -> None:
        counters.take(name)
        raise Conflict(code="lost")

    @writes
    def caller() -> None:
        with pytest.raises(Conflict):
            take_then_fail("joined")

    with pytest.raises(Conflict):
        take_then_fail("alone")
    caller()
    assert list(Counter.objects.values_list("name", "value")) == [("joined", 1)]


@whole
def test_the_relay_is_nudged_once_for_many_events_of_one_write() -> None:
    told: list[str] = []
    with bus.subscribe("relay", lambda message: told.append(str(message["topic"]))):

        @writes
        def emits() -> None:
            for number in range(3):
                emit(EventType("contact.received"), subject=("contact", number))

        emits()
        emits()
    assert told == ["relay", "relay"]


@whole
def test_an_uncaught_error_undoes_everything_that_joined() -> None:
    @writes
    def outer() -> None:
        take("a")
        take_and_fail("b")

    with pytest.raises(Conflict):
        outer()
    assert not Counter.objects.exists()


@whole
def test_after_commit_runs_when_others_can_see_the_rows_on_the_callers_own_thread() -> None:
    told: list[object] = []

    @writes
    def write() -> str:
        counters.take("x")
        after_commit(lambda: told.append((connection.in_atomic_block, threading.get_ident())))
        assert told == []
        return "result"

    assert write() == "result"
    assert told == [(False, threading.get_ident())]


@whole
def test_a_failing_callback_is_logged_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []

    def fails() -> None:
        raise ZeroDivisionError

    @writes
    def write() -> None:
        counters.take("x")
        after_commit(fails)
        after_commit(lambda: told.append("second"))

    write()
    assert told == ["second"]
    assert Counter.objects.get(name="x").value == 1
    assert "what was written stands" in caplog.text


@whole
def test_outside_of_a_write_callbacks_and_hints_go_at_once_and_numbers_are_refused() -> None:
    told: list[str] = []
    after_commit(lambda: told.append("now"))
    assert told == ["now"]
    with pytest.raises(RuntimeError, match="@writes"):
        counters.take("x")


@whole
def test_a_hint_published_inside_a_write_goes_out_after_it_or_not_at_all() -> None:
    heard: list[int] = []

    @writes
    def write(fail: bool) -> None:
        bus.publish("board", {"id": 1})
        assert heard == []
        if fail:
            raise Conflict

    with bus.subscribe("board", lambda message: heard.append(message["id"])):
        with pytest.raises(Conflict):
            write(True)
        assert heard == []
        write(False)
    assert heard == [1]


@inside
def test_inside_a_transaction_that_is_not_ours_it_joins_that() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert take("x") == 1
        raise ZeroDivisionError
    assert not Counter.objects.exists()


@whole
def test_a_caught_database_error_does_not_let_a_half_write_through() -> None:
    @writes
    def half() -> None:
        Counter.objects.create(name="half")
        try:
            Counter.objects.create(name="half")
        except IntegrityError:
            return

    with pytest.raises(transaction.TransactionManagementError):
        half()
    assert not Counter.objects.exists()
    assert take("next") == 1


@whole
def test_a_broken_foreign_key_is_the_callers_error() -> None:
    @writes
    def broken() -> None:
        HandlerRun.objects.create(event_id=404, handler="nobody")

    with pytest.raises(IntegrityError):
        broken()
    assert take("next") == 1


@whole
def test_an_undone_write_gives_its_numbers_back() -> None:
    assert take("case") == 1
    with pytest.raises(Conflict):
        take_and_fail("case")
    assert take("case") == 2
    assert writes(counters.take)("case", 10) == 12


@inside
def test_a_savepoint_inside_a_write_undoes_its_block_only() -> None:
    @writes
    def write() -> None:
        counters.take("kept")
        with pytest.raises(Conflict), db.undoable():
            counters.take("gone")
            raise Conflict

    write()
    assert list(Counter.objects.values_list("name", flat=True)) == ["kept"]


@inside
def test_audit_tells_who_did_what_to_what_and_why() -> None:
    from civicline.kernel import actors, ids

    resident = ids.new_id()
    with actors.acting_as(actors.Actor("staff", "7", "Ann")):
        audit.record(
            "contact.read",
            object=("contact", 5),
            resident_id=resident,
            reason="r" * 600,
            data={"id": resident},
        )
    audit.record("contact.purge", object=("contact", 5))
    last, first = selectors.history("contact", 5)
    assert (last.actor_kind, last.action) == ("system", "contact.purge")
    assert (first.actor_kind, first.actor_id, len(first.reason)) == ("staff", "7", 500)
    assert first.data == {"id": str(resident)}
    assert list(selectors.audit_of_resident(resident)) == [first]
    assert not selectors.history("contact", 6).exists()
