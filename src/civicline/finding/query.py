"""What somebody looks for: words in any order, all of them, each by its beginning.

    wanted = parse("haddad 020 7946", region="GB")
    wanted.fts5()      # ("haddad" *) AND (("2079460318" *) OR (...))     for SQLite
    wanted.tsquery()   # ('haddad':*) & (...)                             for PostgreSQL
    wanted.fits(words) # the same, asked of the words of one text

A chunk (what stands between spaces) may be met in more than one way: "e-mail" by e and mail, or by email.
What stands in quotation marks has to stand so, word after word, in one text: `said_in` asks that of the texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from civicline.finding import numbers
from civicline.finding.folding import joined_in, words_in

MOST = 10
"""Chunks that count; what is typed after them is not looked for."""
_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]+)[\"“”„«»]")
_DIGITS = re.compile(r"[+(]?[\d().\-\u2010\u2011/]*\d[\d().\-\u2010\u2011/]*")

Way = tuple[str, ...]
"""Words that must all be there, each by its beginning."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Chunks that must all be met, each in one of its ways; `phrases` are whole words that stand one after another."""

    chunks: tuple[tuple[Way, ...], ...]
    phrases: tuple[Way, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.chunks)

    @property
    def beginnings(self) -> frozenset[str]:
        """Every word that may be marked where it is found."""
        return frozenset(word for ways in self.chunks for way in ways for word in way)

    def fits(self, words: Iterable[str]) -> bool:
        """Whether these folded words hold what is looked for."""
        known = set(words)
        return all(any(all(_met(word, known) for word in way) for way in ways) for ways in self.chunks)

    def said_in(self, texts: Iterable[str]) -> bool:
        """Whether each phrase stands in one of these texts as it was typed."""
        if not self.phrases:
            return True
        runs = [_run(text) for text in texts]
        return all(any(_stands(phrase, run) for run in runs) for phrase in self.phrases)

    def fts5(self) -> str:
        """The question for SQLite. Words are letters and digits only, so that nothing in them is an operator."""
        return self._said(" AND ", " OR ", lambda word: f'"{word}"' + (" *" if _by_beginning(word) else ""))

    def tsquery(self) -> str:
        """The question for PostgreSQL, in the form that needs no dictionary."""
        return self._said(" & ", " | ", lambda word: f"'{word}'" + (":*" if _by_beginning(word) else ""))

    def _said(self, every: str, either: str, word: Callable[[str], str]) -> str:
        return every.join(
            "(" + either.join("(" + every.join(map(word, way)) + ")" for way in ways) + ")"
            for ways in self.chunks
        )


def _by_beginning(word: str) -> bool:
    """One Latin letter or digit alone begins too much: it has to stand there as it is."""
    return len(word) > 1 or not word.isascii()


def _met(word: str, known: set[str]) -> bool:
    return word in known or (_by_beginning(word) and any(one.startswith(word) for one in known))


def _run(text: str) -> Way:
    """The folded words of a text in their order."""
    return tuple(piece for word in words_in(text) for piece in word.folded)


def _stands(phrase: Way, run: Way) -> bool:
    return any(run[at : at + len(phrase)] == phrase for at in range(len(run) - len(phrase) + 1))


def parse(text: str, *, region: str) -> Wanted:
    """What the text asks for. `region` (ISO 3166) is where a number without its country belongs."""
    chunks: list[tuple[Way, ...]] = []
    for chunk in _chunks(text):
        ways = _ways(chunk, region)
        if ways and ways not in chunks:
            chunks.append(ways)
    phrases = (_run(found) for found in _QUOTED.findall(text))
    return Wanted(tuple(chunks[:MOST]), tuple(dict.fromkeys(filter(None, phrases))))


def _chunks(text: str) -> list[str]:
    """What stands between spaces; figures beside one another are one, as a telephone number may be."""
    chunks: list[str] = []
    for piece in text.split():
        if chunks and _DIGITS.fullmatch(piece) and _DIGITS.fullmatch(chunks[-1].split()[-1]):
            chunks[-1] += f" {piece}"
        else:
            chunks.append(piece)
    return chunks


def _ways(chunk: str, region: str) -> tuple[Way, ...]:
    words = list(words_in(chunk))
    apart = tuple(dict.fromkeys(piece for word in words for piece in word.folded))
    ways = [apart] if apart else []
    ways += [(whole,) for _start, _end, whole in joined_in(chunk, words) if len(words) > 1]
    if all(_DIGITS.fullmatch(piece) for piece in chunk.split()) and sum(map(str.isdecimal, chunk)) >= 4:
        ways += [(form,) for form in numbers.forms_of(chunk, region)]
    return tuple(dict.fromkeys(ways))
