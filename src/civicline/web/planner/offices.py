"""Offices and their seats."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from civicline.kernel.errors import Invalid
from civicline.people.permissions import may, require
from civicline.web.planner import forms, pages
from civicline.web.planner.access import planner_view, user_of
from civicline.workforce.selectors import seats as selectors
from civicline.workforce.services import sites as services


class OfficeForm(forms.PlanForm):
    """An office."""

    code = django_forms.SlugField(label=_("Short name"), max_length=32, error_messages={
        "required": _("Give a short name, like town-hall."),
        "invalid": _("Use small letters, digits and -, like town-hall."),
    })  # fmt: skip
    name = django_forms.CharField(
        label=_("Name"), max_length=60, error_messages={"required": _("Give it a name.")}
    )
    seats = forms.whole(_("Seats"), _("How many can work there at a time."), most=services.MOST_SEATS)
    active = django_forms.BooleanField(label=_("In use"), required=False)


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def office(request: HttpRequest, code: str = "") -> HttpResponse:
    """One office, known or new."""
    row = selectors.get_site(code) if code else None
    initial: dict[str, Any] = {"active": True}
    if row is not None:
        initial = {"code": row.code, "name": row.name, "seats": row.seats, "active": row.active}
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None and row is not None:
        data["code"] = row.code
    form = OfficeForm(data, initial=initial)
    if row is not None:
        form.fields["code"].widget.attrs["readonly"] = True
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        if form.is_valid() and _saved(form):
            return pages.done(request, gettext("Saved."), reverse("planner:team"))
    errors = bool(form.is_bound and form.errors)
    context = {
        "form": form, "title": row.name if row else gettext("New office"), "errors": errors,
        "editable": may(user_of(request), "plan.edit"), "heading": gettext("Office"),
    }  # fmt: skip
    return pages.page(request, "planner/office.html", context, section="week", status=422 if errors else 200)


def _saved(form: OfficeForm) -> bool:
    try:
        services.save_site(**form.cleaned_data)
    except Invalid as invalid:
        form.refuse(invalid)
        return False
    return True
