"""What an agent does with a call in hand, on whichever telephone: hold, mute, keys, hang up; plain forms first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from civicline.channels.voice import services
from civicline.web.desk import acting, conversation, pages, views
from civicline.web.desk.access import desk_view, load_contact, own_agent_id, wants_parts

if TYPE_CHECKING:
    from civicline.intake.models import Contact

Facts = Callable[[HttpRequest], dict[str, Any]]


def verb(
    deed: Callable[..., Any], words: Promise | str, *, facts: Facts | None = None, told: bool = False
) -> Callable[..., HttpResponseBase]:
    """A view in which an agent does something with the call in hand.

    `words` say it; `facts` are what the deed has to know besides, from the form, and fill the places in `words`.
    """

    @require_POST
    @desk_view("call.handle", obj=load_contact)
    def view(request: HttpRequest, contact: Contact) -> HttpResponseBase:
        more = facts(request) if facts else {}
        deed(contact_id=contact.pk, agent_id=own_agent_id(request), **more)
        return panel(request, contact, str(words) % more, told=told)

    return view


def panel(request: HttpRequest, contact: Contact, words: str, *, told: bool = False) -> HttpResponseBase:
    """The panel of the call as it stands now; `told`: what it does not show by itself is said beside it."""
    if not wants_parts(request):
        return pages.done(request, words, reverse("desk:contact", args=[contact.pk]))
    fresh = load_contact(request, contact.pk)
    context = conversation.middle(request, fresh) | views.transfer_choices(request, fresh)
    if not told:
        return pages.parts(request, ["call", "head"], context)
    return pages.parts(request, ["call", "head", "told_slot"], context | {"told": words, "kind": "ok"})


def _keys(request: HttpRequest) -> dict[str, Any]:
    return {"keys": request.POST.get("keys", "")}  # digits, * and #


hold = verb(services.hold, _("The caller is on hold and hears music."))
resume = verb(services.resume, _("You are back with the caller."))
mute = verb(services.mute, _("The caller does not hear you."))
unmute = verb(services.unmute, _("The caller hears you."))
keys = verb(services.press, _("Sent: %(keys)s"), facts=_keys)


@require_POST
@desk_view("call.handle", obj=load_contact)
def hang_up(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """End the call; what is left is to note what became of it."""
    services.hang_up(contact_id=contact.pk, agent_id=own_agent_id(request))
    return acting.stay(
        request, contact, gettext("The call is over. Choose what became of it."), focus="wrapup-h"
    )
