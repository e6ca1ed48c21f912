"""Whether agents see that a supervisor listens: the law of the site decides, and this page says what it means."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from civicline.channels.voice.company import selectors, services
from civicline.web.admin import editing
from civicline.web.admin.access import admin_view
from civicline.web.admin.forms import PageForm
from civicline.web.admin.telephone.menus import SECTION


class ListeningForm(PageForm):
    """One question."""

    sign = forms.BooleanField(
        label=_("Show agents that somebody listens"),
        required=False,
        help_text=_(
            "A sign on the agent's desk names the supervisor and says how they are in the call. In many countries the "
            "law or an agreement with the staff demands it. Without the sign, the reason and the time stay in the log "
            "all the same."
        ),
    )


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def listening(request: HttpRequest) -> HttpResponse:
    """The rule of the site, and changing it."""
    form = ListeningForm(request.POST or None, initial={"sign": selectors.shows_listening()})
    page = editing.Editing(
        form=form,
        title=gettext("Listening to calls"),
        meta=gettext("Supervisors may listen, whisper, join in and take over. Each time a reason is asked."),
        section=SECTION,
        back=reverse("admin:calls"),
        sections=[editing.Section(_("The agent's screen"), ["sign"])],
        write=lambda: services.set_listening_rule(sign=form.cleaned_data["sign"]),
        done=lambda: reverse("admin:call_listening"),
    )
    return editing.answer(request, page)
