"""The shipped languages are complete: every text of the source, in every language, with the same places to fill."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message

from scripts import messages

PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]")
TAG = re.compile(r"</?[a-z]+")


@pytest.fixture(scope="module")
def source() -> Catalog:
    return messages.collected()


def texts(message: Message) -> Iterator[str]:
    yield from message.id if isinstance(message.id, list | tuple) else (message.id,)


def translations(message: Message) -> Iterator[str]:
    yield from message.string if isinstance(message.string, list | tuple) else (message.string,)


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_catalogue_holds_the_texts_of_the_source_and_no_others(language: str, source: Catalog) -> None:
    stored = {(message.context, next(texts(message))) for message in messages.read(language) if message.id}
    wanted = {(message.context, next(texts(message))) for message in source if message.id}
    remedy = "run: python scripts/messages.py update"
    assert wanted - stored == set(), remedy
    assert stored - wanted == set(), remedy


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_nothing_is_left_untranslated(language: str) -> None:
    left = [next(texts(message)) for message in messages.missing(messages.read(language))]
    assert left == [], f"{len(left)} texts, see: python scripts/messages.py missing {language}"


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_translations_fill_the_same_places(language: str) -> None:
    wrong = []
    for message in messages.read(language):
        if not message.id or not messages.is_done(message):
            continue
        allowed = {place for text in texts(message) for place in PLACE.findall(text)}
        needed = set(PLACE.findall(next(texts(message)))) if isinstance(message.id, str) else set()
        for text in translations(message):
            found = set(PLACE.findall(text))
            if not needed <= found <= allowed:
                wrong.append((next(texts(message)), text))
    assert wrong == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_translations_bring_no_markup_of_their_own(language: str) -> None:
    for message in messages.read(language):
        if message.id and messages.is_done(message):
            allowed = {tag for text in texts(message) for tag in TAG.findall(text)}
            for text in translations(message):
                assert set(TAG.findall(text)) <= allowed, text
