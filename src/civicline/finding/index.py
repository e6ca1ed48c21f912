"""The words of documents where the database finds them: an FTS5 table on SQLite, a GIN index on PostgreSQL.

Words come folded and apart (see `folding`): FTS5 splits them at spaces by its `ascii` tokenizer, which leaves every
letter beyond ASCII alone, and PostgreSQL takes them as a tsvector without a parser or a dictionary. Both need nothing
but what the database itself brings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from civicline.finding.models import Document
from civicline.finding.query import Wanted
from civicline.kernel import rows, scopes

KINDS = ("contact", "case", "resident")
KIND_BITS, ROOM_BITS = 61, 18
"""A key: the kind from bit 61 on, milliseconds since 1970 from bit 18 on, below that some bits of the thing's id."""

# The rowids of FTS5 itself in their order: the newest are found first, without a look at the rest.
_IN_SQLITE = (
    "SELECT d.id, d.thing_id FROM finding_words w CROSS JOIN finding_document d ON d.id = w.rowid "
    "WHERE w.finding_words MATCH %s AND w.rowid >= %s AND w.rowid < %s ORDER BY w.rowid DESC LIMIT %s"
)
# The kind in so many words: each has an index of its own (see the migration).
_IN_POSTGRESQL = {
    kind: (
        "SELECT d.id, d.thing_id FROM finding_document d "  # noqa: S608 -- one of three words
        f"WHERE d.lexemes @@ %s::tsquery AND d.kind = '{kind}' AND d.id >= %s AND d.id < %s "
        "ORDER BY d.id DESC LIMIT %s"
    )
    for kind in KINDS
}
_WRITE_SQLITE = "INSERT OR REPLACE INTO finding_words (rowid, words) VALUES (%s, %s)"
_WRITE_POSTGRESQL = (
    "UPDATE finding_document SET lexemes = array_to_tsvector(string_to_array(%s, ' ')) WHERE id = %s"
)

Thing = tuple[str, UUID]
"""(kind, id): "contact", "case" or "resident"."""


class Entry(NamedTuple):
    """One thing as it is to be found: since when it is there, and its folded words."""

    thing: Thing
    at: datetime
    words: frozenset[str]


class Hit(NamedTuple):
    """One thing found; `key` is its place, the newest first."""

    key: int
    thing_id: UUID


def first_key(kind: str, at: datetime | None = None) -> int:
    """The first key of a kind, of all or of one moment: newer things have greater ones."""
    moment = 0 if at is None else round(at.timestamp() * 1_000) << ROOM_BITS
    return (KINDS.index(kind) << KIND_BITS) + moment


def hold(things: Iterable[Thing]) -> dict[Thing, int]:
    """The keys of those that are in the index, held until the write ends. What their words are made of is read after
    it: so whoever blanks those at the same moment either was seen, or comes after and writes again."""
    found: dict[Thing, int] = {}
    for kind, ids in _by_kind(things).items():
        if connection.features.has_select_for_update:
            known = Document.objects.filter(kind=kind, thing_id__in=ids).order_by("pk")
            held = list(known.select_for_update())
        else:  # a write of SQLite is alone: nothing to hold, and the short way is five times as short
            held = rows.many(Document, where={"kind": kind}, any_of=("thing_id", ids))
        found |= {(kind, row.thing_id): row.pk for row in held}
    return found


def put(entries: Sequence[Entry], held: Mapping[Thing, int]) -> None:
    """Write entries, new ones and those that are there already, by the keys of `hold`; inside a write."""
    keys = dict(held)
    new = [entry for entry in entries if entry.thing not in keys]
    if new:
        keys |= _add(new)
    words = [(keys[entry.thing], " ".join(sorted(entry.words))) for entry in entries]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(_WRITE_SQLITE, words)
        else:
            cursor.executemany(_WRITE_POSTGRESQL, [(text, key) for key, text in words])


def _by_kind(things: Iterable[Thing]) -> dict[str, list[UUID]]:
    sorted_out: dict[str, list[UUID]] = {}
    for kind, thing_id in things:
        sorted_out.setdefault(kind, []).append(thing_id)
    return sorted_out


def _add(entries: Sequence[Entry]) -> dict[Thing, int]:
    """Give new things their keys; where one is taken, the next that is free."""
    wished = {
        entry.thing: first_key(entry.thing[0], entry.at) + entry.thing[1].int % (1 << ROOM_BITS)
        for entry in entries
    }
    taken = {row.pk for row in rows.many(Document, where={}, any_of=("id", wished.values()))}
    given: dict[Thing, int] = {}
    for thing, wish in wished.items():
        key = wish
        while key in taken or (key != wish and Document.objects.filter(pk=key).exists()):
            key += 1
        taken.add(key)
        given[thing] = key
    for (kind, thing_id), key in given.items():
        rows.add(Document, id=key, kind=kind, thing_id=thing_id)
    scope = scopes.current()
    if scope is not None:
        rows.settle(scope)  # their words are written to them next
    return given


def remove(things: Iterable[Thing]) -> None:
    """Take things out; inside a write. Their words go with them (a trigger on SQLite, their row on PostgreSQL)."""
    for kind, ids in _by_kind(things).items():
        Document.objects.filter(kind=kind, thing_id__in=ids).delete()


def find(wanted: Wanted, kind: str, *, below: int | None = None, limit: int) -> list[Hit]:
    """The newest things of a kind that hold what is wanted, with keys under `below`."""
    if not wanted:
        return []
    first, end = first_key(kind), first_key(kind) + (1 << KIND_BITS)
    sqlite = connection.vendor == "sqlite"
    question = wanted.fts5() if sqlite else wanted.tsquery()
    with connection.cursor() as cursor:
        cursor.execute(
            _IN_SQLITE if sqlite else _IN_POSTGRESQL[kind],
            [question, first, end if below is None else below, limit],
        )
        return [Hit(key, _uuid(thing_id)) for key, thing_id in cursor.fetchall()]


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
