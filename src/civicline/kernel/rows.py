"""Fast insert, compare-and-set and reading by key of single rows, for the hot tables.

The model's own field conversions, without the cost of its querysets: 15-40 us instead of 150-400 us.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DEFAULT_DB_ALIAS
from psycopg import Cursor as ServerCursor

from civicline.kernel.columns import Store, table

ANY_OF = (tuple, list, set, frozenset)
M = TypeVar("M", bound=models.Model)


class Below(NamedTuple):
    """In `where`: less than this value."""

    value: Any


class _Next:
    """In `to`: the number in the column and one more."""


NEXT: Final = _Next()
# How a value is compared: 0 or more is "IN" with so many places.
IS_NULL, EQUAL, BELOW = -1, -2, -3
ROW, ALL, COUNT = "row", "all", "count"
MOST_AT_ONCE = 256


def insert(model: type[models.Model], **values: Any) -> Any:
    """Insert one row of `model` and return its key. Every column without a default in the database has to be given.

    Names are those of the model's columns: `service_id=`, not `service=`. Raises Django's database errors.
    """
    here = connections[DEFAULT_DB_ALIAS]
    sql, stores = _insert_statement(model, tuple(values), here.vendor)
    params = [
        None if value is None else store(value, here)
        for store, value in zip(stores, values.values(), strict=True)
    ]
    row = _run(here, sql, params, want=ROW)
    return row[0]


def store(row: models.Model) -> None:
    """Insert a new instance with all its columns, the short way: no signals, no `save`, no defaults but its own."""
    model = type(row)
    held = row.__dict__
    values = {field.attname: held[field.attname] for field in model._meta.concrete_fields}
    if row.pk is None:
        del values[model._meta.pk.attname]
    key = insert(model, **values)
    row.pk = key if row.pk is None else row.pk
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS


def change(model: type[models.Model], *, where: Mapping[str, Any], to: Mapping[str, Any]) -> int:
    """Compare-and-set: give rows that are `where` these values `to`. Returns how many rows were changed.

    In `where`, a tuple, list or set means any of them, None means NULL, and `Below(value)` less than the value. In
    `to`, `NEXT` counts a number up. Names are those of columns.
    """
    here = connections[DEFAULT_DB_ALIAS]
    sql, params = _update(here, model, where, to, returning=False)
    return int(_run(here, sql, params, want=COUNT))


def moved(model: type[M], *, where: Mapping[str, Any], to: Mapping[str, Any]) -> M | None:
    """Compare-and-set of one row, as `change`: the row as it is then, or None when none was so."""
    here = connections[DEFAULT_DB_ALIAS]
    sql, params = _update(here, model, where, to, returning=True)
    row = _run(here, sql, params, want=ROW)
    return None if row is None else _instance(here, model, row)


def one(model: type[M], *, where: Mapping[str, Any], order: tuple[str, ...] = ()) -> M | None:
    """Read the first row that is `where` (as in `change`), in the order of these columns, or None."""
    here = connections[DEFAULT_DB_ALIAS]
    shapes = tuple((name, _shape(value)) for name, value in where.items())
    sql, stores = _select_statement(model, shapes, order, here.vendor)
    row = _run(here, sql, _tested(here, where, stores), want=ROW)
    return None if row is None else _instance(here, model, row)


def many(model: type[M], *, where: Mapping[str, Any], any_of: tuple[str, Iterable[Any]]) -> list[M]:
    """Read the rows that are `where` and have any of these values in one column, in no order."""
    here = connections[DEFAULT_DB_ALIAS]
    name, wanted = any_of[0], list(any_of[1])
    found: list[M] = []
    for start in range(0, len(wanted), MOST_AT_ONCE):
        part = wanted[start : start + MOST_AT_ONCE]
        # Few lengths of the list, so that statements are made, and prepared, few times.
        part += part[-1:] * ((1 << (len(part) - 1).bit_length()) - len(part))
        asked = {**where, name: part}
        shapes = tuple((column, _shape(value)) for column, value in asked.items())
        sql, stores = _select_statement(model, shapes, (), here.vendor, limit="")
        for row in _run(here, sql, _tested(here, asked, stores), want=ALL):
            found.append(_instance(here, model, row))
    return found


def key(model: type[models.Model], *, where: Mapping[str, Any]) -> Any:
    """Return the key of a row that is `where` (as in `change`), or None: whether there is one, and which."""
    here = connections[DEFAULT_DB_ALIAS]
    shapes = tuple((name, _shape(value)) for name, value in where.items())
    sql, stores = _select_statement(model, shapes, (), here.vendor, only_key=True)
    row = _run(here, sql, _tested(here, where, stores), want=ROW)
    known = table(model, here.vendor)
    load = known.columns[model._meta.pk.attname].load
    return row if row is None else load(row[0]) if load else row[0]


def first_row(sql: str, params: list[Any]) -> Any:
    """Run a statement of our own, with %s for each parameter, the short way; return its first row, or None."""
    here = connections[DEFAULT_DB_ALIAS]
    return _run(here, sql.replace("%s", "?") if here.vendor == "sqlite" else sql, params, want=ROW)


def all_rows(sql: str, params: list[Any]) -> list[Any]:
    """Run a statement of our own as `first_row` does; return all its rows as the driver gives them."""
    here = connections[DEFAULT_DB_ALIAS]
    found: list[Any] = _run(
        here, sql.replace("%s", "?") if here.vendor == "sqlite" else sql, params, want=ALL
    )
    return found


def _instance(here: BaseDatabaseWrapper, model: type[M], row: Sequence[Any]) -> M:
    known = table(model, here.vendor)
    values = [
        value if load is None or value is None else load(value)
        for load, value in zip(known.loads, row, strict=True)
    ]
    return model.from_db(DEFAULT_DB_ALIAS, known.names, values)


def _update(
    here: BaseDatabaseWrapper,
    model: type[models.Model],
    where: Mapping[str, Any],
    to: Mapping[str, Any],
    *,
    returning: bool,
) -> tuple[str, list[Any]]:
    shapes = tuple((name, _shape(value)) for name, value in where.items())
    given = tuple((name, value is NEXT) for name, value in to.items())
    sql, set_stores, where_stores = _update_statement(model, given, shapes, returning, here.vendor)
    params = [
        None if value is None else store(value, here)
        for store, value in zip(set_stores, to.values(), strict=True)
        if value is not NEXT
    ]
    params += _tested(here, where, where_stores)
    return sql, params


def _tested(here: BaseDatabaseWrapper, where: Mapping[str, Any], stores: list[Store]) -> list[Any]:
    params: list[Any] = []
    for store, value in zip(stores, where.values(), strict=True):
        if type(value) is Below:
            params.append(store(value.value, here))
        elif isinstance(value, ANY_OF):
            params += [store(each, here) for each in value]
        elif value is not None:
            params.append(store(value, here))
    return params


def _run(here: BaseDatabaseWrapper, sql: str, params: list[Any], *, want: str) -> Any:
    """Execute and return the first row, all rows, or how many were changed.

    Past Django's cursor, which costs as much as the statement itself; through it when statements are watched.
    """
    if here.execute_wrappers or here.queries_logged:
        with here.cursor() as slow:
            slow.execute(sql.replace("?", "%s") if here.vendor == "sqlite" else sql, params)
            return _result(slow, want)
    if here.connection is None or not here.in_atomic_block:
        here.close_if_health_check_failed()
        here.ensure_connection()
    with here.wrap_database_errors:
        if here.vendor == "sqlite":
            return _result(here.connection.execute(sql, params), want)
        # Parameters bound by the server, and statements prepared by it: a third of what Django's own cursor costs.
        return _result(ServerCursor(here.connection).execute(sql, params), want)


def _result(cursor: Any, want: str) -> Any:
    if want == ROW:
        return cursor.fetchone()
    return cursor.fetchall() if want == ALL else cursor.rowcount


def _shape(value: Any) -> int:
    """How a value is compared: the shape of its test in SQL."""
    if value is None:
        return IS_NULL
    if type(value) is Below:
        return BELOW
    return len(value) if isinstance(value, ANY_OF) else EQUAL


# -- statements, made once


def _place(vendor: str) -> str:
    return "?" if vendor == "sqlite" else "%s"


@cache
def _insert_statement(
    model: type[models.Model], names: tuple[str, ...], vendor: str
) -> tuple[str, list[Store]]:
    known = table(model, vendor)
    columns = [known.columns[name] for name in names]
    listed, places = ", ".join(column.sql for column in columns), ", ".join([_place(vendor)] * len(columns))
    sql = f"INSERT INTO {known.sql} ({listed}) VALUES ({places}) RETURNING {known.key}"  # noqa: S608 -- names of our columns
    return sql, [column.store for column in columns]


@cache
def _update_statement(
    model: type[models.Model],
    to: tuple[tuple[str, bool], ...],
    where: tuple[tuple[str, int], ...],
    returning: bool,
    vendor: str,
) -> tuple[str, list[Store], list[Store]]:
    known = table(model, vendor)
    columns, place = known.columns, _place(vendor)
    settings = ", ".join(
        f"{columns[name].sql} = {f'{columns[name].sql} + 1' if counted else place}" for name, counted in to
    )
    sql = f"UPDATE {known.sql} SET {settings} WHERE {_tests(model, where, vendor)}"  # noqa: S608 -- names of our columns
    sql += f" RETURNING {known.listed}" if returning else ""
    return sql, [columns[name].store for name, _ in to], [columns[name].store for name, _ in where]


@cache
def _select_statement(
    model: type[models.Model],
    where: tuple[tuple[str, int], ...],
    order: tuple[str, ...],
    vendor: str,
    only_key: bool = False,
    limit: str = " LIMIT 1",
) -> tuple[str, list[Store]]:
    known = table(model, vendor)
    listed = known.key if only_key else known.listed
    sql = f"SELECT {listed} FROM {known.sql} WHERE {_tests(model, where, vendor)}"  # noqa: S608 -- names of our columns
    sql += f" ORDER BY {', '.join(known.columns[name].sql for name in order)}" if order else ""
    return sql + limit, [known.columns[name].store for name, _ in where]


def _tests(model: type[models.Model], where: tuple[tuple[str, int], ...], vendor: str) -> str:
    columns, place = table(model, vendor).columns, _place(vendor)
    return " AND ".join(_test(columns[name].sql, shape, place) for name, shape in where)


def _test(column: str, shape: int, place: str) -> str:
    words = {IS_NULL: f"{column} IS NULL", EQUAL: f"{column} = {place}", BELOW: f"{column} < {place}"}
    many = f"{column} IN ({', '.join([place] * shape)})" if shape else "1 = 0"
    return words.get(shape, many)
