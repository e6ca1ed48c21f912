"""Routing: which contact is offered to which agent, and why."""

from civicline.engine.routing.capacity import DEFAULT_RULES, CapacityRule, CapacityTable
from civicline.engine.routing.router import Router
from civicline.engine.routing.values import (
    ANY_QUEUE,
    AgentState,
    Decision,
    NeedTold,
    OfferView,
    PositionChange,
    QueuePolicy,
    QueueView,
    Requirement,
    Ring,
    RoutingError,
    Snapshot,
    Waiting,
)

__all__ = [
    "ANY_QUEUE",
    "DEFAULT_RULES",
    "AgentState",
    "CapacityRule",
    "CapacityTable",
    "Decision",
    "NeedTold",
    "OfferView",
    "PositionChange",
    "QueuePolicy",
    "QueueView",
    "Requirement",
    "Ring",
    "Router",
    "RoutingError",
    "Snapshot",
    "Waiting",
]
