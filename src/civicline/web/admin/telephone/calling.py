"""By which rule each queue announces and calls back, and whom nobody calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.channels.voice import calling, services
from civicline.intake import selectors as intake
from civicline.kernel.errors import NotFound
from civicline.routing import selectors as routing
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view
from civicline.web.admin.forms import PageForm, whole
from civicline.web.admin.telephone.menus import SECTION

if TYPE_CHECKING:
    from civicline.channels.voice.models import CallingRule
    from civicline.routing.models import Queue

NUMBERS = (
    "comfort_seconds", "news_seconds", "offer_seconds", "tries", "pause_seconds", "busy_seconds", "ring_seconds",
)  # fmt: skip
NEVER = _("In seconds; 0 is never.")


class RuleForm(PageForm):
    """The rule of one queue."""

    comfort_seconds = whole(_("Ask them to stay on the line every"), NEVER, most=3600)
    news_seconds = whole(
        _("Tell place and wait again after"),
        _("In seconds; 0 is never. Good news is told at once, bad news only when it is due."),
        most=3600,
    )
    callbacks = forms.BooleanField(label=_("Callers may ask to be called back"), required=False)
    offer_seconds = whole(
        _("Offer it to whoever has waited for"),
        _("In seconds; 0 is never. They keep their place."),
        most=7200,
    )
    tries = whole(_("Try at most so often"), least=1, most=10)
    ring_seconds = whole(_("Let it ring for"), _("In seconds."), least=10, most=120)
    pause_seconds = whole(
        _("Try again when nobody answered after"),
        _("In seconds: 900 is a quarter of an hour."),
        least=60,
        most=86_400,
    )
    busy_seconds = whole(_("Try again when the line was busy after"), _("In seconds."), least=30, most=86_400)
    calendar = forms.ChoiceField(
        label=_("Calling hours"), required=False, help_text=_("Nobody is called outside of them.")
    )
    caller_id = forms.CharField(
        label=_("Number that we show"),
        required=False,
        max_length=20,
        help_text=_(
            "Empty: the number that this person had called, or what the setting voice.caller_id says."
        ),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        hours: Any = self.fields["calendar"]
        hours.choices = [("", _("The opening hours of the queue"))] + [
            (row.code, pages.text_of(row.name)) for row in intake.list_calendars()
        ]


@require_GET
@admin_view("config.read")
def rules(request: HttpRequest) -> HttpResponse:
    """Every queue with its rule."""
    rows = []
    for queue in routing.list_queues():
        row = calling.rule_row(queue.pk)
        tries = ngettext("%(count)s try", "%(count)s tries", row.tries) % {"count": row.tries}
        rows.append(
            {
                "href": reverse("admin:calling_rule", args=[queue.code]),
                "name": pages.text_of(queue.name),
                "tags": [] if row.callbacks else [("idle", gettext("Does not call back"))],
                "cells": [
                    _seconds(row.news_seconds),
                    _seconds(row.offer_seconds if row.callbacks else 0),
                    tries,
                ],
            }
        )
    context = {
        "title": gettext("Waiting and calling back"),
        "meta": gettext("What callers hear while they wait, and how we call those back who asked for it."),
        "columns": [_("Queue"), _("Tells the wait again"), _("Offers to call back"), _("Calls back")],
        "rows": rows,
        "add": None,
        "empty_text": gettext("There are no queues yet. Make the first one."),
        "empty_icon": "callback",
    }
    return pages.page(request, "admin/list.html", context, section=SECTION)


def _seconds(seconds: int) -> str:
    if not seconds:
        return gettext("Never")
    return gettext("after %(seconds)s s") % {"seconds": seconds}


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """The rule of one queue."""
    queue = routing.get_kept_queue(code)
    if queue is None:
        raise NotFound(_("There is no such queue."), code="queue-unknown")
    row = calling.rule_row(queue.pk)
    form = RuleForm(request.POST or None, initial=_initial(row))
    page = editing.Editing(
        form=form,
        title=pages.text_of(queue.name),
        meta=gettext("Waiting and calling back"),
        section=SECTION,
        back=reverse("admin:calling_rules"),
        sections=[
            editing.Section(
                _("While they wait"), ["comfort_seconds", "news_seconds", "callbacks", "offer_seconds"]
            ),
            editing.Section(
                _("When we call"),
                ["tries", "ring_seconds", "pause_seconds", "busy_seconds", "calendar", "caller_id"],
                _("An agent is on their telephone before anybody outside is rung."),
            ),
        ],
        write=lambda: _store(form, queue),
        done=lambda: reverse("admin:calling_rules"),
        objects=[("queue", str(queue.pk))],
    )
    return editing.answer(request, page)


def _initial(row: CallingRule) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*NUMBERS, "callbacks", "caller_id")} | {
        "calendar": row.calendar.code if row.calendar is not None else ""
    }


def _store(form: RuleForm, queue: Queue) -> None:
    given = form.cleaned_data
    hours = intake.get_calendar(given["calendar"]) if given["calendar"] else None
    services.save_calling_rule(
        queue_id=queue.pk,
        callbacks=given["callbacks"],
        caller_id=given["caller_id"],
        calendar_id=hours.pk if hours is not None else None,
        **{name: given[name] for name in NUMBERS},
    )


class BarForm(PageForm):
    """A number and why it is not called."""

    number = forms.CharField(
        label=_("Telephone number"),
        max_length=40,
        help_text=_("With its area code, or with + and the country code."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    reason = forms.CharField(label=_("Why?"), max_length=200)


@require_http_methods(["GET", "POST"])
@admin_view("call.bar")
def barred(request: HttpRequest) -> HttpResponse:
    """The list, and a form to add a number."""
    form = BarForm(request.POST or None)
    page = editing.Editing(
        form=form,
        title=gettext("Do not call"),
        meta=gettext("Nobody here calls these numbers, unless their owners ask to be called back."),
        section=SECTION,
        back=reverse("admin:calls"),
        sections=[editing.Section(_("Add a number"), ["number", "reason"])],
        write=lambda: services.bar_number(
            number=form.cleaned_data["number"], reason=form.cleaned_data["reason"]
        ),
        done=lambda: reverse("admin:barred_numbers"),
        action="call.bar",
        template="admin/barred_numbers.html",
        extra={"rows": list(calling.barred_numbers())},
    )
    return editing.answer(request, page)


@require_POST
@admin_view("call.bar")
def free(request: HttpRequest, number_id: int) -> HttpResponse:
    """Take a number off the list."""
    services.free_number(number_id=number_id)
    messages.success(request, gettext("The number is off the list."))
    return HttpResponseRedirect(reverse("admin:barred_numbers"))
