"""Fast rows are the same rows as the ORM's."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import IntegrityError
from django.test.utils import CaptureQueriesContext

from civicline.kernel import ids
from civicline.kernel.models import Event, Job
from civicline.kernel.rows import NEXT, Below, change, first_few, insert, key, many, moved, one, store

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def columns(**more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "uid": ids.new_id(),
        "name": "contact.received",
        "version": 1,
        "subject_kind": "contact",
    }
    made |= {"subject_id": "1", "contact_id": None, "case_id": None, "actor_kind": "system", "actor_id": ""}
    return made | {"at": NOON, "data": {}} | more


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"at": NOON + timedelta(microseconds=1)},
        {"at": NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))},
        {"contact_id": ids.new_id(), "case_id": str(ids.new_id())},
        {"data": {"a": [1, None, "ü", {"x": True}]}},
        {"data": {"at": NOON, "id": ids.new_id()}},
        {"data": []},
    ],
)
def test_an_inserted_row_reads_as_one_that_the_orm_made(more: dict[str, Any]) -> None:
    given = columns(**more)
    fast = Event.objects.get(pk=insert(Event, **given))
    slow = Event.objects.get(pk=Event.objects.create(**{**given, "uid": ids.new_id()}).pk)
    for name in given:
        if name != "uid":
            assert getattr(fast, name) == getattr(slow, name)
    assert fast.uid == given["uid"]


def test_compare_and_set_changes_only_rows_that_are_as_expected() -> None:
    key = insert(Event, **columns(contact_id=ids.new_id()))
    other = insert(Event, **columns())
    assert change(Event, where={"id": key, "seq": None, "version": 1}, to={"seq": 7, "version": 2}) == 1
    assert change(Event, where={"id": key, "seq": None, "version": 1}, to={"seq": 8}) == 0
    assert change(Event, where={"id": (key, other), "seq": [7, 9]}, to={"at": NOON + timedelta(days=1)}) == 1
    assert change(Event, where={"id": ()}, to={"seq": 9}) == 0
    assert change(Event, where={"id": {key, other}}, to={"contact_id": None}) == 2
    row = Event.objects.get(pk=key)
    assert (row.seq, row.version, row.at, row.contact_id) == (7, 2, NOON + timedelta(days=1), None)


def test_a_row_read_the_short_way_is_the_row_of_the_orm() -> None:
    given = columns(contact_id=ids.new_id(), data={"a": [1, "ü"]}, at=NOON + timedelta(microseconds=7))
    number = insert(Event, **given)
    fast, slow = one(Event, where={"id": number}), Event.objects.get(pk=number)
    assert fast is not None
    for field in Event._meta.concrete_fields:
        name = field.attname
        assert getattr(fast, name) == getattr(slow, name)
        assert type(getattr(fast, name)) is type(getattr(slow, name))
    assert one(Event, where={"id": -1}) is None
    assert key(Event, where={"uid": given["uid"]}) == number
    assert key(Event, where={"uid": ids.new_id()}) is None


def test_a_moved_row_comes_back_as_it_is_then_or_not_at_all() -> None:
    number = insert(Event, **columns())
    row = moved(Event, where={"id": number, "version": (1, 5)}, to={"name": "x", "version": NEXT})
    assert row is not None and (row.name, row.version, row.at) == ("x", 2, NOON)
    assert moved(Event, where={"id": number, "version": 1}, to={"version": NEXT}) is None
    later = {"at": NOON + timedelta(hours=1)}
    assert change(Event, where={"id": number, "at": Below(NOON)}, to=later) == 0
    assert change(Event, where={"id": number, "at": Below(NOON + timedelta(seconds=1))}, to=later) == 1


def test_any_number_of_rows_is_found_once_each_and_in_the_order_asked_for() -> None:
    numbers = [insert(Event, **columns(version=place)) for place in range(300, 0, -1)]
    found = many(Event, where={"subject_id": "1"}, any_of=("id", [*numbers, -1]))
    assert sorted(row.pk for row in found) == sorted(numbers)
    assert many(Event, where={}, any_of=("id", [])) == []
    first = one(Event, where={"subject_id": "1"}, order=("version", "id"))
    assert first is not None and first.pk == numbers[-1]
    few = first_few(Event, where={"subject_id": "1"}, order=("version", "id"), most=3)
    assert [row.pk for row in few] == numbers[:-4:-1]
    assert first_few(Event, where={"subject_id": "nobody"}, order=("id",), most=3) == []


def test_an_instance_is_stored_with_all_that_it_holds() -> None:
    row = Event(**columns(name="stored"))
    store(row)
    assert Event.objects.get(pk=row.pk).name == "stored"
    row.name = "changed"
    row.save()
    assert Event.objects.filter(name="changed").count() == 1


def test_choices_and_wrong_columns() -> None:
    job = Job.objects.create(kind="x", run_at=NOON, created_at=NOON)
    assert change(Job, where={"id": job.pk, "state": Job.State.QUEUED}, to={"state": Job.State.DONE}) == 1
    with pytest.raises(KeyError):
        change(Job, where={"id": job.pk}, to={"nonsense": 1})


def test_a_broken_rule_is_djangos_own_error() -> None:
    given = columns()
    insert(Event, **given)
    with pytest.raises(IntegrityError):
        insert(Event, **given)


def test_statements_are_seen_when_queries_are_watched() -> None:
    from django.db import connection

    with CaptureQueriesContext(connection) as seen:
        insert(Event, **columns(name="watched"))
    assert any("watched" in query["sql"] for query in seen.captured_queries)
