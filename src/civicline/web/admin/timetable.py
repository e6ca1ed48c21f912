"""Opening hours: the week with split and overnight shifts, single days, public holidays, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from civicline.engine import hours
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.intake.public_holidays import HolidaysUnknown, public_holidays, supported
from civicline.kernel import clock
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.people.permissions import may
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view, user_of
from civicline.web.admin.forms import PageForm, code_field

if TYPE_CHECKING:
    from civicline.intake.models import Calendar

SHOWN_DAYS = 14
SHOWN_HOLIDAYS = 8


class CalendarForm(PageForm):
    """A week, one line a day: `08:00-12:00, 13:00-17:00`; `22:00-06:00` goes on into the next morning."""

    texts: ClassVar[Any] = {"name": (_("Name"), 1)}
    timezone = forms.ChoiceField(
        label=_("Time zone"), choices=lambda: [(zone, zone) for zone in sorted(available_timezones())]
    )
    exceptions = forms.CharField(
        label=_("Single days"),
        required=False,
        widget=forms.Textarea,
        help_text=_(
            "One a line: “2026-12-24 08:00-12:00 Christmas Eve” or “2026-12-28 closed Moving house”."
        ),
    )
    holiday_country = forms.ChoiceField(label=_("Public holidays of"), required=False)
    holiday_subdivision = forms.CharField(
        label=_("Part of the country"),
        required=False,
        max_length=8,
        help_text=_("Its code, such as ENG or BY."),
    )

    def __init__(self, *args: Any, new: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if new:
            self.fields["code"] = code_field()
        for day in range(7):
            self.fields[f"day_{day}"] = forms.CharField(label=WEEKDAYS[day], required=False, max_length=200)
        countries: Any = self.fields["holiday_country"]
        countries.choices = [("", _("None"))] + [(code, code) for code in supported()]

    def plain(self) -> dict[str, Any]:
        """Week and single days in the form that the engine reads. Raises `Invalid` that names the line."""
        weekly = []
        for day in range(7):
            for start, end in _spans(self[f"day_{day}"].value() or "", f"day_{day}"):
                weekly.append({"day": day, "start": start, "end": end})
        return {"weekly": weekly, "exceptions": _single_days(self["exceptions"].value() or "")}


def _spans(text: str, field: str) -> list[tuple[str, str]]:
    spans = []
    for part in (one.strip() for one in text.replace(";", ",").replace("،", ",").split(",")):
        if not part:
            continue
        start, sep, end = part.replace("–", "-").partition("-")
        if not sep or ":" not in start or ":" not in end:
            raise Invalid(fields={field: _("Write times like 08:00-12:00, 13:00-17:00.")})
        spans.append((start.strip().zfill(5), end.strip().zfill(5)))
    return spans


def _single_days(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        day, _sep, rest = line.strip().partition(" ")
        try:
            date.fromisoformat(day)
        except ValueError as fault:
            words = _("Line %(number)s: begin with a day like 2026-12-24.")
            raise Invalid(fields={"exceptions": words}, number=number) from fault
        times, _sep, reason = rest.strip().partition(" ")
        while reason[:1].isdigit() and times.endswith(","):
            more, _sep, reason = reason.partition(" ")
            times += more
        intervals = [] if times.lower() in {"", "closed", gettext("closed")} else _spans(times, "exceptions")
        found[day] = {"spans": [list(span) for span in intervals], "reason": reason.strip()}
    return found


@require_GET
@admin_view("config.read")
def calendars(request: HttpRequest) -> HttpResponse:
    """Every calendar, and whether it is open now."""
    now = clock.now()
    rows = []
    for calendar in intake.list_calendars():
        kept = intake.hours_of(calendar)
        opens = hours.next_opening(kept, now)
        is_open = hours.is_open(kept, now)
        tags = [("ok", gettext("Open now"))] if is_open else [("idle", gettext("Closed now"))]
        if not is_open and opens is None:
            tags = [("critical", gettext("Never opens"))]
        rows.append(
            {
                "href": reverse("admin:calendar", args=[calendar.code]),
                "name": pages.text_of(calendar.name),
                "tags": tags,
                "cells": [calendar.timezone, _place(calendar), calendar.services.count()],
            }
        )
    add = {"href": reverse("admin:new_calendar"), "label": gettext("New opening hours")}
    context = {
        "title": gettext("Opening hours"),
        "meta": gettext("When services and queues are open."),
        "columns": [_("Name"), _("Time zone"), _("Public holidays"), _("Services")],
        "rows": rows,
        "add": add if may(user_of(request), "config.edit") else None,
        "empty_text": gettext("There are no opening hours yet."),
        "empty_more": gettext(
            "Services and queues open by a week of hours, with public holidays and single days."
        ),
        "empty_icon": "clock",
    }
    return pages.page(request, "admin/list.html", context, section="hours")


def _place(calendar: Calendar) -> str:
    parts = (calendar.holiday_country, calendar.holiday_subdivision)
    return " ".join(part for part in parts if part) or gettext("none")


@require_http_methods(["GET", "POST"])
@admin_view("config.edit")
def new_calendar(request: HttpRequest) -> HttpResponse:
    """Make opening hours."""
    return _page(request, None)


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """Change opening hours."""
    found = intake.get_calendar(code)
    if found is None:
        raise NotFound(_("There are no such opening hours."), code="calendar-unknown")
    return _page(request, found)


def _page(request: HttpRequest, row: Calendar | None) -> HttpResponse:
    form = CalendarForm(request.POST or None, initial=_initial(row), new=row is None)
    code = row.code if row is not None else ""

    def write() -> None:
        kept_as = code or form.cleaned_data["code"]
        if row is None and intake.get_calendar(kept_as) is not None:
            raise Conflict(_("There are already hours called “%(short)s”."), code="code-taken", short=kept_as)
        plain = form.plain()
        data = form.cleaned_data
        try:
            intake_services.save_calendar(
                code=kept_as,
                name=form.texts_of("name"),
                timezone=data["timezone"],
                weekly=plain["weekly"],
                exceptions=plain["exceptions"],
                holiday_country=data["holiday_country"],
                holiday_subdivision=data["holiday_subdivision"],
            )
        except Invalid as invalid:
            raise _at_days(invalid) from invalid

    page = editing.Editing(
        form=form,
        title=pages.text_of(row.name) if row is not None else gettext("New opening hours"),
        meta=code,
        section="hours",
        back=reverse("admin:calendars"),
        sections=[
            editing.Section(_("Name and place"), [*(["code"] if row is None else []), "name", "timezone"]),
            editing.Section(
                _("The week"),
                [f"day_{day}" for day in range(7)],
                _("Write times like 08:00-12:00, 13:00-17:00. 22:00-06:00 goes on into the next morning. "
                  "Empty means closed."),
            ),
            editing.Section(_("Public holidays"), ["holiday_country", "holiday_subdivision"]),
            editing.Section(_("Single days"), ["exceptions"], _("They count more than the week and the holidays.")),
        ],
        write=write,
        done=lambda: reverse("admin:calendar", args=[code or form.cleaned_data["code"]]),
        objects=[("calendar", code)] if code else [],
        preview=lambda: calendar_preview(form),
        preview_template="admin/_calendar_preview.html",
    )  # fmt: skip
    return editing.answer(request, page)


def _at_days(invalid: Invalid) -> Invalid:
    """A fault of the week as a whole is shown at its first day."""
    told = invalid.field_messages()
    return Invalid(
        fields={("day_0" if name.startswith("weekly") else name): words for name, words in told.items()}
    )


def _initial(row: Calendar | None) -> dict[str, Any]:
    if row is None:
        usual = {f"day_{day}": "08:00-17:00" for day in range(5)}
        return {"timezone": settings.TIME_ZONE, "holiday_country": settings.CIVICLINE.town_country, **usual}
    days: dict[str, Any] = {}
    for span in row.weekly:
        name = f"day_{span['day']}"
        days[name] = ", ".join(filter(None, [days.get(name, ""), f"{span['start']}-{span['end']}"]))
    lines = [_line(day, one) for day, one in sorted(row.exceptions.items())]
    return {
        **days,
        "name": row.name,
        "timezone": row.timezone,
        "holiday_country": row.holiday_country,
        "holiday_subdivision": row.holiday_subdivision,
        "exceptions": "\n".join(lines),
    }


def _line(day: str, one: dict[str, Any]) -> str:
    times = ",".join(f"{start}-{end}" for start, end in one.get("spans", [])) or "closed"
    return f"{day} {times} {one.get('reason', '')}".strip()


def calendar_preview(form: CalendarForm) -> dict[str, Any]:
    """The next 14 days as residents are told them, and the next holidays; or what is wrong with the form."""
    try:
        zone = form["timezone"].value() or "UTC"
        kept = hours.from_plain({"tz": zone, **form.plain()})
        today = hours.local(kept, clock.now()).date()
        days_off = _holidays(form, today)
    except (Invalid, hours.CalendarError, HolidaysUnknown) as fault:
        words = " ".join(fault.field_messages().values()) if isinstance(fault, Invalid) else str(fault)
        return {"fault": words, "days": [], "holidays": []}
    kept = replace(kept, holidays=days_off)
    days = [_day(kept, today + timedelta(days=number)) for number in range(SHOWN_DAYS)]
    coming = [(day, name) for day, name in sorted(days_off.items()) if day >= today][:SHOWN_HOLIDAYS]
    return {
        "fault": "",
        "days": days,
        "holidays": [(formats.date_format(day, "D j F Y"), name) for day, name in coming],
    }


def _holidays(form: CalendarForm, today: date) -> dict[date, str]:
    country = form["holiday_country"].value() or ""
    if not country:
        return {}
    part = form["holiday_subdivision"].value() or ""
    language = get_language() or ""
    return dict(public_holidays(country, today.year, today.year + 1, subdivision=part, language=language))


def _day(kept: hours.Calendar, day: date) -> dict[str, Any]:
    told = hours.day_hours(kept, day)
    spans = [f"{_clock(start)}–{_clock(end)}" for start, end in told.spans]
    midnight = datetime(day.year, day.month, day.day, 0, tzinfo=kept.zone)
    tomorrow = day + timedelta(days=1)
    next_midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, 0, tzinfo=kept.zone)
    shift = midnight.utcoffset() != next_midnight.utcoffset()
    return {
        "day": formats.date_format(day, "D j F"),
        "times": ", ".join(spans) or gettext("closed"),
        "why": told.detail,
        "shift": gettext("The clocks change.") if shift else "",
        "open": bool(spans),
    }


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}" if minute != 1440 else "24:00"
