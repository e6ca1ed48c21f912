"""What is promised about cases: how fast they are answered and done, by type and by service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.cases import selectors as cases
from civicline.cases.services import policies
from civicline.cases.wording import CLOCKS
from civicline.intake import selectors as intake
from civicline.kernel.errors import NotFound
from civicline.people.permissions import may
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view, user_of
from civicline.web.admin.catalogue import CASE_TYPES
from civicline.web.admin.forms import PageForm, whole

if TYPE_CHECKING:
    from civicline.cases.models import CasePolicy

HOUR = 3600


class PromiseForm(PageForm):
    """The promises of a type of case, or of one service."""

    calendar = forms.ChoiceField(label=_("Counted in these opening hours"))

    def __init__(self, *args: Any, new: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if new:
            self.fields["type"] = forms.ChoiceField(label=_("Type of case"), choices=CASE_TYPES[1:])
            services: list[tuple[str, Any]] = [("", _("Every service"))]
            services += [(row.code, pages.text_of(row.name)) for row in intake.list_services(questions=False)]
            self.fields["service"] = forms.ChoiceField(label=_("Service"), choices=services, required=False)
        calendars: Any = self.fields["calendar"]
        calendars.choices = [(row.code, pages.text_of(row.name)) for row in intake.list_calendars()]
        for clock, words in CLOCKS.items():
            hint = _("In open hours. Empty or 0: not promised.")
            self.fields[f"clock_{clock}"] = whole(words, hint, most=8784, required=False)

    def targets(self) -> dict[str, int]:
        """The promises in open seconds."""
        return {clock: (self.cleaned_data.get(f"clock_{clock}") or 0) * HOUR for clock in CLOCKS}


@require_GET
@admin_view("config.read")
def promises(request: HttpRequest) -> HttpResponse:
    """Every promise."""
    rows = [
        {
            "href": reverse("admin:promise", args=[row.pk]),
            "name": _title(row),
            "tags": [],
            "cells": [
                ", ".join(
                    gettext("%(clock)s: %(hours)s open hours")
                    % {"clock": CLOCKS[name], "hours": seconds // HOUR}
                    for name, seconds in row.targets.items()
                )
                or gettext("nothing"),
                pages.text_of(row.calendar.name),
            ],
        }
        for row in cases.list_policies()
    ]
    add = {"href": reverse("admin:new_promise"), "label": gettext("New promise")}
    context = {
        "title": gettext("Promises"),
        "meta": gettext(
            "How fast cases are answered and done. A service's own promise counts more than its type's."
        ),
        "columns": [_("Cases"), _("Promise"), _("Opening hours")],
        "rows": rows,
        "add": add if may(user_of(request), "config.edit") else None,
        "empty_text": gettext("Nothing is promised yet."),
        "empty_more": gettext(
            "A promise says within how many open hours a case is answered and done, and warns before."
        ),
        "empty_icon": "flag",
    }
    return pages.page(request, "admin/list.html", context, section="promises")


def _title(row: CasePolicy) -> str:
    words = str(dict(CASE_TYPES).get(row.type, row.type))
    return f"{words}: {pages.text_of(row.service.name)}" if row.service else words


@require_http_methods(["GET", "POST"])
@admin_view("config.edit")
def new_promise(request: HttpRequest) -> HttpResponse:
    """Make a promise."""
    return _page(request, None)


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def promise(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Change a promise."""
    row = next((one for one in cases.list_policies() if one.pk == policy_id), None)
    if row is None:
        raise NotFound(_("There is no such promise."), code="policy-unknown")
    return _page(request, row)


def _page(request: HttpRequest, row: CasePolicy | None) -> HttpResponse:
    initial: dict[str, Any] = {}
    if row is not None:
        initial = {f"clock_{name}": seconds // HOUR for name, seconds in row.targets.items()}
        initial["calendar"] = row.calendar.code
    form = PromiseForm(request.POST or None, initial=initial, new=row is None)

    def write() -> None:
        data = form.cleaned_data
        calendar = intake.get_calendar(data["calendar"])
        if calendar is None:
            raise NotFound(_("These opening hours are gone. Choose others."), code="gone")
        service = row.service if row is not None else intake.get_kept_service(data["service"])
        kind = row.type if row is not None else data["type"]
        policies.save_policy(type=kind, targets=form.targets(), calendar=calendar, service=service)

    clocks = [f"clock_{name}" for name in CLOCKS]
    page = editing.Editing(
        form=form,
        title=_title(row) if row is not None else gettext("New promise"),
        meta=gettext("Clocks that run already keep what was promised."),
        section="promises",
        back=reverse("admin:promises"),
        sections=[
            editing.Section(
                _("The promise"), [*(["type", "service"] if row is None else []), *clocks, "calendar"]
            )
        ],
        write=write,
        done=lambda: reverse("admin:promises"),
        objects=[("case_policy", str(row.pk))] if row is not None else [],
        template="admin/promise.html",
        extra={"policy": row},
    )
    return editing.answer(request, page)


@require_POST
@admin_view("config.edit")
def drop_promise(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Promise nothing of one's own any more."""
    policies.remove_policy(policy_id=policy_id)
    messages.success(request, gettext("This promise is removed. Clocks that run already run on."))
    return HttpResponseRedirect(reverse("admin:promises"))
