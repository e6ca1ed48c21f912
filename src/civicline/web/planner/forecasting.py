"""The forecast: a day or a week of one line with its ranges and what came, and how good such forecasts were."""

from __future__ import annotations

from datetime import date, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from civicline.kernel.errors import Invalid
from civicline.routing import selectors as routing
from civicline.web.planner import forms, pages
from civicline.web.planner.access import planner_view, user_of
from civicline.workforce.refusals import kept_words
from civicline.workforce.selectors import forecasts
from civicline.workforce.selectors.forecasts import Day
from civicline.workforce.selectors.history import Line, today, today_so_far, ways
from civicline.workforce.services import forecasts as services

if TYPE_CHECKING:
    from civicline.routing.models import Queue
    from civicline.workforce.models import Forecast

WEEK = 7


class RunForm(forms.PlanForm):
    """What a new forecast shall be of."""

    interval = forms.choice(_("Slots"), [(15, _("15 minutes")), (30, _("30 minutes")), (60, _("60 minutes"))])
    days = forms.whole(_("Days from today"), least=1, most=56)
    like = forms.choice(
        _("Like which queue?"), [], _("Only for a service without history: it borrows the shape of another."),
        required=False,
    )  # fmt: skip
    scale = forms.number(_("How big, beside that one?"), _("0.3 is a third of its contacts."), required=False)

    def __init__(self, data: Any = None, *, queues: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["like"].choices = [("", _("It has its own history")), *queues]  # type: ignore[attr-defined]  # a choice


def _line(request: HttpRequest, given: QueryDict) -> tuple[Queue | None, Line | None]:
    known = {queue.code: queue for queue in routing.list_queues()}
    queue = known.get(given.get("queue", "")) or next(iter(known.values()), None)
    if queue is None:
        return None, None
    return queue, Line(queue.pk, given.get("channel", "")[:16], given.get("language", "")[:12])


@require_GET
@planner_view("plan.read")
def forecast(request: HttpRequest) -> HttpResponse:
    """One line, one day or one week."""
    queue, line = _line(request, request.GET)
    whole_week = request.GET.get("span") == "week"
    made = forecasts.newest(line) if line else None
    day = pages.asked_day(request)
    if made and "day" not in request.GET:
        day = forecasts.next_open_day(made, day)
    first, count = (pages.monday_of(day), WEEK) if whole_week else (day, 1)
    days = forecasts.days_of(made, first, count) if made else []
    context = {
        "queue": queue,
        "queue_name": pages.name_of(queue) if queue else "",
        "choices": _choices(queue, line),
        "day": day.isoformat(),
        "span": "week" if whole_week else "day",
        "earlier": _address(request, day - timedelta(days=count)),
        "later": _address(request, day + timedelta(days=count)),
        "made": made,
        "chart": _chart(made, line, days) if made and line else None,
        "closed": bool(days) and not any(sum(one.expected) for one in days),
        "days": [_day_row(one) for one in days],
        "accuracy": _accuracy(made) if made else None,
        "runs": [_run_row(run) for run in forecasts.past_runs(line)] if line else [],
        "form": RunForm(queues=pages.queue_choices(), initial={"interval": 30, "days": 28, "scale": 1}),
        **_state(line),
    }
    return pages.page(request, "planner/forecast.html", context, section="forecast")


def _choices(queue: Queue | None, line: Line | None) -> dict[str, Any]:
    channels, languages = ways(queue.pk) if queue else ([], [])
    return {
        "queues": pages.queue_choices(),
        "channels": [(one, one) for one in channels],
        "languages": [(one, one) for one in languages],
        "channel": line.channel if line else "",
        "language": line.language if line else "",
    }


def _address(request: HttpRequest, day: date) -> str:
    query = request.GET.copy()
    query["day"] = day.isoformat()
    return f"{reverse('planner:forecast')}?{query.urlencode()}"


def _chart(made: Forecast, line: Line, days: list[Day]) -> dict[str, Any] | None:
    """The drawing's numbers: slots of one day, or of seven one after the other."""
    if not any(sum(day.expected) for day in days):
        return None
    labels, middle, low, high, actual = [], [], [], [], []
    known = True
    for day in days:
        came = _came(made, line, day)
        for at, start in enumerate(day.starts):
            clock = pages.clock_words(start)
            labels.append(clock if len(days) == 1 else f"{date_format(day.day, 'D')} {clock}")
            middle.append(_plain(day.median[at]))
            low.append(_plain(day.low[at]))
            high.append(_plain(day.high[at]))
            value = came[at] if at < len(came) else None
            known = known and value is not None and isfinite(value)
            if known and value is not None:
                actual.append(_plain(value))
    slots = len(days[0].starts)
    peak = max(range(len(middle)), key=lambda at: middle[at])
    finding = gettext("Contacts each %(minutes)s minutes: most at %(time)s, %(count)s (%(low)s to %(high)s).") % {
        "minutes": made.interval, "time": labels[peak], "count": middle[peak], "low": low[peak], "high": high[peak],
    }  # fmt: skip
    return {
        "labels": labels, "middle": middle, "low": low, "high": high, "actual": actual, "finding": finding,
        "every": slots if len(days) > 1 else max(1, slots // 10),
    }  # fmt: skip


def _came(made: Forecast, line: Line, day: Day) -> list[float | None]:
    if day.day == today():
        return [value if isfinite(value) else None for value in today_so_far(line, made.interval, day.starts)]
    return day.actual


def _plain(value: float) -> float | int:
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def _day_row(day: Day) -> dict[str, Any]:
    came = [count for count in day.actual if count is not None]
    return {
        "day": day.day,
        "expected": round(sum(day.expected)),
        "came": round(sum(came)) if came and len(came) == len(day.starts) else None,
        "note": day.note,
        "href": f"?day={day.day.isoformat()}",
    }


def _per_cent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _accuracy(made: Forecast) -> dict[str, Any] | None:
    found = made.accuracy
    if not found:
        return None
    return {
        "weeks": found["weeks"],
        "held": round(100 * found["held"]),
        "rows": [
            {
                "label": gettext("This forecast"),
                "value": 100 * found["ours"],
                "text": _per_cent(found["ours"]),
            },
            {
                "label": gettext("As last week"),
                "value": 100 * found["naive"],
                "text": _per_cent(found["naive"]),
                "role": "attention",
            },
            {
                "label": gettext("Chance alone"),
                "value": 100 * found["floor"],
                "text": _per_cent(found["floor"]),
            },
        ],
    }


def _run_row(run: Forecast) -> dict[str, Any]:
    return {
        "at": run.made_at,
        **{name: _per_cent(run.accuracy[name]) for name in ("ours", "naive", "floor", "held")},
    }


def _state(line: Line | None) -> dict[str, Any]:
    run = forecasts.underway(line) if line else None
    return {
        "run_state": run.state if run else "",
        "run_problem": kept_words(run.problem, run.problem_values) if run else "",
        "state_query": f"queue_id={line.queue_id}&channel={line.channel}&language={line.language}"
        if line
        else "",
    }


@require_GET
@planner_view("plan.read")
def state(request: HttpRequest) -> HttpResponse:
    """How the run that was asked for stands; the page asks again and again, and reloads when it is done."""
    text = request.GET.get("queue_id", "")
    line = Line(
        int(text) if text.isdigit() else 0, request.GET.get("channel", ""), request.GET.get("language", "")
    )
    context = _state(line)
    answer = render(request, "planner/_forecast_state.html", context)
    if not context["run_state"]:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@planner_view("plan.edit")
def run(request: HttpRequest) -> HttpResponse:
    """Ask for a new forecast."""
    queue, line = _line(request, request.POST)
    if queue is None or line is None:
        return HttpResponseRedirect(reverse("planner:forecast"))
    back = f"{reverse('planner:forecast')}?queue={queue.code}&channel={line.channel}&language={line.language}"
    form = RunForm(request.POST, queues=pages.queue_choices())
    if not form.is_valid():
        words = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return pages.refused(request, Invalid(words), back)
    like = routing.get_queue(form.cleaned_data["like"]) if form.cleaned_data["like"] else None
    try:
        services.ask_forecast(
            queue_id=queue.pk, channel=line.channel, language=line.language, by=user_of(request).pk,
            interval=int(form.cleaned_data["interval"]), days=form.cleaned_data["days"],
            like_id=like.pk if like else None, scale=form.cleaned_data["scale"] or 1.0,
        )  # fmt: skip
    except Invalid as invalid:
        return pages.refused(request, invalid, back)
    return pages.done(request, gettext("The forecast is being made."), back)


@require_POST
@planner_view("plan.edit")
def update(request: HttpRequest) -> HttpResponse:
    """Ask that the rest of today be forecast anew."""
    queue, line = _line(request, request.POST)
    made = forecasts.newest(line) if line else None
    back = f"{reverse('planner:forecast')}?queue={queue.code if queue else ''}"
    if made is None:
        return pages.refused(request, Invalid(_("Make a forecast first.")), back)
    services.ask_update(forecast_id=made.pk)
    return pages.done(request, gettext("The rest of today is being forecast anew."), back)
