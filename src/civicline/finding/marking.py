"""A few words around what was found, with the found words told apart: pieces, which a template escapes and marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from civicline.finding import numbers
from civicline.finding.folding import joined_in, words_in
from civicline.finding.query import Wanted

BEFORE, LONGEST = 60, 220
"""Characters shown before the first found word, and in all."""


class Piece(NamedTuple):
    """A stretch of text as it was written; `found`: it is what was looked for."""

    text: str
    found: bool = False


def folded_words(text: str) -> set[str]:
    """Every word of a text that the index keeps: as it stands, with its pieces joined, numbers by their ends."""
    words = list(words_in(text))
    kept = {piece for word in words for piece in word.folded}
    kept.update(whole for _start, _end, whole in joined_in(text, words))
    for _start, _end, digits in numbers.numbers_in(text):
        kept.update(numbers.ends_of(digits))
    return kept


def places(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    """Where the looked-for words stand in a text, in order, none over another."""
    begin = tuple(word for word in wanted.beginnings if len(word) > 1 or not word.isascii())
    exact = wanted.beginnings - set(begin)
    words = list(words_in(text))
    spans = [
        (word.start, word.end)
        for word in words
        if any(piece.startswith(begin) or piece in exact for piece in word.folded)
    ]
    spans += [
        (start, end) for start, end, whole in joined_in(text, words) if begin and whole.startswith(begin)
    ]
    figures = [word for word in begin if word.isdecimal() and len(word) >= numbers.SHORTEST]
    if figures:
        spans += [
            (start, end)
            for start, end, digits in numbers.numbers_in(text)
            if any(word in digits for word in figures)
        ]
    return _apart(spans)


def _apart(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], end))
        else:
            kept.append((start, end))
    return kept


def marked(text: str, wanted: Wanted) -> list[Piece]:
    """The whole text in pieces."""
    return _cut(text, places(text, wanted), 0, len(text))


def snippet(texts: Sequence[str], wanted: Wanted) -> list[Piece]:
    """The stretch with the most of what was looked for, out of these texts; [] when none of it is in them."""
    best: tuple[int, str, list[tuple[int, int]], int] | None = None
    for text in texts:
        spans = places(text, wanted)
        if not spans:
            continue
        count, start = _richest(text, spans)
        if best is None or count > best[0]:
            best = (count, text, spans, start)
    if best is None:
        return []
    _count, text, spans, start = best
    begin = _from(text, start)
    end = min(len(text), begin + LONGEST)
    pieces = _cut(text, spans, begin, end)
    return [*([Piece("… ")] if begin else []), *pieces, *([Piece(" …")] if end < len(text) else [])]


def _richest(text: str, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """(different words in reach, where the first of them stands) of the best stretch."""
    found = [
        (len({text[a:b].casefold() for a, b in spans if start <= a and b <= start + LONGEST - BEFORE}), start)
        for start, _end in spans[:50]
    ]
    return max(found, key=lambda one: (one[0], -one[1]))


def _from(text: str, start: int) -> int:
    """Where to begin: some characters before, at a word."""
    if start <= BEFORE:
        return 0
    space = text.find(" ", start - BEFORE, start)
    return space + 1 if space >= 0 else start - BEFORE


def _cut(text: str, spans: list[tuple[int, int]], begin: int, end: int) -> list[Piece]:
    pieces, at = [], begin
    for start, stop in spans:
        if start < begin or start >= end:
            continue
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start : min(stop, end)], True))
        at = min(stop, end)
    if at < end:
        pieces.append(Piece(text[at:end]))
    return pieces
