"""What a caller hears: a prompt by its key, with the values that its sentence has places for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

MomentKind = Literal["day", "time", "day_and_time"]


@dataclass(frozen=True, slots=True)
class Spelled:
    """Signs that are read one by one: a reference, a telephone number. Groups are parted by spaces."""

    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware point in time, said as people say it in the town's time zone."""

    at: datetime
    kind: MomentKind = "day"


@dataclass(frozen=True, slots=True)
class Words:
    """Words in every language that has them: the language's tag to the text."""

    texts: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Words:
        """Take the words from a mapping."""
        return cls(tuple(sorted(texts.items())))


Value = str | int | Spelled | Moment | Words


@dataclass(frozen=True, slots=True)
class Spoken:
    """One whole sentence: never glued from recorded fragments.

    prompt    the key of a stored or built-in prompt; its text may have places such as {low}.
    values    what fills the places.
    language  "" for the language of the call; set where every language speaks for itself.
    """

    prompt: str
    values: Mapping[str, Value] = field(default_factory=dict)
    language: str = ""
