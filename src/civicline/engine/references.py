"""References that people can read out, write down and type: `SM-4K7-291`.

A town's prefix, then groups of three characters from Crockford's 32 (digits and letters without I, L, O, U;
https://www.crockford.com/base32.html). The last character checks the others: it is a weighted sum over the
field GF(32), so every single wrong character and every swap of two different characters is noticed (the
weights, powers of a generator, are all different and none is zero: the argument of a Reed-Solomon code).

Numbers are shuffled by a keyed permutation (a Feistel network, after Black and Rogaway, "Ciphers with
Arbitrary Finite Domains", 2002), so two references never collide and one does not lead to the next.
A reference is a name, not a secret: showing a case always needs its secret too.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 3
SMALLEST = 32**5
"""How many references fit into two groups: 33,554,432. Each further group multiplies by 32,768."""

_LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})
_VALUE = {sign: value for value, sign in enumerate(ALPHABET)}
_PREFIX = re.compile(r"[A-Z]{2,4}")
_BREAKS = re.compile(r"[\s\-\u2010-\u2015\u2212._/]+")
_FIELD_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive: its powers run through all 31 non-zero values
_ROUNDS = 8
_LONGEST = 30  # data and check characters; the weights are different up to 31 of them

BadCode = Literal["empty", "no_prefix", "wrong_prefix", "wrong_length", "bad_character", "check_failed"]


class BadReference(ValueError):
    """Text that is no reference. `code` says why, `params` what about it:

    empty; no_prefix (no letters in front); wrong_prefix {expected, found}; wrong_length {length};
    bad_character {character, position}; check_failed (a slip of the pen or a swap, ask to look again).
    """

    def __init__(self, code: BadCode, **params: object) -> None:
        super().__init__(f"not a reference: {code} {params or ''}".rstrip())
        self.code: BadCode = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference with a good check character; `str()` gives it as it is shown."""

    prefix: str
    body: str

    def __str__(self) -> str:
        return "-".join((self.prefix, *_groups(self.body)))


def _groups(body: str) -> list[str]:
    return [body[at : at + GROUP] for at in range(0, len(body), GROUP)]


def _powers() -> tuple[int, ...]:
    found, value = [], 1
    for _ in range(31):
        found.append(value)
        value <<= 1
        if value & 32:
            value ^= _FIELD_POLYNOMIAL
    return tuple(found)


_POWER = _powers()
_LOG = {value: exponent for exponent, value in enumerate(_POWER)}


def check_character(data: str) -> str:
    """The character that makes the weighted sum of the whole, itself with weight 1, come to zero."""
    total = 0
    for place, sign in enumerate(reversed(data), start=1):
        value = _VALUE[sign]
        if value:
            total ^= _POWER[(_LOG[value] + place) % 31]
    return ALPHABET[total]


def _scatter(half: int, turn: int, key: bytes, bits: int, length: int) -> int:
    text = b"%d:%d:%d" % (length, turn, half)
    digest = hashlib.blake2b(text, key=key, digest_size=8).digest()
    return int.from_bytes(digest, "big") & ((1 << bits) - 1)


def _permute(number: int, characters: int, key: bytes) -> int:
    """A bijection of 0..32**characters - 1: an unbalanced Feistel network over its 5 x characters bits."""
    bits = 5 * characters
    low_bits, high_bits = bits // 2, bits - bits // 2
    high, low = number >> low_bits, number & ((1 << low_bits) - 1)
    for turn in range(_ROUNDS):
        if turn % 2:
            low ^= _scatter(high, turn, key, low_bits, characters)
        else:
            high ^= _scatter(low, turn, key, high_bits, characters)
    return high << low_bits | low


def _encode(number: int, characters: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(characters)))


def make(prefix: str, number: int, *, key: bytes = b"") -> Reference:
    """The reference of the sequence number 0, 1, 2, ...: always the same one, and never that of another.

    `key` (at most 64 bytes) is the installation's secret; without it, anybody could compute the order.
    The first 33,554,432 numbers have two groups, the next 2**40 three, and so on.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"a prefix is two to four letters A-Z, not {prefix!r}")
    if number < 0:
        raise ValueError("a sequence number is zero or more")
    characters = 2 * GROUP - 1
    while number >= 32**characters:
        number -= 32**characters
        characters += GROUP
    if characters >= _LONGEST:
        raise ValueError("that sequence number is beyond any reference")
    data = _encode(_permute(number, characters, key), characters)
    return Reference(prefix, data + check_character(data))


def _named_split(parts: list[str], joined: str) -> tuple[str, str]:
    """Prefix and body when no prefix is known: by the first break, else by the length of the whole."""
    if len(parts) > 1 and _PREFIX.fullmatch(parts[0]):
        return parts[0], "".join(parts[1:])
    length = {0: 3, 1: 4, 2: 2}[len(joined) % GROUP]
    if _PREFIX.fullmatch(joined[:length]):
        return joined[:length], joined[length:]
    if _PREFIX.fullmatch(joined[:2]):
        raise BadReference("wrong_length", length=len(joined))
    raise BadReference("no_prefix")


def _fault(body: str) -> BadReference | None:
    """What is wrong with a body whose look-alikes are already replaced."""
    for position, sign in enumerate(body, start=1):
        if sign not in _VALUE:
            return BadReference("bad_character", character=sign, position=position)
    if len(body) < 2 * GROUP or len(body) % GROUP or len(body) > _LONGEST:
        return BadReference("wrong_length", length=len(body))
    if check_character(body[:-1]) != body[-1]:
        return BadReference("check_failed")
    return None


def parse(text: str, *, prefix: str | None = None) -> Reference:
    """The reference in a resident's text: any case, spaces or dashes, I and L for 1, O for 0.

    With `prefix` given, that prefix is demanded, and may be left out by the resident. Raises BadReference.
    """
    parts = [part for part in _BREAKS.split(text.strip().upper()) if part]
    joined = "".join(parts)
    if not joined:
        raise BadReference("empty")
    if prefix is None:
        found, rest = _named_split(parts, joined)
        bodies = [rest]
    else:
        found = prefix
        bodies = [joined.removeprefix(prefix)] if joined.startswith(prefix) else []
        bodies.append(joined)
    faults = []
    for body in bodies:
        clean = body.translate(_LOOK_ALIKES)
        fault = _fault(clean)
        if fault is None:
            return Reference(found, clean)
        faults.append(fault)
    if prefix is not None and len(bodies) == 1 and _PREFIX.fullmatch(parts[0]):
        raise BadReference("wrong_prefix", expected=prefix, found=parts[0])
    raise faults[0]


def spoken(reference: Reference) -> str:
    """For reading aloud, one sign after the other, a pause after each group: "S M, 4 K 7, 2 9 1"."""
    return ", ".join(" ".join(group) for group in (reference.prefix, *_groups(reference.body)))
