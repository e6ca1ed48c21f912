"""The short way to PostgreSQL: BEGIN and COMMIT go along with the work, and nothing is lost or kept by it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DataError

from civicline.intake import services as intake
from civicline.intake.ports import Inbound
from civicline.kernel import clock, counters, ids, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Unavailable
from civicline.kernel.events import EventType, emit
from civicline.kernel.models import Event, HandlerRun, Job
from civicline.kernel.postgres import line_of
from tests.integration.kernel.crew import together
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
ARRIVED, MOVED = EventType("contact.received"), EventType("contact.offered")
OFTEN = range(6)  # a statement is sent plainly, then prepared, then sent by its name


def made(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": "sweep", "run_at": clock.now(), "created_at": clock.now()} | more


@writes
def arrive(key: str) -> None:
    rows.create(Job, **made(key))
    emit(ARRIVED, subject=("job", key))


@writes
def move(key: str, kind: str, *, fails: bool = False) -> int:
    changed = rows.change(Job, where={"key": key}, to={"kind": kind})
    emit(MOVED, subject=("job", key), data={"to": kind})
    if fails:
        raise ValueError
    return changed


def told() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def is_idle() -> bool:
    return line_of(connection.connection).idle


def test_a_write_is_whole_and_its_transaction_over_when_it_returns() -> None:
    for number in OFTEN:
        arrive(str(number))
        assert is_idle()
        assert move(str(number), "seal") == 1
        assert is_idle()
    assert told() == [ARRIVED.name, MOVED.name] * len(OFTEN)
    assert Job.objects.filter(kind="seal").count() == len(OFTEN)


def test_what_fails_in_the_middle_leaves_nothing_behind() -> None:
    arrive("night")
    for _ in OFTEN:
        with pytest.raises(ValueError):
            move("night", "seal", fails=True)
        assert is_idle()
    assert (told(), Job.objects.get().kind) == ([ARRIVED.name], "sweep")
    assert move("night", "seal") == 1


def test_what_the_server_refuses_is_undone_with_all_before_it() -> None:
    arrive("night")
    for _ in OFTEN:
        with pytest.raises(DataError):
            move("night", "too long for its column " * 10)
        with pytest.raises(IntegrityError):
            arrive("night")
        assert is_idle()
    assert (told(), Job.objects.get().kind) == ([ARRIVED.name], "sweep")


def test_a_reference_to_nothing_is_found_by_the_commit_that_came_along() -> None:
    @writes
    def owe() -> None:
        rows.change(Job, where={"key": "night"}, to={"kind": "seal"})
        rows.add(
            HandlerRun, event_id=-1, handler="count", state="done", attempts=0, error="", next_try_at=None,
            done_at=None,
        )  # fmt: skip

    arrive("night")
    for _ in OFTEN:
        with pytest.raises(IntegrityError):
            owe()
        assert is_idle()
    assert (Job.objects.get().kind, HandlerRun.objects.count()) == ("sweep", 0)


def test_the_orm_goes_on_in_a_transaction_that_the_short_way_began_and_the_other_way_round() -> None:
    @writes
    def both(number: int, *, fails: bool) -> None:
        rows.change(Job, where={"key": "night"}, to={"attempts": number})
        Job.objects.filter(key="night").update(kind=f"kind {number}")
        emit(MOVED, subject=("job", number))
        if fails:
            raise ValueError

    arrive("night")
    for number in OFTEN:
        with pytest.raises(ValueError):
            both(number + 100, fails=True)
        both(number, fails=False)
        row = Job.objects.get()
        assert (row.attempts, row.kind) == (number, f"kind {number}")


@pytest.mark.parametrize("often", [0, 6])
def test_a_server_that_hangs_up_is_told_as_such_and_the_next_write_finds_it_again(often: int) -> None:
    for number in range(often):
        arrive(str(number))
        move(str(number), "seal")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    assert together(lambda: rows.first_row("SELECT pg_terminate_backend(%s)", [pid])) == []
    with pytest.raises(Unavailable):
        move("0", "sweep")
    connection.close()  # as the next request does
    arrive("later")
    assert Job.objects.filter(key="later").exists()


@pytest.mark.parametrize("first", [True, False])
def test_who_waits_for_a_lock_keeps_nobody_else_from_going_on(first: bool) -> None:
    held = threading.Event()

    def somebody_waits() -> bool:
        return bool(rows.all_rows("SELECT 1 FROM pg_locks WHERE NOT granted", []))

    @writes
    def hold() -> None:
        rows.change(Job, where={"key": "night"}, to={"kind": "held"})
        held.set()
        wait_until(somebody_waits, what="the other waits for the row")

    @writes
    def count() -> None:
        if not first:
            rows.change(Job, where={"key": "other"}, to={"attempts": rows.NEXT})
        rows.change(Job, where={"key": "night"}, to={"attempts": rows.NEXT})

    def one_after_the_other() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '15s'")  # a wait that holds all threads up would never end
        for _ in OFTEN:
            assert held.wait(10)
            held.clear()
            count()
            may_go_on.release()

    def hold_often() -> None:
        for _ in OFTEN:
            hold()
            assert may_go_on.acquire(timeout=10)

    may_go_on = threading.Semaphore(0)
    arrive("night")
    arrive("other")
    assert together(hold_often, one_after_the_other) == []
    assert Job.objects.get(key="night").attempts == len(OFTEN)


def test_values_come_back_as_they_went_whatever_way_a_statement_goes() -> None:
    noon, name = clock.now(), ids.new_id()
    given = {"a": [1, None, "ü ” %s", {"x": True}], "at": "\u2028"}
    for number in OFTEN:
        made_row = Event(
            uid=ids.new_id(), name="contact.received", subject_kind="contact", subject_id=str(number), at=noon,
            contact_id=name, data=given, actor_kind="system",
        )  # fmt: skip
        rows.store(made_row)
        row = rows.one(Event, where={"uid": made_row.uid})
        assert row is not None
        assert (row.at, row.contact_id, row.data, row.seq) == (noon, name, given, None)
        assert Event.objects.get(pk=made_row.pk).data == given


def test_more_statements_than_are_kept_still_do_their_work() -> None:
    for length in range(1, 300):
        wanted = [str(number) for number in range(length)]
        assert rows.all_rows(f"SELECT {', '.join(['%s'] * length)}", wanted) == [tuple(wanted)]
        assert rows.all_rows(f"SELECT {', '.join(['%s'] * length)}", wanted) == [tuple(wanted)]
    assert writes(counters.take)("n") == 1


def test_a_contact_that_moves_on_stays_on_its_page_and_leaves_its_indexes_alone() -> None:
    """As many times as a page has room, until the transaction ends: nothing is cleared away before."""
    with transaction.atomic():
        contacts = [
            intake.receive(inbound=Inbound(channel="chat", text="Hello")).contact.pk for _ in range(40)
        ]
        for at, to in (("received", "queued"), ("queued", "offered"), ("offered", "connected")):
            for contact in contacts:
                intake.move_contact(contact_id=contact, to=to, expect={at})
        (moved, in_place) = rows.first_row(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'intake_contact'",
            [],
        )
    assert moved == 3 * len(contacts)
    assert in_place > moved * 0.25
