"""What the bus told the dispatcher since it last looked. Hints only: ids of rows to read again."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from civicline.kernel import clock


@dataclass
class Heard:
    """Rows to read again. `everything`: a hint may have been lost, or the configuration changed."""

    contacts: set[UUID] = field(default_factory=set)
    agents: set[UUID] = field(default_factory=set)
    everything: bool = False

    def __bool__(self) -> bool:
        return bool(self.contacts or self.agents or self.everything)


CALM_S = 0.05


class Nudges:
    """Collects hints from any thread and wakes the dispatcher's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard = Heard()
        self._woken = threading.Event()
        self._known: dict[UUID, float] = {}  # what is about to be told of these is known, until then

    def known(self, contact_id: UUID) -> None:
        """What the next moment tells of this contact is known already: it is noted, and wakes nobody."""
        with self._lock:
            self._known[contact_id] = clock.monotonic() + CALM_S

    def take(self, message: Mapping[str, Any]) -> None:
        """Hear one message of the topic `queue-line`: {"contact": id}, {"agent": id}; anything else = look at all."""
        with self._lock:
            if "contact" in message:
                contact_id = UUID(str(message["contact"]))
                self._heard.contacts.add(contact_id)
                if self._known and self._known.get(contact_id, 0.0) > clock.monotonic():
                    return
            elif "agent" in message:
                self._heard.agents.add(UUID(str(message["agent"])))
            else:
                self._heard.everything = True
        self._woken.set()

    def wake(self) -> None:
        """Wake the loop: there is something to do, and nothing to read again."""
        self._woken.set()

    def drain(self) -> Heard:
        """Return what was heard and begin anew."""
        with self._lock:
            heard, self._heard = self._heard, Heard()
            for contact_id in heard.contacts & self._known.keys():
                del self._known[contact_id]
            self._woken.clear()
        return heard

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Sleep until a hint comes, `stop` is set (seen within 0.2 s), or the time is over."""
        deadline = clock.monotonic() + seconds
        while not stop.is_set():
            left = deadline - clock.monotonic()
            if left <= 0 or self._woken.wait(timeout=min(0.2, left)):
                return
