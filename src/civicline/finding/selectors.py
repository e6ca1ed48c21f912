"""Searches: what holds all the words, the newest first, as far as whoever asks may see it.

The index only proposes. Whoever may not open a contact is not told of it, and what is shown is read and tested anew:
words that are gone since the index was written are neither found nor shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from civicline.cases.selectors import find_by_reference, written
from civicline.finding import index, marking, query
from civicline.finding.documents import CASE, CONTACT, RESIDENT, about_resident, words_of
from civicline.finding.index import Hit
from civicline.finding.marking import Piece
from civicline.finding.query import Wanted
from civicline.intake import said
from civicline.intake import selectors as intake
from civicline.people import selectors as people

if TYPE_CHECKING:
    from civicline.cases.models import Case
    from civicline.intake.models import Contact
    from civicline.people.models import Resident

LONGEST = 200
"""Characters of a search that count."""
PAGES = (60, 240, 960, 2_000)
"""How many proposals are looked through, in parts, for those that somebody may see."""


@dataclass(frozen=True, slots=True)
class FoundContact:
    """A contact with its resident and service, and the words around what was found, if they are in what was said."""

    contact: Contact
    said: Sequence[Piece] = ()


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case with its resident, and the words around what was found, if they are beyond its title."""

    case: Case
    said: Sequence[Piece] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """All that fits; `wanted` marks the words in names and titles."""

    wanted: Wanted
    contacts: Sequence[FoundContact] = ()
    cases: Sequence[FoundCase] = ()
    residents: Sequence[Resident] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.contacts or self.cases or self.residents)


def wanted_in(text: str) -> Wanted:
    """What a search asks for, by the numbers of this town's country."""
    return query.parse(text.replace("\x00", " ").strip()[:LONGEST], region=settings.CIVICLINE.town_country)


def search(
    text: str,
    *,
    limit: int,
    may_read: Callable[[Contact], bool],
    cases: bool = True,
    residents: bool = True,
) -> Found:
    """At most `limit` of each. A whole reference, however it was typed, puts what it names first.

    `may_read` decides about each contact; `cases` and `residents`: whether those may be looked for at all.
    Fewer than two letters find nothing.
    """
    wanted = wanted_in(text)
    if not wanted or len(text.strip()) < 2:
        return Found(wanted)
    return Found(
        wanted,
        _contacts(text, wanted, limit, may_read),
        _cases(text, wanted, limit) if cases else (),
        _residents(wanted, limit) if residents else (),
    )


def _contacts(
    text: str, wanted: Wanted, limit: int, may_read: Callable[[Contact], bool]
) -> list[FoundContact]:
    found: list[FoundContact] = []
    named = intake.get_contact_by_reference(text[:60])
    if named is not None and may_read(named):
        found.append(FoundContact(named))
    for hits in _pages(wanted, CONTACT):
        known = {row.pk: row for row in intake.find_contacts(hit.thing_id for hit in hits)}
        open_to = [
            hit.thing_id for hit in hits if (row := known.get(hit.thing_id)) is not None and may_read(row)
        ]
        for start in range(0, len(open_to), limit):
            part = [key for key in open_to[start : start + limit] if named is None or key != named.pk]
            found += _shown_contacts(part, wanted)
            if len(found) >= limit:
                return found[:limit]
    return found


def _pages(wanted: Wanted, kind: str) -> Iterator[list[Hit]]:
    """Proposals in growing parts, newest first."""
    below: int | None = None
    for size in PAGES:
        hits = index.find(wanted, kind, below=below, limit=size)
        if hits:
            yield hits
        if len(hits) < size:
            return
        below = hits[-1].key


def _shown_contacts(ids: list[UUID], wanted: Wanted) -> list[FoundContact]:
    rows = {row.pk: row for row in intake.list_contacts(ids)}
    words = said.said_in(ids)
    found = []
    for key in ids:
        if key not in rows or key not in words:
            continue
        row, told = rows[key], words[key].told
        about = about_resident(row.resident) if row.resident is not None else []
        texts = [row.reference, *about, *told]
        if wanted.fits(words_of(texts)) and wanted.said_in(texts):
            found.append(FoundContact(row, _beyond(row.subject, told, wanted)))
    return found


def _beyond(title: str, texts: Sequence[str], wanted: Wanted) -> Sequence[Piece]:
    """The words around what was found, unless the title, which is shown anyway, holds all of it."""
    if wanted.fits(marking.folded_words(title)):
        return ()
    return marking.snippet([text for text in texts if text != title], wanted)


def _cases(text: str, wanted: Wanted, limit: int) -> list[FoundCase]:
    named = find_by_reference(text)
    hits = index.find(wanted, CASE, limit=_looked_through(wanted, limit))
    ids = [hit.thing_id for hit in hits if named is None or hit.thing_id != named.pk]
    rows, words = written.shown_cases(ids), written.written_in(ids)
    theirs = people.find_residents({key for one in words.values() for key in one.resident_ids})
    found = [FoundCase(named)] if named is not None else []
    for key in ids:
        if key not in rows or key not in words:
            continue
        case, one = rows[key], words[key]
        about = [part for resident in one.resident_ids for part in about_resident(theirs[resident])]
        texts = [*one.references, *about, *one.texts]
        if wanted.fits(words_of(texts)) and wanted.said_in(texts):
            found.append(FoundCase(case, _beyond(case.title, one.texts, wanted)))
    return found[:limit]


def _residents(wanted: Wanted, limit: int) -> list[Resident]:
    ids = [hit.thing_id for hit in index.find(wanted, RESIDENT, limit=_looked_through(wanted, limit))]
    rows = people.find_residents(ids)
    known = [rows[key] for key in ids if key in rows and rows[key].erased_at is None]
    texts = ((row, about_resident(row)) for row in known)
    return [row for row, told in texts if wanted.fits(words_of(told)) and wanted.said_in(told)][:limit]


def _looked_through(wanted: Wanted, limit: int) -> int:
    """How many proposals are read: the index knows words, and what is quoted only the texts tell."""
    return max(limit, PAGES[1]) if wanted.phrases else limit
