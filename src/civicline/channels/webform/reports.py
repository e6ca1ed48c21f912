"""Sending a form: the contact, its case and the end of the draft, in one transaction, once."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings

from civicline.cases import selectors as cases
from civicline.cases.services import Place, add_from_resident, open_case
from civicline.channels.webform.adapter import WebformAdapter
from civicline.channels.webform.answers import as_text, clean_line
from civicline.channels.webform.journey import CONTACT, DETAILS, PLACE, Question
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.kernel import clock
from civicline.kernel.db import writes
from civicline.kernel.texts import localized

if TYPE_CHECKING:
    from civicline.cases.models import Case
    from civicline.intake.models import Service

ADAPTER = WebformAdapter()
_ALPHABET = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghjkmnpqrstvwxyz")
TITLE = 120
ENDED = frozenset({"wrap_up", "closed", "abandoned"})


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to a form: what to quote, and whether it was sent before."""

    contact_id: UUID
    reference: str
    repeated: bool


def secret_of(draft_id: UUID) -> str:
    """The secret of what this draft becomes: 130 bits, derived, so that a second click is told the same one.

    In 26 signs of Crockford's alphabet (no i, l, o, u), because people type it from paper.
    """
    key = f"webform secret {draft_id}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), key, hashlib.sha256).digest()
    return base64.b32encode(digest[:20]).decode().translate(_ALPHABET)[:26]


def canonical(secret: str) -> str:
    """A secret as it was given out: ours may be typed in capitals, with spaces or hyphens, o for 0, i or l for 1."""
    bare = secret.strip()
    folded = "".join(sign for sign in bare.lower() if sign not in " -").translate(str.maketrans("oil", "011"))
    ours = len(folded) == 26 and all(sign in "0123456789abcdefghjkmnpqrstvwxyz" for sign in folded)
    return folded if ours else bare


def grouped(secret: str) -> str:
    """The same for the eye: groups of four or five."""
    if len(secret) != 26:
        return secret
    ends = (0, 5, 10, 14, 18, 22, 26)
    return "-".join(secret[start:end] for start, end in pairwise(ends))


@writes
def take_in(
    *,
    draft_id: UUID,
    service: Service,
    asked: tuple[Question, ...],
    answers: Mapping[str, Any],
    language: str,
) -> Taken:
    """Receive the answers as a contact, open the case that the service works with, and end the draft.

    The draft's id is the key: a second click finds the first report. Raises `Conflict` when other answers were
    sent from the same draft a moment before, `Invalid` for what cannot be kept.
    """
    secret = secret_of(draft_id)
    title = _title(service, answers, language)
    inbound = ADAPTER.parse(
        {
            "service_code": service.code,
            "text": as_text(asked, answers) or title,
            "subject": title,
            "language": language,
            "key": draft_id.hex,
            "data": {"answers": {one.step: answers.get(one.step) for one in asked if one.step != CONTACT}},
            **{name: answers.get(CONTACT, {}).get(name, "") for name in ("name", "email", "phone")},
        }
    )
    received = intake_services.receive(inbound=inbound, secret=secret)
    if received.repeated:
        return Taken(received.contact.id, reference_of(received.contact.id), repeated=True)
    intake_services.submit_draft(draft_id=draft_id, contact_id=received.contact.id)
    if not service.case_type:
        return Taken(received.contact.id, received.contact.reference, repeated=False)
    place = answers.get(PLACE) or {}
    opened = open_case(
        type=service.case_type,
        title=title,
        service=service,
        description=str(answers.get(DETAILS) or ""),
        place=Place(place.get("latitude"), place.get("longitude"), place.get("address", "")),
        answers={
            one.step.removeprefix("q-"): answers.get(one.step) for one in asked if one.step.startswith("q-")
        },
        contact=received.contact,
        secret=secret,
    )
    return Taken(received.contact.id, opened.case.reference, repeated=False)


def reference_of(contact_id: UUID) -> str:
    """What the resident quotes: the reference of the case if there is one, else that of the contact."""
    opened = next(iter(cases.cases_of_contact(contact_id)), None)
    if opened is not None:
        return opened.reference
    contact = intake.get_contact(contact_id)
    return contact.reference if contact is not None else ""


def _title(service: Service, answers: Mapping[str, Any], language: str) -> str:
    """The service, and the place or the first words: enough to tell two reports apart in a list."""
    name = localized(service.name, language) or service.code
    place = (answers.get(PLACE) or {}).get("address", "")
    more = place or clean_line(str(answers.get(DETAILS) or ""))
    more = more if len(more) <= TITLE else f"{more[: TITLE - 1].rstrip()}…"
    return f"{name}: {more}" if more else name


REPEAT = timedelta(minutes=10)
VIA_CASE = {"via": "case"}
"""Marks a message whose words stand in the case's own history too."""


@writes
def add_words(
    *,
    reference: str,
    secret: str,
    contact_id: UUID | None,
    about_case: bool,
    text: str,
    attachment_ids: tuple[UUID, ...] = (),
    key: str = "",
) -> None:
    """Add a resident's words and files to their case, and to its conversation while that goes on.

    The same words again within ten minutes are a second click. Raises what `add_from_resident` and `add_message`
    raise: `NotFound`, `Invalid`, `Conflict`, `Refused`.
    """
    contact = intake.get_contact(contact_id) if contact_id is not None else None
    goes_on = contact is not None and contact.state not in ENDED
    if about_case:
        case = cases.get_case_by_reference_and_secret(reference, secret)
        if case is not None and _just_said(case, text):
            return
        add_from_resident(reference=reference, secret=secret, text=text, attachment_ids=attachment_ids)
    if contact is not None and (goes_on or not about_case):
        intake_services.add_message(
            contact_id=contact.id,
            direction="in",
            body=text,
            client_key=key or None,
            attachment_ids=attachment_ids,
            data=VIA_CASE if about_case else {},
        )
    elif contact is not None and attachment_ids:
        first = next(iter(intake.list_messages(contact.id)), None)
        if first is not None:
            intake_services.link_uploads(
                contact_id=contact.id, message_id=first.id, attachment_ids=list(attachment_ids)
            )


def _just_said(case: Case, text: str) -> bool:
    said = [one for one in cases.public_progress(case).updates if one.kind == "resident"]
    return bool(said) and said[-1].text == text.strip() and clock.now() - said[-1].at < REPEAT
