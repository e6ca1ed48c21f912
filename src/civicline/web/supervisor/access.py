"""What stands before every view of the supervisor: who may, about what, and refusals told as a page or a part."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import NotFound, Refused
from civicline.people import selectors as people
from civicline.routing import selectors as routing
from civicline.web.staff import View, guard, load_contact, refusal_page, user_of, wants_parts, words_of

if TYPE_CHECKING:
    from civicline.people.models import Agent
    from civicline.routing.models import Alarm, Queue

__all__ = [
    "load_agent",
    "load_alarm",
    "load_contact",
    "load_queue",
    "refusal",
    "supervisor_view",
    "user_of",
    "wants_parts",
    "words_of",
]


def supervisor_view(action: str, *, obj: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Guard a view of the supervisor by the permission table."""
    return guard(action, tell=refusal, obj=obj)


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal as a notice, or as a page of its own."""
    if wants_parts(request):
        told = render_to_string("supervisor/_refused.html", {"told": words_of(refused)}, request)
        return HttpResponse(told, status=refused.status)
    return refusal_page(request, refused, back="supervisor:home")


def load_queue(_request: HttpRequest, code: str) -> Queue:
    """The queue of an address."""
    queue = routing.get_queue(code)
    if queue is None:
        raise NotFound(_("There is no such queue."), code="queue-unknown")
    return queue


def load_agent(_request: HttpRequest, agent_id: UUID) -> Agent:
    """The agent of an address."""
    return people.get_agent(agent_id)


def load_alarm(_request: HttpRequest, alarm_id: int) -> Alarm:
    """The alarm of an address."""
    alarm = routing.get_alarm(alarm_id)
    if alarm is None:
        raise NotFound(_("There is no such alarm."), code="alarm-unknown")
    return alarm
