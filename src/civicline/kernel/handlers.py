"""Handlers of events, registered explicitly in `config.wiring`."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from civicline.kernel.actors import Actor
from civicline.kernel.events import EventType


@dataclass(frozen=True)
class PublishedEvent:
    """One event as handlers see it. `seq` is its place in the log; `at` is when it happened (UTC)."""

    seq: int
    uid: uuid.UUID
    name: str
    version: int
    subject_kind: str
    subject_id: str
    contact_id: uuid.UUID | None
    case_id: uuid.UUID | None
    actor: Actor
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def subject(self) -> tuple[str, str]:
        """(kind, id): handlers of one subject run in its order."""
        return self.subject_kind, self.subject_id


Handle = Callable[[PublishedEvent], None]


@dataclass(frozen=True)
class Handler:
    """A function that wants to hear of events.

    atomic: its writes and its done-mark are one transaction, shared with other handlers, so its effect on the
    database happens exactly once. It must not talk to the network. With atomic=False it runs outside of any
    transaction and at least once: it has to be idempotent. `needed` is asked when events get their places in the
    log, once for all of them: while it says no, nothing is owed to this handler, nor later for those events.
    """

    pattern: str
    name: str
    fn: Handle
    atomic: bool = True
    needed: Callable[[], bool] | None = None


class Registry:
    """Which handlers want which events."""

    def __init__(self) -> None:
        self._by_name: dict[str, Handler] = {}
        self._wanted: dict[str, tuple[Handler, ...]] = {}

    def on(
        self,
        event: EventType | str,
        name: str,
        fn: Handle,
        *,
        atomic: bool = True,
        needed: Callable[[], bool] | None = None,
    ) -> None:
        """Call `fn` for events of this type, or whose name matches a pattern such as "contact.*".

        `name` is stored with what was done: it is unique and must not change. Raises ValueError when taken.
        """
        if name in self._by_name:
            raise ValueError(f"There is already a handler called {name}.")
        pattern = event if isinstance(event, str) else event.name
        self._by_name[name] = Handler(pattern, name, fn, atomic, needed)
        self._wanted.clear()

    def wanting(self, event_name: str) -> tuple[Handler, ...]:
        """The handlers for one event name, in the order in which they were registered."""
        if event_name not in self._wanted:
            self._wanted[event_name] = tuple(
                handler for handler in self._by_name.values() if fnmatchcase(event_name, handler.pattern)
            )
        return self._wanted[event_name]

    def needed(self, event_name: str, asked: dict[str, bool]) -> list[Handler]:
        """Those of `wanting` that are needed now; `asked` keeps the answers, for one batch of events."""
        found = []
        for handler in self.wanting(event_name):
            if handler.needed is not None and handler.name not in asked:
                asked[handler.name] = handler.needed()
            if asked.get(handler.name, True):
                found.append(handler)
        return found

    def get(self, name: str) -> Handler | None:
        return self._by_name.get(name)

    def names(self, *, atomic: bool | None = None) -> Iterable[str]:
        """Names of all handlers, or only of the atomic or the other ones."""
        return [name for name, handler in self._by_name.items() if atomic in (None, handler.atomic)]
