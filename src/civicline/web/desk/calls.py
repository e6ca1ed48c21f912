"""What an agent does with a call in hand, on whichever telephone: hold, mute, keys, hang up; plain forms first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from civicline.channels.voice import services
from civicline.web.desk import acting, conversation, pages, views
from civicline.web.desk.access import desk_view, load_contact, own_agent_id, wants_parts

if TYPE_CHECKING:
    from civicline.intake.models import Contact

Verb = Callable[..., None]


def do(request: HttpRequest, contact: Contact, verb: Verb, words: str = "", **facts: Any) -> HttpResponseBase:
    """Write what is wanted, and show the panel as it stands then."""
    verb(contact_id=contact.pk, agent_id=own_agent_id(request), **facts)
    if not wants_parts(request):
        return pages.done(request, words, reverse("desk:contact", args=[contact.pk]))
    fresh = load_contact(request, contact.pk)
    context = conversation.middle(request, fresh) | views.transfer_choices(request, fresh)
    return pages.parts(request, ["call", "head"], context)


@require_POST
@desk_view("call.handle", obj=load_contact)
def hold(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """The caller hears music."""
    return do(request, contact, services.hold, gettext("The caller is on hold and hears music."))


@require_POST
@desk_view("call.handle", obj=load_contact)
def resume(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Back to the caller."""
    return do(request, contact, services.resume, gettext("You are back with the caller."))


@require_POST
@desk_view("call.handle", obj=load_contact)
def mute(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """The caller does not hear the agent."""
    return do(request, contact, services.mute, gettext("The caller does not hear you."))


@require_POST
@desk_view("call.handle", obj=load_contact)
def unmute(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """The caller hears the agent again."""
    return do(request, contact, services.unmute, gettext("The caller hears you."))


@require_POST
@desk_view("call.handle", obj=load_contact)
def keys(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Press keys for the other side: `keys` holds them, digits, * and #."""
    pressed = request.POST.get("keys", "")
    return do(request, contact, services.press, gettext("Sent: %(keys)s") % {"keys": pressed}, keys=pressed)


@require_POST
@desk_view("call.handle", obj=load_contact)
def hang_up(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """End the call; what is left is to note what became of it."""
    services.hang_up(contact_id=contact.pk, agent_id=own_agent_id(request))
    return acting.stay(
        request, contact, gettext("The call is over. Choose what became of it."), focus="wrapup-h"
    )
