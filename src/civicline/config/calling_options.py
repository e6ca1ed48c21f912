"""The settings of calls that go out: where to, and under which number."""

import re
from dataclasses import dataclass

from civicline.config import kinds
from civicline.config.declaring import option

PREFIX = re.compile(r"\+[0-9]{1,14}")
NUMBER = re.compile(r"(\+[0-9]{5,15})?")


def prefixes(value: object) -> tuple[str, ...]:
    """Beginnings of numbers, each with + and the country code."""
    found = kinds.words(value)
    for one in found:
        if not PREFIX.fullmatch(one):
            raise ValueError(f"takes beginnings of numbers such as +33, not {one!r}")
    return found


def number(value: object) -> str:
    """A whole number with + and the country code, or nothing."""
    found = kinds.text(value)
    if not NUMBER.fullmatch(found):
        raise ValueError("must be a number with + and the country code, such as +442079460999")
    return found


@dataclass(frozen=True)
class CallingOptions:
    """What of [voice] is about calls that go out."""

    voice_outside: tuple[str, ...] = option(
        "voice.outside",
        (),
        prefixes,
        "Numbers that may be called beside the country's own, by how they begin: +33, +4930. Premium numbers are "
        "called only when they are named here.",
    )
    voice_never_outside: tuple[str, ...] = option(
        "voice.never_outside",
        (),
        prefixes,
        "Numbers that are never called, by how they begin; goes before voice.outside.",
    )
    voice_text_callbacks: bool = option(
        "voice.text_callbacks",
        False,
        kinds.flag,
        "Whether those who are called back are told so by text (SIP MESSAGE over the line to the network), on mobile "
        "numbers. Turn it on when your provider takes texts.",
    )
    voice_caller_id: str = option(
        "voice.caller_id",
        "",
        number,
        "The number that we show when we call. When not given: the number that this person called, else what the "
        "provider shows.",
    )
