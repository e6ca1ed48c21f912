"""What people know of days, and the history that forecasts learn from."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from civicline.kernel.errors import Invalid
from civicline.kernel.texts import in_a_row
from civicline.people.permissions import require
from civicline.routing import selectors as routing
from civicline.web.planner import forms, pages
from civicline.web.planner.access import planner_view, user_of
from civicline.workforce.selectors import forecasts
from civicline.workforce.selectors.history import Line, kept, today, zero_days
from civicline.workforce.services import history as history_services
from civicline.workforce.services import marks as mark_services

KINDS = {
    "event": _("Event: more or fewer contacts"),
    "holiday": _("Day off"),
    "outlier": _("Learn nothing from it"),
}
KIND_WORDS = {"event": _("event"), "holiday": _("day off"), "outlier": _("left out")}
LARGEST = 30_000_000
COLUMNS = _(
    "Columns: a time and a count, and if there are several lines queue, channel and language. "
    "Without a count each row is one contact."
)
ZONES = _(
    "Needed for times with an offset, and for the hour that comes twice in autumn. One is Europe/London."
)
EXAMPLES = _(
    "Letters going out, an election, a storm, benefit days. Days of one name are learned from together."
)


class MarkForm(forms.PlanForm):
    """Special days."""

    kind = forms.choice(_("What is it?"), list(KINDS.items()))
    name = django_forms.CharField(
        label=_("Name"), max_length=80, help_text=EXAMPLES, error_messages={"required": _("Give it a name.")}
    )
    first = forms.day(_("First day"))
    last = forms.day(_("Last day"), required=False)
    factor = forms.number(
        _("What do you expect of an event?"), _("1.3 is 30 % more contacts, 0.8 a fifth fewer. 1 if you do not know."),
        least=0.05, most=20, required=False,
    )  # fmt: skip
    queue = forms.choice(_("Queue"), [], required=False)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["queue"].choices = [("", _("All queues")), *pages.queue_choices()]  # type: ignore[attr-defined]  # a choice


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def marks(request: HttpRequest) -> HttpResponse:
    """What is known of days, and a form for more."""
    form = MarkForm(request.POST or None, initial={"factor": 1})
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        if form.is_valid() and _marked(request, form):
            words = gettext("It is noted. The next forecast counts with it.")
            return pages.done(request, words, reverse("planner:days"))
    rows = [
        {
            "mark": mark,
            "kind": KIND_WORDS[mark.kind],
            "queue": pages.name_of(mark.queue) if mark.queue else gettext("All queues"),
            "effect": f"{round((mark.factor - 1) * 100):+d}%"
            if mark.kind == "event" and mark.factor != 1
            else "",
        }
        for mark in forecasts.marks()
    ]
    context = {"form": form, "rows": rows, "errors": bool(form.is_bound and form.errors)}
    status = 422 if context["errors"] else 200
    return pages.page(request, "planner/days.html", context, section="forecast", status=status)


def _marked(request: HttpRequest, form: MarkForm) -> bool:
    data = form.cleaned_data
    queue = routing.get_queue(data["queue"]) if data["queue"] else None
    try:
        mark_services.mark_days(
            kind=data["kind"], name=data["name"], first=data["first"], last=data["last"],
            factor=data["factor"] or 1.0, queue_id=queue.pk if queue else None, by=user_of(request).pk,
        )  # fmt: skip
    except Invalid as invalid:
        form.refuse(invalid)
        return False
    return True


@require_POST
@planner_view("plan.edit")
def remove(request: HttpRequest, mark_id: int) -> HttpResponse:
    """Take a mark back."""
    mark_services.drop_mark(mark_id=mark_id)
    return pages.done(request, gettext("It is removed."), reverse("planner:days"))


class ImportForm(forms.PlanForm):
    """A table of what came."""

    table = django_forms.FileField(
        label=_("CSV file"), required=False,
        help_text=COLUMNS,
        widget=django_forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )  # fmt: skip
    text = django_forms.CharField(
        label=_("or paste it here"), required=False, widget=django_forms.Textarea, strip=False
    )
    queue = forms.choice(_("Queue"), [], _("Where the table names none."), required=False)
    zone = django_forms.CharField(
        label=_("Time zone"), required=False, max_length=64,
        help_text=ZONES,
    )  # fmt: skip

    def __init__(self, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(data, files, **options)
        self.fields["queue"].choices = [("", _("As the table says")), *pages.queue_choices()]  # type: ignore[attr-defined]  # a choice

    def clean_zone(self) -> str:
        """A zone that there is."""
        zone = str(self.cleaned_data["zone"]).strip()
        if zone and zone not in zoneinfo.available_timezones():
            raise django_forms.ValidationError(_("There is no such time zone. One is Europe/London."))
        return zone

    def content(self) -> str:
        """The table as text. Invalid when it is too large or no text."""
        file = self.cleaned_data.get("table")
        if file is None:
            return str(self.cleaned_data.get("text", ""))
        if file.size > LARGEST:
            raise Invalid(fields={"table": _("The file is larger than 30 MB. Import it in parts.")})
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise Invalid(
                fields={"table": _("The file is no text in UTF-8. Save it as CSV UTF-8.")}
            ) from None


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def history(request: HttpRequest) -> HttpResponse:
    """What is known of the past, and how to bring more."""
    form = ImportForm(request.POST or None, request.FILES or None)
    notes: tuple[str, ...] = ()
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        imported = _imported(request, form) if form.is_valid() else None
        if imported is not None:
            notes = imported.notes
            words = ngettext(
                "%(count)s day of %(queues)s is kept.",
                "%(count)s days of %(queues)s are kept.",
                imported.days,
            ) % {"count": imported.days, "queues": in_a_row(imported.queues)}
            if not notes:
                return pages.done(request, words, reverse("planner:history"))
            notes = (words, *notes)
            form = ImportForm()
    context = {"form": form, "rows": _rows(), "notes": notes, "errors": bool(form.is_bound and form.errors)}
    status = 422 if context["errors"] else 200
    return pages.page(request, "planner/history.html", context, section="forecast", status=status)


def _imported(request: HttpRequest, form: ImportForm) -> history_services.Imported | None:
    try:
        return history_services.import_history(
            text=form.content(), zone=form.cleaned_data["zone"], queue=form.cleaned_data["queue"],
            by=user_of(request).pk,
        )  # fmt: skip
    except Invalid as invalid:
        form.refuse(invalid)
        return None


def _rows() -> list[dict[str, Any]]:
    known = kept()
    return [
        {
            "name": pages.name_of(queue),
            "kept": known.get(queue.pk),
            "gaps": _gaps(known[queue.pk]) if queue.pk in known else 0,
            "zeros": len(zero_days(Line(queue.pk))) if queue.pk in known else 0,
        }
        for queue in routing.list_queues()
    ]


def _gaps(found: Any) -> int:
    """Days within the history of which nothing is known, and those since its end."""
    missing: int = (min(found.last, today()) - found.first).days + 1 - found.days
    return missing


@require_POST
@planner_view("plan.edit")
def count(request: HttpRequest) -> HttpResponse:
    """Count the days that are over from the event log, now and not only at night."""
    days = history_services.count_arrivals()
    words = ngettext("%(count)s day was counted.", "%(count)s days were counted.", days) % {"count": days}
    return pages.done(request, words, reverse("planner:history"))
