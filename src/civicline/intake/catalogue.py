"""What is on offer now: services with their hours, and the messages for everyone, read once a second.

Everybody who opens a page asks for these, and hardly anything changes them. A change that is made in this process
shows at once, one made in another within a second.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from django.db.models import Q

from civicline.intake.models import Service, ServiceMessage
from civicline.kernel import clock, rows
from civicline.kernel.db import after_commit

FRESH_S = 1.0
STALE_S = 5.0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Active services in their order, with calendar, and the service messages of now, disruptions first.

    Shared by all who read within the second: rows in here are not to be changed.
    """

    services: tuple[Service, ...]
    messages: tuple[ServiceMessage, ...]
    about: dict[int, frozenset[int]]  # key of a message: the services it is about; none: all of them

    def messages_for(self, service_id: int) -> list[ServiceMessage]:
        """What somebody who wants this service should know."""
        return [one for one in self.messages if not self.about[one.pk] or service_id in self.about[one.pk]]


_reading = threading.Lock()
_kept: tuple[float, Catalogue] | None = None
_changes = 0
_keys: dict[str, tuple[float, int]] = {}


def catalogue() -> Catalogue:
    """What is on offer, at most a second old: the same object until it is read anew.

    One thread reads at a time, a few seconds at most; meanwhile the others go on with what is there.
    """
    global _kept  # noqa: PLW0603 -- one reading for each process is the point
    kept, now = _kept, clock.monotonic()
    if kept is not None and now - kept[0] < FRESH_S:
        return kept[1]
    if kept is None or now - kept[0] >= STALE_S:
        _reading.acquire()
    elif not _reading.acquire(blocking=False):
        return kept[1]
    try:
        kept = _kept
        if kept is not None and clock.monotonic() - kept[0] < FRESH_S:
            return kept[1]
        changes, read = _changes, read_catalogue()
        if changes == _changes:  # or it was changed meanwhile: the next one reads it again
            _kept = (clock.monotonic(), read)
        return read
    finally:
        _reading.release()


def key_of_service(code: str) -> int | None:
    """The key of an active service, as it was at most a second ago; None when there is none by this code."""
    kept = _keys.get(code)
    if kept is not None and clock.monotonic() - kept[0] < FRESH_S:
        return kept[1]
    key = rows.key(Service, where={"code": code, "active": True})
    if key is None:
        return None
    _keys[code] = (clock.monotonic(), key)
    return int(key)


def read_catalogue() -> Catalogue:
    """What is on offer, from the database, in three queries."""
    now = clock.now()
    found = ServiceMessage.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now), starts_at__lte=now
    ).prefetch_related("services")
    messages = sorted(found, key=lambda row: (row.kind != "disruption", -row.starts_at.timestamp()))
    return Catalogue(
        services=tuple(Service.objects.filter(active=True).select_related("calendar")),
        messages=tuple(messages),
        about={row.pk: frozenset(one.pk for one in row.services.all()) for row in messages},
    )


def forget_catalogue() -> None:
    """Read anew next time."""
    global _kept, _changes  # noqa: PLW0603
    _changes += 1
    _kept = None
    _keys.clear()


def catalogue_changed() -> None:
    """Called inside each write of what is on offer: readers of this process see it as soon as it is saved."""
    forget_catalogue()  # whoever wrote it reads it in the same write
    after_commit(forget_catalogue, once=True)
