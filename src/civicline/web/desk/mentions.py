"""Who was named in a note: what they hear of, and what they may read because of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.intake import selectors as intake
from civicline.kernel import clock

if TYPE_CHECKING:
    from civicline.intake.models import Message
    from civicline.people.models import Agent, User

KEPT = timedelta(days=7)
"""How long a mention stands in the list, and opens the contact it was made in."""


def named_in(user: User, obj: object) -> bool:
    """Whether this person was named in a note of this contact lately. For `people.permissions.share`."""
    contact_id = getattr(obj, "pk", None)
    if not hasattr(obj, "agent_id") or not isinstance(contact_id, UUID):
        return False
    return bool(intake.notes_naming(user.pk, clock.now() - KEPT, contact_id=contact_id))


def mentions_of(user: User) -> list[Message]:
    """The notes of the last week that name this person, newest first."""
    return intake.notes_naming(user.pk, clock.now() - KEPT)


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
