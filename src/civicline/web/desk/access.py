"""What stands before every view of the desk: who asks, about what, and refusals told in words for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from civicline.cases import selectors as cases
from civicline.intake import selectors as intake
from civicline.kernel.errors import Forbidden, NotFound, Refused
from civicline.people import selectors as people
from civicline.web.staff import (
    View,
    guard,
    load_bare_contact,
    load_contact,
    refusal_page,
    user_of,
    wants_parts,
    words_of,
)

if TYPE_CHECKING:
    from civicline.cases.models import Case
    from civicline.intake.models import Attachment
    from civicline.people.models import Agent

__all__ = [
    "agent_of",
    "desk_view",
    "load_bare_contact",
    "load_case",
    "load_contact",
    "load_file",
    "own_agent_id",
    "refusal",
    "user_of",
    "wants_parts",
    "words_of",
]


def desk_view(action: str, *, obj: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Guard a view of the desk by the permission table."""
    return guard(action, tell=refusal, obj=obj)


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal as a part (the page stays as it is, nothing typed is lost) or as a page of its own."""
    if wants_parts(request):
        # 422 for what htmx would not show otherwise; 403, 404 and 409 keep their meaning.
        status = 422 if refused.status == 400 else refused.status
        told = render_to_string("desk/_told.html", {"told": words_of(refused), "kind": "attention"}, request)
        return HttpResponse(told, status=status)
    return refusal_page(request, refused, back="desk:home")


def agent_of(request: HttpRequest) -> Agent | None:
    """Their agent's part, None for those who take no contacts."""
    return people.own_agent(user_of(request)) if request.user.is_authenticated else None


def own_agent_id(request: HttpRequest) -> UUID:
    """The id of the agent who asks; Forbidden for somebody who is none."""
    agent = agent_of(request)
    if agent is None or not agent.active:
        raise Forbidden(_("Your account takes no contacts. Ask your administrator."), code="not-an-agent")
    agent_id: UUID = agent.pk
    return agent_id


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
