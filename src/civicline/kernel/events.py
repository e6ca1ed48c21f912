"""Emit events: rows of the log, written in the transaction of the change that they tell of."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from civicline.kernel import actors, bus, clock, db, ids, scopes
from civicline.kernel.actors import Actor
from civicline.kernel.models import Event
from civicline.kernel.rows import add

RELAY_TOPIC = "relay"


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event: `noun.past_tense`, with a version that grows when the meaning of its data changes."""

    name: str
    version: int = 1


def emit(
    event: EventType,
    *,
    subject: tuple[str, object],
    contact_id: uuid.UUID | None = None,
    case_id: uuid.UUID | None = None,
    data: Mapping[str, Any] | None = None,
    actor: Actor | None = None,
) -> uuid.UUID:
    """Write one event of `subject` (kind, id) by `actor` (by default who is acting). Returns its uid.

    Inside a write only, so that the event and the change it tells of are saved together or not at all; raises
    RuntimeError otherwise. `data` holds ids, codes and numbers, never what residents wrote.
    """
    if not db.in_write():
        raise RuntimeError(f"{event.name} is emitted outside of a write: put @writes on the caller.")
    who = actor or actors.current()
    uid = ids.new_id()
    add(
        Event, uid=uid, name=event.name, version=event.version, subject_kind=subject[0], subject_id=str(subject[1]),
        contact_id=contact_id, case_id=case_id, actor_kind=who.kind, actor_id=who.id, at=clock.now(),
        data=dict(data or {}),
    )  # fmt: skip
    scope = scopes.current()
    if scope is None or not scope.nudged:
        db.after_commit(nudge, once=True)
        if scope is not None:
            scope.nudged = True
    return uid


def nudge() -> None:
    """Wake the relay, here and in other processes."""
    bus.hub.send({"topic": RELAY_TOPIC})
