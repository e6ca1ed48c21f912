"""Codes in words for agents: presences, reasons, outcomes, causes, channels, and why an offer is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from civicline.intake.wording import channel_label
from civicline.kernel.texts import in_a_row, localized
from civicline.people import selectors as people
from civicline.people.wording import CHOSEN as REASONS
from civicline.people.wording import GLYPHS
from civicline.people.wording import STATES as PRESENCES

__all__ = [
    "CAUSES",
    "DELIVERY",
    "GLYPHS",
    "LANGUAGE_TAGS",
    "NEEDS",
    "OUTCOMES",
    "PRESENCES",
    "REASONS",
    "SYSTEM",
    "channel_label",
    "clock_time",
    "language_name",
    "need",
    "reasons_in_words",
    "text_in",
]

OUTCOMES: dict[str, Promise] = {
    "solved": _("Solved"),
    "case_goes_on": _("Case goes on"),
    "passed_on": _("Passed on"),
    "call_back": _("Call back"),
    "other": _("Other"),
}
UNREACHED: dict[str, Promise] = {
    "busy": _("The number was busy."),
    "no_answer": _("Nobody answered."),
    "refused": _("The call was refused."),
    "no_such_number": _("There is no such number."),
    "not_reached": _("The line could not connect the call."),
    "own_phone": _("The telephone at the desk could not be reached, so nobody was called."),
}
"""How a call that we placed ended without anybody at the other end."""
ASKED_IN: dict[str, Promise] = {
    "busy": _("The line of %(name)s was busy."),
    "no_answer": _("%(name)s did not answer."),
    "refused": _("%(name)s cannot talk now."),
    "unreachable": _("%(name)s could not be reached."),
    "hung_up": _("%(name)s has left the call."),
}
"""Why somebody who was asked into a call is not in it; what the agent did about it themselves is not told."""
CAUSES: dict[str, Promise] = {
    "": _("No avoidable cause"),
    "not_acted": _("We did not act on a change"),
    "late": _("We were late"),
    "unclear": _("Our words were not clear"),
    "wrong": _("We made a mistake"),
    "progress": _("Asks how far it is"),
    "repeat": _("Had to ask twice"),
    "wrong_place": _("Came to the wrong place"),
}
NEEDS: dict[str, tuple[str, Promise]] = {
    "hard_of_hearing": ("ear", _("Hard of hearing: speak slowly")),
    "large_print": ("print", _("Large print letters")),
    "relay_call": ("phone", _("Calls by text relay")),
    "interpreter": ("globe", _("Needs an interpreter")),
    "sign_language": ("sign", _("Sign language")),
}
LANGUAGE_TAGS = frozenset(tag for tag, _name in settings.LANGUAGES)
DELIVERY = {"queued": "queued", "in_flight": "sending", "retry": "sending"}
SYSTEM: dict[str, Promise] = {
    "resident_left": _("The resident ended the chat."),
    "connection_lost": _("The call ended while our telephone system was interrupted."),
    "agent_lost": _("The connection to the agent was lost; the contact went back to its place."),
}


def text_in(texts: Mapping[str, str] | None, otherwise: str = "") -> str:
    """A configured text in the reader's language."""
    return localized(dict(texts or {}), get_language() or "en") or otherwise


def need(code: str) -> tuple[str, str]:
    """Icon and words of a need; a body's own codes are told as they are."""
    icon, words = NEEDS.get(code, ("info", code.replace("_", " ")))
    return icon, str(words)


def language_name(tag: str) -> str:
    """A language in the reader's language, as far as we know it."""
    names = people.skill_names("language") | people.skill_names("signed")
    if tag in names:
        return text_in(names[tag], tag)
    return str(dict(settings.LANGUAGES).get(tag, tag))


def reasons_in_words(reasons: Mapping[str, Any], levels: Mapping[str, int]) -> str:
    """Why an offer is theirs, as one line: "Yours because: council tax level 4, Polish".

    `reasons` as stored with the offer (`engine.routing.Decision.explain`), `levels` the agent's own by skill code.
    """
    needed = (reasons.get("need") or {}).get("skills", ())
    language = reasons.get("language")
    told = [str(row["skill"]) for row in needed] + ([str(language)] if language else [])
    names = people.names_of_skills(told)
    parts = []
    if reasons.get("emergency"):
        parts.append(gettext("an emergency"))
    for row in needed:
        code = str(row["skill"])
        level = levels.get(code, row.get("min_level", 1))
        parts.append(
            gettext("%(skill)s level %(level)s") % {"skill": text_in(names.get(code), code), "level": level}
        )
    if language:
        parts.append(text_in(names.get(str(language)), str(language)))
    rule = str(reasons.get("code", "")).removeprefix("routing.")
    rules = {
        "preferred": gettext("asked for you"),
        "assigned": gettext("given to you by a supervisor"),
        "longest_idle": gettext("free the longest"),
    }
    if rule in rules:
        parts.append(rules[rule])
    if reasons.get("ring"):
        parts.append(gettext("waits long, so more people are asked"))
    return pgettext("offer", "Yours because: %(reasons)s") % {"reasons": in_a_row(parts)}


def clock_time(moment: datetime) -> str:
    """A time of the day in the town's zone, 24 hours."""
    return f"{timezone.localtime(moment):%H:%M}"
