"""Fast rows are the same rows as the ORM's."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import IntegrityError
from django.test.utils import CaptureQueriesContext

from civicline.kernel import ids
from civicline.kernel.models import Event, Job
from civicline.kernel.rows import change, insert

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
