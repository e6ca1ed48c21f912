"""An agent's own telephone: in this browser or on the desk, how it stands, and where it is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from civicline.channels.voice import selectors as voice
from civicline.channels.voice import services
from civicline.intake import selectors as intake
from civicline.kernel.telephone import in_groups
from civicline.routing import selectors as routing
from civicline.web.desk import pages
from civicline.web.desk.access import agent_of, desk_view, own_agent_id, wants_parts
from civicline.web.own_telephone import standing

if TYPE_CHECKING:
    from civicline.intake.models import Contact
    from civicline.people.models import Agent


@require_GET
@desk_view("desk.use")
def setup(request: HttpRequest) -> HttpResponseBase:
    """The set-up as a page of its own, for browsers without scripts."""
    return pages.page(request, "desk/telephone.html", {"told": "", "telephone": standing(request)})


@require_POST
@desk_view("desk.use")
def choose(request: HttpRequest) -> HttpResponseBase:
    """Take calls in this browser, or on the desk phone: `kind` is browser or sip."""
    phone = services.choose_phone(agent_id=own_agent_id(request), kind=request.POST.get("kind", ""))
    words = (
        gettext("Calls ring in your browser from now on.")
        if phone.kind == "browser"
        else gettext("Calls ring on your desk phone from now on.")
    )
    if wants_parts(request):
        return JsonResponse({"kind": phone.kind, "words": words})
    return pages.done(request, words, reverse("desk:telephone"))


@require_GET
@desk_view("desk.use")
def now(request: HttpRequest) -> HttpResponseBase:
    """What the telephone in the browser has to do: pick up what its agent has accepted, be silent while muted."""
    agent = agent_of(request)
    answer, muted = _wanted(agent) if agent is not None else (False, False)
    contacts = _calls(agent) if agent is not None else []
    return JsonResponse(
        {
            "answer": answer, "muted": muted, "numbers": _numbers(contacts),
            "page": any(voice.is_from_page(one) for one in contacts),
        }
    )  # fmt: skip


def _calls(agent: Agent) -> list[Contact]:
    """What may ring for this agent now."""
    contacts, _lines = intake.in_hand(agent.pk)
    offered = [one.contact for one in routing.offers_of(agent.pk)]
    return [one for one in (*contacts, *offered) if one.channel == "voice"]


def _numbers(contacts: list[Contact]) -> list[str]:
    """Who calls, as people read it: the exchange tells a telephone the digits alone."""
    calls = [voice.call_of_contact(one.pk) for one in contacts]
    return [in_groups(call.number) for call in calls if call is not None and call.number]


def _wanted(agent: Agent) -> tuple[bool, bool]:
    """Whether a ringing telephone is to be picked up at once, and whether its microphone is off.

    It rings for what was accepted here and is not picked up yet; or for an offer, which is for the person to answer;
    or else once more for a call in hand whose leg was lost.
    """
    contacts, _lines = intake.in_hand(agent.pk)
    in_hand = [one for one in contacts if one.channel == "voice" and one.state == "connected"]
    calls = [call for one in in_hand if (call := voice.call_of_contact(one.pk)) is not None]
    if any(call.state in ("queued", "offered", "callback") for call in calls):
        return True, False
    offered = any(one.contact.channel == "voice" for one in routing.offers_of(agent.pk))
    return bool(calls) and not offered, any(call.muted for call in calls)
