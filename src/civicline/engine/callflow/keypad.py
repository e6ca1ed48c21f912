"""A reference typed on a telephone: every letter is the key that bears it, every digit itself.

`SM-4K7-291` is typed 7645 7291, or 457291 without the town's letters. Several references share those keys:
5 may be 5, J or K. `candidates` gives all that are good references (the check character strikes out 31 of 32).
"""

from __future__ import annotations

from itertools import product
from math import prod

from civicline.engine.references import ALPHABET, GROUP, Reference, check_character

_LETTERS = {
    "2": "ABC", "3": "DEF", "4": "GHI", "5": "JKL", "6": "MNO", "7": "PQRS", "8": "TUV", "9": "WXYZ",
}  # fmt: skip
_KEY = {letter: key for key, letters in _LETTERS.items() for letter in letters}
_SIGNS = {
    key: tuple(sign for sign in key + _LETTERS.get(key, "") if sign in ALPHABET) for key in "0123456789"
}
MOST_CANDIDATES = 20_000
"""How many spellings are tried: 5 ** 6, all that two groups can have, are 15,625. Longer ones ask for more."""


def keys_of(text: str) -> str:
    """The keys that spell a reference or any letters and digits; other signs are left out."""
    return "".join(_KEY.get(sign, sign if sign.isdigit() else "") for sign in text.upper() if sign.isascii())


def candidates(keys: str, *, prefix: str) -> tuple[Reference, ...]:
    """All references that are typed like this, in order; () when there is none, or far too many.

    The prefix may be typed or left out. Anything but digits is dropped.
    """
    typed = "".join(key for key in keys if key in _SIGNS)
    in_front = keys_of(prefix)
    bodies = [typed.removeprefix(in_front)] if typed.startswith(in_front) else []
    found = {one.body: one for body in (*bodies, typed) for one in _spellings(body, prefix)}
    return tuple(found[body] for body in sorted(found))


def _spellings(body: str, prefix: str) -> list[Reference]:
    if len(body) < 2 * GROUP or len(body) % GROUP or prod(len(_SIGNS[key]) for key in body) > MOST_CANDIDATES:
        return []
    *data, last = (_SIGNS[key] for key in body)
    found = []
    for signs in product(*data):
        text = "".join(signs)
        check = check_character(text)
        if check in last:
            found.append(Reference(prefix, text + check))
    return found
