"""The steps of a change that are rules of a queue: the rings by which others help, the priorities of its services."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import Conflict
from civicline.routing import selectors as routing
from civicline.routing import services as routing_services
from civicline.workforce.queue_rules import QueueRule, RuleChange, from_plain
from civicline.workforce.selectors.queue_rules import rule_of
from civicline.workforce.services.plan_steps import Step


def rule_steps(change: RuleChange, simulated: Mapping[str, Any] | None) -> list[Step]:
    """What a changed rule makes otherwise, from the rule that was `simulated`.

    Raises Conflict when the rule is now another: neither what was simulated nor what it is to become.
    """
    queue = routing.get_queue(change.queue)
    if queue is None or simulated is None:
        return []
    before, now = from_plain(simulated), rule_of(queue)
    after = before.changed(change)
    found = []
    if change.help_after is not None:
        found.append(Step("rings", change.queue, *_sides(_rings_of, before, now, after)))
    if change.ahead:
        found.append(Step("priorities", change.queue, *_sides(_priorities_of, before, now, after)))
    return found


def _sides(part: Callable[[QueueRule], Any], before: QueueRule, now: QueueRule, after: QueueRule) -> Any:
    """How a part of the rule stands, and what it becomes."""
    if part(now) not in (part(before), part(after)):
        words = _("The rules of this queue were changed since it was simulated. Simulate it again.")
        raise Conflict(words, code="rule-changed")
    return part(now), part(after)


def _rings_of(rule: QueueRule) -> list[list[Any]]:
    return rule.plain_rings()


def _priorities_of(rule: QueueRule) -> dict[str, int]:
    return dict(rule.priorities or {})


def _rule(code: str) -> QueueRule:
    queue = routing.get_queue(code)
    return QueueRule() if queue is None else rule_of(queue)


def _put_rings(code: str, rings: Sequence[Sequence[Any]]) -> None:
    queue = routing.get_queue(code)
    if queue is not None:
        told = [routing_services.RingSpec(int(after), int(drop), helper) for after, drop, helper in rings]
        routing_services.set_rings(queue=queue, rings=told)


def _put_priorities(code: str, priorities: Mapping[str, int]) -> None:
    queue = routing.get_queue(code)
    routes = [] if queue is None else queue.routes.select_related("service", "queue")
    for route in routes:
        if route.service.code in priorities:
            routing_services.save_route(
                service=route.service, queue=route.queue, skills=[(skill, int(level)) for skill, level in route.skills],
                priority=priorities[route.service.code],
            )  # fmt: skip


def _priorities_now(code: str, told: Mapping[str, int]) -> dict[str, int]:
    """Of the services that were told: one that came to the queue since is nobody's change of them."""
    return {service: level for service, level in (_rule(code).priorities or {}).items() if service in told}


PUT: Mapping[str, Callable[[str, Any], None]] = {"rings": _put_rings, "priorities": _put_priorities}
STANDS: Mapping[str, Callable[[str, Any], Any]] = {
    "rings": lambda code, _told: _rule(code).plain_rings(),
    "priorities": _priorities_now,
}
"""What stands now where a step put its value, by its kind."""
