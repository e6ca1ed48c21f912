"""The page that tries a menu in text: press keys, wait, hang up, in any language, and listen to any sentence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from civicline.channels.voice.flows import selectors, sounds
from civicline.engine.callflow import Facts
from civicline.kernel.errors import Invalid, NotFound
from civicline.people import personal
from civicline.web.admin import pages
from civicline.web.admin.access import admin_view
from civicline.web.admin.forms import RTL
from civicline.web.admin.telephone import trial
from civicline.web.admin.telephone.menus import SECTION
from civicline.web.admin.telephone.prompts import as_audio

KEPT = "call_trial"
KEYPAD = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")
LETTERS = {
    "2": "ABC", "3": "DEF", "4": "GHI", "5": "JKL", "6": "MNO", "7": "PQRS", "8": "TUV", "9": "WXYZ",
}  # fmt: skip


class CallForm(forms.Form):
    """Who calls."""

    number = forms.CharField(
        label=_("They call from"),
        required=False,
        max_length=40,
        help_text=_("Empty: withheld."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    verified = forms.BooleanField(label=_("The network vouches for the number"), required=False)
    language = forms.ChoiceField(label=_("We know that they speak"), required=False, choices=[])
    which = forms.ChoiceField(label=_("Which menu"), choices=[], required=False)

    def __init__(self, data: Any = None, *, published: bool) -> None:
        super().__init__(data, initial={"number": "+44 7700 900123"})
        language: Any = self.fields["language"]
        language.choices = [("", _("Not known")), *settings.LANGUAGES]
        which: Any = self.fields["which"]
        which.choices = [
            ("", _("The draft")),
            *([("published", _("The published one"))] if published else []),
        ]

    def clean_number(self) -> str:
        """As it comes over the line."""
        try:
            return personal.clean_phone(self.cleaned_data["number"])
        except Invalid as invalid:
            raise forms.ValidationError(list(invalid.field_messages().values())) from invalid


@require_http_methods(["GET", "POST"])
@admin_view("config.edit")
def simulator(request: HttpRequest, code: str) -> HttpResponse:
    """The call as it went so far, and what can be done next."""
    row = selectors.get_flow(code)
    form = CallForm(request.POST if "ring" in request.POST else None, published=row.published is not None)
    call = trial.from_session(request.session.get(KEPT), code)
    if request.method == "POST":
        done = _ring(form, code, row.published_id) if "ring" in request.POST else _do(request, call)
        if done is not None:
            request.session[KEPT] = done.plain()
            return HttpResponseRedirect(reverse("admin:try_call_menu", args=[code]))
    return pages.page(
        request,
        "admin/call_trial.html",
        {
            "title": gettext("Try “%(menu)s”") % {"menu": pages.text_of(row.name)},
            "back": reverse("admin:call_menu", args=[code]),
            "code": code,
            "form": form,
            "call": call,
            "turns": _turns(code, call.lines) if call else [],
            "deeds": trial.DEEDS.get(call.waits, ()) if call else (),
            "keypad": [(key, LETTERS.get(key, "")) for key in KEYPAD],
            "step": call.position.get("node", "") if call else "",
        },
        section=SECTION,
        status=422 if form.errors else 200,
    )


def _ring(form: CallForm, code: str, published_id: int | None) -> trial.Trial | None:
    if not form.is_valid():
        return None
    data = form.cleaned_data
    version = published_id if data["which"] == "published" else None
    caller = Facts(data["number"], data["language"], bool(data["verified"] and data["number"]))
    return trial.start(trial.menu_of(code, version), caller)


def _do(request: HttpRequest, call: trial.Trial | None) -> trial.Trial | None:
    """Carry out one deed of the caller; nothing when no call is on or it means nothing now."""
    if call is None or not call.waits:
        return None
    keys = request.POST.get("keys", "").strip()
    if keys and call.waits in {"keys", "line"}:
        heard = trial.pressed(keys)
    else:
        meant = trial.heard_of(request.POST.get("deed", ""), call.waits)
        if meant is None:
            return None
        heard = meant
    trial.go_on(call, *heard)
    return call


def _turns(code: str, lines: list[dict[str, str]]) -> list[list[dict[str, Any]]]:
    """What was told in answer to each deed of the caller, the last one first."""
    turns: list[list[dict[str, Any]]] = []
    for number, line in enumerate(lines):
        if not turns or line["kind"] == "caller":
            turns.append([])
        turns[-1].append(_line(code, number, line))
    return turns[::-1]


def _line(code: str, number: int, line: dict[str, str]) -> dict[str, Any]:
    language = line["language"]
    return {
        **line,
        "dir": "rtl" if language in RTL else "ltr",
        "name": dict(settings.LANGUAGES).get(language, ""),
        "sound": reverse("admin:try_call_sound", args=[code, number]) if line["kind"] == "menu" else "",
    }


@require_GET
@admin_view("config.edit")
def trial_sound(request: HttpRequest, code: str, line: int) -> HttpResponse:
    """The sound of one line of the call on trial, read aloud."""
    call = trial.from_session(request.session.get(KEPT), code)
    if call is None or line >= len(call.lines) or call.lines[line]["kind"] != "menu":
        raise NotFound(_("There is no such line."), code="trial-line-unknown")
    told = call.lines[line]
    return as_audio(sounds.read_aloud(told["text"], told["language"], passing=True))
