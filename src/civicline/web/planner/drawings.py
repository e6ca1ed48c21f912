"""Drawings of planning as numbers for SVG: steps of people needed and planned, in a box of fixed size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT = 1060, 250
LEFT, RIGHT, TOP, BOTTOM = 36, 100, 10, 24


def steps(
    labels: Sequence[str], needed: Sequence[float], busy: Sequence[float], planned: Sequence[float] | None
) -> dict[str, Any] | None:
    """People in each slot as step lines; where fewer are planned than needed a hatched box. None without anything."""
    most = max([*needed, *busy, *(planned or ()), 1.0])
    if not labels:
        return None
    unit = next((step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if most / step <= 6), 1000)
    top = -(-int(most + 0.999) // unit) * unit
    wide = (WIDTH - LEFT - RIGHT) / len(labels)
    high = HEIGHT - TOP - BOTTOM

    def x(at: float) -> float:
        return round(LEFT + at * wide, 1)

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
        "width": WIDTH, "height": HEIGHT, "base": y(0), "left": LEFT, "right": WIDTH - RIGHT,
        "grid": [{"y": y(value), "value": value} for value in range(0, top + 1, unit)],
        "ticks": [
            {"x": x(at), "label": label} for at, label in enumerate(labels) if at % max(1, len(labels) // 12) == 0
        ],
        "needed": line(needed), "area": f"{line(needed)}V{y(0)}H{x(0)}Z", "busy": line(busy),
        "planned": line(planned) if planned is not None else "", "gaps": gaps,
        "end_needed": y(needed[-1]), "end_planned": y(planned[-1]) if planned else 0,
    }  # fmt: skip
