"""What callers hear: words in every language, recordings, and a way to listen."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.channels.voice.flows import built_in, selectors, services, sounds
from civicline.channels.voice.flows.menus import Menu
from civicline.channels.voice.flows.recordings import MAX_BYTES
from civicline.engine.callflow import Flow, Spelled, Spoken, Value
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view, words_of
from civicline.web.admin.forms import PageForm, code_field

SECTION = "prompts"
EXAMPLES: dict[str, Value] = {
    "digit": Spelled("1"),
    "low": 5,
    "high": 10,
    "place": 3,
    "number": Spelled("202 555 0123"),
    "reference": Spelled("SM-4K7-291"),
}


class PromptForm(PageForm):
    """The words of a prompt."""

    texts: ClassVar[Any] = {"texts": (_("Words"), 3)}

    def __init__(self, data: Any, *, new: bool, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        if new:
            self.fields["code"] = code_field()


class RecordingForm(forms.Form):
    """A recording in one language."""

    language = forms.ChoiceField(label=_("Language"), choices=[])
    recording = forms.FileField(label=_("Recording"))

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        field: Any = self.fields["language"]
        field.choices = list(settings.LANGUAGES)


@require_GET
@admin_view("call_prompt.edit")
def prompts(request: HttpRequest) -> HttpResponse:
    """Every prompt, one's own first, with the languages that lack it."""
    found = selectors.prompts_now()
    all_languages = [code for code, _name in settings.LANGUAGES]
    rows = []
    for key in sorted(found, key=lambda one: (one in built_in.texts(), one)):
        missing = [code for code in all_languages if code not in found[key]]
        recorded = [code for code, one in found[key].items() if one.recording]
        tags = (
            [("attention", gettext("Missing: %(languages)s") % {"languages": ", ".join(missing)})]
            if missing
            else []
        )
        rows.append(
            {
                "href": reverse("admin:call_prompt", args=[key]),
                "name": key,
                "tags": tags,
                "cells": [
                    pages.text_of({code: one.text for code, one in found[key].items()}),
                    gettext("comes with Civicline") if key in built_in.texts() else gettext("our own"),
                    ", ".join(sorted(recorded)) or gettext("read aloud"),
                ],
            }
        )
    context = {
        "title": gettext("Prompts"),
        "meta": gettext("What callers hear. Changes reach them when a menu is published again."),
        "columns": [_("Short name"), _("Words"), _("From"), _("Recorded")],
        "rows": rows,
        "add": {"href": reverse("admin:new_call_prompt"), "label": gettext("New prompt")},
        "empty_text": "",
    }
    return pages.page(request, "admin/list.html", context, section=SECTION)


@require_http_methods(["GET", "POST"])
@admin_view("call_prompt.edit")
def new_prompt(request: HttpRequest) -> HttpResponse:
    """Write a prompt."""
    return _page(request, "")


@require_http_methods(["GET", "POST"])
@admin_view("call_prompt.edit")
def prompt(request: HttpRequest, key: str) -> HttpResponse:
    """Change the words, listen, record."""
    _require_known(key)
    return _page(request, key)


def _require_known(key: str) -> None:
    if not selectors.has_prompt(key):
        raise NotFound(_("There is no such prompt."), code="call-prompt-unknown")


def _page(request: HttpRequest, key: str) -> HttpResponse:
    row = selectors.find_prompt(key) if key else None
    words = {**built_in.texts().get(key, {}), **(row.texts if row else {})}
    form = PromptForm(request.POST or None, new=not key, initial={"texts": words})

    def write() -> None:
        wanted = key or form.cleaned_data["code"]
        if not key and selectors.has_prompt(wanted):
            raise Conflict(
                _("There is already a prompt called “%(short)s”."), code="code-taken", short=wanted
            )
        given = form.texts_of("texts")
        standard = built_in.texts().get(wanted, {})
        services.save_prompt(
            key=wanted, texts={code: text for code, text in given.items() if text != standard.get(code)}
        )

    places = sorted("{" + one + "}" for one in built_in.places(key))
    page = editing.Editing(
        form=form,
        title=key or gettext("New prompt"),
        meta=gettext("Read aloud unless there is a recording."),
        section=SECTION,
        back=reverse("admin:call_prompts"),
        sections=[
            editing.Section(
                _("Words"),
                [*([] if key else ["code"]), "texts"],
                gettext("May have these places: %(places)s") % {"places": ", ".join(places)}
                if places
                else "",
            )
        ],
        write=write,
        done=lambda: reverse("admin:call_prompt", args=[key or form.cleaned_data["code"]]),
        objects=[("call_prompt", key)] if key else [],
        action="call_prompt.edit",
        template="admin/call_prompt.html",
        extra={
            "prompt_key": key,
            "spoken": _spoken(key) if key else [],
            "may_record": bool(key) and not places,
            "recording_form": RecordingForm(),
            "most_mb": MAX_BYTES // 1_000_000,
        },
    )
    return editing.answer(request, page)


def _spoken(key: str) -> list[dict[str, Any]]:
    """Each language of a prompt: its words, its recording, and where to listen."""
    found = selectors.prompts_now().get(key, {})
    return [
        {
            "code": code,
            "language": name,
            "text": found[code].text,
            "recorded": bool(found[code].recording),
            "href": reverse("admin:call_prompt_sound", args=[key, code]),
        }
        for code, name in settings.LANGUAGES
        if code in found
    ]


@require_GET
@admin_view("call_prompt.edit")
def sound(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """The sound of a prompt, with examples in its places."""
    _require_known(key)
    values = {name: EXAMPLES.get(name, name) for name in built_in.places(key)}
    menu = Menu("", None, Flow(""), selectors.prompts_now())
    heard = sounds.sound_of(menu, Spoken(key, values), language)
    if heard is None:
        raise NotFound(_("This prompt has no words in this language."), code="call-prompt-silent")
    return as_audio(heard)


def as_audio(heard: sounds.Sound) -> HttpResponse:
    """A sound for a browser's player."""
    response = HttpResponse(sounds.as_wave(heard.path), content_type="audio/wav")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_POST
@admin_view("call_prompt.edit")
def record(request: HttpRequest, key: str) -> HttpResponse:
    """Take a recording."""
    _require_known(key)
    form = RecordingForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.warning(request, gettext("Choose a language and a file."))
        return HttpResponseRedirect(reverse("admin:call_prompt", args=[key]) + "#record")
    file: Any = form.cleaned_data["recording"]
    try:
        content = file.read(MAX_BYTES + 1)
        services.store_recording(
            key=key, language=form.cleaned_data["language"], name=file.name or "", content=content
        )
    except Invalid as invalid:
        messages.warning(request, words_of(invalid))
    else:
        messages.success(
            request, gettext("The recording is stored. Callers hear it when a menu is published.")
        )
    return HttpResponseRedirect(reverse("admin:call_prompt", args=[key]) + "#record")


@require_POST
@admin_view("call_prompt.edit")
def drop_recording(request: HttpRequest, key: str) -> HttpResponse:
    """Have it read aloud again."""
    services.remove_recording(key=key, language=request.POST.get("language", ""))
    messages.success(request, gettext("The recording is removed. The words are read aloud."))
    return HttpResponseRedirect(reverse("admin:call_prompt", args=[key]) + "#record")
