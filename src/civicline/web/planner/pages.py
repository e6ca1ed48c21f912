"""What every page of planning shows around its own content, and the choices that most of them begin with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import Refused
from civicline.kernel.texts import localized
from civicline.people.permissions import may
from civicline.routing import selectors as routing
from civicline.web.planner.access import user_of, words_of
from civicline.web.rail import CHANGES, LIVE, REPORT, SET_UP, Way, of_administration, only_keeps_house, rail
from civicline.web.staff import card
from civicline.workforce.selectors.history import today

if TYPE_CHECKING:
    from civicline.people.models import User
    from civicline.routing.models import Queue


PAGES = {
    "forecast": (_("Forecast"), "chart"), "needs": (_("People"), "users"), "week": (_("Shifts"), "calendar"),
    "requests": (_("Requests"), "transfer"), "today": (_("Today"), "clock"),
    "kept": (pgettext_lazy("page", "Kept"), "check"), "what_ifs": (_("What if"), "sliders"),
}  # fmt: skip
WAYS = (
    *(Way(code, name, icon, f"planner:{code}", "plan.read") for code, (name, icon) in PAGES.items()),
    CHANGES,
    LIVE._replace(icon="eye"),  # the chart is the forecast's here
    REPORT,
    SET_UP._replace(action="config.edit"),
)


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, section: str, status: int = 200
) -> HttpResponse:
    """Draw one whole page; `section` is the entry of the rail it belongs to."""
    return render(request, template, frame(request, section) | context, status=status)


def frame(request: HttpRequest, section: str) -> dict[str, Any]:
    """The context of the staff shell."""
    user = user_of(request)
    return {
        "staff": card(user),
        "nav": _nav(user, section),
        "home_url": reverse("staff_home"),
        "may_edit": may(user, "plan.edit"),
        "told": [{"text": str(one), "tags": one.tags} for one in messages.get_messages(request)],
    }


def _nav(user: User, section: str) -> list[dict[str, Any]]:
    if only_keeps_house(user):
        return of_administration(user, section)
    return rail(user, WAYS, section)


def done(request: HttpRequest, words: str, to: str) -> HttpResponse:
    """After a deed: say what was done, and go to where it is seen."""
    messages.success(request, words)
    return HttpResponseRedirect(to)


def refused(request: HttpRequest, refusal: Refused, to: str) -> HttpResponse:
    """After a deed that could not be done: say why, and go back to where it was tried."""
    messages.error(request, words_of(refusal))
    return HttpResponseRedirect(to)


def name_of(queue: Queue) -> str:
    """A queue's name in the reader's language."""
    return localized(queue.name, get_language() or settings.LANGUAGE_CODE) or queue.code


def queue_choices() -> list[tuple[str, str]]:
    """All queues by code, in their kept order."""
    return [(queue.code, name_of(queue)) for queue in routing.list_queues()]


def asked_day(request: HttpRequest, name: str = "day") -> date:
    """The day that the address names, today without one or with one that is none."""
    try:
        found = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return today()
    return found if 1990 <= found.year <= 2200 else today()


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def clock_words(minute: int) -> str:
    """A minute of the day as 08:30; midnight at the end is 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def hours_words(minutes: float) -> str:
    """Minutes as hours with one digit."""
    return f"{minutes / 60:.1f}".rstrip("0").rstrip(".") or "0"
