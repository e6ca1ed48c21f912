"""The SQL of `kernel.rows`, made once for each shape."""

from functools import cache
from typing import Any

from django.db import models

from civicline.kernel.columns import Store, table

# How a value is compared: 0 or more is "IN" with so many places.
IS_NULL, EQUAL, BELOW = -1, -2, -3


def _place(vendor: str) -> str:
    return "?" if vendor == "sqlite" else "%s"


@cache
def insert(model: type[models.Model], names: tuple[str, ...], vendor: str) -> tuple[str, list[Store]]:
    known = table(model, vendor)
    columns = [known.columns[name] for name in names]
    listed, places = ", ".join(column.sql for column in columns), ", ".join([_place(vendor)] * len(columns))
    sql = f"INSERT INTO {known.sql} ({listed}) VALUES ({places}) RETURNING {known.key}"  # noqa: S608 -- names of our columns
    return sql, [column.store for column in columns]


@cache
def insert_one(model: type[models.Model], names: tuple[str, ...], vendor: str) -> tuple[str, list[Store]]:
    """One row whose key nobody asks for."""
    sql, (stores,) = insert_all(((model, names, 1),), vendor)
    return sql, stores


@cache
def insert_all(
    shape: tuple[tuple[type[models.Model], tuple[str, ...], int], ...], vendor: str
) -> tuple[str, list[list[Store]]]:
    """Several rows of several tables; more than one table on PostgreSQL only."""
    inserts, stores = [], []
    for model, names, count in shape:
        known = table(model, vendor)
        columns = [known.columns[name] for name in names]
        listed = ", ".join(column.sql for column in columns)
        places = f"({', '.join([_place(vendor)] * len(columns))})"
        inserts.append(f"INSERT INTO {known.sql} ({listed}) VALUES {', '.join([places] * count)}")  # noqa: S608 -- names of our columns
        stores.append([column.store for column in columns])
    *others, last = inserts
    named = ", ".join(f"part_{number} AS ({sql})" for number, sql in enumerate(others))
    return (f"WITH {named} {last}" if named else last), stores


@cache
def defaults(model: type[models.Model]) -> tuple[tuple[str, Any], ...]:
    """The columns with what a new instance has in them, or what makes it; the key only when something makes it."""
    return tuple(
        (field.attname, field.default if field.has_default() else field.get_default())
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField)
    )


@cache
def update(
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
def select(
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
