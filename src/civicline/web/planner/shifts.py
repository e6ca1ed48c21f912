"""One shift by hand: put in, moved, given to somebody else, taken out; what it brings is shown before it is saved."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from civicline.kernel import ids
from civicline.kernel.errors import Invalid, Refused
from civicline.people import selectors as people
from civicline.people.permissions import may, require
from civicline.web.planner import forms, pages
from civicline.web.planner.access import planner_view, user_of, wants_parts, words_of
from civicline.web.planner.week import address
from civicline.workforce import wording
from civicline.workforce.rules import day_of
from civicline.workforce.selectors import rosters
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services import rosters as services

if TYPE_CHECKING:
    from civicline.workforce.models import Shift

UNPAID_FROM = 30


class ShiftForm(forms.PlanForm):
    """Who, when, and the breaks."""

    agent_id = forms.choice(_("Who"), [], required=False)
    pattern = forms.choice(
        _("Kind of shift"), [], _("It fills in the times and breaks that you leave empty."), required=False
    )
    day = forms.day(_("Day"))
    start = forms.clock(_("From"), required=False)
    end = forms.clock(_("Until"), required=False)
    breaks = django_forms.CharField(
        label=_("Breaks"), required=False, max_length=200,
        help_text=_("Begin and minutes, such as 10:15 15, 12:30 30. From 30 minutes on they are unpaid."),
    )  # fmt: skip
    kind = forms.choice(_("What for"), list(wording.SHIFT_KINDS.items()))
    place = forms.choice(
        _("Where"), [("", _("as the contract and the person wish")), *list(wording.PLACES.items())[:2]],
        _("A contract that names one place is kept."), required=False,
    )  # fmt: skip
    version = django_forms.IntegerField(required=False, widget=django_forms.HiddenInput)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.patterns = {row.code: row for row in rosters.list_patterns()}
        agents = [(str(agent_id), name) for agent_id, name in people.agent_names()]
        self.fields["agent_id"].choices = [("", _("Open: for bids")), *agents]  # type: ignore[attr-defined]  # a choice
        kinds = [(row.code, f"{row.name}, {span(row.start, row.minutes)}") for row in self.patterns.values()]
        self.fields["pattern"].choices = [("", _("as given here")), *kinds]  # type: ignore[attr-defined]  # a choice

    def shift(self) -> dict[str, Any]:
        """The arguments of a shift. Invalid for breaks that cannot be read, and for times that are missing."""
        given = self.cleaned_data
        pattern = self.patterns.get(given["pattern"])
        start, end = given["start"], given["end"]
        if pattern is not None and start is None:
            begin = pattern.start
        elif start is not None:
            begin = start.hour * 60 + start.minute
        else:
            raise Invalid(fields={"start": _("Enter a time like 08:30.")})
        if pattern is not None and end is None:
            last = begin + pattern.minutes
        elif end is not None:
            last = end.hour * 60 + end.minute
            last += 1440 if last <= begin else 0
        else:
            raise Invalid(fields={"end": _("Enter a time like 08:30.")})
        breaks = read_breaks(given["breaks"], begin)
        if not breaks and pattern is not None:
            breaks = [one for one in pattern.breaks if one[0] + one[1] <= last - begin]
        return {
            "agent_id": ids.read(given["agent_id"]), "start": slot_start(given["day"], begin),
            "end": slot_start(given["day"], last), "breaks": breaks, "kind": given["kind"],
            "place": given["place"],
        }  # fmt: skip


def span(start: int, minutes: int) -> str:
    """08:00–16:30."""
    return f"{pages.clock_words(start)}–{pages.clock_words((start + minutes) % 1440)}"


def read_breaks(text: str, begin: int) -> list[list[Any]]:
    """Breaks as people write them, after the shift's first minute of the day. Invalid when one cannot be read."""
    found = []
    for part in filter(None, (one.strip() for one in text.replace("،", ",").split(","))):
        try:
            clock, minutes = part.split()
            at = time.fromisoformat(clock)
            length = int(minutes)
        except ValueError:
            raise Invalid(fields={"breaks": _("Write breaks like 10:15 15, 12:30 30.")}) from None
        after = (at.hour * 60 + at.minute - begin) % 1440
        found.append([after, length, length < UNPAID_FROM])
    return sorted(found)


def told_breaks(shift: Shift) -> str:
    """Breaks as `read_breaks` reads them."""
    return ", ".join(
        f"{timezone.localtime(shift.start + timedelta(minutes=after)):%H:%M} {minutes}"
        for after, minutes, _p in shift.breaks
    )


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def new(request: HttpRequest) -> HttpResponse:
    """A new shift of a person and a day."""
    day = pages.asked_day(request)
    initial = {"agent_id": request.GET.get("agent", ""), "day": day, "kind": "work"}
    if first := next(iter(rosters.list_patterns()), None):
        initial["pattern"] = first.code
    return _edit(request, ShiftForm(request.POST or None, initial=initial), None, day)


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def edit(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """One shift, to be changed."""
    shift = rosters.get_shift(shift_id)
    local = timezone.localtime(shift.start)
    initial = {
        "agent_id": str(shift.agent_id or ""), "day": local.date(), "start": local.strftime("%H:%M"),
        "end": timezone.localtime(shift.end).strftime("%H:%M"), "breaks": told_breaks(shift), "kind": shift.kind,
        "version": shift.version, "place": shift.place,
    }  # fmt: skip
    return _edit(request, ShiftForm(request.POST or None, initial=initial), shift, local.date())


def _edit(request: HttpRequest, form: ShiftForm, shift: Shift | None, day: date) -> HttpResponse:
    trying = "preview" in request.POST
    if request.method == "POST":
        require(user_of(request), "plan.edit")
    seen = _seen(form, shift) if form.is_bound else None
    if trying and wants_parts(request):
        return render(request, "planner/_consequences.html", {"seen": seen})
    if request.method == "POST" and not trying and form.is_valid() and seen and not seen["problem"]:
        saved = _saved(request, form, shift)
        if saved is not None:
            return saved
    errors = bool(form.is_bound and form.errors)
    context = {
        "form": form, "shift": shift, "seen": seen, "errors": errors, "week_href": address(pages.monday_of(day)),
        "title": gettext("Shift of %(day)s") % {"day": wording.day_words(day)} if shift else gettext("New shift"),
        "editable": may(user_of(request), "plan.edit"),
    }  # fmt: skip
    return pages.page(request, "planner/shift.html", context, section="week", status=422 if errors else 200)


def _seen(form: ShiftForm, shift: Shift | None) -> dict[str, Any]:
    """What the shift as it stands in the form would bring: rules, and hours with too few people."""
    if not form.is_valid():
        return {
            "problem": gettext("Fill in who and when, and the consequences are shown here."),
            "findings": [],
        }
    try:
        come = services.draft_shift(**form.shift())
    except Invalid as invalid:
        form.refuse(invalid)
        return {"problem": words_of(invalid), "findings": []}
    if shift is not None:
        come.pk = shift.pk
    found = rosters.consequences([shift] if shift is not None else [], [come])
    return {
        "problem": "",
        "findings": [{"words": one.words(), "soft": one.soft} for _agent, one in found.findings],
        "before": pages.hours_words(found.short_before * 60),
        "after": pages.hours_words(found.short_after * 60),
        "better": found.short_after < found.short_before - 0.01,
        "worse": found.short_after > found.short_before + 0.01,
    }


def _saved(request: HttpRequest, form: ShiftForm, shift: Shift | None) -> HttpResponse | None:
    try:
        given = form.shift()
        if shift is None:
            row = services.add_shift(**given)
        else:
            row = services.change_shift(shift_id=shift.pk, version=form.cleaned_data["version"], **given)
    except Invalid as invalid:
        form.refuse(invalid)
        return None
    except Refused as refusal:
        form.add_error(None, words_of(refusal))
        return None
    return pages.done(request, gettext("The shift is saved."), address(pages.monday_of(day_of(row))))


@require_POST
@planner_view("plan.edit")
def remove(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Take a shift out of the plan."""
    shift = rosters.get_shift(shift_id)
    services.remove_shift(shift_id=shift_id)
    return pages.done(request, gettext("The shift is removed."), address(pages.monday_of(day_of(shift))))
