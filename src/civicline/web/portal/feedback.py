"""What the resident thinks of how we did it, asked once when it is over."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from civicline.channels.webform.answers import clean_words
from civicline.insight import selectors as insight
from civicline.insight import services as insight_services
from civicline.insight.services.feedback import MOST_TEXT
from civicline.kernel.errors import Conflict, Invalid
from civicline.web.portal import limits
from civicline.web.portal.owning import Own, about, own, to_look_up
from civicline.web.portal.pages import draw, portal_page, show


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def feedback(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Ask, keep, thank."""
    mine = own(request, reference)
    if mine is None:
        return to_look_up(reference, "feedback")
    matter = about(mine)
    if insight.has_feedback(**matter):
        return show(request, "portal/feedback_thanks.html", _words(mine, gettext("Thank you for telling us")))
    if not mine.ended:
        return HttpResponseRedirect(reverse("portal:case", args=[mine.reference]))
    if request.method != "POST":
        return _ask(request, mine, {}, {})
    limits.spend(limits.SENDS, limits.address_of(request))
    typed = {name: clean_words(request.POST.get(name, "")) for name in ("satisfaction", "ease", "text")}
    try:
        insight_services.give_feedback(
            **matter,
            satisfaction=_level(typed["satisfaction"]),
            ease=_level(typed["ease"]),
            text=typed["text"],
            language=get_language() or "",
        )
    except Invalid as fault:
        return _ask(request, mine, typed, fault.field_messages())
    except Conflict:  # a second click: the first one is kept
        pass
    return HttpResponseRedirect(reverse("portal:feedback", args=[mine.reference]))


def _level(text: str) -> int | None:
    """A level as a number; nothing stays nothing, and what is no number is off every scale."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0


def _words(mine: Own, title: str) -> dict[str, Any]:
    return {"title": title, "section": gettext("Your opinion"), "reference": mine.reference}


def _ask(
    request: HttpRequest, mine: Own, typed: dict[str, str], problems: dict[str, str]
) -> HttpResponseBase:
    context = _words(mine, gettext("How did we do?")) | {
        "typed": typed,
        "problems": problems,
        "errors": [{"text": text, "href": f"#{name}"} for name, text in problems.items()],
        "levels": [
            ("5", gettext("Very satisfied")),
            ("4", gettext("Satisfied")),
            ("3", gettext("Neither satisfied nor dissatisfied")),
            ("2", gettext("Dissatisfied")),
            ("1", gettext("Very dissatisfied")),
        ],
        "eases": [
            ("7", gettext("Strongly agree")),
            ("6", gettext("Agree")),
            ("5", gettext("Somewhat agree")),
            ("4", gettext("Neither agree nor disagree")),
            ("3", gettext("Somewhat disagree")),
            ("2", gettext("Disagree")),
            ("1", gettext("Strongly disagree")),
        ],
        "most": MOST_TEXT,
    }
    return draw(request, "portal/feedback.html", context, 400 if problems else 200)
