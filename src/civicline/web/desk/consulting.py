"""More than two in a call, as the desk sees and does it: ask somebody, swap, bring all together, leave it to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from civicline.channels.voice import services
from civicline.channels.voice.flows import selectors as flows
from civicline.kernel import ids
from civicline.kernel.errors import Invalid, NotFound
from civicline.kernel.telephone import in_sentence
from civicline.people import selectors as people
from civicline.people.permissions import require
from civicline.routing import selectors as routing
from civicline.web.desk import acting, pages, wording
from civicline.web.desk.access import desk_view, load_contact, own_agent_id, user_of, wants_parts
from civicline.web.desk.calls import panel, verb

if TYPE_CHECKING:
    from civicline.intake.models import Contact


def _party(request: HttpRequest) -> dict[str, Any]:
    party_id = ids.read(request.POST.get("party", ""))
    if party_id is None:
        raise NotFound(_("Nobody like this is in the call."), code="party-unknown")
    return {"party_id": party_id}


@require_POST
@desk_view("contact.transfer", obj=load_contact)
def pass_to_number(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Leave the caller to a `number` outside without a word before; whoever is not reached gives them back."""
    require(user_of(request), "call.place")
    party = services.pass_to_number(
        contact_id=contact.pk,
        agent_id=own_agent_id(request),
        number=request.POST.get("number", ""),
        note=request.POST.get("note", ""),
    )
    words = gettext("It rings at %(number)s. If nobody answers, the caller is first in the line again.")
    return acting.open_next(request, words % {"number": _name_outside(party.number)})


def _name_outside(number: str) -> str:
    """What this number is called here, or its groups."""
    return flows.names_of_outside([number]).get(number) or in_sentence(number)


@require_POST
@desk_view("call.handle", obj=load_contact)
def consult(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Ring somebody: `to` is "agent:<id>", "queue:<code>" or empty with a `number`; `note` is for them."""
    kind, _sep, which = request.POST.get("to", "").partition(":")
    number, note = request.POST.get("number", "").strip(), request.POST.get("note", "")
    mine = own_agent_id(request)
    if number:
        require(user_of(request), "call.place")
        party = services.consult(contact_id=contact.pk, agent_id=mine, number=number, note=note)
        name = _name_outside(party.number)
    elif kind == "queue":
        services.consult(contact_id=contact.pk, agent_id=mine, queue_code=which, note=note)
        queue = routing.get_queue(which)
        name = wording.text_in(queue.name, queue.code) if queue else which
    elif kind == "agent":
        colleague = people.get_agent(acting.id_of(which))
        services.consult(contact_id=contact.pk, agent_id=mine, to_agent_id=colleague.pk, note=note)
        name = colleague.user.name
    else:
        raise Invalid(_("Choose a colleague, a queue or a number."), code="consult-target")
    return panel(request, contact, gettext("It rings at %(name)s.") % {"name": name}, told=True)


swap = verb(services.swap, "", facts=_party, told=True)
join = verb(services.join, _("All of you hear each other now."), facts=_party, told=True)
drop = verb(services.drop, _("They are not in the call any more."), facts=_party, told=True)


@require_POST
@desk_view("contact.transfer", obj=load_contact)
def complete(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Leave the caller to whom one asked."""
    services.complete(contact_id=contact.pk, agent_id=own_agent_id(request), **_party(request))
    return _left(request, contact)


@require_POST
@desk_view("contact.transfer", obj=load_contact)
def leave(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Leave the conference; the others go on."""
    services.leave(contact_id=contact.pk, agent_id=own_agent_id(request))
    return _left(request, contact)


def _left(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """To a colleague the contact went with the caller; after a number outside it is still to be wrapped up."""
    fresh = load_contact(request, contact.pk)
    if fresh.agent_id == user_of(request).pk:
        words = gettext("They talk on without you. Choose what became of it.")
        return acting.stay(request, contact, words, focus="wrapup-h")
    name = fresh.agent.user.name if fresh.agent else ""
    return acting.open_next(request, gettext("%(name)s has the caller now.") % {"name": name})


@require_POST
@desk_view("desk.use")
def decline(request: HttpRequest, party_id: UUID) -> HttpResponseBase:
    """Say no to whoever asks; their caller is not kept waiting for it."""
    services.decline(party_id=party_id, agent_id=own_agent_id(request))
    words = gettext("They are told that you cannot now.")
    if wants_parts(request):
        context = pages.offer_parts(request) | {"told": words, "kind": "ok"}
        return pages.parts(request, ["offers", "told_slot"], context)
    return pages.done(request, words, reverse("desk:home"))
