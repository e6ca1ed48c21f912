"""While payment data is given nothing is recorded: by a key of the agent, or by a field that is marked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from civicline.channels.voice import services
from civicline.web.desk import calls
from civicline.web.desk.access import desk_view, load_contact

if TYPE_CHECKING:
    from civicline.intake.models import Contact


def _why(request: HttpRequest) -> str:
    return "field" if request.POST.get("why") == "field" else "key"


@require_POST
@desk_view("call.handle", obj=load_contact)
def silence(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Silence is recorded from now on. `why`: "field" when a field for payment data was entered."""
    words = gettext("Payment: nothing that is said now is recorded.")
    return calls.do(request, contact, services.silence_recording, words, why=_why(request))


@require_POST
@desk_view("call.handle", obj=load_contact)
def go_on(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """What is said is recorded again."""
    return calls.do(
        request, contact, services.resume_recording, gettext("Recorded again."), why=_why(request)
    )
