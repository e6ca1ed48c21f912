"""What stands before every view of the desk: who asks, about what, and refusals told in words for people."""

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

from civicline.cases import selectors as cases
from civicline.intake import selectors as intake
from civicline.kernel.errors import Forbidden, Invalid, NotFound, Refused
from civicline.people.permissions import permitted

if TYPE_CHECKING:
    from civicline.cases.models import Case
    from civicline.intake.models import Attachment, Contact
    from civicline.people.models import Agent, User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def desk_view(action: str, *, obj: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Guard a view by the permission table, and tell every refusal as a sentence: a part of the page, or a page."""

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
    """Whether the desk's script asks, and takes parts of the page in place of a page."""
    return request.headers.get("HX-Request") == "true"


def words_of(refused: Refused) -> str:
    """Everything a refusal has to say, in one text."""
    fields = list(refused.field_messages().values()) if isinstance(refused, Invalid) else []
    return " ".join(fields) or refused.message()


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal as a part (the page stays as it is, nothing typed is lost) or as a page of its own."""
    if wants_parts(request):
        # 422 for what htmx would not show otherwise; 403, 404 and 409 keep their meaning.
        status = 422 if refused.status == 400 else refused.status
        told = render_to_string("desk/_told.html", {"told": words_of(refused), "kind": "attention"}, request)
        return HttpResponse(told, status=status)
    context = {
        "status": refused.status,
        "reason": words_of(refused),
        "back": reverse("desk:home"),
    }
    return render(request, "shells/error.html", context, status=refused.status)


def user_of(request: HttpRequest) -> User:
    """The signed-in member of staff; only for views behind `desk_view`."""
    user: Any = request.user
    return user  # type: ignore[no-any-return]  # the guard let nobody else in


def agent_of(request: HttpRequest) -> Agent | None:
    """Their agent's part, None for those who take no contacts."""
    agent: Agent | None = getattr(request.user, "agent", None)
    return agent


def own_agent_id(request: HttpRequest) -> UUID:
    """The id of the agent who asks; Forbidden for somebody who is none."""
    agent = agent_of(request)
    if agent is None or not agent.active:
        raise Forbidden(_("Your account takes no contacts. Ask your administrator."), code="not-an-agent")
    agent_id: UUID = agent.pk
    return agent_id


def load_contact(_request: HttpRequest, contact_id: UUID, **_more: object) -> Contact:
    """The contact of an address."""
    contact = intake.get_contact(contact_id)
    if contact is None:
        raise NotFound(_("There is no such contact."), code="contact-unknown")
    return contact


def load_case(_request: HttpRequest, reference: str) -> Case:
    """The case of an address."""
    case = cases.find_by_reference(reference)
    if case is None:
        raise NotFound(_("We have no such case."), code="case-unknown")
    return case


def load_file(_request: HttpRequest, attachment_id: UUID) -> _File:
    """A file, seen with the eyes of its contact: who may read the one may read the other."""
    attachment = intake.get_attachment(attachment_id)
    if attachment is None:
        raise NotFound(_("There is no such file."), code="file-unknown")
    return _File(attachment)


class _File:
    """An attachment that the permission rules can look at."""

    def __init__(self, attachment: Attachment) -> None:
        self.attachment = attachment
        self.pk = attachment.contact_id
        self.agent_id = attachment.contact.agent_id
        self.queue_id = attachment.contact.queue_id
