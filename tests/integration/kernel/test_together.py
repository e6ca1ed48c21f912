"""Rows that wait for the end of their write: all there when it is saved, none when it is undone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from civicline.kernel import audit, clock, ids, rows
from civicline.kernel.db import joins, undoable, writes
from civicline.kernel.events import EventType, emit
from civicline.kernel.models import AuditEntry, Event, Job

pytestmark = pytest.mark.django_db(transaction=True)
ARRIVED = EventType("contact.received")


def tell(number: int) -> None:
    emit(ARRIVED, subject=("contact", number))


def told() -> list[str]:
    return list(Event.objects.order_by("id").values_list("subject_id", flat=True))


def job(**more: Any) -> dict[str, Any]:
    return {"kind": "sweep", "run_at": clock.now(), "created_at": clock.now()} | more


def test_a_write_sends_its_rows_together_in_the_order_of_their_making() -> None:
    @writes
    def arrive(people: int) -> None:
        for number in range(people):
            tell(number)
            audit.record("contact.received", object=("contact", number))

    with CaptureQueriesContext(connection) as seen:
        arrive(2)
    inserts = [one["sql"] for one in seen.captured_queries if "INSERT" in one["sql"]]
    assert len(inserts) == (1 if connection.vendor == "postgresql" else 2)
    assert (told(), AuditEntry.objects.count()) == (["0", "1"], 2)


@pytest.mark.parametrize("people", [3, 7, 13, 203])
def test_a_batch_is_all_there_and_in_order(people: int) -> None:
    @writes
    def arrive() -> None:
        for number in range(people):
            emit(ARRIVED, subject=("contact", number), data={"last": number == people - 1})

    arrive()
    assert told() == [str(number) for number in range(people)]


def test_what_undoes_a_write_undoes_what_it_had_put_off_and_nothing_else() -> None:
    @writes
    def fails() -> None:
        tell(2)
        raise ValueError

    @joins
    def joined() -> None:
        tell(4)

    @writes
    def arrive() -> None:
        tell(1)
        with pytest.raises(ValueError):
            fails()
        with pytest.raises(ValueError), undoable():
            tell(3)
            raise ValueError
        joined()

    arrive()
    assert sorted(told()) == ["1", "4"]
    with pytest.raises(ValueError):
        fails()
    assert sorted(told()) == ["1", "4"]


def test_an_inner_write_has_saved_its_rows_when_it_returns() -> None:
    inner = writes(tell)

    @writes
    def outer() -> list[str]:
        inner(1)
        return told()

    assert outer() == ["1"]


def test_reading_or_changing_a_row_settles_it_first() -> None:
    @writes
    def work() -> tuple[int, str]:
        made = rows.create(Job, **job(key="night"))
        assert (made.key, made.attempts, made.payload) == ("night", 0, {})
        changed = rows.change(Job, where={"key": "night"}, to={"kind": "seal"})
        found = rows.one(Job, where={"key": "night"})
        assert found is not None
        return changed, found.kind

    assert work() == (1, "seal")


@pytest.mark.parametrize("times", range(4))
def test_rows_that_a_reading_has_settled_are_undone_with_their_write(times: int) -> None:
    @writes
    def fails() -> None:
        rows.create(Job, **job(key="night"))
        assert rows.one(Job, where={"key": "night"}) is not None
        raise ValueError

    for _ in range(times):
        with pytest.raises(ValueError):
            fails()
        assert not Job.objects.exists()


def test_a_key_that_is_taken_is_refused_when_the_write_ends() -> None:
    @writes
    def twice() -> None:
        tell(1)
        rows.create(Job, **job(key="night"))

    twice()
    with pytest.raises(IntegrityError):
        twice()
    assert (told(), Job.objects.count()) == (["1"], 1)


def test_outside_of_a_write_a_row_is_there_at_once() -> None:
    rows.create(Job, **job(key="night"))
    assert Job.objects.get().key == "night"


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(TypeError, match="no columns colour"):
        rows.create(Job, **job(colour="red", key=str(ids.new_id())))
