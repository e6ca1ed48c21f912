"""Figures of the line for whoever watches by Prometheus, counted once what happened is saved.

Queues go by the codes that people gave them. Each process keeps the codes it has met: they never change, and asking for
one with every accepted offer would cost a statement.
"""

from __future__ import annotations

from collections.abc import Mapping

from civicline.kernel import metrics
from civicline.kernel.db import after_commit
from civicline.routing import selectors

_codes: dict[int, str] = {}


def code_of(queue_id: int | None) -> str:
    """The code of a queue; its number when there is none of that number, and "" for none at all."""
    if queue_id is None:
        return ""
    if queue_id not in _codes:
        _codes.update(selectors.queue_codes())
    return _codes.get(queue_id, str(queue_id))


def forget_codes() -> None:
    """Ask again: for tests, each of which has queues of its own."""
    _codes.clear()


def offer_ended(outcome: str) -> None:
    """An offer was accepted, declined, timed out or withdrawn. Inside the write."""
    after_commit(metrics.offers.labels(outcome).inc)


def wait_ended(queue_id: int | None, seconds: float) -> None:
    """A contact that stood in this queue came into an agent's hand. Inside the write."""
    after_commit(lambda: metrics.queue_wait.labels(code_of(queue_id)).observe(seconds))


def lines_now(depths: Mapping[str, int]) -> None:
    """How many stand in each queue, {queue id: contacts}; whoever does not dispatch any more tells of none."""
    metrics.queue_depth.clear()
    for queue_id, depth in depths.items():
        metrics.queue_depth.labels(code_of(int(queue_id))).set(depth)
