"""Residents' rights: a copy of all that we hold about them, and being erased."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from io import BytesIO
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.kernel import audit, clock
from civicline.kernel.errors import Invalid
from civicline.people import erasure, personal
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.people.permissions import may
from civicline.web.admin import pages
from civicline.web.admin.access import admin_view, user_of
from civicline.web.admin.forms import PageForm

ASKED_LENGTH = 200


@require_GET
@admin_view("resident.export")
def residents(request: HttpRequest) -> HttpResponse:
    """Find a resident who asks for their data. Finding somebody is reading about them."""
    asked = personal.clean_text(request.GET.get("q", ""))[:ASKED_LENGTH]
    found = people.search_residents(asked)
    for one in found:
        audit.record(
            "resident.read", object=("resident", one.pk), resident_id=one.pk, reason=gettext("search")
        )
    context = {
        "title": gettext("Residents"),
        "meta": gettext("A copy of all that we hold about somebody, and erasing it."),
        "asked": asked,
        "found": found,
        "erases": may(user_of(request), "resident.erase"),
        "holds": may(user_of(request), "hold.place"),
        "held": {one.pk for one in found if people.is_held("resident", one.pk)},
    }
    return pages.page(request, "admin/residents.html", context, section="residents")


@require_POST
@admin_view("resident.export")
def export(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """All that we hold about a resident: a file for programs and a page for people, in one archive."""
    held = people_services.export_resident(resident_id=resident_id)
    response = HttpResponse(archive(held, erasure.files(resident_id)), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="resident-{resident_id}.zip"'
    return response


def archive(held: dict[str, Any], sounds: Iterable[tuple[str, Iterable[bytes]]] = ()) -> bytes:
    """The archive: `data.json`, and `data.html` with the same, readable without any program of ours; beside them what
    was recorded, as files.
    """
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("data.json", json.dumps(held, ensure_ascii=False, indent=2, default=str))
        page = render_to_string("admin/resident_export.html", {"held": held, "at": clock.now()})
        files.writestr("data.html", page)
        for name, content in sounds:
            with files.open(name, "w", force_zip64=True) as file:
                for piece in content:
                    file.write(piece)
    return packed.getvalue()


class EraseForm(PageForm):
    """Why, and that it is meant."""

    reason = forms.CharField(
        label=_("Why is this resident erased?"),
        max_length=500,
        widget=forms.Textarea,
        help_text=_("It is kept in the audit log, for good. Name no personal data."),
        error_messages={"required": _("Say why this resident is erased.")},
    )
    sure = forms.BooleanField(
        label=_("I have checked who asked. This cannot be undone."),
        error_messages={"required": _("Confirm that you have checked who asked.")},
    )


@require_http_methods(["GET", "POST"])
@admin_view("resident.erase")
def erase(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Erase a resident: words and addresses go, bare facts stay, so that reports hold."""
    resident = people.get_resident(resident_id)
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            counts = people_services.erase_resident(
                resident_id=resident_id, reason=form.cleaned_data["reason"]
            )
        except Invalid as invalid:
            form.refuse(invalid)
        else:
            messages.success(request, _said(counts))
            return HttpResponseRedirect(reverse("admin:residents"))
    if request.method == "GET":
        audit.record("resident.read", object=("resident", resident.pk), resident_id=resident.pk)
    context = {
        "title": gettext("Erase a resident"),
        "form": form,
        "errors": bool(form.is_bound and form.errors),
        "resident": resident,
        "hold": people.hold_on("resident", resident.pk),
        "kept": erasure.kept(resident.pk),
        "back": reverse("admin:residents"),
    }
    return pages.page(
        request, "admin/erase.html", context, section="residents", status=422 if form.errors else 200
    )


def _said(counts: dict[str, int]) -> str:
    """What became of an erasure, legal holds included."""
    on_hold = counts.get("on_hold", 0)
    if not on_hold:
        return gettext("The resident is erased.")
    if set(counts) == {"on_hold"}:
        return gettext("The resident is on hold. They are erased when the hold ends.")
    return ngettext(
        "What is free is erased. %(count)d thing is on hold and is erased when the hold ends.",
        "What is free is erased. %(count)d things are on hold and are erased when the holds end.",
        on_hold,
    ) % {"count": on_hold}
