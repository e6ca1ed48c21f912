"""Why somebody hears a recording: asked before the first second, kept for half an hour, written beside every play."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from civicline.kernel import clock

KEPT_S: Final = 1800
MOST: Final = 20
PLACE: Final = "recordings_opened"
WHY = [
    ("quality", _("Quality: to help whoever took the call")),
    ("complaint", _("A complaint about this call")),
    ("facts", _("To know what was agreed")),
    ("training", _("Training")),
    ("law", _("A court, an ombudsman or the police ask")),
    ("rights", _("The resident asks for it")),
]


class ReasonForm(forms.Form):
    """Why, and more about it where it helps."""

    why = forms.ChoiceField(
        label=_("Why do you want to hear this?"),
        choices=WHY,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why."), "invalid_choice": _("Choose why.")},
    )
    note = forms.CharField(
        label=_("More about it"),
        required=False,
        max_length=200,
        help_text=_("A number of proceedings, or whose complaint. It stands in the audit log for good."),
    )

    def words(self) -> str:
        """The reason as the audit log keeps it: in English, so that it reads the same for everybody."""
        note = str(self.cleaned_data.get("note", "")).strip()
        return f"{self.cleaned_data['why']}: {note}" if note else str(self.cleaned_data["why"])


def remember(request: HttpRequest, recording_id: object, words: str) -> None:
    """From now on this person may hear this recording for this reason."""
    kept: dict[str, Any] = {
        key: value
        for key, value in request.session.get(PLACE, {}).items()
        if value["until"] > clock.now().timestamp() and key != str(recording_id)
    }
    newest = dict(sorted(kept.items(), key=lambda item: float(item[1]["until"]))[-(MOST - 1) :])
    newest[str(recording_id)] = {"why": words, "until": clock.now().timestamp() + KEPT_S, "heard": False}
    request.session[PLACE] = newest


def given(request: HttpRequest, recording_id: object) -> str:
    """The reason that was given for this recording, "" for none or one that is too old."""
    kept = request.session.get(PLACE, {}).get(str(recording_id))
    return str(kept["why"]) if kept is not None and kept["until"] > clock.now().timestamp() else ""


def begins(request: HttpRequest, recording_id: object, *, start: int) -> bool:
    """Whether this request begins to play: the first one after the reason, and each that gets the beginning."""
    opened = request.session.get(PLACE, {})
    kept = opened.get(str(recording_id))
    first = kept is not None and not kept["heard"]
    if kept is not None and first:
        request.session[PLACE] = {**opened, str(recording_id): {**kept, "heard": True}}
    return first or start == 0
