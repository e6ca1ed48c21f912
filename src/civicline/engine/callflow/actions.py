"""What the process that holds the line has to do. The last action of a step is the one whose outcome is heard next.

| last action      | what to give `walk` as heard                                                        |
|------------------|-------------------------------------------------------------------------------------|
| Collect          | Digits(text), or Silence() when nothing was pressed in time                         |
| LookUp           | Answered(outcome, ...)                                                              |
| EnterQueue       | Failed("full"|"closed"), or Digits(key) when a waiting caller pressed a key         |
| RecordVoicemail  | Recorded(seconds); 0 when nothing was said                                          |
| Dial             | Failed("busy"|"no_answer"|"refused") when it did not come to a talk                 |
| HangUp           | nothing: the call is over                                                           |

HungUp() may be heard at any time, and ends the walk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from civicline.engine.callflow.spoken import Spoken

LookUpKind = Literal[
    "hours",
    "notices",
    "wait",
    "case",
    "check_pin",
    "status",
    "callback",
    "cancel_callback",
    "join_callback",
    "book_callback",
]


@dataclass(frozen=True, slots=True)
class Say:
    """Play these sentences one after the other.

    barge_in  a key stops them, and counts as the first key of a Collect that follows in the same step.
    """

    spoken: tuple[Spoken, ...]
    barge_in: bool = True


@dataclass(frozen=True, slots=True)
class Collect:
    """Wait for keys.

    max_digits  stop as soon as so many came.        seconds  wait this long for the first key.
    between     seconds from one key to the next.    terminator  a key that ends the input, not part of it; "" none.
    """

    max_digits: int
    seconds: float
    between: float = 3.0
    terminator: str = "#"


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """From here on the call is in this language."""

    language: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the town's data; the answer comes back as Answered.

    | kind          | values                      | outcomes                       | also in the answer            |
    |---------------|-----------------------------|--------------------------------|-------------------------------|
    | hours         | calendar                    | open, closed, holiday          | says: when it opens           |
    | notices       | services (commas)           | some, none                     | says: the texts               |
    | wait          | queue                       | known, unknown                 | says; number: upper minutes   |
    | case          | keys, attempt               | verified, pin, none, locked    | noted: case, or cases         |
    | check_pin     | cases, pin                  | verified, wrong, locked        | noted: case                   |
    | status        | case                        | read, gone                     | says: the status              |
    | callback      | queue                       | owed, resting, none            | says; noted: callback         |
    | cancel_callback | callback                  | done, gone                     |                               |
    | join_callback | callback                    | done, gone                     |                               |
    | book_callback | queue, service, number      | booked, refused                | says                          |

    An answer with another outcome counts as "unknown", and the flow goes the way that helps the caller most.
    """

    kind: LookUpKind
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep these facts with the contact: language, service, case, verified."""

    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EnterQueue:
    """Put the caller in line. `key_leaves`: a key pressed while waiting is heard as Digits and leads on."""

    queue: str
    service: str = ""
    key_leaves: bool = False


@dataclass(frozen=True, slots=True)
class RecordVoicemail:
    """Record at most so many seconds; the terminator or three seconds of silence end it."""

    queue: str
    seconds: int
    service: str = ""
    terminator: str = "#"


@dataclass(frozen=True, slots=True)
class Dial:
    """Connect the caller with an outside number from the list of those allowed."""

    number: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


Action = Say | Collect | SetLanguage | LookUp | Remember | EnterQueue | RecordVoicemail | Dial | HangUp
Waiting = Collect | LookUp | EnterQueue | RecordVoicemail | Dial | HangUp
