"""Figures of two simulations side by side, as words, bars and verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

WIDEST = 95.0
"""Per cent of its cell that the longest bar takes; its end is a dot."""
PERCENT = {"service_level", "abandonment", "occupancy"}
MINUTES = {"mean_wait", "asa", "queue_gap", "mean_handle"}
MEASURES = (
    ("service_level", _("Answered in time"), True),
    ("mean_wait", _("Mean wait, minutes"), False),
    ("asa", _("Mean wait of those answered, minutes"), False),
    ("abandonment", _("Gave up"), False),
    ("occupancy", _("Time busy"), None),
    ("queue_gap", _("Longest wait of a queue over the shortest, minutes"), False),
    ("cost", _("Cost of the day"), False),
    ("paid_hours", _("Paid hours"), None),
)
"""(code, words, whether more is better; None: neither)."""
OF_PAST = (
    ("service_level", _("Answered in time"), True),
    ("mean_wait", _("Mean wait, minutes"), False),
    ("asa", _("Mean wait of those answered, minutes"), False),
    ("abandonment", _("Gave up, or waited to the end"), False),
    ("offered", _("Contacts"), None),
    ("mean_handle", _("A contact takes, minutes"), None),
    ("occupancy", _("Time busy"), None),
    ("cost", _("Cost of the day"), False),
)
ROWS = {"real": 5, "a": 17, "b": 29}
"""Where each side's bar stands in its cell."""


def measures(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of a planned day: A, B, and what B has more."""
    found = []
    for code, words, better in MEASURES:
        a, b, difference = (result[side].get(code) for side in ("a", "b", "difference"))
        if a is None or b is None or difference is None:
            continue
        top = _top(code, a[2], b[2])
        found.append({
            "label": words, "a": shown(code, a), "b": shown(code, b),
            "bars": [_bar("a", a, top, 9), _bar("b", b, top, 21)], **verdict(code, difference, better=better),
        })  # fmt: skip
    return found


def past_measures(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of a past day: what really was, replayed, changed; how far the simulator is off comes first."""
    found = []
    for code, words, better in OF_PAST:
        a, b, difference = (result[side].get(code) for side in ("a", "b", "difference"))
        if a is None or b is None or difference is None:
            continue
        real = result["real"].get(code)
        known = [] if real is None else [real]
        top = _top(code, a[2], b[2], *known)
        bars = [_bar(side, told, top, ROWS[side]) for side, told in (("a", a), ("b", b))]
        if real is not None:
            bars.insert(0, _bar("real", [real] * 3, top, ROWS["real"]))
        found.append({
            "label": words, "real": number(code, real) if real is not None else "–", "a": shown(code, a),
            "b": shown(code, b), "off": _off(code, real, a), "bars": bars, **verdict(code, difference, better=better),
        })  # fmt: skip
    return found


def past_lines(result: dict[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each line of a past day: contacts, answered in time and mean wait, really, replayed and changed."""
    found = []
    for line, told in result["lines"].items():
        row: dict[str, Any] = {
            "label": names.get(line, line),
            "offered": number("offered", told["real"]["offered"]),
        }
        for code in ("service_level", "mean_wait"):
            sides = (told["real"][code], told["a"][code][0], told["b"][code][0])
            row[code] = [number(code, one) for one in sides]
        found.append(row)
    return found


def planned_lines(result: dict[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each queue of a planned day: contacts, answered in time and mean wait, of A and of B."""
    return [
        {"label": names.get(line, line), "offered": number("offered", told["a"]["offered"][0])}
        | {
            code: [number(code, told[side][code][0]) for side in ("a", "b")]
            for code in ("service_level", "mean_wait")
        }
        for line, told in result.get("lines", {}).items()
    ]


def _top(code: str, *highest: float) -> float:
    return max(*highest, 1.0 if code in PERCENT else 1e-9)


def _off(code: str, real: float | None, told: Sequence[float]) -> str:
    """What the simulator says more or less than there really was."""
    if real is None:
        return "–"
    difference = told[0] - real
    size = size_words(code, difference)
    if size == size_words(code, 0.0):
        return gettext("the same")
    return (gettext("%(size)s more") if difference > 0 else gettext("%(size)s less")) % {"size": size}


def number(code: str, value: float) -> str:
    """A figure without its unit."""
    if code in PERCENT:
        return f"{100 * value:.0f}%"
    if code in MINUTES:
        return f"{value / 60:.1f}" if abs(value) >= 60 else f"{value / 60:.2f}"  # seconds of a minute show
    return f"{value:,.0f}"


def shown(code: str, figure: Sequence[float]) -> dict[str, str]:
    """A figure and its range."""
    middle, low, high = figure
    return {"middle": number(code, middle), "low": number(code, max(0.0, low)), "high": number(code, high)}


def size_words(code: str, value: float) -> str:
    """How big a difference is, with its unit where that is points."""
    if code not in PERCENT:
        return number(code, abs(value))
    points = round(100 * abs(value))
    return ngettext("%(count)s point", "%(count)s points", points) % {"count": points}


def _bar(kind: str, figure: Sequence[float], top: float, y: int) -> dict[str, Any]:
    middle, low, high = (min(WIDEST, max(0.0, WIDEST * value / top)) for value in figure)
    return {
        "kind": kind,
        "x": round(low, 1),
        "width": round(max(high - low, 0.6), 1),
        "dot": round(middle, 1),
        "y": y,
    }


def verdict(code: str, difference: Sequence[float], *, better: bool | None) -> dict[str, Any]:
    """Better or worse only where the range of the paired difference leaves nought out."""
    middle, low, high = difference
    if low <= 0 <= high:
        return {"icon": "minus", "verdict": gettext("no clear difference")}
    words = gettext("%(size)s more") if middle > 0 else gettext("%(size)s less")
    good = better is not None and (middle > 0) == better
    icon = "ok" if good else ("minus" if better is None else "attention")
    return {"icon": icon, "verdict": words % {"size": size_words(code, middle)}}
