"""The screen on the wall: seven rows and four numbers, no names; and how a screen is let in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from civicline.channels.voice.lines_now import LinesNow, lines_now
from civicline.insight import wording
from civicline.insight.board import FEW, Board, QueueRow, read_board
from civicline.web.board.access import WALL_COOKIE, WALL_SECONDS, opens_wall, sees_wall
from civicline.web.telephone_words import telephone_words

MOST_ROWS = 7


@require_GET
def wall(request: HttpRequest) -> HttpResponseBase:
    """The whole screen."""
    if not sees_wall(request):
        return _closed(request)
    return _screen(request, "board/wall.html")


@require_GET
def now(request: HttpRequest) -> HttpResponseBase:
    """What changes on the screen."""
    if not sees_wall(request):
        return HttpResponse(status=403)
    return _screen(request, "board/_screen.html")


def _screen(request: HttpRequest, template: str) -> HttpResponse:
    board = read_board(request.GET.get("queue", ""))
    calls = lines_now(request.GET.get("queue", ""))
    response: HttpResponse = render(request, template, _context(board, calls))
    response["Cache-Control"] = "no-store"
    return response


def _closed(request: HttpRequest) -> HttpResponse:
    reason = gettext(
        "This screen is not set up. A supervisor can sign in here, or open the link for this screen."
    )
    return render(request, "shells/error.html", {"status": 403, "reason": reason, "back": "/"}, status=403)


def _context(board: Board, calls: LinesNow | None) -> dict[str, Any]:
    rows = board.rows[: MOST_ROWS if calls is None else MOST_ROWS - 1]
    few = board.counts.offered < FEW
    share = 0 if few else round(100 * board.counts.answered_within / board.counts.offered)
    return {
        "town": settings.CIVICLINE.town_name,
        "board": board,
        "rows": [_row(row) for row in rows],
        "more": len(board.rows) - len(rows),
        "few": few,
        "kept": board.counts.answered_within,
        "offered": board.counts.offered,
        "share": share,
        "bad": not few and share < board.promise,
        "alarm": _alarm(board),
        "calls": calls,
        "calls_words": telephone_words(calls) if calls is not None else {},
        "axis": 60 if max((row.told.high or 0 for row in rows), default=0) > 1800 else 30,
    }


def _row(row: QueueRow) -> dict[str, Any]:
    offered, kept = row.counts.offered, row.counts.answered_within
    few = offered < FEW
    share = 0 if few else round(100 * kept / offered)
    gap = share - row.promise
    by_share = "ok" if few or gap >= 0 else ("attention" if gap > -10 else "critical")
    role = "critical" if "critical" in (row.role, by_share) else by_share
    return {
        "name": wording.name_of(row.queue),
        "row": row,
        "few": few,
        "kept": kept,
        "offered": offered,
        "share": share,
        "gap": gap,
        "role": "closed" if row.role == "closed" else role,
        "told": minutes(row),
        "untold": wording.UNTOLD.get(row.told.reason, ""),
    }


def minutes(row: QueueRow) -> str:
    """The told range as large figures: "9–16", "<1"; empty when none is told."""
    if row.told.low is None or row.told.high is None:
        return ""
    low, high = int(row.told.low // 60), -int(-row.told.high // 60)
    if high <= 1:
        return "<1"
    if low == 0:
        return f"<{high}"
    return f"{low}–{high}" if low != high else str(high)


def _alarm(board: Board) -> dict[str, str] | None:
    """The first loud alarm of a queue; alarms about people stay off the wall."""
    for card in wording.alarm_cards(board):
        if not card.queue_code or card.state == "snoozed":
            continue
        return {
            "title": card.title,
            "note": gettext("A supervisor is on it") if card.state == "taken" else "",
        }
    return None


@require_GET
def enter(request: HttpRequest, token: str) -> HttpResponseBase:
    """The link of one screen: keeps its token in a cookie, and shows the wall. The address is seen once only."""
    if not opens_wall(token):
        return _closed(request)
    response = HttpResponseRedirect(reverse("board:wall"))
    response.set_cookie(
        WALL_COOKIE,
        token,
        max_age=WALL_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.CIVICLINE.secure,
    )
    response["Referrer-Policy"] = "no-referrer"
    return response
