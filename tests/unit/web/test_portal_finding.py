"""Finding a service in a resident's own words, in the demo town."""

import math
from types import SimpleNamespace
from typing import Any

import pytest

from civicline.demo.town import plan
from civicline.web.portal.finding import find_services, words_of
from civicline.web.portal.maps import map_around


@pytest.fixture(scope="module")
def services() -> list[Any]:
    fields = ("name", "description", "group")
    return [
        SimpleNamespace(
            code=row["code"], keywords=row.get("keywords", []), **{name: row.get(name, {}) for name in fields}
        )
        for row in plan()["service"]
    ]


@pytest.mark.parametrize(
    ("asked", "language", "first"),
    [
        ("pothole", "en", "pothole"),
        ("there is a big hole in the road", "en", "pothole"),
        ("my bin was not emptied", "en", "missed-bin"),
        ("the recycling was not collected", "en", "missed-bin"),
        ("lamp post is dark", "en", "street-light"),
        ("LOUD neighbours, every night!", "en", "noise"),
        ("my boiler is broken", "en", "repair"),
        ("bache en mi calle", "es", "pothole"),
        ("ruído", "es", "noise"),
        ("حفرة", "ar", "pothole"),
        ("الضوضاء", "ar", "noise"),
        ("şikâyet", "tr", "complaint"),
        ("bin", "ar", "missed-bin"),  # English words work in every language
    ],
)
def test_own_words_find_the_service(services: list[Any], asked: str, language: str, first: str) -> None:
    found = find_services(asked, services, language)
    assert found, asked
    assert found[0].code == first


@pytest.mark.parametrize("asked", ["", "zzxq", "the and of", "\x00", "?!", "with from when your the"])
def test_nothing_is_found_rather_than_anything(services: list[Any], asked: str) -> None:
    assert list(find_services(asked, services, "en")) == []


def test_a_very_long_question_costs_no_more_than_a_short_one() -> None:
    assert len(words_of("word%d " * 3)) == 1
    assert len(words_of(" ".join(f"word{number}" for number in range(10_000)))) == 24


def test_a_map_has_the_place_in_its_middle() -> None:
    drawn = map_around("https://tiles.example/{z}/{x}/{y}.png", 51.5007, -0.1246)
    assert drawn is not None
    # The same tile by the other form of the formula: ln(tan + sec) in place of asinh(tan).
    angle = math.radians(51.5007)
    row = math.floor((1 - math.log(math.tan(angle) + 1 / math.cos(angle)) / math.pi) / 2 * 2**17)
    (middle,) = [
        tile
        for tile in drawn.tiles
        if tile.x <= drawn.width // 2 < tile.x + 256 and tile.y <= drawn.height // 2 < tile.y + 256
    ]
    assert middle.href == f"https://tiles.example/17/65490/{row}.png"
    assert min(tile.x for tile in drawn.tiles) <= 0
    assert max(tile.x for tile in drawn.tiles) + 256 >= drawn.width
    assert map_around("", 51.5, -0.1) is None
    assert map_around("https://tiles.example/{z}/{x}/{y}.png", 89.9, 0) is None
    assert map_around("https://tiles.example/{z}/{x}/{y}.png", 0, -179.9999) is not None
