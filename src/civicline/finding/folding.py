"""Words brought to one form, so that case, accents, vowel marks and the shape of digits do not count.

Folding is done here and not by the database: SQLite and PostgreSQL then find the same, in every script, without an
extension that a town's server may lack. Sources: Unicode Annex 15 (NFKD) and the Unicode case folding of `str`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

LONGEST = 60
"""Characters of a word that count, here and in what is looked for."""

_ALIKE = str.maketrans(
    {
        "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe",
        # Letters of Arabic and Persian that people write for one another.
        "\u0671": "\u0627", "\u0649": "\u064a", "\u06cc": "\u064a", "\u06a9": "\u0643", "\u0629": "\u0647",
        "\u0640": None,  # tatweel, which only makes a word longer
        "\u00ad": None, "\u200b": None, "\u200c": None, "\u200d": None, "\u2060": None,
    }
)  # fmt: skip


def _marks() -> str:
    """Combining marks and joiners as a class of a regular expression: they are inside of words."""
    codes = [code for code in range(0x300, 0x10000) if unicodedata.category(chr(code)).startswith("M")]
    codes += [0xAD, 0x0640, 0x200B, 0x200C, 0x200D, 0x2060]
    return "".join(f"\\u{code:04x}" for code in codes)


_WORD = re.compile(f"[^\\W_](?:[^\\W_]|[{_marks()}])*")
# Han, kana, Thai, Lao, Khmer and Burmese are written without spaces: each letter is a word there.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_JOINTS = frozenset("-'\u2019\u2010\u2011")
MOST_JOINED = 4


class Word(NamedTuple):
    """A word where it stands in a text, and what it comes down to; more than one where the sign says several."""

    start: int
    end: int
    folded: tuple[str, ...]


@lru_cache(maxsize=16_384)
def fold(word: str) -> tuple[str, ...]:
    """What one written word comes down to: lower case, bare letters, ASCII digits. () when nothing is left."""
    if word.isascii():
        return (word.lower()[:LONGEST],)
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold()).translate(_ALIKE)
    bare = "".join(_digit(sign) for sign in plain if not unicodedata.category(sign).startswith("M"))
    spaced = _UNSPACED.sub(lambda found: f" {found[0]} ", bare)
    whole = "".join(sign if sign.isalnum() else " " for sign in spaced)
    return tuple(piece[:LONGEST] for piece in whole.split())


def _digit(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign


def words_in(text: str) -> Iterator[Word]:
    """The words of a text in their order, each with its place."""
    for found in _WORD.finditer(text):
        folded = fold(found[0])
        if folded:
            yield Word(found.start(), found.end(), folded)


def joined_in(text: str, words: list[Word]) -> Iterator[tuple[int, int, str]]:
    """What is written in pieces and meant as one, as one: e-mail, O'Brien, SM-4K7-291; (start, end, folded)."""
    run: list[Word] = words[:1]
    for one, after in pairwise(words):
        if text[one.end : after.start] in _JOINTS and len(run) < MOST_JOINED:
            run.append(after)
            continue
        if len(run) > 1:
            yield _together(run)
        run = [after]
    if len(run) > 1:
        yield _together(run)


def _together(run: list[Word]) -> tuple[int, int, str]:
    return run[0].start, run[-1].end, "".join("".join(one.folded) for one in run)[:LONGEST]
