"""Taking a report in, and opening the case it is about: at once (realtime) or a little later (batch, blackbox).

A realtime report is answered with the reference of its case. A batch report is answered with a token, the reference
of its contact; a job opens the case and from then on the token leads to it. A blackbox report is answered with a
token that never leads anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from civicline.cases import selectors as cases
from civicline.cases.services import Place, open_case
from civicline.channels.open311.adapter import inbound
from civicline.channels.open311.offers import CHANNEL
from civicline.channels.open311.repeats import report_key, settled
from civicline.channels.open311.submission import Photo, Submission
from civicline.intake import selectors as intake
from civicline.intake.services import link_uploads, receive, store_upload
from civicline.kernel import clock, jobs
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, NotFound

if TYPE_CHECKING:
    from civicline.intake.models import Contact

OPEN_CASE_JOB = "open311.open_case"
BATCH_DELAY = timedelta(seconds=1)
PUBLIC_TYPES = frozenset({"incident"})
"""Case types whose cases are published: a pothole is everybody's matter, a complaint or a benefit is not."""
DEFAULT_TYPE = "incident"


@dataclass(frozen=True)
class Taken:
    """The answer to a report: the id of its case, or a token; never both."""

    service_request_id: str = ""
    token: str = ""
    repeated: bool = False
    refused_photos: tuple[str, ...] = ()  # sentences


def take_in(submission: Submission, *, key_holder_id: str, key_holder: str) -> Taken:
    """Store the report for good and say what to call it.

    Photos are looked into after the report is safe: one that cannot be kept costs the photo, never the report.
    Raises `Conflict` for an Idempotency-Key that was used for another report.
    """
    key = report_key(submission, key_holder_id)
    contact, repeated = settled(lambda: _receive(submission=submission, key=key, key_holder=key_holder))
    refused = _keep_photos(contact.id, submission.photos)
    if submission.service.kind == "realtime":
        return Taken(
            service_request_id=_case_reference(contact.id), repeated=repeated, refused_photos=refused
        )
    return Taken(token=contact.reference, repeated=repeated, refused_photos=refused)


@writes
def _receive(*, submission: Submission, key: str | None, key_holder: str) -> tuple[Contact, bool]:
    received = receive(inbound=inbound(submission, key=key, key_holder=key_holder))
    contact = received.contact
    if not received.repeated:
        if submission.service.kind == "realtime":
            _open(contact)
        else:
            payload = {"contact_id": str(contact.id)}
            run_at = clock.now() + BATCH_DELAY
            jobs.enqueue(OPEN_CASE_JOB, payload, run_at=run_at, key=f"{OPEN_CASE_JOB}:{contact.id}")
    return contact, received.repeated


def open_case_job(payload: dict[str, Any]) -> None:
    """Open the case of a batch or blackbox report; a second run finds it open and does nothing."""
    _open_once(contact_id=UUID(payload["contact_id"]))


@writes
def _open_once(*, contact_id: UUID) -> None:
    contact = intake.get_contact(contact_id)
    if contact is not None and not _case_reference(contact_id):
        _open(contact)


def resolve_token(token: str) -> str:
    """Return the id a token stands for, "" while there is none (blackbox: for ever). Raises `NotFound`."""
    contact = intake.get_contact_by_reference(token) if len(token) <= 40 else None
    kind = contact.service.kind if contact and contact.service else ""
    if contact is None or contact.channel != CHANNEL or kind not in ("batch", "blackbox"):
        raise NotFound
    return _case_reference(contact.id) if kind == "batch" else ""


def rehearse(submission: Submission) -> Taken:
    """Return an answer as `take_in` would, without keeping anything: for the test endpoint."""
    made_up = f"TEST-{submission.fingerprint()[:12].upper()}"
    return (
        Taken(service_request_id=made_up) if submission.service.kind == "realtime" else Taken(token=made_up)
    )


def _keep_photos(contact_id: UUID, photos: tuple[Photo, ...]) -> tuple[str, ...]:
    """Store the photos with the first message, unless an earlier try has; return a sentence for each refused."""
    if not photos:
        return ()
    message = next(iter(intake.list_messages(contact_id)), None)
    if message is None or message.attachments.all():
        return ()
    kept, refused = [], []
    for photo in photos:
        try:
            kept.append(store_upload(contact_id=contact_id, name=photo.name, content=photo.content).id)
        except Invalid as error:
            refused.append(f"{photo.name}: {error.message()}")
    if kept:
        link_uploads(contact_id=contact_id, message_id=message.id, attachment_ids=kept)
    return tuple(refused)


def _open(contact: Contact) -> None:
    """Open the case of a report from what intake kept of it. Inside a write."""
    report: dict[str, Any] = contact.data["report"]
    case_type = (contact.service.case_type if contact.service else "") or DEFAULT_TYPE
    first = next(iter(intake.list_messages(contact.id)), None)
    open_case(
        type=case_type,
        title=contact.subject,
        service=contact.service,
        description=first.body if first and report["described"] else "",
        place=Place(report["latitude"], report["longitude"], report["address"], report["address_id"]),
        media_url=next(iter(report["media_urls"]), ""),
        answers=report["answers"],
        contact=contact,
        public=case_type in PUBLIC_TYPES,
    )


def _case_reference(contact_id: UUID) -> str:
    """Return the reference of the case that was opened for this contact, "" while there is none."""
    return next((case.reference for case in cases.cases_of_contact(contact_id)), "")
