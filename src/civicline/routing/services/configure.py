"""What administrators keep of routing: queues, rings, who serves them, and where services go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.intake.services.catalogue import named, save_audited
from civicline.kernel import audit, bus
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.people import selectors as people
from civicline.routing.models import Queue, QueueMember, Ring, Route

if TYPE_CHECKING:
    from civicline.intake.models import Service


class RingSpec(NamedTuple):
    """One ring: after so many seconds, drop levels by so much, and reach the agents of another queue too."""

    after_seconds: int
    level_drop: int = 0
    overflow: str = ""


def _changed() -> None:
    bus.publish("queue-line", {"kind": "configuration"})


def _positive(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name.endswith("_seconds") and (not isinstance(value, int) or value < 0 or value > 90 * 86_400):
            raise Invalid(fields={name: _("Give a number of seconds, from 0 upwards.")})
    if not 0 < fields.get("target_share", 0.8) <= 1:
        raise Invalid(fields={"target_share": _("Give a share between 1 % and 100 %.")})


@writes
def save_queue(*, code: str, name: Mapping[str, str], calendar: Any, **fields: Any) -> Queue:
    """A queue under a code, new or changed. Raises `Invalid` that names the field."""
    _positive(fields)
    row = Queue.objects.filter(code=code).first() or Queue(code=code)
    save_audited(row, "queue", {"name": named(name), "calendar": calendar, **fields}, code)
    _changed()
    return row


@writes
def retire_queue(*, code: str) -> None:
    """Close a queue for good. Raises `Conflict` while contacts wait in it or services lead to it."""
    row = Queue.objects.filter(code=code).first()
    if row is None:
        raise NotFound(code="queue-unknown", text=_("There is no such queue."))
    if row.contacts.filter(state__in=["queued", "offered", "connected", "wrap_up", "parked"]).exists():
        raise Conflict(code="queue-busy", text=_("Contacts are still in this queue. Move them first."))
    if row.routes.exists():
        raise Conflict(
            code="queue-routed", text=_("Services still lead to this queue. Give them another one first.")
        )
    save_audited(row, "queue", {"active": False}, code)
    _changed()


@writes
def set_rings(*, queue: Queue, rings: Sequence[RingSpec]) -> None:
    """How the queue's requirements relax, as a whole. Raises `Invalid` for times out of order or its own overflow."""
    times = [ring.after_seconds for ring in rings]
    if times != sorted(set(times)) or any(time < 0 for time in times):
        raise Invalid(fields={"rings": _("Give each ring its own time, the earliest first.")})
    others = {
        row.code: row
        for row in Queue.objects.filter(code__in=[ring.overflow for ring in rings if ring.overflow])
    }
    for ring in rings:
        if ring.overflow and (ring.overflow not in others or ring.overflow == queue.code):
            raise Invalid(fields={"rings": _("Choose another queue to overflow to.")})
    before = list(queue.rings.values_list("after_seconds", "level_drop", "overflow__code"))
    queue.rings.all().delete()
    Ring.objects.bulk_create(
        Ring(
            queue=queue,
            after_seconds=ring.after_seconds,
            level_drop=ring.level_drop,
            overflow=others.get(ring.overflow),
        )
        for ring in rings
    )
    told = {
        "changes": {"rings": {"from": [list(row) for row in before], "to": [list(ring) for ring in rings]}}
    }
    audit.record("queue.rings_changed", object=("queue", queue.code), data=told)
    _changed()


@writes
def set_members(*, queue: Queue, agent_ids: Sequence[UUID], partner_ids: Sequence[UUID] = ()) -> None:
    """Who serves the queue, as a whole; `partner_ids` are lent by another body and reached by the last ring."""
    partners = set(partner_ids)
    wanted = {agent_id: agent_id in partners for agent_id in [*agent_ids, *partner_ids]}
    before = {row.agent_id: row.partner for row in queue.members.all()}
    queue.members.exclude(agent_id__in=wanted).delete()
    for agent_id, partner in wanted.items():
        QueueMember.objects.update_or_create(queue=queue, agent_id=agent_id, defaults={"partner": partner})
    if before != wanted:
        told = {"from": sorted(map(str, before)), "to": sorted(map(str, wanted))}
        audit.record(
            "queue.members_changed", object=("queue", queue.code), data={"changes": {"members": told}}
        )
    _changed()


@writes
def save_route(
    *, service: Service, queue: Queue, skills: Sequence[tuple[str, int]] = (), priority: int = 0
) -> Route:
    """Where contacts about a service go and what agents must be able to do. Raises `Invalid`."""
    known = {skill.code for skill in people.list_skills()}
    for skill, level in skills:
        if skill not in known:
            raise Invalid(fields={"skills": _("There is no skill “%(skill)s”.")}, skill=skill)
        if not 1 <= level <= 5:
            raise Invalid(fields={"skills": _("The level of “%(skill)s” is not from 1 to 5.")}, skill=skill)
    row = Route.objects.filter(service_id=service.pk).first() or Route(service_id=service.pk)
    fields = {"queue": queue, "skills": [[skill, level] for skill, level in skills], "priority": priority}
    save_audited(row, "route", fields, service.code)
    _changed()
    return row
