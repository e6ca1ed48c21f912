"""What every page of the supervisor shows around its own content, and the board's parts."""

from __future__ import annotations

from math import ceil
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.lines_now import lines_now
from civicline.insight import wording
from civicline.insight.board import FEW, Board, read_board
from civicline.insight.measures import INTERVAL, NO_TARGET
from civicline.people.permissions import may
from civicline.routing import selectors as routing
from civicline.web.own_telephone import standing
from civicline.web.rail import (
    DESK,
    LIVE,
    RECORDINGS,
    REPORT,
    SET_UP,
    Way,
    of_administration,
    only_keeps_house,
    rail,
)
from civicline.web.staff import card
from civicline.web.supervisor.access import user_of, wants_parts
from civicline.web.telephone_words import telephone_words

WAYS = (
    LIVE,
    Way("calls", pgettext_lazy("page", "Calls"), "phone", "supervisor:calls", "board.read"),
    REPORT,
    RECORDINGS,
    Way("plan", _("Plan"), "calendar", "planner:week", "plan.read"),
    DESK,
    Way("wall", _("Wall"), "video", "board:wall", "board.read"),
    SET_UP,
)


def frame(request: HttpRequest, *, section: str) -> dict[str, Any]:
    """The context of the staff shell."""
    user = user_of(request)
    return {
        "section": section,
        "staff": card(user),
        "nav": _nav(request, section),
        "home_url": reverse("supervisor:home"),
        "telephone": standing(request),
        "may": {
            code: may(user, action)
            for code, action in (
                ("alarm", "alarm.take"),
                ("act", "contact.move"),
                ("presence", "presence.set"),
                ("export", "report.export"),
                ("report", "report.read"),
                ("wall", "config.edit"),
            )
        },
        "told": [{"text": str(one), "tags": one.tags} for one in messages.get_messages(request)],
    }


def _nav(request: HttpRequest, section: str) -> list[dict[str, Any]]:
    user = user_of(request)
    if only_keeps_house(user):
        return of_administration(user, "connections")
    without = {"calls"} if settings.CIVICLINE.voice_mode == "off" else set()
    return rail(user, (way for way in WAYS if way.code not in without), section)


def _whole_hours(quarters: int) -> int:
    """After how many quarters of an hour an axis has a label: each hour, or the fewest hours that make nine at most."""
    return 4 * max(1, ceil(quarters / 36))


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, section: str = "live", status: int = 200
) -> HttpResponse:
    """Draw one whole page."""
    return render(request, template, frame(request, section=section) | context, status=status)


def tabs(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """All queues, and each by itself, in their kept order."""
    home = reverse("supervisor:home")
    everything = {"label": gettext("All queues"), "href": home, "current": not code}
    return [
        everything,
        *(
            {
                "label": wording.name_of(queue),
                "href": f"{home}?queue={queue.code}",
                "current": queue.code == code,
            }
            for queue in routing.list_queues()
        ),
    ]


def board_context(code: str) -> dict[str, Any]:
    """Everything that the parts of the board show."""
    board = read_board(code)
    calls = lines_now(code)
    tells = [row.told.high for row in board.rows if row.told.high is not None]
    return {
        "board": board,
        "calls": calls,
        "calls_words": telephone_words(calls) if calls is not None else {},
        "queue_code": code,
        "counted_at": timezone.localtime(board.at).strftime("%H:%M:%S"),
        "alarms": wording.alarm_cards(board),
        "groups": wording.groups(board),
        "rows": [_row(row) for row in board.rows],
        "axis": 60 if max(tells, default=0) > 1800 else 30,
        "spark_top": max((max(row.spark) for row in board.rows), default=1),
        "few": FEW,
        "chart": _chart(board),
        "kept": _kept(board),
        "gone_words": _gone_words(board),
        "gone": board.counts.abandoned - board.counts.short_abandoned,
        "in_time": share(board.counts.answered_within, board.counts.offered),
        "longest": wording.clock_words(board.longest_s) if board.longest_s is not None else "",
    }


def _gone_words(board: Board) -> str:
    """What is counted as given up: waits of at least the queue's setting; queues may differ in it."""
    seconds = board.counts.short_seconds
    if seconds == NO_TARGET:
        return gettext("Gave up, short waits left out")
    return ngettext(
        "Gave up after %(count)s second or more", "Gave up after %(count)s seconds or more", round(seconds)
    ) % {"count": round(seconds)}


def share(part: float, whole: float) -> str:
    """A share in per cent, or "11 of 14" while it is about few."""
    if whole < FEW:
        return gettext("%(part)s of %(whole)s") % {"part": int(part), "whole": int(whole)}
    return f"{round(100 * part / whole)}%"


def _row(row: Any) -> dict[str, Any]:
    return {
        "row": row,
        "name": wording.name_of(row.queue),
        "longest": wording.clock_words(row.longest_s) if row.longest_s is not None else "",
        "untold": wording.UNTOLD.get(row.told.reason, ""),
        "told": (row.told.low, row.told.high) if row.told.low is not None else None,
        "longest_role": _longest_role(row),
    }


def _longest_role(row: Any) -> str:
    if row.longest_s is None or row.longest_s <= row.queue.target_seconds:
        return ""
    return "critical" if row.longest_s > row.queue.alarm_longest_seconds else "attention"


def _chart(board: Board) -> dict[str, Any]:
    """Contacts each quarter of an hour: from the first that came, at the earliest two hours ago, until now."""
    counts = list(board.arrivals)
    first = next((at for at, count in enumerate(counts) if count), len(counts) - 1)
    first = max(0, min(first, len(counts) - 9)) // 4 * 4  # the axis begins with a whole hour
    moments = [board.day_start + INTERVAL * at for at in range(first, len(counts))]
    labels = [timezone.localtime(moment).strftime("%H:%M") for moment in moments]
    shown = counts[first:]
    latest = shown[-1] if shown else 0
    finding = gettext("Contacts each 15 minutes today: %(total)s in all, %(latest)s since %(time)s.") % {
        "total": sum(counts),
        "latest": latest,
        "time": labels[-1] if labels else "",
    }
    return {
        "labels": labels,
        "actual": shown,
        "finding": finding,
        "total": sum(counts),
        "latest": latest,
        "every": _whole_hours(len(labels)),
    }


def _kept(board: Board) -> dict[str, Any]:
    told, held = int(board.words.told), int(board.words.held)
    share = round(100 * held / told) if told else 0
    error = board.words.absolute_error_seconds / told if told else None
    return {
        "told": told,
        "held": held,
        "few": told < FEW,
        "share": share,
        "role": "ok" if share >= 78 else ("attention" if share >= 68 else "critical"),
        "error": wording.clock_words(error) if error is not None else "",
    }


def done(request: HttpRequest, words: str, to: str) -> HttpResponse:
    """After a deed: say what was done, and go to where it is seen."""
    messages.success(request, words)
    if wants_parts(request):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = to
        return answer
    return HttpResponseRedirect(to)
