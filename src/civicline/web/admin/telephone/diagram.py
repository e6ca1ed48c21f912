"""A menu as a picture: steps in rows from the first one down, lines for the ways between them. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from civicline.channels.voice.flows.wording import kind_label, way_label
from civicline.engine.callflow import Flow, Node
from civicline.engine.callflow.nodes import exits, kind_of

WIDE, HIGH = 146, 56
GAP_X, GAP_Y = 20, 72
MARGIN = 30
LONGEST = 18
SWEEPS = 4
CORNER = 8


@dataclass(frozen=True, slots=True)
class Box:
    """A step: its place (pixels of the picture), its words, and whether something is wrong with it."""

    key: str
    title: str
    kind: str
    icon: str
    x: int
    y: int
    wrong: bool
    first: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A way from step to step. `back` leads up or along; `words` stand at (x, y)."""

    path: str
    words: str
    x: int
    y: int
    back: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """The picture and how large it is; a `wide` one is drawn smaller where the page is narrow."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]

    @property
    def wide(self) -> bool:
        """Whether it would not fit beside the rail of an ordinary screen."""
        return self.width > WIDEST


WIDEST = 1150
ICONS = {
    "say": "sound", "ask_digit": "keypad", "hours": "clock", "language": "globe", "identify_case": "case",
    "read_status": "book", "announce_wait": "calendar", "offer_callback": "callback", "queue": "users",
    "voicemail": "rec", "transfer": "transfer", "notice": "bell", "hang_up": "hangup",
}  # fmt: skip


def draw(flow: Flow, wrong: frozenset[str]) -> Diagram:
    """The picture of a flow; `wrong` are the steps that have problems."""
    rows = _ordered(_rows(flow), flow)
    widest = max((len(row) for row in rows), default=1)
    width = widest * (WIDE + GAP_X) - GAP_X + 2 * MARGIN
    places: dict[str, tuple[int, int]] = {}
    for number, row in enumerate(rows):
        left = (width - (len(row) * (WIDE + GAP_X) - GAP_X)) // 2
        for at, key in enumerate(row):
            places[key] = (left + at * (WIDE + GAP_X), MARGIN + number * (HIGH + GAP_Y))
    boxes = tuple(_box(key, node, places[key], flow, wrong) for key, node in flow.nodes.items())
    lines = tuple(line for key, node in flow.nodes.items() for line in _lines(key, node, places))
    return Diagram(width, MARGIN * 3 + len(rows) * (HIGH + GAP_Y) - GAP_Y, boxes, lines)


def in_order(flow: Flow) -> list[str]:
    """The steps as the picture has them, row by row: for the list beside it."""
    return [key for row in _rows(flow) for key in row]


def _rows(flow: Flow) -> list[list[str]]:
    """Steps by how many ways lie between them and the first; those that nobody comes to stand last."""
    rows, seen = [[flow.start]] if flow.start in flow.nodes else [], {flow.start}
    while rows and rows[-1]:
        below: list[str] = []
        for key in rows[-1]:
            for way in exits(flow.nodes[key]):
                if way.target in flow.nodes and way.target not in seen:
                    seen.add(way.target)
                    below.append(way.target)
        rows.append(below)
    lonely = [key for key in flow.nodes if key not in seen]
    return [row for row in [*rows, lonely] if row]


def _ordered(rows: list[list[str]], flow: Flow) -> list[list[str]]:
    """Each row sorted by the middle of those above that lead to it, a few times over: fewer lines cross."""
    above: dict[str, list[str]] = {}
    for key, node in flow.nodes.items():
        for way in exits(node):
            above.setdefault(way.target, []).append(key)
    for _ in range(SWEEPS):
        at = {key: place / max(1, len(row) - 1) for row in rows for place, key in enumerate(row)}
        rows = [
            sorted(
                row, key=lambda key: _middle([at[one] for one in above.get(key, ()) if one in at], at[key])
            )
            for row in rows
        ]
    return rows


def _middle(places: list[float], own: float) -> float:
    return sum(places) / len(places) if places else own


def _box(key: str, node: Node, place: tuple[int, int], flow: Flow, wrong: frozenset[str]) -> Box:
    kind = kind_of(node)
    title = key if len(key) <= LONGEST else key[: LONGEST - 1] + "…"
    return Box(key, title, kind_label(kind), ICONS[kind], *place, key in wrong, key == flow.start)


def _lines(key: str, node: Node, places: Mapping[str, tuple[int, int]]) -> list[Line]:
    names: dict[str, list[str]] = {}
    for way in exits(node):
        if way.target in places:
            names.setdefault(way.target, []).append(way.name)
    x, y = places[key]
    count = len(names)
    found = []
    for number, (target, ways) in enumerate(
        sorted(names.items(), key=lambda one: places[one[0]][0]), start=1
    ):
        begin = x + WIDE * number // (count + 1)
        down = 14 + 14 * ((number - 1) % 2)  # neighbours' words stand one above the other
        found.append(_line((begin, y), places[target], _words(ways), down))
    return found


def _words(ways: list[str]) -> str:
    """What stands at a line: keys as they are, and nothing where there is only one way on."""
    keys = [way.removeprefix("digit:") for way in ways if way.startswith("digit:")]
    rest = [way_label(way) for way in ways if not way.startswith("digit:") and way != "next"]
    told = ", ".join(keys) or (rest[0] if rest else "")
    return told if len(told) <= LONGEST else told[: LONGEST - 1] + "…"


def _line(begin: tuple[int, int], target: tuple[int, int], words: str, down: int) -> Line:
    x, top = begin
    end, below = target[0] + WIDE // 2, target[1]
    y = top + HIGH
    if below > top:
        bend = max(24, (below - y) // 2)
        path = f"M{x} {y}C{x} {y + bend} {end} {below - bend} {end} {below}"
        return Line(path, words, x, y + down, back=False)
    return Line(_way_back(x, y, target, lane=y + 26 + down), words, x, y + down, back=True)


def _way_back(x: int, y: int, target: tuple[int, int], *, lane: int) -> str:
    """Down into the space below the row, along it, up beside the target and in at its side, with round corners."""
    right = x >= target[0] + WIDE // 2
    side = target[0] + (WIDE if right else 0)
    up = side + (GAP_X // 2 if right else -GAP_X // 2)
    middle = target[1] + HIGH // 2
    turn = CORNER if up > x else -CORNER
    inward = CORNER if side > up else -CORNER
    if abs(up - x) < 2 * CORNER:
        up = x + 2 * turn
    return (
        f"M{x} {y}V{lane - CORNER}Q{x} {lane} {x + turn} {lane}"
        f"H{up - turn}Q{up} {lane} {up} {lane - CORNER}"
        f"V{middle + CORNER}Q{up} {middle} {up + inward} {middle}H{side}"
    )
