"""The kinds of nodes a flow is made of, and the ways that lead out of each.

Every kind is a frozen value. An exit is the key of another node; "" stands for none. `exits(node)` lists them
with what they mean: whether one has to lead somewhere, and whether it is taken without any key of the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

KEYS = "0123456789*#"


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a node: `name` is its field, or digit:<key> of a menu.

    needed  it has to lead somewhere.    silent  it is taken although the caller pressed nothing.
    """

    name: str
    target: str
    needed: bool = True
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """Say a prompt and go on."""

    prompt: str
    next: str
    barge_in: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """A key of a menu and where it leads; `service` is remembered for the contact."""

    digit: str
    next: str
    service: str = ""


@dataclass(frozen=True, slots=True)
class AskDigit:
    """A menu: the prompt names the keys. After `repeats` more tellings `silence` or `invalid` is taken."""

    prompt: str
    choices: tuple[Choice, ...]
    silence: str
    invalid: str
    repeats: int = 2
    seconds: int = 6


@dataclass(frozen=True, slots=True)
class Hours:
    """Branch by opening hours; without a `holiday` branch, a public holiday counts as closed."""

    calendar: str
    open: str
    closed: str
    holiday: str = ""
    tell: bool = False
    """Whether a closed line says when it opens again."""


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """A key and the language that it stands for."""

    digit: str
    language: str


@dataclass(frozen=True, slots=True)
class Language:
    """Every language offers itself in its own words; the prompt has the place {digit}.

    ask_known  ask even when the caller's language is known. Silence keeps the flow's first language.
    """

    prompt: str
    choices: tuple[LanguageChoice, ...]
    next: str
    ask_known: bool = False
    repeats: int = 1
    seconds: int = 5


@dataclass(frozen=True, slots=True)
class IdentifyCase:
    """Take a reference by keys, then its PIN unless the caller's number vouches for them."""

    found: str
    not_found: str
    prompt: str = "case_ask"
    pin_prompt: str = "case_ask_pin"
    tries: int = 3
    seconds: int = 10


@dataclass(frozen=True, slots=True)
class ReadStatus:
    """Tell how the identified case stands."""

    next: str
    unknown: str = ""
    """Where to go when no case was identified; `next` when empty."""


@dataclass(frozen=True, slots=True)
class AnnounceWait:
    """Tell the wait as a range, then go on; `long` is taken when it may be longer than `long_minutes`."""

    queue: str
    next: str
    long: str = ""
    long_minutes: int = 0


@dataclass(frozen=True, slots=True)
class OfferCallback:
    """Offer to call back: keeps the place in line. Silence refuses.

    Who is owed a call in this line already hears of it: kept or called off leads on as `accepted`.
    """

    queue: str
    accepted: str
    refused: str
    service: str = ""
    prompt: str = "callback_offer"
    seconds: int = 6


@dataclass(frozen=True, slots=True)
class Queue:
    """Put the caller in line. `full`: where to go when the line takes no more; `key`: on a key while waiting."""

    queue: str
    full: str
    key: str = ""
    service: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Voicemail:
    """Record a message; it becomes a contact of the queue."""

    queue: str
    next: str
    prompt: str = "voicemail_ask"
    seconds: int = 180
    service: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Connect with a queue or with an outside number that is on the list."""

    to: Literal["queue", "number"]
    target: str
    failed: str
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Tell the messages that are in force, for these services or for all; `told` when there was one."""

    next: str
    told: str = ""
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HangUp:
    """Say good-bye and end the call."""

    prompt: str = "goodbye"


Node = (
    Say
    | AskDigit
    | Hours
    | Language
    | IdentifyCase
    | ReadStatus
    | AnnounceWait
    | OfferCallback
    | Queue
    | Voicemail
    | Transfer
    | Notice
    | HangUp
)

KINDS: dict[str, type[Node]] = {
    "say": Say,
    "ask_digit": AskDigit,
    "hours": Hours,
    "language": Language,
    "identify_case": IdentifyCase,
    "read_status": ReadStatus,
    "announce_wait": AnnounceWait,
    "offer_callback": OfferCallback,
    "queue": Queue,
    "voicemail": Voicemail,
    "transfer": Transfer,
    "notice": Notice,
    "hang_up": HangUp,
}
"""Every kind under the name by which it is stored."""

_EXITS: dict[type[Node], tuple[tuple[str, bool, bool], ...]] = {
    Say: (("next", True, True),),
    AskDigit: (("silence", True, True), ("invalid", True, False)),
    Hours: (("open", True, True), ("closed", True, True), ("holiday", False, True)),
    Language: (("next", True, True),),
    IdentifyCase: (("found", True, False), ("not_found", True, True)),
    ReadStatus: (("next", True, True), ("unknown", False, True)),
    AnnounceWait: (("next", True, True), ("long", False, True)),
    OfferCallback: (("accepted", True, False), ("refused", True, True)),
    Queue: (("full", True, True), ("key", False, False)),
    Voicemail: (("next", True, True),),
    Transfer: (("failed", True, True),),
    Notice: (("next", True, True), ("told", False, True)),
    HangUp: (),
}


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole menu.

    languages  those it speaks, the first where nothing else is known.
    give_up    a queue, voicemail or hang-up node for calls that cannot go on: too many turns, a broken node.
    """

    start: str
    nodes: dict[str, Node] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    give_up: str = ""


def kind_of(node: Node) -> str:
    """The name by which the kind of this node is stored."""
    return next(name for name, kind in KINDS.items() if kind is type(node))


def exits(node: Node) -> tuple[Exit, ...]:
    """Every way out, the keys of a menu first."""
    keys = (
        tuple(Exit(f"digit:{one.digit}", one.next) for one in node.choices)
        if isinstance(node, AskDigit)
        else ()
    )
    plain = tuple(
        Exit(name, getattr(node, name), needed, silent) for name, needed, silent in _EXITS[type(node)]
    )
    return keys + plain


def ends_call(node: Node) -> bool:
    """Whether a call may come to its end here: in line, recorded, connected or hung up."""
    return isinstance(node, Queue | Voicemail | Transfer | HangUp)
