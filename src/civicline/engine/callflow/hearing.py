"""What came back from the line or from a look-up: the other half of the conversation with `walk`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from civicline.engine.callflow.spoken import Spoken


@dataclass(frozen=True, slots=True)
class Started:
    """The call was answered, or is to go on from a stored position: the node there is entered afresh."""


@dataclass(frozen=True, slots=True)
class Digits:
    """Keys 0-9, * and # as pressed. Anything else in the text is dropped, and so is what is beyond any use."""

    text: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was pressed in time."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a look-up.

    outcome  one of those that `actions.LookUp` names.   says    what to tell the caller.
    noted    what to keep for later nodes.               number  a figure, such as minutes; None unknown.
    """

    outcome: str
    says: tuple[Spoken, ...] = ()
    noted: Mapping[str, str] = field(default_factory=dict)
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message of so many seconds was kept; 0: nothing was said."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """What was asked for did not come about; the reason is for the log."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone."""


Heard = Started | Digits | Silence | Answered | Recorded | Failed | HungUp
