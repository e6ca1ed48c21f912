"""People needed in each half hour, beside those who are planned, and what the need is worked out by."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from civicline.kernel.errors import Invalid
from civicline.people.permissions import may, require
from civicline.routing import selectors as routing
from civicline.web.planner import drawings, forms, pages
from civicline.web.planner.access import load_queue, planner_view, user_of
from civicline.workforce.selectors.coverage import SLOTS, Cover, cover
from civicline.workforce.selectors.staffing import SLOT, all_staffing, staffing_of
from civicline.workforce.services import staffing as services

if TYPE_CHECKING:
    from civicline.routing.models import Queue
    from civicline.workforce.models import Staffing

PERCENT = ("share", "max_occupancy", "max_abandon", "shrinkage", "self_service")
KEPT = ("self_service", "callback_minutes")
"""What an approved scenario may have set: stays as it is where the form leaves it out."""


@require_GET
@planner_view("plan.read")
def needs(request: HttpRequest) -> HttpResponse:
    """One day: all queues together, or one of them."""
    day = pages.asked_day(request)
    code = request.GET.get("queue", "")
    queue = routing.get_queue(code) if code else None
    found = cover(day, 1)[0]
    needed, planned = _of(found, queue)
    busy = found.busy if queue is None else needed
    span = _span([*needed], [*planned])
    labels = [pages.clock_words(at * SLOT) for at in span]
    short = (
        [max(0.0, needed[at] - planned[at]) for at in span]
        if queue
        else [found.short_slots[at] for at in span]
    )
    context = {
        "day": day,
        "queue_code": code if queue else "",
        "choices": pages.queue_choices(),
        "earlier": f"?queue={code}&day={(day - timedelta(days=1)).isoformat()}",
        "later": f"?queue={code}&day={(day + timedelta(days=1)).isoformat()}",
        "chart": drawings.steps(
            labels, [needed[at] for at in span], [busy[at] for at in span], [planned[at] for at in span]
        ),
        "known": found.known,
        "finding": _finding(labels, [needed[at] for at in span], short),
        "slots": [
            {"label": label, "needed": _plain(needed[at]), "busy": _plain(busy[at]), "planned": _plain(planned[at]),
             "short": _plain(short[number])}
            for number, (label, at) in enumerate(zip(labels, span, strict=True))
        ],
        "hours": pages.hours_words(sum(needed) * SLOT),
        "planned_hours": pages.hours_words(sum(planned) * SLOT),
        "short_hours": pages.hours_words(sum(short) * SLOT),
        "rules": _rules(),
    }  # fmt: skip
    return pages.page(request, "planner/needs.html", context, section="needs")


def _of(found: Cover, queue: Queue | None) -> tuple[list[float], list[float]]:
    if queue is None:
        return found.needed, found.planned
    return found.by_queue.get(queue.pk, ([0.0] * SLOTS, [0.0] * SLOTS))


def _span(needed: list[float], planned: list[float]) -> range:
    used = [at for at in range(SLOTS) if needed[at] or planned[at]]
    return range(used[0], used[-1] + 1) if used else range(0)


def _plain(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _finding(labels: list[str], needed: list[float], short: list[float]) -> str:
    if not labels:
        return gettext("Nobody is needed on this day, as far as is known.")
    peak = max(range(len(needed)), key=lambda at: needed[at])
    words = gettext("Most people are needed at %(time)s: %(count)s.") % {
        "time": labels[peak],
        "count": _plain(needed[peak]),
    }
    worst = max(range(len(short)), key=lambda at: short[at])
    if not short[worst]:
        return words + " " + gettext("The plan has enough people all day.")
    more = gettext("The plan is short by up to %(count)s, most at %(time)s.")
    return words + " " + more % {"count": _plain(short[worst]), "time": labels[worst]}


def _rules() -> list[dict[str, Any]]:
    known = all_staffing()
    return [
        {
            "code": queue.code, "name": pages.name_of(queue), "rule": known[queue.pk],
            "share": round(known[queue.pk].share * 100), "occupancy": round(known[queue.pk].max_occupancy * 100),
            "shrinkage": round(known[queue.pk].shrinkage * 100),
            "open": f"{pages.clock_words(known[queue.pk].opens)}–{pages.clock_words(known[queue.pk].closes)}",
        }
        for queue in routing.list_queues()
    ]  # fmt: skip


class RuleForm(forms.PlanForm):
    """What the need of a queue is worked out by. Shares are in per cent."""

    share = forms.number(_("Answered in time, per cent"), least=1, most=99.9)
    within_seconds = forms.whole(_("In time is within, seconds"))
    handle_seconds = forms.whole(
        _("A contact takes, seconds"),
        _("With wrap-up. For chats: divided by how many an agent has at once."),
        least=1,
    )
    patience_seconds = forms.whole(
        _("Residents wait for, seconds"), _("On average, before they give up. Empty: nobody gives up."), least=1,
        required=False,
    )  # fmt: skip
    max_abandon = forms.number(_("Give up at most, per cent"), least=0.1, most=99, required=False)
    max_occupancy = forms.number(
        _("Busy at most, per cent of the time"), _("Over 85 wears people out."), least=1
    )
    shrinkage = forms.number(
        _("Paid time away, per cent"),
        _("Meetings, sick days, late starts. Leave and breaks are planned apart."),
        most=90,
    )
    self_service = forms.number(
        _("Soon solved without a person, per cent"), _("Of the contacts forecast. 0 once the counts show it."), most=95,
        required=False,
    )  # fmt: skip
    callback_minutes = forms.whole(
        _("A call back is offered from, minutes of wait"),
        _("As simulated. 0 is never."),
        most=120,
        required=False,
    )
    opens = forms.clock(_("From"))
    closes = forms.clock(_("Until"), help_text=_("00:00 is midnight at the end of the day."))
    weekdays = django_forms.MultipleChoiceField(
        label=_("Days"), choices=forms.WEEKDAYS, widget=django_forms.CheckboxSelectMultiple, required=False
    )


@require_http_methods(["GET", "POST"])
@planner_view("plan.read", obj=load_queue)
def rule(request: HttpRequest, queue: Queue) -> HttpResponse:
    """What one queue is planned by."""
    row = staffing_of(queue)
    form = RuleForm(request.POST or None, initial=_initial(row))
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        if form.is_valid() and _saved(queue, form):
            words = gettext("Saved. The need is worked out anew.")
            return pages.done(request, words, f"{reverse('planner:needs')}?queue={queue.code}")
    errors = bool(form.is_bound and form.errors)
    context = {
        "form": form,
        "title": pages.name_of(queue),
        "errors": errors,
        "editable": may(user_of(request), "plan.edit"),
    }
    return pages.page(request, "planner/rule.html", context, section="needs", status=422 if errors else 200)


def _initial(row: Staffing) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in services.FIELDS}
    for name in PERCENT:
        if found[name] is not None:
            found[name] = round(found[name] * 100, 2)
    found["opens"], found["closes"] = pages.clock_words(row.opens), pages.clock_words(row.closes % 1440)
    return found


def _saved(queue: Queue, form: RuleForm) -> bool:
    given = dict(form.cleaned_data)
    for name in PERCENT:
        given[name] = given[name] / 100 if given[name] is not None else None
    for name in ("opens", "closes"):
        given[name] = given[name].hour * 60 + given[name].minute
    given["closes"] = given["closes"] or 1440
    for name in KEPT:
        if given[name] is None:
            del given[name]
    given["weekdays"] = [int(day) for day in given["weekdays"]]
    try:
        services.save_staffing(queue_id=queue.pk, **given)
    except Invalid as invalid:
        form.refuse(invalid)
        return False
    return True
