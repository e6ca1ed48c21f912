"""While payment data is given nothing is recorded: by a key of the agent, or by a field that is marked for it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import services
from civicline.web.desk.calls import verb


def _why(request: HttpRequest) -> dict[str, Any]:
    """Field: one for payment data was entered."""
    return {"why": "field" if request.POST.get("why") == "field" else "key"}


silence = verb(services.silence_recording, _("Payment: nothing that is said now is recorded."), facts=_why)
go_on = verb(services.resume_recording, _("Recorded again."), facts=_why)
