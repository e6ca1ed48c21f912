"""Which queues are called in sign language, with a picture, and whether anybody could answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from civicline.channels.voice.video import selectors, services
from civicline.routing import selectors as routing
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view
from civicline.web.admin.forms import PageForm
from civicline.web.admin.telephone.menus import SECTION


class VideoForm(PageForm):
    """The queues."""

    queues = forms.MultipleChoiceField(
        label=_("Queues that residents may call with a picture"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only those who sign the resident's language and take video calls are asked to answer."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        queues: Any = self.fields["queues"]
        queues.choices = [(row.code, pages.text_of(row.name)) for row in routing.list_queues()]


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def video(request: HttpRequest) -> HttpResponse:
    """The offer of the house, and changing it."""
    offered = [one.queue.code for one in selectors.offered()]
    form = VideoForm(request.POST or None, initial={"queues": offered})
    page = editing.Editing(
        form=form,
        title=gettext("Video calls in sign language"),
        meta=gettext(
            "Residents who sign call from the town's page with their camera. Off until you choose a queue."
        ),
        section=SECTION,
        back=reverse("admin:calls"),
        sections=[editing.Section(_("Where it is offered"), ["queues"])],
        write=lambda: _store(form),
        done=lambda: reverse("admin:call_video"),
        template="admin/call_video.html",
        extra={"rows": _staffed(), "guests": settings.CIVICLINE.voice_guests},
    )
    return editing.answer(request, page)


def _store(form: VideoForm) -> None:
    chosen = set(form.cleaned_data["queues"])
    for queue in routing.list_queues():
        services.set_offered(queue_id=queue.pk, offered=queue.code in chosen)


def _staffed() -> list[tuple[str, str, str]]:
    """Queue, sign language, and how many people could answer, for what is offered."""
    found = []
    for one in selectors.offered():
        for sign, name in selectors.sign_languages().items():
            count = len(selectors.signers(one.queue.pk, sign))
            words = ngettext("%(count)s person", "%(count)s people", count) % {"count": count}
            found.append((pages.text_of(one.queue.name), pages.text_of(name) or sign, words if count else ""))
    return found
