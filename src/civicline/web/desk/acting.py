"""What an agent does: answer offers, write, pass on, wrap up, set a presence. Each is a plain form first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.kernel import audit, bus
from civicline.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.people.permissions import require
from civicline.routing import selectors as routing
from civicline.routing import services as routing_services
from civicline.web.desk import hand, mentions, pages, wording
from civicline.web.desk import offers as offer_words
from civicline.web.desk.access import (
    desk_view,
    load_bare_contact,
    load_contact,
    own_agent_id,
    user_of,
    wants_parts,
    words_of,
)
from civicline.web.desk.conversation import UNWRITTEN, middle, takes_words
from civicline.web.desk.views import list_parts, opened, whole

if TYPE_CHECKING:
    from civicline.intake.models import Contact

LIST = ["offers", "hand", "load", "presence", "told"]
TEXT = 10_000  # characters in one message


def _offer_gone(request: HttpRequest, offer_id: UUID, refused: Refused) -> HttpResponseBase:
    """Somebody was faster: say what became of it, and show the list as it is now."""
    words = (
        offer_words.gone_words(routing.get_offer(offer_id))
        if isinstance(refused, Conflict)
        else words_of(refused)
    )
    if not wants_parts(request):
        return pages.refused(request, words, reverse("desk:home"))
    context = list_parts(request) | {"told": words, "kind": "attention"}
    return pages.parts(request, LIST, context, status=409)


@require_POST
@desk_view("desk.use")
def accept(request: HttpRequest, offer_id: UUID) -> HttpResponseBase:
    """Take the contact on offer, and open it."""
    agent_id = own_agent_id(request)
    require(user_of(request), "offer.answer", agent_id)
    try:
        offer = routing_services.accept_offer(offer_id=offer_id, agent_id=agent_id, opened=True)
    except Conflict as refused:
        return _offer_gone(request, offer_id, refused)
    if wants_parts(request):
        return opened(request, load_contact(request, offer.contact_id), more=LIST)
    return pages.done(request, "", reverse("desk:contact", args=[offer.contact_id]))


@require_POST
@desk_view("desk.use")
def decline(request: HttpRequest, offer_id: UUID) -> HttpResponseBase:
    """Leave the contact on offer to others; it goes back to its own place."""
    agent_id = own_agent_id(request)
    require(user_of(request), "offer.answer", agent_id)
    try:
        routing_services.decline_offer(
            offer_id=offer_id, agent_id=agent_id, reason=request.POST.get("reason") or "other"
        )
    except Conflict as refused:
        return _offer_gone(request, offer_id, refused)
    words = gettext("Declined. It is back at its own place.")
    if wants_parts(request):
        return pages.parts(request, LIST, list_parts(request) | {"told": words, "kind": "ok"})
    return pages.done(request, words, reverse("desk:home"))


@require_POST
@desk_view("contact.note", obj=load_contact)
def say(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Send a message, or write a note: what was typed comes back with the words when it cannot be."""
    text = request.POST.get("body", "")
    try:
        if request.POST.get("via") == "note":
            _note(request, contact, text)
        else:
            _reply(request, contact, text)
    except Refused as refused:
        if wants_parts(request):
            raise
        return whole(request, contact, text=text, problem=words_of(refused), status=refused.status)
    contact = load_contact(request, contact.pk)
    if wants_parts(request):
        return pages.parts(request, ["messages"], middle(request, contact))
    return pages.done(request, "", reverse("desk:contact", args=[contact.pk]) + "#composer")


def _reply(request: HttpRequest, contact: Contact, text: str) -> None:
    require(user_of(request), "contact.reply", contact)
    if contact.agent_id != user_of(request).pk:
        raise Forbidden(_("This contact is not in your hands. Write a note instead."), code="not-in-hand")
    if not takes_words(contact):
        raise Invalid(UNWRITTEN, code="no-writing")
    if len(text) > TEXT:
        raise Invalid(_("This is too long. Use at most %(most)s characters."), code="too-long", most=TEXT)
    if contact.state == "wrap_up":
        routing_services.reopen(contact_id=contact.pk, agent_id=user_of(request).pk)
    elif contact.state == "parked":
        routing_services.resume(contact_id=contact.pk, agent_id=user_of(request).pk)
    files = [
        intake_services.store_upload(contact_id=contact.pk, name=one.name or "", content=one.read()).pk
        for one in request.FILES.getlist("file")
    ]
    intake_services.add_message(
        contact_id=contact.pk,
        direction="out",
        body=text,
        author_id=user_of(request).pk,
        client_key=_client_key(request),
        attachment_ids=files,
        language=(contact.languages or [""])[0],
    )
    bus.publish(f"agent:{user_of(request).pk}", {"kind": "contact", "id": str(contact.pk)})


def _client_key(request: HttpRequest) -> str | None:
    """What makes a repeat harmless: the browser's own key for this text, seen in the sender's name."""
    key = request.POST.get("client_key", "")
    return f"desk:{key}"[:64] if key else None


def _note(request: HttpRequest, contact: Contact, text: str) -> None:
    user = user_of(request)
    named = mentions.named_by(user, text)
    intake_services.add_message(
        contact_id=contact.pk,
        direction="note",
        body=text,
        author_id=user.pk,
        client_key=_client_key(request),
        mentions=named,
    )
    for one in named:
        bus.publish(f"user:{one}", {"kind": "mention", "id": str(contact.pk)})


@require_POST
@desk_view("contact.transfer", obj=load_contact)
def transfer(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Pass a contact to a queue or a person, with a note: `to` is "queue:<code>" or "agent:<id>"."""
    kind, _sep, which = request.POST.get("to", "").partition(":")
    note = request.POST.get("note", "")
    if kind == "queue":
        queue = routing.get_queue(which)
        if queue is None:
            raise Invalid(_("Choose a queue, or a person."), code="transfer-target")
        routing_services.transfer(
            contact_id=contact.pk, agent_id=own_agent_id(request), note=note, to_queue=queue
        )
        name = wording.text_in(queue.name, queue.code)
    else:
        colleague = people.get_agent(id_of(which))
        routing_services.transfer(
            contact_id=contact.pk, agent_id=own_agent_id(request), note=note, to_agent_id=colleague.pk
        )
        name = colleague.user.name
    return open_next(request, gettext("Passed to %(name)s, at its own place.") % {"name": name})


@require_POST
@desk_view("contact.transfer", obj=load_contact)
def consult(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Ask a colleague beside the conversation; the resident sees nothing of it."""
    colleague = people.get_agent(id_of(request.POST.get("colleague", "")))
    routing_services.consult(
        contact_id=contact.pk,
        agent_id=own_agent_id(request),
        colleague_id=colleague.pk,
        question=request.POST.get("question", ""),
    )
    return stay(request, contact, gettext("%(name)s has your question.") % {"name": colleague.user.name})


def id_of(text: str) -> UUID:
    """A person's id out of a form. Raises `NotFound`."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(_("Choose a colleague."), code="agent-unknown") from None


@require_POST
@desk_view("contact.close", obj=load_contact)
def wrap_up(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """End the conversation; what is left is to note what became of it."""
    routing_services.start_wrap_up(contact_id=contact.pk, agent_id=own_agent_id(request))
    return stay(
        request, contact, gettext("The conversation is over. Choose what became of it."), focus="wrapup-h"
    )


@require_POST
@desk_view("contact.reply", obj=load_contact)
def reopen(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Back from wrap-up, or from being set aside, into the conversation."""
    verb = routing_services.resume if contact.state == "parked" else routing_services.reopen
    verb(contact_id=contact.pk, agent_id=own_agent_id(request))
    return stay(request, contact, gettext("You are back in the conversation."))


@require_POST
@desk_view("contact.close", obj=load_bare_contact)
def complete(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Close a contact with its outcome, and go to the next one."""
    routing_services.complete(
        contact_id=contact.pk,
        agent_id=own_agent_id(request),
        disposition=request.POST.get("disposition", ""),
        cause=_cause(request),
    )
    return open_next(request, gettext("%(reference)s is closed.") % {"reference": contact.reference})


def _cause(request: HttpRequest) -> str:
    cause = request.POST.get("cause", "")
    return cause if cause in wording.CAUSES else ""


def stay(request: HttpRequest, contact: Contact, words: str, *, focus: str = "conv-h") -> HttpResponseBase:
    """Show the contact as it stands after what was done, and say so."""
    fresh = load_contact(request, contact.pk)
    if wants_parts(request):
        return opened(request, fresh, more=LIST, focus=focus, told=words)
    return pages.done(request, words, reverse("desk:contact", args=[contact.pk]))


def open_next(request: HttpRequest, words: str) -> HttpResponseBase:
    """The contact has left the agent's hands: open the one that stands first in the list."""
    rows = hand.in_hand(user_of(request).pk).rows
    following = intake.get_contact(rows[0].id) if rows else None
    if not wants_parts(request):
        to = reverse("desk:contact", args=[following.pk]) if following else reverse("desk:home")
        return pages.done(request, words, to)
    if following is not None:
        audit.record("resident.read", object=("contact", following.pk), resident_id=following.resident_id)
        return opened(request, following, more=LIST, told=words)
    context: dict[str, Any] = list_parts(request) | {
        "contact": None,
        "told": words,
        "kind": "ok",
        "own_queues": pages.pulse(request),
    }
    response: HttpResponse = pages.parts(
        request, ["pane", "side", *LIST], context, push=reverse("desk:home"), focus="conv-h"
    )
    return response


@require_POST
@desk_view("desk.use")
def presence(request: HttpRequest) -> HttpResponseBase:
    """Say what one does now: `state` is "available" or "break:lunch"."""
    agent_id = own_agent_id(request)
    require(user_of(request), "presence.set", agent_id)
    state, _sep, reason = request.POST.get("state", "").partition(":")
    people_services.set_presence(agent_id=agent_id, state=state, reason=reason, by=agent_id)
    if wants_parts(request):
        return pages.parts(request, ["presence", "offers"], list_parts(request))
    return pages.done(request, "", request.POST.get("next") or reverse("desk:home"))


@require_POST
@desk_view("profile.edit", obj=lambda request: request.user)
def settings(request: HttpRequest, user: Any) -> HttpResponseBase:
    """Look, sound and keys, for oneself."""
    theme = request.POST.get("theme")
    switches: dict[str, Any] = {}
    for switch in ("sound", "single_keys"):
        if switch in request.POST:
            switches[switch] = request.POST[switch] == "on"
    language = request.POST.get("language")
    people_services.set_preferences(user_id=user.pk, theme=theme, language=language, preferences=switches)
    if wants_parts(request):
        return HttpResponse(status=204)
    return pages.done(request, gettext("Saved."), reverse("desk:home"))
