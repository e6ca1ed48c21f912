"""Words and files that a resident adds to a case of theirs."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from civicline.channels.webform import reports
from civicline.channels.webform.answers import MOST_TEXT, clean_words
from civicline.intake import services as intake_services
from civicline.kernel.errors import Refused
from civicline.web.portal import limits
from civicline.web.portal.forms import content_of
from civicline.web.portal.owning import Own, beside, own, title_of, to_look_up
from civicline.web.portal.pages import draw, portal_page


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def add(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Add words and files."""
    mine = own(request, reference)
    if mine is None:
        return to_look_up(reference)
    if mine.case is None and mine.ended:
        return HttpResponseRedirect(reverse("portal:case", args=[mine.reference]))
    typed: dict[str, Any] = {"text": "", "key": uuid4().hex, "kept": []}
    if request.method != "POST":
        return _add_page(request, mine, typed, {})
    limits.spend(limits.SENDS, limits.address_of(request))
    typed = {
        "text": clean_words(request.POST.get("text", "")),
        "key": request.POST.get("key", "")[:64],
        "kept": [one for one in request.POST.getlist("kept")[:20] if _is_id(one)],
    }
    problems = _keep(request, mine, typed)
    if not typed["text"]:
        problems["text"] = gettext("Write what you want to add")
    elif len(typed["text"]) > MOST_TEXT:
        problems["text"] = gettext("Shorten your text to %(most)s characters or fewer") % {"most": MOST_TEXT}
    if problems:
        return _add_page(request, mine, typed, problems)
    try:
        reports.add_words(
            reference=mine.reference,
            secret=mine.secret,
            contact_id=mine.contact.pk if mine.contact else None,
            about_case=mine.case is not None,
            text=typed["text"],
            attachment_ids=tuple(UUID(one) for one in typed["kept"]),
            key=typed["key"],
        )
    except Refused as refused:
        return _add_page(request, mine, typed, {"text": refused.message()})
    return HttpResponseRedirect(reverse("portal:case", args=[mine.reference]))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _keep(request: HttpRequest, mine: Own, typed: dict[str, Any]) -> dict[str, str]:
    """Store the files; those that are good stay with the form when something else has to be mended."""
    problems: dict[str, str] = {}
    contact, files = mine.contact, request.FILES.getlist("files")
    if contact is None:
        return {}
    if len(files) > settings.CIVICLINE.uploads_max_files:
        most = settings.CIVICLINE.uploads_max_files
        return {"files": gettext("Choose up to %(most)s files at once") % {"most": most}}
    for file in files:
        try:
            stored = intake_services.store_upload(
                contact_id=contact.pk, name=file.name or "", content=content_of(file)
            )
        except Refused as refused:
            problems["files"] = refused.message()
        else:
            typed["kept"].append(str(stored.pk))
    return problems


def _add_page(
    request: HttpRequest, mine: Own, typed: dict[str, Any], problems: dict[str, str]
) -> HttpResponseBase:
    context = beside(mine) | {
        "title": gettext("Add to your case"),
        "section": title_of(mine),
        "typed": typed,
        "problems": problems,
        "errors": [{"text": text, "href": f"#{name}"} for name, text in problems.items()],
        "most": MOST_TEXT,
        "most_mb": settings.CIVICLINE.uploads_max_mb,
    }
    return draw(request, "portal/status_add.html", context, 400 if problems else 200)
