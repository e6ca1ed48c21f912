"""Writes of the index: kept behind the event log, blanked with what it was made of, built anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from civicline.cases.selectors import written
from civicline.finding import index
from civicline.finding.documents import CASE, CONTACT, RESIDENT, entries_of
from civicline.finding.index import Thing
from civicline.finding.models import Reached
from civicline.intake import said
from civicline.kernel import precedence
from civicline.kernel import selectors as kernel
from civicline.kernel.db import writes
from civicline.kernel.handlers import PublishedEvent
from civicline.people import everybody

EVENTS, AT_ONCE, BESIDE = 1_000, 50, 10
"""Places of the log looked at together; things written in one write when all are built; and those beside the day's
work, where others want to write as well."""

OF_CONTACTS = frozenset({"contact.received", "contact.changed", "message.added"})
OF_RESIDENTS = frozenset({"resident.saved", "resident.erased"})
OF_CASES = "case."


def things_of(events: Iterable[PublishedEvent]) -> list[Thing]:
    """What may read differently after these events, each once."""
    things: dict[Thing, None] = {}
    cases: dict[UUID, None] = {}
    residents: dict[UUID, bool] = {}
    for event in events:
        if event.name in OF_CONTACTS and event.contact_id is not None:
            things[CONTACT, event.contact_id] = None
        elif event.name.startswith(OF_CASES) and event.case_id is not None:
            cases[event.case_id] = None
        elif event.name in OF_RESIDENTS:
            key = UUID(event.subject_id)
            residents[key] = residents.get(key, False) or not event.data.get("created")
    things |= {(CASE, key): None for key in written.with_targets(cases)}
    things |= {(RESIDENT, key): None for key in residents}
    changed = [key for key, known_before in residents.items() if known_before]
    things |= dict.fromkeys(_theirs(changed))
    return list(things)


def _theirs(resident_ids: Sequence[UUID]) -> list[Thing]:
    if not resident_ids:
        return []
    contacts = [(CONTACT, key) for key in said.contacts_by_resident(resident_ids)]
    return contacts + [(CASE, key) for key in written.cases_by_resident(resident_ids)]


@writes
def refresh(*, things: Sequence[Thing]) -> None:
    """Write these things as they are now; those that are gone, merged or erased are taken out."""
    held = index.hold(things)
    entries = entries_of(things)
    index.put(entries, held)
    index.remove(set(held) - {entry.thing for entry in entries})


def blanked(kind: str, ids: Sequence[UUID]) -> None:
    """Words were blanked by erasure or retention: the index forgets them in that same write.

    Registered in `config.wiring` with `people.erasure.when_blanked`. kind: "contact", "case" or "resident".
    """
    things: list[Thing] = [(kind, key) for key in ids]
    if kind == RESIDENT:
        things += _theirs(ids)
    elif kind == CASE:
        things = [(CASE, key) for key in written.with_targets(ids)]
    for start in range(0, len(things), AT_ONCE):
        refresh(things=things[start : start + AT_ONCE])


# -- behind the event log


def reached() -> int | None:
    """How far in the event log the index has come; None when it was never built."""
    return Reached.objects.values_list("seq", flat=True).first()


def catch_up() -> int:
    """Bring in what happened since the last time, building the index first where there is none; how many events.

    Each part moves on only when its things are written: after a crash the same events are looked at again, harmlessly.
    """
    seq = reached()
    if seq is None:
        rebuild()
        seq = reached() or 0
    done = 0
    while (until := min(kernel.last_seq(), seq + EVENTS)) > seq:
        things = things_of(kernel.events_called(OF_CONTACTS | OF_RESIDENTS, OF_CASES, after=seq, until=until))
        for start in range(0, len(things), BESIDE):
            precedence.give_way()
            refresh(things=things[start : start + BESIDE])
        _move_on(seq=seq, to=until)
        done += until - seq
        seq = until
    return done


@writes
def _move_on(*, seq: int, to: int) -> None:
    Reached.objects.filter(seq=seq).update(seq=to)


def rebuild(tell: Callable[[int], None] = lambda _done: None) -> int:
    """Write the index anew from all there is, while work and searches go on; how many things were looked at.

    What happens meanwhile is brought in by `catch_up`: where nothing was reached yet, the place in the log is that of
    before the first reading; else whoever follows the log has gone on following it.
    """
    seq = kernel.last_seq()
    done = 0
    kinds: tuple[tuple[str, Callable[[UUID | None, int], list[UUID]]], ...] = (
        (RESIDENT, everybody.some_residents), (CASE, written.some_cases), (CONTACT, said.some_contacts),
    )  # fmt: skip
    for kind, some in kinds:
        last: UUID | None = None
        while ids := some(last, AT_ONCE * 4):
            refresh(things=[(kind, key) for key in ids])
            last = ids[-1]
            done += len(ids)
            tell(done)
    _built(seq=seq)
    return done


@writes
def _built(*, seq: int) -> None:
    if reached() is None:
        Reached.objects.create(seq=seq)
