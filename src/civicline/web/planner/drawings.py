"""Drawings of planning as numbers for SVG: steps of people needed and planned, in a box of fixed size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

TOP, BOTTOM = 10, 24


@dataclass(frozen=True)
class Box:
    """A drawing's size in its own units, and how many words fit below it."""

    kind: str
    width: int
    height: int
    left: int
    right: int
    words: int


WIDE = Box("wide", width=1060, height=250, left=36, right=100, words=12)
PHONE = Box("phone", width=344, height=210, left=26, right=14, words=6)


def steps(
    labels: Sequence[str], needed: Sequence[float], busy: Sequence[float], planned: Sequence[float] | None
) -> list[dict[str, Any]]:
    """People in each slot as step lines, drawn for a desk and for a phone; nothing without slots."""
    return [_steps(box, labels, needed, busy, planned) for box in (WIDE, PHONE)] if labels else []


def _steps(
    box: Box,
    labels: Sequence[str],
    needed: Sequence[float],
    busy: Sequence[float],
    planned: Sequence[float] | None,
) -> dict[str, Any]:
    """One drawing; where fewer are planned than needed stands a hatched box."""
    most = max([*needed, *busy, *(planned or ()), 1.0])
    unit = next((step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if most / step <= 6), 1000)
    top = -(-int(most + 0.999) // unit) * unit
    wide = (box.width - box.left - box.right) / len(labels)
    high = box.height - TOP - BOTTOM

    def x(at: float) -> float:
        return round(box.left + at * wide, 1)

    def y(people: float) -> float:
        return round(TOP + high - people / top * high, 1)

    def line(values: Sequence[float]) -> str:
        points = [f"{x(at)} {y(v)}H{x(at + 1)}" for at, v in enumerate(values)]
        return (
            "M" + "V".join([points[0], *(point.split(" ", 1)[1] for point in points[1:])]) if points else ""
        )

    gaps = [
        {"x": x(at), "y": y(need), "w": round(wide, 1), "h": round(y(have) - y(need), 1)}
        for at, (need, have) in enumerate(zip(needed, planned or needed, strict=True))
        if have < need
    ]
    return {
        "kind": box.kind, "width": box.width, "height": box.height, "base": y(0), "left": box.left,
        "right": box.width - box.right,
        "grid": [{"y": y(value), "value": value} for value in range(0, top + 1, unit)],
        "ticks": [
            {"x": x(at), "label": label} for at, label in enumerate(labels) if at % -(-len(labels) // box.words) == 0
        ],
        "needed": line(needed), "area": f"{line(needed)}V{y(0)}H{x(0)}Z", "busy": line(busy),
        "planned": line(planned) if planned is not None else "", "gaps": gaps,
        "end_needed": y(needed[-1]), "end_planned": y(planned[-1]) if planned else 0,
    }  # fmt: skip
