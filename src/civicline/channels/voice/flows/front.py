"""What callers of a number without a menu hear when there is something to say before the line: notices in force, that
it is closed or full, that every line is taken, that we owe them a call already. A flow as any other, made for the
moment; where nothing is to be said, there is none, and the caller goes straight into the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings

from civicline.channels.voice import calling, outside
from civicline.channels.voice.flows import selectors
from civicline.channels.voice.flows.menus import Menu
from civicline.channels.voice.standing import line_refuses
from civicline.engine.callflow import Flow, nodes
from civicline.intake.catalogue import catalogue, key_of_service
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from civicline.routing.models import Queue

CODE: Final = "front"
OWED: Final = "owed"
"""The step of whoever is owed a call; it stands in the place that is kept of a call."""


def front_for(service_code: str, *, crowded: bool = False, caller: str = "") -> Menu | None:
    """The flow before the line of this service ("" the first line). `crowded`: every line of the exchange is taken.

    `caller`: a number to which a call may be owed; they hear of it before they get into the line a second time.
    """
    queue = _queue_of(service_code)
    if queue is None or queue.emergency:
        return None
    owed = _is_owed(caller, queue)
    if not (crowded or owed or line_refuses(queue.code) or _has_notices(service_code)):
        return None
    start = "full" if crowded else "notice"
    flow = _flow(queue.code, queue.calendar.code, service_code, start=start, owed=owed and not crowded)
    return Menu(CODE, None, flow, selectors.prompts_now())


def _queue_of(service_code: str) -> Queue | None:
    service_id = key_of_service(service_code) if service_code else None
    route = routing.get_route(service_id) if service_id is not None else None
    wanted = [one for one in routing.list_queues() if route is None or one.pk == route.queue_id]
    return next((one for one in wanted if route is not None or not one.emergency), None)


def _is_owed(caller: str, queue: Queue) -> bool:
    number = outside.clean(caller) if caller else ""
    callback = calling.owed_to(number, queue.pk) if number else None
    return callback is not None and callback.state in calling.WAITS


def _has_notices(service_code: str) -> bool:
    offered = catalogue()
    about = {row.pk for row in offered.services if row.code == service_code}
    return any(
        row.kind != "over" and (not offered.about[row.pk] or offered.about[row.pk] & about)
        for row in offered.messages
    )


def _flow(queue: str, calendar: str, service: str, *, start: str, owed: bool) -> Flow:
    known = (
        {OWED: nodes.OfferCallback(queue, accepted="bye", refused="hours", service=service)} if owed else {}
    )
    return Flow(
        start=start,
        languages=tuple(code for code, _name in settings.LANGUAGES),
        give_up="message",
        nodes={
            **known,
            "notice": nodes.Notice(next=OWED if owed else "hours", services=(service,) if service else ()),
            "hours": nodes.Hours(calendar, open="line", closed="message", tell=True),
            "line": nodes.Queue(queue, full="full", service=service),
            "full": nodes.Say("line_full", next="offer"),
            "offer": nodes.OfferCallback(queue, accepted="bye", refused="message", service=service),
            "message": nodes.Voicemail(queue, next="bye", service=service),
            "bye": nodes.HangUp(),
        },
    )
