"""The comparison in words and figures."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from civicline.cli.headline.calls import read_days
from civicline.cli.headline.comparing import Day, Terms, compare_days, shorter, together
from civicline.cli.simulating import bar
from civicline.cli.tables import give
from civicline.engine.simulation import Estimate, estimate

FIGURES = ("lost", "on_line", "until_served")
HALF = 0.5
FEW = 25
"""Where fewer callers than this were lost on a day, chance decides whether half of them are."""
MOST = 8
"""So many days are told why they are not halved."""


def run(log: Path, terms: Terms, *, processes: int, as_json: bool, out: Path | None) -> None:
    """Read, compare, print. Raises Problem."""
    days = compare_days(read_days(log), terms, processes=processes, progress=bar(log.stem))
    text = json.dumps(plain(days), indent=2) + "\n" if as_json else "\n".join(lines(days, terms)) + "\n"
    give(text, out)


def lines(days: list[Day], terms: Terms) -> Iterable[str]:
    """One line for each day, the total, what may be claimed, and where it may not."""
    paid = "the same hours on the line" if terms.strict else "the same paid hours"
    yield f"Each day with {paid}; {terms.replications} replications of the same callers on both sides."
    yield ""
    yield (
        "                    | log as it was | simulated as it was      | planned by Civicline"
        "                          | less, with 95 % intervals"
    )
    yield (
        "day        calls exp | lost % wait s | lost % wait s paid line | lost % line s until s back later paid line"
        " | lost %         line %"
    )
    for day in days:
        yield _line(day.name, [day])
    yield _line("all", days)
    yield ""
    yield "back: called back; later: of them on a later day; until: until an agent spoke, or the caller was lost."
    yield ""
    yield from _claims(days)


def _line(name: str, days: list[Day]) -> str:
    number = sum(day.calls for day in days)
    weights = [day.calls / number for day in days]
    real = [sum(w * day.real[at] for w, day in zip(weights, days, strict=True)) for at in (0, 1)]
    old = [together(days, "before", figure).mean() for figure in FIGURES]
    new = [together(days, "planned", figure).mean() for figure in FIGURES]
    paid = [sum(getattr(day, side).paid_hours for day in days) for side in ("before", "planned")]
    there = [sum(getattr(day, side).line_hours for day in days) for side in ("before", "planned")]
    back = [
        sum(float(getattr(day.planned, name).mean()) for day in days) for name in ("called_back", "next_day")
    ]
    expected = sum(day.expected for day in days)
    was = f"{100 * old[0]:6.1f} {old[1]:6.1f} {paid[0]:4.0f} {there[0]:4.0f}"
    now = f"{100 * new[0]:6.1f} {new[1]:6.1f} {new[2]:7.0f} {back[0]:5.0f} {back[1]:5.0f}"
    now += f" {paid[1]:4.0f} {there[1]:4.0f}"
    gain = " ".join(f"{_per_cent(shorter(days, figure)):>14}" for figure in ("lost", "on_line"))
    return (
        f"{name:10} {number:5} {expected:5.0f} | {100 * real[0]:6.1f} {real[1]:6.1f} | {was} | {now} | {gain}"
    )


def _per_cent(gain: Estimate) -> str:
    """A share less, as a change in per cent with its interval."""
    return f"{-100 * gain.mean:+.0f} [{-100 * gain.high:+.0f}, {-100 * gain.low:+.0f}]"


def _claims(days: list[Day]) -> Iterable[str]:
    for figure, words in (
        ("lost", "callers lost (gave up, could not be reached, or not called back as promised)"),
        ("on_line", "mean wait on the telephone"),
        ("until_served", "mean time until served, those called back included"),
    ):
        better = sum(shorter([day], figure).mean >= HALF for day in days)
        yield f"{words}: {_per_cent(shorter(days, figure))} %; halved on {better} of {len(days)} days"
    back = sum(float(day.planned.called_back.mean()) for day in days)
    if back:
        later = sum(float(day.planned.next_day.mean()) for day in days)
        yield (
            f"called back: {back:.0f} of {sum(day.calls for day in days)}; {100 * later / back:.0f} % of them on a "
            "later day. Fewer are lost and they wait less on the telephone; until they are served it takes longer."
        )
    short = [words for day in days for words in _not_halved(day)]
    yield from short[:MOST]
    if len(short) > MOST:
        yield f"... and {len(short) - MOST} more like these; the table has them."
    beyond = [day.name for day in days if 2 * day.least > together([day], "before", "lost").mean()]
    if beyond:
        yield (
            "the calls bring more work than the planned hours on the line hold; without calls back on a later day "
            f"more than half of those lost before would be lost whatever the plan: {', '.join(beyond)}"
        )


def _not_halved(day: Day) -> Iterable[str]:
    """Why a day is not halved, or not for sure, in words."""
    for figure, words in (("lost", "callers lost"), ("on_line", "wait on the telephone")):
        gain = shorter([day], figure)
        if gain.low >= HALF:
            continue
        before = together([day], "before", "lost").mean() * day.calls
        if not together([day], "before", figure).any():
            yield f"{day.name}: {words}: there was nothing to halve."
            continue
        verdict = "halved, though not for sure" if gain.mean >= HALF else "not halved"
        yield (
            f"{day.name}: {words} {verdict}: {_per_cent(gain)} %. {before:.0f} of {day.calls} callers were "
            "lost before" + (", too few to tell." if before < FEW else ".")
        )


def plain(days: list[Day]) -> dict[str, Any]:
    """Everything for programs: means with intervals."""
    return {
        "days": [
            {
                "day": day.name,
                "calls": day.calls,
                "expected": round(day.expected, 1),
                "least_lost": round(day.least, 4),
                "back_after_seconds": round(float(day.planned.back_wait.mean()), 1),
            }
            | _told([day])
            for day in days
        ],
        "all": {"calls": sum(day.calls for day in days)} | _told(days),
    }


def _told(days: list[Day]) -> dict[str, Any]:
    weights = np.array([day.calls for day in days]) / sum(day.calls for day in days)
    sides = {
        side: {figure: _rounded(estimate(together(days, side, figure))) for figure in FIGURES}
        | {
            "paid_hours": round(sum(getattr(day, side).paid_hours for day in days), 2),
            "line_hours": round(sum(getattr(day, side).line_hours for day in days), 2),
            "called_back": round(sum(float(getattr(day, side).called_back.mean()) for day in days), 1),
            "called_back_later_day": round(sum(float(getattr(day, side).next_day.mean()) for day in days), 1),
        }
        for side in ("before", "planned")
    }
    return {
        "log": {
            "lost": round(float(sum(weights * [day.real[0] for day in days])), 4),
            "wait": round(float(sum(weights * [day.real[1] for day in days])), 2),
        },
        **sides,
        "less": {figure: _rounded(shorter(days, figure)) for figure in FIGURES},
    }


def _rounded(told: Estimate) -> list[float]:
    return [round(float(number), 4) for number in told]
