"""Pieces that several documents share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, cast

from civicline.api.schema import Rule
from civicline.engine.waits import RoundedRange

Cursor = Annotated[str, Rule("`next` of the page before; empty for the first page.", most=400)]
Limit = Annotated[int, Rule("How many at most.", least=1, most=100)]
Next = Annotated[str, Rule("The cursor of the next page; empty on the last one.")]
Language = Annotated[
    str, Rule("A language tag (BCP 47).", most=12, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
]
Code = Annotated[str, Rule("The code of a service.", least=1, most=64, pattern=r"^[A-Za-z0-9_-]+$")]
Version = Annotated[
    int | None, Rule("The version that was read; a conflict when it is another now.", least=0)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitRange:
    """How long it takes, told as people say it: four of five waits end within it."""

    low_minutes: Annotated[int, Rule("At least, in whole minutes.", least=0)]
    high_minutes: Annotated[int, Rule("At most, in whole minutes.", least=0)]
    form: Annotated[
        Literal["under_a_minute", "up_to", "range"],
        Rule("How to word it; `up_to` shows the upper bound only."),
    ]


def range_of(told: RoundedRange | None) -> WaitRange | None:
    """The engine's range as a document."""
    if told is None:
        return None
    form = cast("Literal['under_a_minute', 'up_to', 'range']", told.form)
    return WaitRange(low_minutes=told.low_minutes, high_minutes=told.high_minutes, form=form)
