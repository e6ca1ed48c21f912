"""Fast insert, compare-and-set and reading by key of single rows, for the hot tables.

The model's own field conversions, without the cost of its querysets: 15-40 us instead of 150-400 us.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar
from uuid import UUID

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from django.db.utils import DEFAULT_DB_ALIAS

from civicline.kernel import connection, scopes, statements
from civicline.kernel.columns import Store, table
from civicline.kernel.statements import BELOW, EQUAL, IS_NULL

if TYPE_CHECKING:
    from civicline.kernel import postgres

ANY_OF = (tuple, list, set, frozenset)
PLAIN = frozenset({str, int, bool, UUID})  # what most columns are compared with
M = TypeVar("M", bound=models.Model)


class Below(NamedTuple):
    """In `where`: less than this value."""

    value: Any


class _Next:
    """In `to`: the number in the column and one more."""


NEXT: Final = _Next()
ROW, ALL, COUNT = "row", "all", "count"
MOST_AT_ONCE = 256
MOST_TOGETHER = 64  # rows of one table in one statement; always a power of two, so that statements are few


def insert(model: type[models.Model], **values: Any) -> Any:
    """Insert one row of `model` and return its key. Every column without a default in the database has to be given.

    Names are those of the model's columns: `service_id=`, not `service=`. Raises Django's database errors.
    """
    here = connection.here()
    sql, stores = statements.insert(model, tuple(values), here.vendor)
    row = _run(here, sql, _stored(here, stores, values), want=ROW)
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


def add(model: type[models.Model], **values: Any) -> None:
    """Insert one row at the end of the write, together with others; at once outside of a write.

    For rows whose key is given, or that nobody asks for. Reading them here settles them first; the ORM does not see
    them before the end. Errors, as of a key that is there already, are raised at the end of the write, too.
    """
    scope = scopes.current()
    if scope is None:
        insert(model, **values)
    else:
        scope.pending.append((model, values))


def create(model: type[M], **values: Any) -> M:
    """Make an instance and `add` it: columns that are not given have their defaults. No signals, no `save`."""
    held = {
        name: values.pop(name) if name in values else (default() if callable(default) else default)
        for name, default in statements.defaults(model)
    }
    if values:
        raise TypeError(f"{model.__name__} has no columns {', '.join(values)}.")
    add(model, **held)
    held = {model._meta.pk.attname: None, **held}
    return made(model, tuple(held), held.values())


def settle(scope: scopes.Scope, *, ends: bool = False) -> None:
    """Insert what a write has put off, in the order of its tables, with as few statements as the database takes.

    `ends`: the write does nothing after it, so that on PostgreSQL its last statement may bring the commit along.
    """
    pending, scope.pending = scope.pending, []
    if not pending:
        return
    here = connection.here()
    if len(pending) == 1:
        ((model, values),) = pending
        sql, ways = statements.insert_one(model, tuple(values), here.vendor)
        _run(here, sql, _stored(here, ways, values), want=COUNT, whole=ends, last=ends)
        return
    kinds: dict[tuple[type[models.Model], tuple[str, ...]], list[dict[str, Any]]] = {}
    for model, values in pending:
        kinds.setdefault((model, tuple(values)), []).append(values)
    # One statement for all is for the everyday write; of a long batch every table has its own.
    together = here.vendor == "postgresql" and len(pending) <= MOST_TOGETHER // 4
    # The parts of one statement run in no certain order, so a table has one part there: the log keeps its order.
    pieces = [
        (model, names, part)
        for (model, names), held in kinds.items()
        for part in ([held] if together else _in_powers_of_two(held))
    ]
    groups = [pieces] if together else [[piece] for piece in pieces]
    for group in groups:
        shape = tuple((model, names, len(part)) for model, names, part in group)
        sql, stores = statements.insert_all(shape, here.vendor)
        params: list[Any] = []
        for (_, _, part), of_table in zip(group, stores, strict=True):
            for values in part:
                params += _stored(here, of_table, values)
        last = ends and group is groups[-1]
        _run(here, sql, params, want=COUNT, whole=last and together, last=last)


def _stored(here: BaseDatabaseWrapper, stores: list[Store], values: dict[str, Any]) -> list[Any]:
    """The parameters of one row."""
    return [
        None if value is None else store(value, here)
        for store, value in zip(stores, values.values(), strict=True)
    ]


def _in_powers_of_two(held: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while held:
        length = min(MOST_TOGETHER, 1 << len(held).bit_length() - 1)
        yield held[:length]
        held = held[length:]


def _settle_before(*asked: type[models.Model]) -> None:
    """Rows of these tables are about to be read or changed: those put off have to be there."""
    scope = scopes.current()
    while scope is not None:
        if scope.pending and any(model in asked for model, _ in scope.pending):
            settle(scope)
        scope = scope.before


def change(model: type[models.Model], *, where: Mapping[str, Any], to: Mapping[str, Any]) -> int:
    """Compare-and-set: give rows that are `where` these values `to`. Returns how many rows were changed.

    In `where`, a tuple, list or set means any of them, None means NULL, and `Below(value)` less than the value. In
    `to`, `NEXT` counts a number up. Names are those of columns.
    """
    _settle_before(model)
    here = connection.here()
    sql, params = _update(here, model, where, to, returning=False)
    return int(_run(here, sql, params, want=COUNT))


def moved(model: type[M], *, where: Mapping[str, Any], to: Mapping[str, Any]) -> M | None:
    """Compare-and-set of one row, as `change`: the row as it is then, or None when none was so."""
    _settle_before(model)
    here = connection.here()
    sql, params = _update(here, model, where, to, returning=True)
    row = _run(here, sql, params, want=ROW)
    return None if row is None else _instance(here, model, row)


def one(model: type[M], *, where: Mapping[str, Any], order: tuple[str, ...] = ()) -> M | None:
    """Read the first row that is `where` (as in `change`), in the order of these columns, or None."""
    _settle_before(model)
    here = connection.here()
    shapes = tuple((name, _shape(value)) for name, value in where.items())
    sql, stores = statements.select(model, shapes, order, here.vendor)
    row = _run(here, sql, _tested(here, where, stores), want=ROW, whole=True)
    return None if row is None else _instance(here, model, row)


def many(model: type[M], *, where: Mapping[str, Any], any_of: tuple[str, Iterable[Any]]) -> list[M]:
    """Read the rows that are `where` and have any of these values in one column, in no order."""
    _settle_before(model)
    here = connection.here()
    name, wanted = any_of[0], list(any_of[1])
    found: list[M] = []
    for start in range(0, len(wanted), MOST_AT_ONCE):
        part = wanted[start : start + MOST_AT_ONCE]
        # Few lengths of the list, so that statements are made, and prepared, few times.
        part += part[-1:] * ((1 << (len(part) - 1).bit_length()) - len(part))
        asked = {**where, name: part}
        shapes = tuple((column, _shape(value)) for column, value in asked.items())
        sql, stores = statements.select(model, shapes, (), here.vendor, limit="")
        for row in _run(here, sql, _tested(here, asked, stores), want=ALL, whole=True):
            found.append(_instance(here, model, row))
    return found


def first_few(model: type[M], *, where: Mapping[str, Any], order: tuple[str, ...], most: int) -> list[M]:
    """Read the first rows that are `where` (as in `change`), in the order of these columns, `most` at the most."""
    _settle_before(model)
    here = connection.here()
    shapes = tuple((name, _shape(value)) for name, value in where.items())
    sql, stores = statements.select(model, shapes, order, here.vendor, limit=f" LIMIT {most:d}")
    found = _run(here, sql, _tested(here, where, stores), want=ALL, whole=True)
    return [_instance(here, model, row) for row in found]


def key(model: type[models.Model], *, where: Mapping[str, Any]) -> Any:
    """Return the key of a row that is `where` (as in `change`), or None: whether there is one, and which."""
    _settle_before(model)
    here = connection.here()
    shapes = tuple((name, _shape(value)) for name, value in where.items())
    sql, stores = statements.select(model, shapes, (), here.vendor, only_key=True)
    row = _run(here, sql, _tested(here, where, stores), want=ROW, whole=True)
    known = table(model, here.vendor)
    load = known.columns[model._meta.pk.attname].load
    return row if row is None else load(row[0]) if load else row[0]


def first_row(sql: str, params: list[Any], *, whole: bool = False) -> Any:
    """Run a statement of our own, with %s for each parameter, the short way; return its first row, or None.

    `whole`: it needs no transaction around it, and may be sent before that of its write begins.
    """
    here = connection.here()
    return _run(
        here, sql.replace("%s", "?") if here.vendor == "sqlite" else sql, params, want=ROW, whole=whole
    )


def all_rows(sql: str, params: list[Any]) -> list[Any]:
    """Run a statement of our own as `first_row` does; return all its rows as the driver gives them."""
    here = connection.here()
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
    return made(model, known.names, values)


def made(model: type[M], names: Sequence[str], values: Iterable[Any]) -> M:
    """An instance as it was read, with these columns: as Django's `from_db`, without `__init__` and its signals.

    None of our models has anything to do there, and Django's own way costs as much as reading the row.
    """
    row = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    held = row.__dict__
    held["_state"] = state
    held.update(zip(names, values, strict=True))
    return row


def _update(
    here: BaseDatabaseWrapper,
    model: type[models.Model],
    where: Mapping[str, Any],
    to: Mapping[str, Any],
    *,
    returning: bool,
) -> tuple[str, list[Any]]:
    shapes = tuple([(name, _shape(value)) for name, value in where.items()])
    given = tuple([(name, value is NEXT) for name, value in to.items()])
    sql, set_stores, where_stores = statements.update(model, given, shapes, returning, here.vendor)
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
        if type(value) in PLAIN:
            params.append(store(value, here))
        elif type(value) is Below:
            params.append(store(value.value, here))
        elif isinstance(value, ANY_OF):
            params += [store(each, here) for each in value]
        elif value is not None:
            params.append(store(value, here))
    return params


def _run(
    here: BaseDatabaseWrapper,
    sql: str,
    params: list[Any],
    *,
    want: str,
    whole: bool = False,
    last: bool = False,
) -> Any:
    """Execute and return the first row, all rows, or how many were changed.

    `whole`: it needs no transaction around it, being a reading, or all that there is to be done. `last`: nothing is
    left to be done in the transaction after it.

    Past Django's cursor, which costs as much as the statement itself; through it when statements are watched.
    """
    if here.execute_wrappers or here.force_debug_cursor:
        with here.cursor() as slow:
            slow.execute(sql.replace("?", "%s") if here.vendor == "sqlite" else sql, params)
            return _result(slow, want)
    if here.connection is None or not here.in_atomic_block:
        here.close_if_health_check_failed()
        here.ensure_connection()
    with here.wrap_database_errors:
        if here.vendor == "sqlite":
            return _result(here.connection.execute(sql, params), want)
        return _result(_on_server(here, sql, params, whole=whole, last=last), want)


def _on_server(
    here: BaseDatabaseWrapper, sql: str, params: list[Any], *, whole: bool, last: bool
) -> "postgres.Answer":
    """Run a statement on PostgreSQL; a transaction begins with its first and ends with its last, if they are ours."""
    # Its driver takes 9 MB, and on SQLite nobody needs it.
    from civicline.kernel import postgres

    line = postgres.line_of(here.connection)
    if not here.in_atomic_block:
        return line.run((sql, params))
    scope = scopes.current()
    begins = line.idle
    alone = scope is not None and scope.alone
    if whole and begins and alone:
        return line.run((sql, params))
    return line.run((sql, params), begin=begins, commit=last and alone)


def _result(cursor: Any, want: str) -> Any:
    if want == ROW:
        return cursor.fetchone()
    return cursor.fetchall() if want == ALL else cursor.rowcount


def _shape(value: Any) -> int:
    """How a value is compared: the shape of its test in SQL."""
    if type(value) in PLAIN:
        return EQUAL
    if value is None:
        return IS_NULL
    if type(value) is Below:
        return BELOW
    return len(value) if isinstance(value, ANY_OF) else EQUAL
