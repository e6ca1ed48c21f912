"""The outside numbers to which menus may connect."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from civicline.channels.voice.flows import selectors, services
from civicline.web.admin import changes, editing
from civicline.web.admin.access import admin_view
from civicline.web.admin.forms import PageForm
from civicline.web.admin.telephone.menus import SECTION


class NumberForm(PageForm):
    """A number and whose it is."""

    name = forms.CharField(label=_("Whose number is it?"), max_length=100)
    number = forms.CharField(
        label=_("Telephone number"),
        max_length=40,
        help_text=_("With its area code, or with + and the country code."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def numbers(request: HttpRequest) -> HttpResponse:
    """The list, and a form to add one."""
    form = NumberForm(request.POST or None)
    rows = list(selectors.list_outside_numbers())
    page = editing.Editing(
        form=form,
        title=gettext("Outside numbers"),
        meta=gettext("A menu connects with these numbers and with no other."),
        section=SECTION,
        back=reverse("admin:calls"),
        sections=[editing.Section(_("Add a number"), ["name", "number"])],
        write=lambda: services.allow_number(
            number=form.cleaned_data["number"], name=form.cleaned_data["name"]
        ),
        done=lambda: reverse("admin:call_numbers"),
        template="admin/call_numbers.html",
        extra={
            "rows": rows,
            "log": changes.history_of([("outside_number", row.number) for row in rows]),
        },
    )
    return editing.answer(request, page)


@require_POST
@admin_view("config.edit")
def drop_number(request: HttpRequest) -> HttpResponse:
    """Take a number off the list."""
    services.forbid_number(number=request.POST.get("number", ""))
    messages.success(request, gettext("The number is off the list."))
    return HttpResponseRedirect(reverse("admin:call_numbers"))
