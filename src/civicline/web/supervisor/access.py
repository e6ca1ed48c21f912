"""What stands before every view of the supervisor: who may, about what, and refusals told as a page or a part."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from civicline.intake import selectors as intake
from civicline.kernel.errors import Invalid, NotFound, Refused
from civicline.people import selectors as people
from civicline.people.permissions import permitted
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from civicline.intake.models import Contact
    from civicline.people.models import Agent, User
    from civicline.routing.models import Alarm, Queue

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def supervisor_view(action: str, *, obj: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Guard a view by the permission table, and tell every refusal as a sentence."""

    def guard(view: View) -> View:
        allowed = permitted(action, obj=obj)(view)

        @wraps(allowed)
        def guarded(request: HttpRequest, *args: Any, **ids: Any) -> HttpResponseBase:
            try:
                return allowed(request, *args, **ids)
            except Refused as refused:
                return refusal(request, refused)

        return guarded  # type: ignore[return-value]  # same signature towards Django

    return guard


def wants_parts(request: HttpRequest) -> bool:
    """Whether the page's script asks, and takes parts in place of a page."""
    return request.headers.get("HX-Request") == "true"


def words_of(refused: Refused) -> str:
    """Everything a refusal has to say, in one text."""
    fields = list(refused.field_messages().values()) if isinstance(refused, Invalid) else []
    return " ".join(dict.fromkeys(fields)) or refused.message()


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal as a notice, or as a page of its own."""
    if wants_parts(request):
        told = render_to_string("supervisor/_refused.html", {"told": words_of(refused)}, request)
        return HttpResponse(told, status=refused.status)
    context = {"status": refused.status, "reason": words_of(refused), "back": reverse("supervisor:home")}
    return render(request, "shells/error.html", context, status=refused.status)


def user_of(request: HttpRequest) -> User:
    """The signed-in member of staff; only for views behind `supervisor_view`."""
    user: Any = request.user
    return user  # type: ignore[no-any-return]  # the guard let nobody else in


def load_contact(_request: HttpRequest, contact_id: UUID) -> Contact:
    """The contact of an address."""
    contact = intake.get_contact(contact_id)
    if contact is None:
        raise NotFound(_("There is no such contact."), code="contact-unknown")
    return contact


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
