"""Readings of several tables whose SQL is made once: asked again, they cost what the database takes and little more.

    _NOTES = Reading(lambda *, since: Note.objects.filter(at__gte=since).values_list("pk", "text"))
    _NOTES(since=clock.now())       # [(pk, text), ...]
    _WITH_AUTHOR = RowReading(lambda *, pk: Note.objects.filter(pk=pk).select_related("author"))
    _WITH_AUTHOR(pk=pk)             # [Note, ...], each with its author

Building a joined query with the ORM takes one to three milliseconds each time, running it a tenth of that. A reading
has the ORM write its statement once, with a sample in each place, and later puts the values there. `kernel.rows` does
the same for single tables.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID, uuid4

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.query import get_related_populators
from django.db.utils import DEFAULT_DB_ALIAS

from civicline.kernel import connection, rows
from civicline.kernel.columns import Load, load_of

Given = UUID | datetime | str
M = TypeVar("M", bound=models.Model)


class _Statement(NamedTuple):
    """SQL with its parameters: `places` names the value that goes there, or has the value that never changes."""

    sql: str
    places: tuple[tuple[str, Any], ...]
    loads: tuple[Load | None, ...]
    select: list[Any]
    model: dict[str, Any] | None

    def rows(self, here: BaseDatabaseWrapper, given: dict[str, Given]) -> list[tuple[Any, ...]]:
        """What the database has for these values."""
        params = [_param(here, given[name], fixed) if name else fixed for name, fixed in self.places]
        loads = self.loads
        return [
            tuple(
                [
                    value if load is None or value is None else load(value)
                    for load, value in zip(loads, row, strict=True)
                ]
            )
            for row in rows.all_rows(self.sql, params)
        ]


class Reading:
    """A query of values, `build` giving its `values_list`. Its keyword arguments are what changes between askings.

    They are UUIDs, moments or texts, none of them None, and stand whole in the query: what changes its shape (a limit,
    a filter that may be left out, how many of a list) makes it another reading. A text may also be what a column
    contains.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._made: dict[str, _Statement] = {}

    def __call__(self, **given: Given) -> list[tuple[Any, ...]]:
        """The rows for these values, in the order of the query. Raises Django's database errors."""
        here = connection.here()
        made = self._made.get(here.vendor)
        if made is None:
            made = self._made[here.vendor] = _statement(here, self._build, given)
        return made.rows(here, given)


class _Shape(NamedTuple):
    """How rows become instances, with those that they refer to: as Django's own iterator of querysets does it."""

    model: type[models.Model]
    names: list[str]
    start: int
    end: int
    related: list[Any]


class RowReading(Generic[M]):
    """The same for whole rows: `build` gives a queryset of instances, with `select_related` and without `prefetch`."""

    def __init__(self, build: Callable[..., QuerySet[M, M]]) -> None:
        self._build = build
        self._made: dict[str, tuple[_Statement, _Shape]] = {}

    def __call__(self, **given: Given) -> list[M]:
        """The instances for these values, in the order of the query. Raises Django's database errors."""
        here = connection.here()
        made = self._made.get(here.vendor)
        if made is None:
            statement = _statement(here, self._build, given)
            made = self._made[here.vendor] = statement, _shape(statement)
        statement, shape = made
        found: list[Any] = []
        for row in statement.rows(here, given):
            one: Any = rows.made(shape.model, shape.names, row[shape.start : shape.end])
            for related in shape.related:
                related.populate(row, one)
            found.append(one)
        return found

    def first(self, **given: Given) -> M | None:
        """The first of them, or None; a query by key needs no limit."""
        found = self(**given)
        return found[0] if found else None


def _shape(statement: _Statement) -> _Shape:
    known = statement.model
    if known is None:
        raise ValueError("a reading of rows needs a queryset of instances")
    start, end = known["select_fields"][0], known["select_fields"][-1] + 1
    names = [column[0].target.attname for column in statement.select[start:end]]
    related = get_related_populators(known, statement.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs know a later Django
    return _Shape(known["model"], names, start, end, related)


def _statement(
    here: BaseDatabaseWrapper, build: Callable[..., QuerySet[Any, Any]], given: dict[str, Given]
) -> _Statement:
    samples = {name: _sample(value, number) for number, (name, value) in enumerate(given.items())}
    query = build(**samples).query
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    stored = {name: _stored(here, sample) for name, sample in samples.items()}
    places = tuple(_place(param, stored) for param in params)
    lost = set(given) - {name for name, _ in places}
    if lost or "%" in sql.replace("%s", ""):
        raise ValueError(f"a reading needs each value whole in its query, and no % of its own: {lost or sql}")
    columns = compiler.select[: compiler.col_count]
    loads = tuple(load_of(column[0].output_field) for column in columns)
    return _Statement(
        sql, places, loads, compiler.select, compiler.klass_info if query.default_cols else None
    )


def _sample(value: Given, number: int) -> Given:
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, datetime):
        return datetime(1971, 2, 3, 4, 5, 6, 789_123, tzinfo=UTC) + timedelta(days=number)
    return f"sample{uuid4().hex}"


def _stored(here: BaseDatabaseWrapper, value: Given) -> Any:
    """A value as this database wants it."""
    if here.vendor != "sqlite" or isinstance(value, str):
        return value
    if isinstance(value, UUID):
        return value.hex
    return value.astimezone(UTC).isoformat(" ")[:-6]


def _place(param: Any, stored: dict[str, Any]) -> tuple[str, Any]:
    """The name of the value that goes here and what stands around it, or "" and the value that never changes."""
    for name, sample in stored.items():
        if param == sample:
            return name, None
        if isinstance(param, str) and isinstance(sample, str) and sample in param:
            before, _, after = param.partition(sample)
            return name, (before, after)
    return "", param


def _param(here: BaseDatabaseWrapper, value: Given, around: tuple[str, str] | None) -> Any:
    if around is None:
        return _stored(here, value)
    return f"{around[0]}{here.ops.prep_for_like_query(str(value))}{around[1]}"
