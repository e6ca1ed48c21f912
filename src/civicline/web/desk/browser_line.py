"""The agent's own line: what their browser needs to be a telephone."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from civicline.channels.voice import services as voice
from civicline.kernel.errors import Refused
from civicline.web.desk.access import desk_view, own_agent_id, words_of


@require_POST
@desk_view("desk.use")
def line(request: HttpRequest) -> HttpResponseBase:
    """Ticket, name and secret for this agent's browser; a refusal as {"code", "detail"}. Kept by nobody."""
    try:
        found = voice.agent_line(
            agent_id=own_agent_id(request), conf=settings.CIVICLINE, again=request.POST.get("again", "")
        )
    except Refused as refused:
        return JsonResponse({"code": refused.code, "detail": words_of(refused)}, status=refused.status)
    return JsonResponse(found.as_plain())
