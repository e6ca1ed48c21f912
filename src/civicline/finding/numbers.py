"""Telephone numbers as they are looked for: by any stretch of their digits, however they are written.

A number is kept as the ends of its digits ("07946 0318" also as "79460318", "9460318" ... "0318"), so that
any part of it is the beginning of a word in the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from civicline.finding.folding import fold

SHORTEST = 4  # digits that find a number
_NUMBER = re.compile(r"[+(]?\d(?:[\s().\-\u2010\u2011/]{0,3}\d){6,14}(?!\d)")
_TRUNK = re.compile(r"\(\s*0\s*\)")


def numbers_in(text: str) -> Iterator[tuple[int, int, str]]:
    """What looks like a telephone number: (start, end, its digits without the zeros in front)."""
    for found in _NUMBER.finditer(text):
        digits = digits_of(found[0])
        if len(digits) >= 6:
            yield found.start(), found.end(), digits


def digits_of(text: str) -> str:
    """The digits as ASCII, without the zeros in front and without the (0) that is not dialled from abroad."""
    plain = "".join(sign for sign in _TRUNK.sub("", text) if sign.isdecimal())
    return ("".join(fold(plain)) if plain else "").lstrip("0")


def ends_of(digits: str) -> Iterator[str]:
    """The number and all its ends down to the last four digits."""
    for start in range(max(1, len(digits) - SHORTEST + 1)):
        yield digits[start:]


@lru_cache(maxsize=256)
def forms_of(text: str, region: str) -> tuple[str, ...]:
    """How a number that somebody looks for may stand in the index: its digits, and those of its national form."""
    forms = [digits_of(text)]
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return tuple(form for form in forms if len(form) >= SHORTEST)
    if phonenumbers.is_possible_number(number):
        forms.append(phonenumbers.national_significant_number(number))
    return tuple(dict.fromkeys(form for form in forms if len(form) >= SHORTEST))
