"""What a resident has proved to be theirs, by reference and secret, without telling strangers what there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, gettext

from civicline.cases import selectors as cases
from civicline.channels.webform import reports
from civicline.engine import references
from civicline.intake import selectors as intake
from civicline.kernel.texts import localized
from civicline.routing import selectors as routing
from civicline.web.portal import keys, limits
from civicline.web.portal.home import seconds_told

if TYPE_CHECKING:
    from civicline.cases.models import Case
    from civicline.intake.models import Contact


@dataclass(frozen=True, slots=True)
class Own:
    """What a resident has proved to be theirs: a case, a contact, or a contact about a case."""

    reference: str
    secret: str
    case: Case | None
    contact: Contact | None

    @property
    def ended(self) -> bool:
        """Whether it is over, so that it can be judged."""
        if self.case is not None:
            return self.case.closed_at is not None
        return self.contact is not None and self.contact.state in reports.ENDED


def find(reference: str, secret: str) -> Own | None:
    """What this reference and this secret open, or None; the same questions are asked of the database either way."""
    secret = reports.canonical(secret)
    case = cases.get_case_by_reference_and_secret(reference, secret)
    found = intake.get_contact_by_reference(reference)
    contact = found if intake.opens(found, secret) else None
    if case is not None:
        mine = [one for one in cases.contacts_of(case.pk) if intake.opens(one, secret)]
        return Own(case.reference, secret, case, mine[0] if mine else None)
    if contact is None:
        return None
    for about in cases.cases_of_contact(contact.pk):
        case = cases.get_case_by_reference_and_secret(about.reference, secret)
        if case is not None:
            return Own(case.reference, secret, case, contact)
    return Own(contact.reference, secret, None, contact)


def own(request: HttpRequest, reference: str) -> Own | None:
    """What this browser has open under a reference."""
    secret = keys.case_secret(request)
    found = find(reference, secret) if secret else None
    if found is None and secret:
        limits.spend(limits.LINKS, limits.address_of(request))
    return found


def to_look_up(reference: str, then: str = "") -> HttpResponseRedirect:
    """Ask for the code first. Whether there is such a case is not told."""
    more = f"&next={then}" if then else ""
    return HttpResponseRedirect(f"{reverse('portal:status')}?reference={known_form(reference)}{more}")


def known_form(reference: str) -> str:
    """A reference as we write it; what is none is not repeated in an address."""
    try:
        return str(references.parse(reference[:60]))
    except references.BadReference:
        return ""


def about(mine: Own) -> dict[str, UUID]:
    """What feedback is about: the case, else the contact."""
    if mine.case is not None:
        return {"case_id": mine.case.pk}
    return {"contact_id": mine.contact.pk} if mine.contact is not None else {}


def title_of(mine: Own) -> str:
    """What it is called on its pages."""
    if mine.case is not None:
        return mine.case.title
    service = mine.contact.service if mine.contact else None
    named = localized(service.name, get_language() or "en") if service else ""
    return (mine.contact.subject if mine.contact else "") or named or gettext("Your message")


def beside(mine: Own) -> dict[str, Any]:
    """What stands beside the page of a case or contact: its facts, and the chat about it while one can chat."""
    service = (mine.case.service if mine.case else None) or (mine.contact.service if mine.contact else None)
    chats = service is not None and service.active and "chat" in service.channels
    waits = routing.waits_now() if chats and service else ()
    told = next((one for one in waits if one.service.pk == service.pk), None) if service else None
    chat = told if told is not None and told.open and not told.full else None
    return {
        "reference": mine.reference,
        "case": mine.case,
        "contact": mine.contact,
        "contact_over": mine.case is None and mine.ended,
        "due_at": mine.contact.due_at if mine.contact and not mine.ended else None,
        "service_code": service.code if service else "",
        "chat": chat,
        "chat_seconds": seconds_told(chat) if chat else None,
    }
