"""Canned texts: written by editors, used by agents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound, Text
from civicline.kernel.events import emit
from civicline.knowledge.events import CANNED_TEXT_SAVED, CANNED_TEXT_USED
from civicline.knowledge.models import CannedText
from civicline.knowledge.selectors import body_in, get_canned_text, values_of
from civicline.knowledge.variables import Filled, fill, find_faults

if TYPE_CHECKING:
    from civicline.intake.models import Contact, Service
    from civicline.people.models import User

TITLE_LENGTH = 200
BODY_LENGTH = 10_000
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_TRACKED = ("title", "body", "service_id", "owner_id", "active", "reviewed_on")


def _checked(
    code: str, title: Mapping[str, str], body: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Title and body without empty languages. Invalid names the field, and the variable that is not known."""
    if not _CODE.fullmatch(code):
        raise Invalid(fields={"code": _("Use small letters, digits, - and _, at most 64.")})
    titles = {language: text.strip() for language, text in title.items() if text.strip()}
    bodies = {language: text.replace("\x00", "").strip() for language, text in body.items()}
    bodies = {language: text for language, text in bodies.items() if text}
    if not bodies:
        raise Invalid(fields={"body": _("Write the text in at least one language.")})
    for language, text in bodies.items():
        _check_body(language, text)
        if language not in titles:
            raise Invalid(fields={f"title.{language}": _("Give a title in each language that has a text.")})
    for language, text in titles.items():
        if len(text) > TITLE_LENGTH:
            raise Invalid(
                fields={f"title.{language}": _("Use at most %(most)s characters.")}, most=TITLE_LENGTH
            )
    return titles, bodies


def _check_body(language: str, text: str) -> None:
    field = f"body.{language}"
    if len(text) > BODY_LENGTH:
        raise Invalid(fields={field: _("Use at most %(most)s characters.")}, most=BODY_LENGTH)
    faults = find_faults(text)
    if faults.unknown:
        words: dict[str, Text] = {field: _("We do not know these variables: %(names)s.")}
        raise Invalid(fields=words, code="unknown-variable", names=", ".join(faults.unknown))
    if faults.open_braces:
        raise Invalid(fields={field: _("A variable is not closed. It looks like this: {{resident.name}}")})


@writes
def create_canned_text(
    *,
    code: str,
    title: Mapping[str, str],
    body: Mapping[str, str],
    service: Service | None = None,
    owner: User | None = None,
    reviewed_on: date | None = None,
) -> CannedText:
    """A new canned text. Conflict when the code is taken; Invalid names an unknown variable."""
    titles, bodies = _checked(code, title, body)
    if CannedText.objects.filter(code=code).exists():
        raise Conflict(_("There is already a text called “%(short)s”."), code="code-taken", short=code)
    text = CannedText.objects.create(
        code=code, title=titles, body=bodies, service=service, owner=owner, reviewed_on=reviewed_on
    )
    _saved(text, {}, created=True)
    return text


@writes
def update_canned_text(
    *,
    code: str,
    title: Mapping[str, str] | None = None,
    body: Mapping[str, str] | None = None,
    service: Service | None = None,
    keep_service: bool = True,
    owner: User | None = None,
    active: bool | None = None,
    reviewed_on: date | None = None,
) -> CannedText:
    """Change a canned text; what is None stays. `keep_service` False takes `service` over, None included.

    What it was before stands in its history. NotFound when there is none of this code.
    """
    text = get_canned_text(code)
    before = {name: getattr(text, name) for name in _TRACKED}
    wanted_title = text.title if title is None else title
    text.title, text.body = _checked(code, wanted_title, text.body if body is None else body)
    if not keep_service:
        text.service = service
    text.owner = owner or text.owner
    text.active = text.active if active is None else active
    text.reviewed_on = reviewed_on or text.reviewed_on
    changed = {name: was for name, was in before.items() if getattr(text, name) != was}
    if changed:
        text.save()
        _saved(text, changed, created=False)
    return text


def _saved(text: CannedText, before: Mapping[str, Any], *, created: bool) -> None:
    """Keep what the changed fields were: words of ours, never personal data."""
    told = {"code": text.code, "created": created, "changed": sorted(before)}
    emit(CANNED_TEXT_SAVED, subject=("canned_text", text.code), data=told)
    kept = {
        name: value if isinstance(value, dict | bool | None) else str(value) for name, value in before.items()
    }
    action = "canned_text.created" if created else "canned_text.changed"
    audit.record(action, object=("canned_text", text.code), data={"before": kept})


@writes
def use_canned_text(
    *,
    code: str,
    language: str,
    contact: Contact | None = None,
    case_reference: str = "",
    agent: User | None = None,
) -> Filled:
    """The text filled in for this contact, counted as used. NotFound when there is no such text in use."""
    text = get_canned_text(code)
    if not text.active:
        raise NotFound(_("This text is not in use any more."), code="canned-text-retired")
    values = values_of(contact=contact, case_reference=case_reference, agent=agent, language=language)
    filled = fill(body_in(text, language), values)
    CannedText.objects.filter(pk=text.pk).update(used=F("used") + 1)
    contact_id: UUID | None = contact.pk if contact is not None else None
    data = {"code": code, "language": language}
    emit(CANNED_TEXT_USED, subject=("canned_text", code), contact_id=contact_id, data=data)
    return filled
