"""The audit log for auditors: search it, take it along as CSV. Looking into it is itself put into it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from civicline.kernel import audit as kernel_audit
from civicline.kernel import clock
from civicline.kernel import selectors as kernel
from civicline.people import selectors as people
from civicline.web.admin import changes, deeds, pages
from civicline.web.admin.access import admin_view
from civicline.web.admin.forms import PageForm
from civicline.web.admin.values import names_of

if TYPE_CHECKING:
    from civicline.kernel.models import AuditEntry

PAGE = 50
WHAT = [
    ("", _("Everything")),
    ("resident.read", _("Readings of residents' data")),
    ("resident.", _("All about residents")),
    ("attachment.", _("Files that were opened")),
    ("staff.", _("Accounts and roles")),
    ("sign_in.", _("Signing in and out")),
    ("hold.", _("Legal holds")),
    ("recording.", _("Recordings that were heard or taken along")),
    ("call.", _("Calls that were listened to, and calls to outside")),
    ("webhook.", _("Webhooks")),
    ("contact.", _("Contacts")),
    ("case", _("Cases and promises")),
    ("service", _("Services and messages")),
    ("queue", _("Queues")),
    ("audit.", _("Readings of this log")),
]
NO_ONE_THING = ("log", "trail", "list", "table")
"""What stands in place of a number where all things of a kind are meant."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be worked out by a spreadsheet."""


class SearchForm(PageForm):
    """Whose data, by whom, what, when."""

    resident = forms.UUIDField(
        label=_("Resident's number"),
        required=False,
        error_messages={"invalid": _("This is not a resident's number.")},
    )
    person = forms.ChoiceField(label=_("Member of staff"), required=False)
    what = forms.ChoiceField(label=_("What"), choices=WHAT, required=False)
    object = forms.CharField(label=_("Number or short name"), required=False, max_length=64)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        persons: Any = self.fields["person"]
        persons.choices = [("", _("Anybody"))] + [(str(user.pk), user.name) for user in people.list_staff()]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone()).astimezone(UTC)


def _found(form: SearchForm) -> QuerySet[AuditEntry]:
    if not form.is_valid():
        return kernel.search_audit().none()
    data = form.cleaned_data
    return kernel.search_audit(
        actor_id=data["person"],
        resident_id=data["resident"],
        action=data["what"],
        object_id=data["object"].strip(),
        start=_midnight(data["since"]) if data["since"] else None,
        end=_midnight(data["until"] + timedelta(days=1)) if data["until"] else None,
    )


def _asked(form: SearchForm) -> dict[str, str]:
    return {name: str(value) for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}


@require_GET
@admin_view("audit.read")
def log(request: HttpRequest) -> HttpResponse:
    """The log, newest first, narrowed by what is asked."""
    form = SearchForm(request.GET or {"what": ""})
    found = _found(form)
    resident: UUID | None = form.cleaned_data.get("resident") if form.is_valid() else None
    kernel_audit.record(
        "audit.read", object=("audit", "log"), resident_id=resident, data={"asked": _asked(form)}
    )
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "title": gettext("Audit log"),
        "meta": gettext("Who read or changed what. Your looking is in it too."),
        "form": form,
        "errors": bool(form.errors),
        "page": shown,
        "query": query.urlencode(),
        "rows": _rows(list(shown)),
    }
    return pages.page(
        request, "admin/audit.html", context, section="audit", status=422 if form.errors else 200
    )


def _rows(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    names = names_of({one for row in entries for one in (row.actor_id, row.object_id)})
    return [
        {
            "at": row.at,
            "who": changes.who(row.actor_kind, row.actor_id, names),
            "action": row.action,
            "words": deeds.in_words(row.action),
            "kind": deeds.kind(row.object_kind),
            "object": "" if row.object_id in NO_ONE_THING else names.get(row.object_id, row.object_id),
            "resident": str(row.resident_id) if row.resident_id else "",
            "reason": row.reason,
            "data": json.dumps(row.data, ensure_ascii=False) if row.data else "",
        }
        for row in entries
    ]


@require_GET
@admin_view("audit.read")
def export(request: HttpRequest) -> HttpResponseBase:
    """What was found as CSV, streamed: a year has many rows."""
    form = SearchForm(request.GET or {"what": ""})
    found = _found(form)
    kernel_audit.record("audit.exported", object=("audit", "log"), data={"asked": _asked(form)})
    stamp = clock.now().strftime("%Y-%m-%d")
    response = StreamingHttpResponse(_csv(found), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="audit-{stamp}.csv"'
    return response


def _csv(found: QuerySet[AuditEntry]) -> Iterator[str]:
    yield "\ufeff" + _line(
        ["at", "who", "who_id", "kind", "action", "object_kind", "object_id", "resident", "reason", "data"]
    )
    names = {str(user.pk): user.name for user in people.list_staff()}
    for row in found.iterator(chunk_size=500):
        yield _line(
            [
                row.at.isoformat(),
                changes.who(row.actor_kind, row.actor_id, names),
                row.actor_id,
                row.actor_kind,
                row.action,
                row.object_kind,
                row.object_id,
                str(row.resident_id or ""),
                row.reason,
                json.dumps(row.data, ensure_ascii=False) if row.data else "",
            ]
        )


def _line(cells: list[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return out.getvalue()
