"""A place drawn on a map by the server, where the body has named a provider of tiles; otherwise words are enough.

Slippy-map tiles in Web Mercator (OpenStreetMap wiki, "Slippy map tilenames"): tile = 256 px, 2**zoom tiles a side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

ZOOM = 17  # a few streets
SIDE = 256
WIDTH, HEIGHT = 512, 320
MOST_NORTH = 85.0511


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture and where its corner lies on the map, in pixels."""

    href: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Map:
    """The tiles around a place; the place itself is in the middle."""

    tiles: tuple[Tile, ...]
    width: int = WIDTH
    height: int = HEIGHT


def map_around(pattern: str, latitude: float, longitude: float) -> Map | None:
    """The map of a place (WGS 84 degrees); None without a provider, or too near a pole to be drawn."""
    if not pattern or abs(latitude) > MOST_NORTH:
        return None
    count = 2**ZOOM
    angle = math.radians(latitude)
    east = (longitude + 180) / 360 * count * SIDE
    south = (1 - math.asinh(math.tan(angle)) / math.pi) / 2 * count * SIDE
    left, top = round(east - WIDTH / 2), round(south - HEIGHT / 2)
    columns = range(left // SIDE, (left + WIDTH - 1) // SIDE + 1)
    rows = range(max(0, top // SIDE), min(count - 1, (top + HEIGHT - 1) // SIDE) + 1)
    tiles = tuple(
        Tile(
            pattern.replace("{z}", str(ZOOM)).replace("{x}", str(column % count)).replace("{y}", str(row)),
            column * SIDE - left,
            row * SIDE - top,
        )
        for row in rows
        for column in columns
    )
    return Map(tiles)
