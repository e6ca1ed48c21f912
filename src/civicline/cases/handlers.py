"""What cases do about events: followers hear of changes, and a contact's end stands in its cases.

Registered in `config.wiring`:

    registry.on("case.*", "cases.tell_followers", handlers.tell_followers, atomic=False)
    registry.on(CONTACT_CLOSED, "cases.note_contact_closed", handlers.note_contact_closed)
    jobs.every(60, "cases.check_clocks", handlers.clocks_job())
    jobs.every(86_400, "cases.forget_closed", handlers.forget_closed_job)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from civicline.cases import personal_data, selectors
from civicline.cases.models import CaseContact, CaseEntry
from civicline.cases.services.acting import SYSTEM
from civicline.cases.services.clocks import check_clocks
from civicline.cases.services.history import append, load, updated
from civicline.intake import selectors as intake
from civicline.kernel import bus, clock, rows
from civicline.kernel.db import writes
from civicline.kernel.handlers import PublishedEvent

_QUIET = frozenset({"case.followed"})


def tell_followers(event: PublishedEvent) -> None:
    """Hint to each follower, and to those a note mentions, that a case changed; not to the one who did it."""
    if event.case_id is None or event.name in _QUIET:
        return
    hearers = {str(user.pk) for user in selectors.followers_of(event.case_id)}
    named = set(_mentioned(event))
    for user_id in sorted((hearers | named) - {event.actor.id}):
        kind = "mention" if user_id in named else event.name
        bus.publish(f"user:{user_id}", {"id": str(event.case_id), "seq": event.seq, "kind": kind})


def _mentioned(event: PublishedEvent) -> list[str]:
    entry = event.data.get("entry")
    if event.name != "case.updated" or entry is None:
        return []
    data = CaseEntry.objects.filter(pk=entry, kind="note").values_list("data", flat=True).first() or {}
    return [str(one) for one in data.get("mentions", [])]


def note_contact_closed(event: PublishedEvent) -> None:
    """Put into the history of each case of a contact that it was closed, with its disposition; once."""
    if event.contact_id is None or rows.key(CaseContact, where={"contact_id": event.contact_id}) is None:
        return
    contact = intake.find_contact(event.contact_id)
    if contact is None:
        return
    told = {"contact": str(contact.pk), "reference": contact.reference, "disposition": contact.disposition}
    for case in selectors.cases_of_contact(event.contact_id):
        _note_closed(case_id=case.pk, data={**told, "event": str(event.uid)})


@writes
def _note_closed(*, case_id: UUID, data: dict[str, Any]) -> None:
    case = load(case_id)
    if CaseEntry.objects.filter(case=case, kind="contact_closed", data__event=data["event"]).exists():
        return
    entry = append(case, "contact_closed", SYSTEM, data=data)
    updated(case, entry, SYSTEM)


def clocks_job() -> Callable[[Mapping[str, Any]], None]:
    """Return the job that marks every promise that is broken by now; in several writes when there are many.

    Not by a clock that was set since its last run: a broken promise is written down for ever, and the next run is soon.
    """
    jumps = clock.Jumps()

    def check(_payload: Mapping[str, Any]) -> None:
        if jumps.seconds():
            return
        while check_clocks():
            continue

    return check


def forget_closed_job(payload: dict[str, Any]) -> None:
    """Blank the personal data of cases that were closed longer ago than the setting `retention.cases_days`."""
    before = clock.now() - timedelta(days=settings.CIVICLINE.retention_cases_days)
    while personal_data.forget_closed(before=before):
        continue
