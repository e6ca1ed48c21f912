"""By which words contacts, cases and residents are found: what was said in them, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.cases.selectors import written
from civicline.finding.index import Entry, Thing
from civicline.finding.marking import folded_words
from civicline.intake import said
from civicline.people import selectors as people

if TYPE_CHECKING:
    from civicline.people.models import Resident

CASE, CONTACT, RESIDENT = "case", "contact", "resident"
MOST_LETTERS = 250_000
"""Letters of all the words of one document together: PostgreSQL takes a megabyte."""


def entries_of(things: Iterable[Thing]) -> list[Entry]:
    """What the index is to hold of these things now. Those that are gone, merged or erased are left out."""
    asked: dict[str, list[UUID]] = {CASE: [], CONTACT: [], RESIDENT: []}
    for kind, thing_id in things:
        asked[kind].append(thing_id)
    contacts = said.said_in(asked[CONTACT]) if asked[CONTACT] else {}
    cases = written.written_in(asked[CASE]) if asked[CASE] else {}
    whose = {one.resident_id for one in contacts.values() if one.resident_id is not None}
    whose |= {resident_id for case in cases.values() for resident_id in case.resident_ids}
    residents = people.find_residents(whose | set(asked[RESIDENT])) if whose or asked[RESIDENT] else {}
    about = {key: about_resident(row) for key, row in residents.items() if row.erased_at is None}
    found = [
        _entry(CONTACT, key, one.arrived_at, [one.reference, *_of(about, [one.resident_id]), *one.told])
        for key, one in contacts.items()
    ]
    found += [
        _entry(CASE, key, one.opened_at, [*one.references, *_of(about, one.resident_ids), *one.texts])
        for key, one in cases.items()
    ]
    found += [
        _entry(RESIDENT, key, residents[key].created_at, about[key])
        for key in asked[RESIDENT]
        if key in about
    ]
    return found


def about_resident(resident: Resident) -> list[str]:
    """By what somebody is found."""
    return [resident.name, resident.email, resident.phone, resident.external_id]


def _of(about: dict[UUID, list[str]], resident_ids: Iterable[UUID | None]) -> list[str]:
    return [text for key in resident_ids if key is not None for text in about.get(key, ())]


def _entry(kind: str, key: UUID, at: datetime, texts: Sequence[str]) -> Entry:
    return Entry((kind, key), at, words_of(texts))


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The folded words of texts, those of the first ones where they are too many."""
    kept: set[str] = set()
    letters = 0
    for text in texts:
        for word in folded_words(text) - kept:
            letters += len(word)
            if letters > MOST_LETTERS:
                return frozenset(kept)
            kept.add(word)
    return frozenset(kept)
