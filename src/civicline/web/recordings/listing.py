"""Find a recording: by queue, by who spoke, by day, by the contact's reference; a page at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from civicline.channels.voice.recordings import selectors
from civicline.channels.voice.recordings.selectors import Wanted
from civicline.kernel.texts import localized
from civicline.people import selectors as people
from civicline.people.permissions import could, may
from civicline.routing import selectors as routing
from civicline.web.recordings.access import page, recordings_view, user_of

if TYPE_CHECKING:
    from civicline.channels.voice.models import Recording
    from civicline.people.models import User

PAGE = 25
KINDS = {"talk": _("Call"), "message": _("Voice message")}
DAY = forms.DateInput(attrs={"type": "date"})


class FilterForm(forms.Form):
    """What is looked for; everything may stay open."""

    queue = forms.ChoiceField(label=_("Queue"), required=False)
    agent = forms.ChoiceField(label=_("Agent"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DAY)
    until = forms.DateField(label=_("Until"), required=False, widget=DAY)
    reference = forms.CharField(label=_("Reference of the contact"), required=False, max_length=20)

    def __init__(self, data: Any, *, everybody: bool) -> None:
        super().__init__(data)
        queue: Any = self.fields["queue"]
        queue.choices = [
            ("", _("All queues")),
            *((code, name_of(name)) for code, name in routing.queue_choices()),
        ]
        if everybody:
            agent: Any = self.fields["agent"]
            agent.choices = [("", _("Anybody")), *((str(key), name) for key, name in people.agent_names())]
        else:
            del self.fields["agent"]


def name_of(names: dict[str, str]) -> str:
    """A name in the reader's language."""
    return localized(names, get_language() or settings.LANGUAGE_CODE)


def hears_all(user: User) -> bool:
    """Whether they may hear everybody's calls, and not only their own."""
    return may(user, "recording.play")


@require_GET
@recordings_view("recording.list")
def listing(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    user = user_of(request)
    everybody = hears_all(user)
    form = FilterForm(request.GET or None, everybody=everybody)
    wanted = _wanted(form, None if everybody else user)
    shown = Paginator(selectors.list_recordings(wanted), PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    wrong = form.is_bound and bool(form.errors)
    own_closed = not everybody and not settings.CIVICLINE.voice_hear_own
    context = {
        "title": gettext("Recordings"),
        "meta": gettext("Each play and each download stands in the audit log, with its reason.")
        if everybody
        else gettext("Your own calls."),
        "form": form,
        "errors": wrong,
        "page": shown,
        "query": query.urlencode(),
        "rows": [] if own_closed else [line_of(one) for one in shown],
        "own_closed": own_closed,
        "asked": bool(request.GET),
        "may_rules": could(user, "config.read"),
    }
    return page(request, "recordings/list.html", context, status=422 if wrong else 200)


def _wanted(form: FilterForm, only: User | None) -> Wanted:
    data: dict[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else {}
    agent = only.pk if only is not None else (data.get("agent") or None)
    until = data.get("until")
    return Wanted(
        queue=data.get("queue", ""),
        agent_id=agent,
        since=_midnight(data["since"]) if data.get("since") else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
        reference=str(data.get("reference", "")).replace("\x00", "").strip().upper(),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone()).astimezone(UTC)


def line_of(recording: Recording) -> dict[str, Any]:
    """One recording in words: when, how long, who, where."""
    return {
        "href": reverse("recordings:recording", args=[recording.pk]),
        "at": recording.started_at,
        "length": clock_words(recording.seconds),
        "kind": KINDS[recording.kind],
        "queue": name_of(recording.queue.name) if recording.queue else "",
        "agent": recording.agent.user.name if recording.agent else "",
        "reference": recording.contact.reference,
        "consent": recording.basis == "consent",
    }


def clock_words(seconds: float) -> str:
    """Seconds as a clock that runs: 0:07, 12:30, 1:02:03."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
