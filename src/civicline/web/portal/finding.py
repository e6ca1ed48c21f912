"""Finding a service in a resident's own words: small enough to be exact, with nothing to install and nothing to learn.

A word counts more the fewer services it fits (inverse document frequency), more in a name or a keyword than in a
description, and less when only its beginning fits. Only the few little words that stand in names need a list.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from civicline.kernel.texts import localized

if TYPE_CHECKING:
    from civicline.intake.models import Service

MOST_LETTERS = 400
MOST_WORDS = 24
NAME, KEYWORD, GROUP, DESCRIPTION = 4.0, 4.0, 2.0, 1.5
BEGINNING = 0.7
LEAST = 4.2
"""One word of a description is no answer, however rare; one of a name is."""
SHORT = 4
"""Letters: words this short ("when", "your") tell something in a name or a keyword only."""
LITTLE = frozenset(
    {"and", "the", "for", "with", "you", "your", "our", "any", "les", "des", "une", "pour", "dans", "mon"}
    | {"los", "las", "del", "con", "por", "para", "sobre", "ile", "bir", "icin"}
)
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Letters without case, accents, or the marks that Arabic may leave out."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i"))
    return "".join(sign for sign in bare if not unicodedata.combining(sign) and sign != "ـ")


def words_of(text: str) -> list[str]:
    """The words worth looking for, in order, each once; Arabic ones without their article."""
    found = (
        word[2:] if word.startswith("ال") and len(word) > 4 else word for word in _WORD.findall(fold(text))
    )
    telling = (word for word in found if word not in LITTLE and (len(word) > 2 or not word.isascii()))
    return list(dict.fromkeys(telling))[:MOST_WORDS]


@dataclass(frozen=True, slots=True)
class _Entry:
    service: Service
    weights: dict[str, float]


def _entry(service: Service, language: str) -> _Entry:
    weights: dict[str, float] = {}
    for tongue in dict.fromkeys((language, "en")):
        parts = (
            (localized(service.description, tongue), DESCRIPTION),
            (localized(service.group, tongue), GROUP),
            (" ".join(service.keywords), KEYWORD),
            (localized(service.name, tongue), NAME),
        )
        for text, weight in parts:
            for word in words_of(text):
                if weight < KEYWORD and word.isascii() and len(word) <= SHORT:
                    continue
                weights[word] = max(weight, weights.get(word, 0.0))
    return _Entry(service, weights)


def _fit(word: str, weights: dict[str, float]) -> float:
    if word in weights:
        return weights[word]
    stem = word[: max(4, len(word) - 3)]  # "potholes" finds "pothole", "emptying" finds "emptied"
    near = [
        weight
        for known, weight in weights.items()
        if len(word) > 3 and len(known) > 3 and known.startswith(stem)
    ]
    return BEGINNING * max(near, default=0.0)


def find_services(asked: str, services: Iterable[Service], language: str) -> Sequence[Service]:
    """The services that fit these words, best first; none when nothing fits well enough to be told."""
    entries = [_entry(service, language) for service in services]
    scores = [0.0] * len(entries)
    for word in words_of(asked[:MOST_LETTERS]):
        fits = [_fit(word, entry.weights) for entry in entries]
        count = sum(fit > 0 for fit in fits)
        rarity = math.log(1 + len(entries) / count) if count else 0.0
        scores = [score + fit * rarity for score, fit in zip(scores, fits, strict=True)]
    ranked = sorted(zip(scores, range(len(entries)), strict=True), key=lambda one: (-one[0], one[1]))
    best = ranked[0][0] if ranked else 0.0
    return [entries[place].service for score, place in ranked if score >= max(LEAST, best / 3)]
