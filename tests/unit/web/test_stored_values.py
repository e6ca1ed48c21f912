"""The history of changes tells stored values as people would."""

from __future__ import annotations

from typing import Any

import pytest

from civicline.web.admin.values import in_words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        ([], "nothing"),
        (True, "yes"),
        (180, "180"),
        ("streets", "streets"),
        (["chat", "webform"], "chat, webform"),
        ({"council-tax": 4, "en": 5}, "council-tax 4, en 5"),
        (
            [{"day": 0, "start": "08:00", "end": "18:00"}, {"day": 5, "start": "09:00", "end": "13:00"}],
            "Mon 08:00-18:00, Sat 09:00-13:00",
        ),
        (
            [{"key": "hand", "name": {"en": "Like a hand", "es": "Como una mano"}}],
            "hand = Like a hand",
        ),
        ([[60, 1, ""], [150, 2, "benefits"]], "60, 1; 150, 2, benefits"),
        ([{"odd": [1, 2]}], "odd 1; 2"),
    ],
)
def test_a_stored_value_is_told_in_words(value: Any, words: str) -> None:
    assert in_words(value) == words


@pytest.mark.django_db
def test_people_are_told_by_name_and_not_by_number() -> None:
    from civicline.people import services as people
    from civicline.people.roles import Role

    user = people.create_staff(
        email="ada@town.example", name="Ada Byron", roles=[Role.AGENT], password="open sesame 12"
    )
    gone = "00000000-0000-7000-8000-000000000000"
    assert in_words([str(user.pk), gone]) == f"Ada Byron, {gone}"
