"""Reads of routing."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from civicline.kernel import rows as fast
from civicline.kernel.readings import Reading, RowReading
from civicline.routing.alarms import get_alarm, list_alarms
from civicline.routing.lines import Line, lines
from civicline.routing.models import Offer, Queue, QueueMember, Route
from civicline.routing.waits import (
    ServiceWait,
    Wait,
    get_wait,
    list_service_waits,
    position_of,
    wait_in_queue,
    waits_now,
)

__all__ = [
    "Line",
    "ServiceWait",
    "Wait",
    "get_alarm",
    "get_offer",
    "get_queue",
    "get_route",
    "get_wait",
    "is_partner",
    "lent_by_agent",
    "lines",
    "list_alarms",
    "list_queues",
    "list_service_waits",
    "offers_of",
    "position_of",
    "queues_of",
    "queues_served",
    "wait_in_queue",
    "waits_now",
]


def list_queues() -> QuerySet[Queue]:
    """Active queues in the order that the body chose."""
    return Queue.objects.filter(active=True).select_related("calendar")


_QUEUE_NAMES = Reading(lambda: Queue.objects.filter(active=True).values_list("pk", "code", "name"))


def queue_names() -> dict[int, dict[str, str]]:
    """What the active queues are called, {language: name} by id."""
    return {pk: name for pk, _, name in _QUEUE_NAMES()}


_QUEUE_CODES = Reading(lambda: Queue.objects.values_list("pk", "code"))


def queue_codes() -> dict[int, str]:
    """The code of every queue that there ever was, by id."""
    return dict(_QUEUE_CODES())


def queue_choices() -> list[tuple[str, dict[str, str]]]:
    """Code and names of the active queues, in the order that the body chose."""
    return [(code, name) for _, code, name in _QUEUE_NAMES()]


def get_queue(code: str) -> Queue | None:
    """An active queue by its code, or None."""
    return Queue.objects.filter(code=code, active=True).select_related("calendar").first()


def get_route(service_id: int) -> Route | None:
    """Where contacts about a service go, or None."""
    route = fast.one(Route, where={"service_id": service_id})
    queue = fast.one(Queue, where={"id": route.queue_id}) if route is not None else None
    if route is not None and queue is not None:
        route.queue = queue
    return route


def get_offer(offer_id: UUID) -> Offer | None:
    """An offer with its contact, or None."""
    rows = Offer.objects.select_related("contact__service", "contact__resident", "queue")
    return rows.filter(pk=offer_id).first()


def open_offer(contact_id: UUID, agent_id: UUID) -> UUID | None:
    """The open offer of a contact to an agent: its id alone, the short way."""
    found: UUID | None = fast.key(
        Offer, where={"contact_id": contact_id, "agent_id": agent_id, "state": "open"}
    )
    return found


def offers_of(agent_id: UUID) -> list[Offer]:
    """Open offers of an agent, oldest first, with what the card shows; one reading, short when there is none."""
    return _OPEN(agent_id=agent_id)


def _open(*, agent_id: UUID) -> QuerySet[Offer, Offer]:
    rows = Offer.objects.filter(agent_id=agent_id, state="open")
    return rows.select_related("contact__service", "contact__resident", "queue").order_by("made_at")


_OPEN = RowReading(_open)

_SERVED = Reading(
    lambda *, agent_id: Queue.objects.filter(active=True, members__agent_id=agent_id).values_list("pk")
)


def offers_accepted(contact_id: UUID, agent_id: UUID) -> list[UUID]:
    """The offers of a contact that this agent accepted."""
    accepted = Offer.objects.filter(contact_id=contact_id, agent_id=agent_id, state="accepted")
    return list(accepted.values_list("pk", flat=True))


def queues_served(agent_id: UUID) -> list[Queue]:
    """The queues that one agent serves, in their order, the short way."""
    keys = [pk for (pk,) in _SERVED(agent_id=agent_id)]
    known = {queue.pk: queue for queue in fast.many(Queue, where={}, any_of=("id", keys))}
    return [known[pk] for pk in keys if pk in known]


def queues_of(agent_ids: Iterable[UUID]) -> dict[UUID, list[Queue]]:
    """The queues that each of these agents serves."""
    found: dict[UUID, list[Queue]] = {}
    for queue in Queue.objects.filter(active=True, members__agent_id__in=list(agent_ids)).prefetch_related(
        "members"
    ):
        for member in queue.members.all():
            found.setdefault(member.agent_id, []).append(queue)
    return found


def members_of(queue_id: int) -> list[UUID]:
    """Who serves a queue."""
    found = QueueMember.objects.filter(queue_id=queue_id, partner=False).values_list("agent_id", flat=True)
    return list(found)


def lent_by_agent(queue_id: int | None) -> dict[UUID, bool]:
    """Who serves a queue, and of each whether another body lends them; the short way."""
    if queue_id is None:
        return {}
    members = fast.many(QueueMember, where={"queue_id": queue_id}, any_of=("partner", (False, True)))
    return {member.agent_id: member.partner for member in members}


def is_partner(agent_id: UUID, queue_id: int | None) -> bool:
    """Whether this person is lent to the queue by another body."""
    where = {"agent_id": agent_id, "queue_id": queue_id, "partner": True}
    return queue_id is not None and fast.key(QueueMember, where=where) is not None


def list_kept_queues() -> QuerySet[Queue]:
    """Every queue, closed ones too, with members and rings, for those who keep them."""
    return Queue.objects.select_related("calendar").prefetch_related(
        "members__agent__user", "rings__overflow", "routes"
    )


def get_kept_queue(code: str) -> Queue | None:
    """A queue by its code, closed or not, with members and rings, or None."""
    return list_kept_queues().filter(code=code).first()


def priority_of_service(service_id: int) -> int:
    """By which priority contacts about a service wait: that of its route, 0 without one."""
    route = fast.one(Route, where={"service_id": service_id})
    return route.priority if route else 0
