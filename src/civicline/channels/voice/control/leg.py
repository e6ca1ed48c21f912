"""The sides of a call beside the caller's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True)
class Leg:
    """One leg. `offer_id`: the offer it rings for, None when it was given without one. `ready`: can be dialled."""

    id: str
    agent_id: UUID
    offer_id: UUID | None
    up: bool = False
    ready: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Guest:
    """The leg of somebody else in a call: consulted, or a supervisor. `agent_id`: one of ours, None outside."""

    id: str
    party_id: UUID
    agent_id: UUID | None
    up: bool = False
    ready: asyncio.Event = field(default_factory=asyncio.Event)
