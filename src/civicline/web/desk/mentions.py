"""Who was named in a note: what they hear of, and what they may read because of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.cases import selectors as cases
from civicline.intake import selectors as intake
from civicline.kernel import clock
from civicline.people import selectors as people

if TYPE_CHECKING:
    from civicline.cases.models import Case
    from civicline.intake.models import Contact
    from civicline.people.models import Agent, User

KEPT = timedelta(days=7)
"""How long a mention stands in the list, and opens the contact it was made in."""


def named_in(user: User, obj: object) -> bool:
    """Whether this person was named in a note of this contact lately. For `people.permissions.share`."""
    contact_id = getattr(obj, "pk", None)
    if not hasattr(obj, "agent_id") or not isinstance(contact_id, UUID):
        return False
    return bool(intake.notes_naming(user.pk, clock.now() - KEPT, contact_id=contact_id))


@dataclass(frozen=True, slots=True)
class Mention:
    """A note of a contact or of a case that names somebody."""

    at: datetime
    who: str
    text: str
    contact: Contact | None = None
    case: Case | None = None


def mentions_of(user: User) -> list[Mention]:
    """The notes of the last week that name this person, newest first."""
    since = clock.now() - KEPT
    found = [
        Mention(note.at, note.author_name, note.body, contact=note.contact)
        for note in intake.notes_naming(user.pk, since)
    ]
    found += [
        Mention(note.at, note.actor.name if note.actor else "", note.text, case=note.case)
        for note in cases.notes_naming(user.pk, since)
    ]
    return sorted(found, key=lambda mention: mention.at, reverse=True)


def named_by(author: User, text: str) -> list[UUID]:
    """The colleagues whom this person names in a text; nobody names themselves."""
    if "@" not in text:
        return []
    return [one for one in find_named(text, people.list_agents()) if one != author.pk]


def handle(name: str) -> str:
    """What stands after the @ for a person: the name without blanks, so that it is one word."""
    return re.sub(r"\s+", ".", name.strip())


def plain(text: str) -> str:
    """A name for comparing: small letters without accents, so that "ines" finds Inés."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def begins(name: str, typed: str) -> bool:
    """Whether the name, or one of its parts, begins with what was typed (`plain`)."""
    whole = plain(name)
    return any(part.startswith(typed) for part in (whole, handle(whole), *whole.split()))


def find_named(text: str, colleagues: Iterable[Agent]) -> list[UUID]:
    """The colleagues whose handle stands after an @ in the text, each once, in order."""
    by_handle = {plain(handle(row.user.name)): row.pk for row in colleagues}
    found: list[UUID] = []
    for word in re.findall(r"@([\w.'’-]+)", text):
        known = by_handle.get(plain(word)) or by_handle.get(plain(word.rstrip(".'-")))
        if known is not None and known not in found:
            found.append(known)
    return found
