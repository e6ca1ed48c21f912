"""Telephone numbers as people read them."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

_NUMBER = re.compile(r"\+[0-9 ()./-]{6,}")


def is_number(text: str) -> bool:
    """Whether this is a number with its country and nothing else."""
    return bool(_NUMBER.fullmatch(text))


def in_sentence(number: str) -> str:
    """The same inside a sentence: kept together in its own order where the sentence runs from right to left."""
    return f"\u2066{in_groups(number)}\u2069"


@lru_cache(maxsize=2_048)
def in_groups(text: str) -> str:
    """A number with its country in the groups of that country, "+44 20 7946 0318"; what is none stays as it is.

    The name of somebody who never told it is their number: so whatever may be a name can be given too.
    """
    if not is_number(text):
        return text
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
