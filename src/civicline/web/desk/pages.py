"""What every page of the desk shows around its content: who is signed in, presence, load, queues, ways elsewhere."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from civicline.engine import lifecycle
from civicline.engine.waits import WaitRange
from civicline.kernel import clock
from civicline.people import selectors as people
from civicline.routing import selectors as routing
from civicline.routing.channels import class_of
from civicline.routing.waits import range_for
from civicline.web.addresses import address
from civicline.web.desk import company, hand, mentions, offers, wording
from civicline.web.desk.access import agent_of, user_of, wants_parts
from civicline.web.own_telephone import standing
from civicline.web.rail import DESK, LIVE, OWN_SHIFTS, Way, rail
from civicline.web.staff import card

if TYPE_CHECKING:
    from civicline.people.models import User

HOT_WAITING = 8
"""So many people waiting in a queue of theirs are marked for the agent."""
SEEN = "desk_mentions_seen"


def frame(request: HttpRequest, *, section: str = "desk") -> dict[str, Any]:
    """The context of the staff shell."""
    user = user_of(request)
    mine = hand.in_hand(user.pk if agent_of(request) else None)
    return {
        "section": section,
        "staff": card(user),
        "presence": presence(request, mine),
        "load": load(request, mine),
        "hand": mine,
        "nav": _nav(user, section),
        "home_url": address("desk:home"),
        "presence_url": address("desk:presence"),
        "palette_url": address("desk:palette"),
        "search_url": address("desk:search"),
        "mentions": mention_lines(request),
        "telephone": standing(request),
        "topics": f"agent:{user.pk} user:{user.pk}",
    }


WAYS = (
    DESK,
    Way("cases", _("Cases"), "case", "desk:cases", "case.search"),
    Way("search", _("Search"), "search", "desk:search", "contact.search"),
    OWN_SHIFTS,
    LIVE,
)


def _nav(user: User, section: str) -> list[dict[str, Any]]:
    return rail(user, WAYS, section)


def presence(request: HttpRequest, mine: hand.Hand) -> dict[str, Any] | None:
    """What the presence menu shows: the state in words, and what may be chosen, with reasons."""
    agent = agent_of(request)
    row = people.find_presence(agent.pk) if agent is not None else None
    if row is None:
        return None
    shown = _doing(mine) or row.state if row.state == "available" else row.state
    reason = str(wording.REASONS.get(row.reason, "")) if shown == row.state else ""
    return {
        "state": row.state,
        "glyph": wording.GLYPHS.get(shown, "away"),
        "words": str(wording.PRESENCES.get(shown, shown)),
        "reason": reason,
        "since": row.since,
        "choices": _choices(row.state, get_language()),
    }


class Choice(NamedTuple):
    """An entry of the presence menu: what it sends, its shape, and what it says."""

    value: str
    glyph: str
    words: str


@cache
def _choices(state: str, _language: str | None) -> tuple[Choice, ...]:
    """What may be chosen from a state, told in the language that is active."""
    choices = []
    for move in lifecycle.choices(state):
        words, glyph = str(wording.PRESENCES[move.target]), wording.GLYPHS[move.target]
        if not move.reasons:
            choices.append(Choice(move.target, glyph, words))
        for code in move.reasons:
            if code in wording.REASONS:
                label = gettext("%(state)s: %(reason)s") % {"state": words, "reason": wording.REASONS[code]}
                choices.append(Choice(f"{move.target}:{code}", glyph, label))
    return tuple(choices)


def _doing(mine: hand.Hand) -> str:
    """With a resident on the line, or winding up after one; "" when neither keeps this person from the next."""
    live = {one.state for one in mine.contacts if class_of(one.channel) != "written"}
    return "with_resident" if "connected" in live else "wrap_up" if "wrap_up" in live else ""


def load(request: HttpRequest, mine: hand.Hand) -> list[dict[str, Any]]:
    """How much is in hand of what they can hold: icon, held, capacity, words."""
    agent = agent_of(request)
    if agent is None:
        return []
    held = mine.held()
    kinds = (
        ("voice", "phone", gettext("calls")),
        ("chat", "chat", gettext("chats")),
        ("written", "email", gettext("written")),
    )
    return [
        {"icon": icon, "held": held.get(kind, 0), "most": agent.capacity.get(kind, 0), "words": words}
        for kind, icon, words in kinds
        if agent.capacity.get(kind, 0) or held.get(kind, 0)
    ]


def pulse(request: HttpRequest) -> list[dict[str, Any]]:
    """The agent's own queues now: who waits, and how long somebody who comes now would."""
    agent = agent_of(request)
    own = routing.queues_served(agent.pk) if agent is not None else []
    lines = routing.lines() if own else {}
    found = []
    for queue in own[:3]:
        line = lines.get(queue.pk)
        if line is None:
            continue
        waiting = len(line.waiting())
        told = range_for(line, "chat", len(line.waiting("chat")))
        wait = (told.low_s, told.high_s) if isinstance(told, WaitRange) else None
        found.append(
            {
                "name": wording.text_in(queue.name, queue.code),
                "waiting": waiting,
                "wait": wait,
                "hot": waiting >= HOT_WAITING,
            }
        )
    return found


def _mention_line(mention: mentions.Mention, seen: str) -> dict[str, Any]:
    if mention.case is not None:
        href, about = address("desk:case", reference=mention.case.reference), mention.case.title
    elif mention.contact is not None:
        href, about = address("desk:contact", contact_id=mention.contact.pk), hand.name_of(mention.contact)
    else:
        href, about = address("desk:home"), ""
    return {
        "href": href,
        "who": mention.who,
        "text": " ".join(mention.text.split())[:140],
        "at": mention.at,
        "about": about,
        "new": mention.at.isoformat() > seen,
    }


def mention_lines(request: HttpRequest) -> dict[str, Any]:
    """The bell: notes of the last week that name this person, and how many are new."""
    seen = str(request.session.get(SEEN, ""))
    lines = [_mention_line(one, seen) for one in mentions.mentions_of(user_of(request))[:20]]
    return {"lines": lines, "new": sum(1 for line in lines if line["new"])}


def mentions_seen(request: HttpRequest) -> None:
    """Remember that the bell was opened now."""
    request.session[SEEN] = clock.now().isoformat()


def offer_parts(request: HttpRequest) -> dict[str, Any]:
    """The context of the offers' place."""
    user = user_of(request)
    asked = company.asked_of(user.pk) if agent_of(request) is not None else []
    return {
        "offers": offers.cards(agent_of(request)),
        "asked": asked,
        "topics": f"agent:{user.pk} user:{user.pk}",
    }


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, section: str = "desk", status: int = 200
) -> HttpResponse:
    """Draw one whole page."""
    return render(request, template, frame(request, section=section) | context, status=status)


def parts(
    request: HttpRequest,
    names: list[str],
    context: dict[str, Any],
    *,
    push: str = "",
    focus: str = "",
    status: int = 200,
) -> HttpResponse:
    """Parts of the page that replace those of the same id. `focus` names what takes the focus, `push` the address."""
    html = "\n".join(
        render_to_string(f"desk/_{name}.html", context | {"oob": True, "parts": True}, request)
        for name in names
    )
    response = HttpResponse(html, status=status)
    if push:
        response["HX-Push-Url"] = push
    if focus:
        response["HX-Trigger-After-Settle"] = f'{{"desk:focus": {{"on": "{focus}"}}}}'
    return response


def done(request: HttpRequest, words: str, to: str) -> HttpResponseBase:
    """After a plain form: go to where the result is seen, and say what was done."""
    if words:
        messages.success(request, words, extra_tags="desk")  # others (signing in) speak on their own pages
    return HttpResponseRedirect(to)


def refused(request: HttpRequest, words: str, to: str) -> HttpResponseBase:
    """After a plain form that came to nothing: go back to where it was sent from, and say why."""
    messages.warning(request, words, extra_tags="desk")
    return HttpResponseRedirect(to)


__all__ = [
    "done",
    "frame",
    "load",
    "mention_lines",
    "mentions_seen",
    "offer_parts",
    "page",
    "parts",
    "presence",
    "pulse",
    "refused",
    "wants_parts",
]
