"""Columns of the hot tables: their names in SQL and their values on the way in and out.

The conversions are those of Django's fields and backends, with short ways for what comes most.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DEFAULT_DB_ALIAS

if TYPE_CHECKING:
    AnyField = models.Field[Any, Any]

Store = Callable[[Any, BaseDatabaseWrapper], Any]
Load = Callable[[Any], Any]
EMPTY_JSON = {"dict": "{}", "list": "[]"}


class Column(NamedTuple):
    """One column: its quoted name, what makes a parameter of a value, and a value of what the database gives."""

    sql: str
    store: Store
    load: Load | None


class Table(NamedTuple):
    """A model's table: its quoted name, its key, and its columns by attribute, in the order of the fields."""

    sql: str
    key: str
    columns: Mapping[str, Column]
    names: tuple[str, ...]
    listed: str
    loads: tuple[Load | None, ...]


@cache
def table(model: type[models.Model], vendor: str) -> Table:
    """What is to be known of a model's table; made once for each."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns = {
        field.attname: Column(quote(str(field.column)), _store(field, vendor), load_of(field))
        for field in model._meta.concrete_fields
    }
    return Table(
        sql=quote(model._meta.db_table),
        key=quote(str(model._meta.pk.column)),
        columns=columns,
        names=tuple(columns),
        listed=", ".join(column.sql for column in columns.values()),
        loads=tuple(column.load for column in columns.values()),
    )


def _kind(field: "AnyField") -> "AnyField":
    """The field that says what is stored: of a reference, the key it leads to."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


# -- to the database


def _plain(field: "AnyField", kinds: tuple[type, ...]) -> Store:
    def store(value: Any, here: BaseDatabaseWrapper) -> Any:
        return value if type(value) in kinds else field.get_db_prep_save(value, here)

    return store


def _uuid_on_sqlite(field: "AnyField") -> Store:
    def store(value: Any, here: BaseDatabaseWrapper) -> Any:
        return value.hex if type(value) is UUID else field.get_db_prep_save(value, here)

    return store


def _time_on_sqlite(field: "AnyField") -> Store:
    def store(value: Any, here: BaseDatabaseWrapper) -> Any:
        if type(value) is datetime and value.tzinfo is UTC:
            return value.isoformat(" ")[:-6]
        return field.get_db_prep_save(value, here)

    return store


def _json_as_text(field: "models.JSONField[Any, Any]") -> Store:
    encode = json.JSONEncoder().encode if field.encoder is None else field.encoder().encode

    def store(value: Any, here: BaseDatabaseWrapper) -> Any:
        if type(value) not in (dict, list):
            return field.get_db_prep_save(value, here)
        return encode(value) if value else EMPTY_JSON[type(value).__name__]

    return store


def _store(field: "AnyField", vendor: str) -> Store:
    kind = _kind(field)
    if isinstance(kind, models.BooleanField):
        return _plain(field, (bool,))
    if isinstance(kind, models.IntegerField):
        return _plain(field, (int,))
    if isinstance(kind, models.CharField | models.TextField):
        return _plain(field, (str,))
    if isinstance(kind, models.JSONField):
        return _json_as_text(kind)
    if vendor == "sqlite":
        if isinstance(kind, models.UUIDField):
            return _uuid_on_sqlite(field)
        if isinstance(kind, models.DateTimeField):
            return _time_on_sqlite(field)
    elif isinstance(kind, models.UUIDField):
        return _plain(field, (UUID,))
    elif isinstance(kind, models.DateTimeField):
        return _plain(field, (datetime,))
    return field.get_db_prep_save


# -- from the database


def _load_uuid(value: Any) -> UUID:
    return UUID(int=int(value, 16)) if type(value) is str else value


def _load_time(value: Any) -> datetime:
    if type(value) is str:
        value = datetime.fromisoformat(value)
    return value if value.tzinfo is UTC else _in_utc(value)


def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _load_date(value: Any) -> date:
    return date.fromisoformat(value) if type(value) is str else value


def _load_json(value: Any) -> Any:
    if value == "{}":
        return {}
    if value == "[]":
        return []
    return json.loads(value) if isinstance(value, str | bytes) else value


def load_of(field: "AnyField") -> Load | None:
    """What makes the field's value of what the driver gives; None where that is the value already."""
    kind = _kind(field)
    if isinstance(kind, models.UUIDField):
        return _load_uuid
    if isinstance(kind, models.DateTimeField):
        return _load_time
    if isinstance(kind, models.DateField):
        return _load_date
    if isinstance(kind, models.JSONField):
        return _load_json
    if isinstance(kind, models.BooleanField):
        return bool
    if isinstance(kind, models.IntegerField | models.CharField | models.TextField | models.FloatField):
        return None
    raise TypeError(f"{field} is of a kind that fast rows cannot read: use the ORM.")
