"""The routing rules of queues as they stand, and what speaks against changing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from civicline.engine.routing import Ring
from civicline.people import selectors as people
from civicline.routing import selectors as routing
from civicline.workforce.queue_rules import PRIORITIES, QueueRule, RuleChange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from civicline.routing.models import Queue

LONGEST = 86_400


def rule_of(queue: Queue) -> QueueRule:
    """How a queue routes now."""
    rings = tuple(
        Ring(
            float(ring.after_seconds),
            ring.level_drop,
            overflow_queues=(ring.overflow.code,) if ring.overflow else (),
        )
        for ring in queue.rings.select_related("overflow").order_by("after_seconds")
    )
    routes = queue.routes.select_related("service").order_by("service__code")
    return QueueRule(rings, {route.service.code: route.priority for route in routes})


def skills_of_all(queue: Queue) -> tuple[tuple[str, int], ...]:
    """The skills that each of a queue's services asks for, at the least level: who has none of them is no help."""
    needs = _needs(queue)
    common = set.intersection(*map(set, needs)) if needs else set()
    return tuple(sorted((skill, min(own[skill] for own in needs)) for skill in common))


def _needs(queue: Queue) -> list[dict[str, int]]:
    return [{skill: int(level) for skill, level in route.skills} for route in queue.routes.all()]


def faults(change: RuleChange) -> dict[str, Any]:
    """What is wrong with a change of a rule: a sentence by the name of its field in `Changes`."""
    wrong: dict[str, Any] = {}
    queue = routing.get_queue(change.queue)
    helps = change.help_after is not None or bool(change.helper)
    if not change.queue:
        return {"rule_queue": _("Choose the queue whose rules change.")}
    if queue is None:
        return {"rule_queue": _("There is no such queue.")}
    if not helps and not change.ahead:
        return {"rule_queue": _("Say which people help this queue, or how far ahead it goes.")}
    if helps:
        wrong |= _faults_of_help(change, queue)
    if change.ahead and (words := _fault_of_ahead(change, queue)):
        wrong["ahead"] = words
    return wrong


def _faults_of_help(change: RuleChange, queue: Queue) -> dict[str, Any]:
    if change.help_after is None:
        return {"help_after": _("Say after how many seconds they help.")}
    if not 0 <= change.help_after <= LONGEST:
        return {"help_after": _("Give a number of seconds, from 0 upwards.")}
    if not change.helper:
        return {"help_from": _("Say whose people help.")}
    if change.helper == change.queue:
        return {"help_from": _("Its own people take its contacts already. Choose another queue.")}
    helper = routing.get_queue(change.helper)
    if helper is None:
        return {"help_from": _("There is no such queue.")}
    if not _can_help(queue, helper, rule_of(queue).rings):
        words = _(
            "Nobody there has the skills that these contacts need. Choose another queue, or train somebody."
        )
        return {"help_from": words}
    return {}


def _can_help(queue: Queue, helper: Queue, rings: Iterable[Ring]) -> bool:
    """Whether somebody of the helping queue could take a contact, at the latest once all rings relaxed."""
    drop = max((ring.level_drop for ring in rings), default=0)
    members = [agent_id for agent_id, lent in routing.lent_by_agent(helper.pk).items() if not lent]
    levels = people.levels_of(members)
    return any(
        all(levels.get(agent_id, {}).get(skill, 0) >= max(1, level - drop) for skill, level in need.items())
        for agent_id in members
        for need in _needs(queue) or [{}]
    )


def _fault_of_ahead(change: RuleChange, queue: Queue) -> Any:
    told = (rule_of(queue).priorities or {}).values()
    if queue.emergency:
        return _("Emergencies go before all others already.")
    if not told:
        return _("No service leads to this queue: there is no priority to change.")
    if any(level + change.ahead not in PRIORITIES for level in told):
        return _("The priority of a service goes from -10 to 10. With this it would lie beyond.")
    return None
