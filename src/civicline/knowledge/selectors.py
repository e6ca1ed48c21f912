"""Reads of canned texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civicline.kernel import selectors as kernel
from civicline.kernel.errors import NotFound
from civicline.kernel.texts import localized
from civicline.knowledge.models import CannedText
from civicline.knowledge.variables import Filled, examples, fill

if TYPE_CHECKING:
    from civicline.intake.models import Contact
    from civicline.people.models import User


def get_canned_text(code: str) -> CannedText:
    """The text of this code, with service and owner; NotFound when there is none."""
    text = CannedText.objects.select_related("service", "owner").filter(code=code).first()
    if text is None:
        raise NotFound(_("There is no such text."), code="canned-text-unknown")
    return text


def list_canned_texts(
    *, service_id: int | None = None, text: str = "", active: bool | None = True
) -> list[CannedText]:
    """Canned texts: those of the service first, then those for all; among them the most used first.

    With a service, the texts of other services are left out. Every word of `text` is searched in code, titles and
    bodies of all languages; `active` None shows retired ones too. One query: a body has some hundred texts.
    """
    rows = CannedText.objects.select_related("service", "owner")
    if active is not None:
        rows = rows.filter(active=active)
    if service_id is not None:
        rows = rows.filter(Q(service_id=service_id) | Q(service__isnull=True))
    words = text.casefold().split()
    found = [row for row in rows if all(word in _searched(row) for word in words)]
    return sorted(
        found, key=lambda row: (service_id is not None and row.service_id is None, -row.used, row.code)
    )


def _searched(row: CannedText) -> str:
    return " ".join([row.code, *row.title.values(), *row.body.values()]).casefold()


def title_in(text: CannedText, language: str) -> str:
    """The title in a language, or the nearest there is."""
    return localized(text.title, language)


def body_in(text: CannedText, language: str) -> str:
    """The body in a language, or the nearest there is, its variables still in it."""
    return localized(text.body, language)


def values_of(
    *, contact: Contact | None, case_reference: str, agent: User | None, language: str
) -> dict[str, str]:
    """The value of each variable that is known in this place."""
    values = {
        "case.reference": case_reference,
        "agent.name": agent.name if agent is not None else "",
        "town.name": settings.CIVICLINE.town_name,
    }
    if contact is not None:
        values["contact.reference"] = contact.reference
        values["resident.name"] = contact.resident.name if contact.resident else ""
        values["queue.name"] = localized(contact.queue.name, language) if contact.queue else ""
        values["service.name"] = localized(contact.service.name, language) if contact.service else ""
    return values


def preview(body: str) -> Filled:
    """A text as it would read, with the example of each variable."""
    return fill(body, examples())


def fill_canned_text(
    *,
    code: str,
    language: str,
    contact: Contact | None = None,
    case_reference: str = "",
    agent: User | None = None,
) -> Filled:
    """The text filled in, not counted: for showing it before it is taken."""
    values = values_of(contact=contact, case_reference=case_reference, agent=agent, language=language)
    return fill(body_in(get_canned_text(code), language), values)


@dataclass(frozen=True, slots=True)
class TextChange:
    """One change of a canned text: when, by whom (an actor's id), and what the changed fields were before."""

    at: datetime
    actor_id: str
    action: str
    before: dict[str, Any]


def canned_text_history(code: str) -> list[TextChange]:
    """The changes of a text, newest first."""
    rows = kernel.history("canned_text", code)
    return [TextChange(row.at, row.actor_id, row.action, row.data.get("before", {})) for row in rows]
