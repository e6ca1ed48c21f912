"""A reading asks what its query asks, with the values of now, and makes its statement once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from civicline.kernel.readings import Reading, RowReading
from civicline.people.models import Agent, Resident, RoleGrant, User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def residents() -> list[Resident]:
    """Three people who came an hour after each other."""
    names = ("Grace Okafor", "100% Wool_Shop", "Tom Bell")
    return [
        Resident.objects.create(name=name, needs=[name.lower()], created_at=NOON + timedelta(hours=hours))
        for hours, name in enumerate(names)
    ]


def _since(*, moment: datetime) -> QuerySet[Resident, Any]:
    rows = Resident.objects.filter(created_at__gte=moment).order_by("created_at")
    return rows.values_list("pk", "name", "needs", "created_at", "erased_at")


def test_values_come_back_as_the_orm_gives_them(residents: list[Resident]) -> None:
    reading = Reading(_since)
    for moment in (NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=1, microseconds=1)):
        assert reading(moment=moment) == list(_since(moment=moment))
    assert [row[1] for row in reading(moment=NOON + timedelta(hours=2))] == ["Tom Bell"]


def test_a_moment_of_another_zone_is_the_same_moment(residents: list[Resident]) -> None:
    from zoneinfo import ZoneInfo

    there = (NOON + timedelta(hours=2)).astimezone(ZoneInfo("America/New_York"))
    assert [row[1] for row in Reading(_since)(moment=there)] == ["Tom Bell"]


def test_the_query_is_written_once(residents: list[Resident]) -> None:
    written: list[UUID] = []

    def by_key(*, pk: UUID) -> QuerySet[Resident, Any]:
        written.append(pk)
        return Resident.objects.filter(pk=pk).values_list("name")

    reading = Reading(by_key)
    assert [reading(pk=one.pk) for one in residents] == [[(one.name,)] for one in residents]
    assert reading(pk=uuid4()) == []
    assert len(written) == 1


def test_signs_of_a_pattern_are_only_signs(residents: list[Resident]) -> None:
    def containing(*, text: str) -> QuerySet[Resident, Any]:
        rows = Resident.objects.annotate(told=Cast("needs", TextField()))
        return rows.filter(told__contains=text).order_by("created_at").values_list("name")

    reading = Reading(containing)
    assert reading(text="okafor") == [("Grace Okafor",)]
    assert reading(text="100%") == [("100% Wool_Shop",)]
    assert reading(text="%") == [("100% Wool_Shop",)]
    assert reading(text="t_m") == []


def test_the_statement_is_asked_through_the_watch(
    residents: list[Resident], django_assert_num_queries: Any
) -> None:
    reading = Reading(_since)
    with django_assert_num_queries(2):
        assert reading(moment=NOON) == reading(moment=NOON)


def test_a_value_that_the_query_does_not_use_whole_is_refused() -> None:
    reading = Reading(lambda *, text: Resident.objects.filter(name=text[:3]).values_list("pk"))
    with pytest.raises(ValueError, match="text"):
        reading(text="Grace")


def _grants(*, role: str) -> QuerySet[RoleGrant, RoleGrant]:
    return RoleGrant.objects.filter(role=role).select_related("user__agent").order_by("user__name")


def test_whole_rows_come_back_with_those_they_refer_to_and_ask_no_more(
    django_assert_num_queries: Any,
) -> None:
    for name in ("Ann", "Bob"):
        user = User.objects.create(email=f"{name}@saltmere.example", name=name, preferences={"sound": False})
        RoleGrant.objects.create(user=user, role="agent")
    Agent.objects.create(user=User.objects.get(name="Ann"), capacity={"chat": 3})
    reading = RowReading(_grants)
    assert reading(role="planner") == []
    assert reading.first(role="planner") is None
    with django_assert_num_queries(1):
        ann, bob = reading(role="agent")
        assert (ann.user.name, ann.user.preferences, ann.user.agent.capacity) == (
            "Ann",
            {"sound": False},
            {"chat": 3},
        )
        assert bob.user.name == "Bob"
        assert not hasattr(bob.user, "agent")
    assert ann._state.adding is False
    by_orm = _grants(role="agent")[0]
    names = [field.attname for field in RoleGrant._meta.concrete_fields]
    assert [getattr(ann, name) for name in names] == [getattr(by_orm, name) for name in names]
    assert reading.first(role="agent") == by_orm


def test_a_reading_of_rows_refuses_a_query_of_values() -> None:
    def names(*, pk: UUID) -> Any:
        return Resident.objects.filter(pk=pk).values_list("name")

    with pytest.raises(ValueError, match="instances"):
        RowReading[Resident](names)(pk=uuid4())
