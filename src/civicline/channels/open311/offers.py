"""The services on offer, read from intake and put into one language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from civicline.channels.open311.catalogue import Choice, OfferedService, Question
from civicline.channels.open311.errors import refuse
from civicline.intake import selectors as intake
from civicline.kernel.texts import localized

if TYPE_CHECKING:
    from civicline.intake.models import Service, ServiceAttribute

CHANNEL = "open311"


def offered_services() -> list[OfferedService]:
    """Return what apps may report, in the active language."""
    language = get_language() or "en"
    return [offered(row, language) for row in intake.list_services(channel=CHANNEL)]


def known_services() -> dict[str, OfferedService]:
    """Return every active service by code: cases that came another way are published too."""
    language = get_language() or "en"
    return {row.code: offered(row, language) for row in intake.list_services()}


def get_offered(code: str) -> OfferedService:
    """Return one service that apps may report; raises a 404."""
    row = intake.get_service(code) if code and len(code) <= 64 else None
    if row is None or CHANNEL not in row.channels:
        raise refuse(404, _("The service_code “%(code)s” was not found.") % {"code": code[:80]})
    return offered(row, get_language() or "en")


def offered(row: Service, language: str) -> OfferedService:
    """Return one row of intake as Open311 shows it, in `language`."""
    return OfferedService(
        code=row.code,
        name=localized(row.name, language) or row.code,
        house_name=localized(row.name, settings.LANGUAGE_CODE) or row.code,
        description=localized(row.description, language),
        group=localized(row.group, language),
        keywords=tuple(_keywords(row.keywords, language)),
        kind=row.kind,
        case_type=row.case_type,
        notice=localized(row.next_steps, language),
        questions=tuple(_question(attribute, language) for attribute in row.attributes.all()),
    )


def _keywords(keywords: list[Any], language: str) -> list[str]:
    words = [localized(word, language) if isinstance(word, dict) else str(word) for word in keywords]
    return [word for word in words if word]


def _question(row: ServiceAttribute, language: str) -> Question:
    return Question(
        code=row.code,
        datatype=row.datatype,
        label=localized(row.label, language) or row.code,
        hint=localized(row.hint, language),
        required=row.required,
        variable=row.variable,
        choices=tuple(Choice(str(one["key"]), localized(one["name"], language)) for one in row.values),
    )
