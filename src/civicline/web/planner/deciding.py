"""A yes or a no to several requests at once, and what came of each."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from civicline.kernel import ids
from civicline.kernel.errors import Refused
from civicline.web.planner import pages
from civicline.web.planner.access import planner_view, user_of
from civicline.workforce.services import decisions
from civicline.workforce.services.decisions import Decided


@require_POST
@planner_view("plan.edit")
def decide_several(request: HttpRequest) -> HttpResponse:
    """Decide all that are ticked; what stays open is told with the reason."""
    back = reverse("planner:requests")
    given = request.POST
    try:
        found = decisions.decide_several(
            chosen=[one for text in given.getlist("one") if (one := _chosen(text)) is not None],
            approve=given.get("answer") == "yes", reason=given.get("reason", ""), by=user_of(request).pk,
        )  # fmt: skip
    except Refused as refusal:
        return pages.refused(request, refusal, back)
    _tell(request, found)
    return HttpResponseRedirect(back)


def _chosen(text: str) -> tuple[str, UUID] | None:
    kind, _, number = text.partition(":")
    found = ids.read(number)
    return (kind, found) if found is not None else None


def _tell(request: HttpRequest, found: list[Decided]) -> None:
    done = sum(not one.why for one in found)
    if done:
        words = ngettext(
            "%(count)s request is decided. The person sees it on their page.",
            "%(count)s requests are decided. Everybody sees it on their page.",
            done,
        )
        messages.success(request, words % {"count": done})
    for one in found:
        if one.why and one.name:
            words = gettext("Still open: %(name)s. %(why)s")
            messages.error(request, words % {"name": one.name, "why": one.why})
        elif one.why:
            messages.error(request, one.why)
