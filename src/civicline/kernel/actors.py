"""Who is acting: bound once at the edge, read by events and audit."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["resident", "staff", "system", "token"]


@dataclass(frozen=True, slots=True)
class Actor:
    """One who reads or changes something. `name` is for the screen and is never stored."""

    kind: ActorKind
    id: str = ""
    name: str = ""


SYSTEM = Actor("system")
_actor: ContextVar[Actor] = ContextVar("civicline_actor", default=SYSTEM)


def current() -> Actor:
    """The actor of this request or task; the system itself when nobody was bound."""
    return _actor.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Everything in the block is done by `actor`."""
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)
