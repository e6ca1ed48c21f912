"""Drawings of what was simulated, as numbers for SVG: lines, steps and bands, for a desk and for a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from civicline.web.planner.drawings import BOTTOM, PHONE, TOP, WIDE, Box

UNITS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
LINES = 6


def lines(
    labels: Sequence[str],
    drawn: Mapping[str, Sequence[float]],
    *,
    steps: Mapping[str, Sequence[float]] | None = None,
    band: Sequence[tuple[float, float]] = (),
) -> list[dict[str, Any]]:
    """Lines from middle to middle of each label's place, steps across it, a band behind; nothing without two labels.

    `drawn` and `steps`: {css class: a value for each label}.
    """
    if len(labels) < 2:  # a line has two ends
        return []
    boxes = (replace(box, right=14) for box in (WIDE, PHONE))
    return [_lines(box, labels, drawn, steps or {}, band) for box in boxes]


def _lines(
    box: Box,
    labels: Sequence[str],
    drawn: Mapping[str, Sequence[float]],
    steps: Mapping[str, Sequence[float]],
    band: Sequence[tuple[float, float]],
) -> dict[str, Any]:
    values = [
        value for row in (*drawn.values(), *steps.values(), [high for _low, high in band]) for value in row
    ]
    most = max([*values, 1.0])
    unit = next((step for step in UNITS if most / step <= LINES), most / LINES)
    top = -(-most // unit) * unit
    left = box.left + (14 if top >= 1000 else 0)  # room for four digits
    wide = (box.width - left - box.right) / len(labels)
    high = box.height - TOP - BOTTOM

    def x(at: float) -> float:
        return round(left + at * wide, 1)

    def y(value: float) -> float:
        return round(TOP + high - value / top * high, 1)

    def path(row: Sequence[float]) -> str:
        return "M" + "L".join(f"{x(at + 0.5)} {y(value)}" for at, value in enumerate(row))

    def stairs(row: Sequence[float]) -> str:
        pieces = [f"V{y(value)}H{x(at + 1)}" for at, value in enumerate(row)]
        return f"M{x(0)} {y(row[0])}" + "".join(pieces)

    around = [f"{x(at + 0.5)} {y(up)}" for at, (_down, up) in enumerate(band)]
    around += [f"{x(at + 0.5)} {y(down)}" for at, (down, _up) in reversed(list(enumerate(band)))]
    every = -(-len(labels) // box.words)
    return {
        "kind": box.kind, "width": box.width, "height": box.height, "left": left, "right": box.width - box.right,
        "grid": [{"y": y(unit * at), "value": f"{unit * at:g}"} for at in range(round(top / unit) + 1)],
        "ticks": [{"x": x(at + 0.5), "label": label} for at, label in enumerate(labels) if at % every == 0],
        "band": f"M{'L'.join(around)}Z" if around else "",
        "paths": [{"css": css, "d": path(row)} for css, row in drawn.items()]
        + [{"css": css, "d": stairs(row)} for css, row in steps.items()],
    }  # fmt: skip
