"""Compute the contrast of every pair of role colours in tokens.css and fail under the limits of the design.

The ratio is that of WCAG 2.2, "contrast ratio" and "relative luminance" (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
`python scripts/contrast.py` prints the lowest ratio of each group in each theme; `--theme-file town.css` checks
a town's colours on top of the light theme.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOKENS = ROOT / "frontend/src/styles/tokens.css"

THEMES = ("light", "dark", "board")
STATES = ("ok", "attention", "critical", "info", "hold", "idle")
GROUNDS = ("bg", "surface", "sunken", "raised", "hover", "selected")
_BLOCKS = {
    "light": r":root \{(.*?)\n\}",
    "dark": r':root\[data-theme="dark"\] \{(.*?)\n\}',
    "board": r':root\[data-theme="board"\] \{(.*?)\n\}',
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A foreground and a ground that stand together somewhere, with the least ratio they need."""

    group: str
    front: str
    ground: str
    least: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A pair in a theme with its ratio."""

    theme: str
    pair: Pair
    ratio: float

    @property
    def passes(self) -> bool:
        """Whether the pair keeps its limit."""
        return self.ratio >= self.pair.least


def luminance(colour: str) -> float:
    """Relative luminance of a hex colour, 0 to 1 (WCAG 2.2)."""
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if not re.fullmatch(r"[0-9a-fA-F]{6}", digits):
        raise ValueError(f"{colour!r} is not a colour like #0b5366")
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(front: str, ground: str) -> float:
    """Contrast ratio of two hex colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(front), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(css: str, theme: str) -> dict[str, str]:
    """The colour of each role in a theme, with `var()` followed to its end."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(("light", theme)):
        block = re.search(_BLOCKS[name], css, re.S)
        if block is None:
            raise ValueError(f"tokens.css has no block for the theme {name!r}")
        found.update(re.findall(r"--([\w-]+):\s*([^;]+);", block[1]))
    return {name: value for name in found if (value := _followed(found, name)).startswith("#")}


def _followed(found: Mapping[str, str], name: str) -> str:
    value = found[name].strip()
    while (inner := re.fullmatch(r"var\(--([\w-]+)\)", value)) is not None:
        value = found[inner[1]].strip()
    return value


def pairs(theme: str) -> Iterator[Pair]:
    """Every pair that the parts use, with its limit: boards are read at 5 m and need more."""
    board = theme == "board"
    text = 7.0 if board else 4.5
    for ground in GROUNDS:
        yield Pair("ink", "ink", ground, 13.0 if board else 7.0)
        yield Pair("ink-2", "ink-2", ground, 8.0 if board else text)
        yield Pair("ink-3", "ink-3", ground, text)
        yield Pair("field borders", "control", ground, 3.0)
        if ground != "selected":
            yield Pair("links", "link", ground, text)
            yield Pair("state text on plain grounds", "critical-fg", ground, text)
    for state in STATES:
        yield Pair("state text", f"{state}-fg", f"{state}-soft", text)
        yield Pair("ink on state grounds", "ink", f"{state}-soft", text)
        yield Pair("state text on surface", f"{state}-fg", "surface", text)
        yield Pair("text on solids", "on-state", state, 4.5)
        yield Pair("shapes", state, "surface", 3.0)
    yield Pair("brand", "on-brand", "brand", 4.5)
    yield Pair("brand", "on-brand", "brand-hover", 4.5)
    for ground in ("brand-soft", "brand-faint", "surface"):
        yield Pair("brand", "brand", ground, 4.5)
    for mark in ("data-1", "data-gap"):
        yield Pair("data marks", mark, "surface", 3.0)
    if not board:
        yield Pair("data marks", "data-2", "surface", 3.0)


def focus_shows(roles: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """Each ground that the focus is drawn over, with the better of ring and halo: one of the two must reach 3:1.

    The ring stands outside a control, so a control's own fill is no ground of it; ring and halo must be told apart too.
    """
    for ground in (*GROUNDS, "harbour-700", "harbour-800", "harbour-900", "harbour-950"):
        best = max(ratio(roles["focus-ring"], roles[ground]), ratio(roles["focus-halo"], roles[ground]))
        yield ground, best
    yield "each other", ratio(roles["focus-ring"], roles["focus-halo"])


def measure(css: str, theme: str) -> list[Measured]:
    """All pairs of a theme with their ratios."""
    roles = colours(css, theme)
    measured = [Measured(theme, pair, ratio(roles[pair.front], roles[pair.ground])) for pair in pairs(theme)]
    measured += [
        Measured(theme, Pair("focus", "focus", ground, 3.0), best) for ground, best in focus_shows(roles)
    ]
    return measured


def failures(css: str) -> list[str]:
    """A sentence for each pair that misses its limit, in any theme."""
    return [
        f"{each.theme}: {each.pair.front} on {each.pair.ground} is {each.ratio:.2f}, needs {each.pair.least:g}"
        for theme in THEMES
        for each in measure(css, theme)
        if not each.passes
    ]


def main() -> int:
    """Command line; 1 when a pair misses its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--theme-file", type=Path, help="a town's colours, as :root { --brand: ... }")
    options = parser.parse_args()
    css = TOKENS.read_text(encoding="utf-8")
    if options.theme_file:
        town = re.findall(r"--([\w-]+):\s*([^;]+);", options.theme_file.read_text(encoding="utf-8"))
        for name, value in town:
            css = re.sub(rf"--{name}:\s*[^;]+;", f"--{name}: {value};", css, count=1)
    for theme in THEMES:
        lowest: dict[str, Measured] = {}
        for each in measure(css, theme):
            known = lowest.get(each.pair.group)
            if known is None or each.ratio < known.ratio:
                lowest[each.pair.group] = each
        for group, each in lowest.items():
            print(f"{theme:6} {group:28} {each.ratio:5.1f}  {each.pair.front} on {each.pair.ground}")
    missed = failures(css)
    for sentence in missed:
        print(sentence, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
