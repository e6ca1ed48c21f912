"""Canned texts with variables, and messages about services: the pages of editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.kernel import clock
from civicline.kernel.errors import NotFound
from civicline.knowledge import selectors as knowledge
from civicline.knowledge import services as knowledge_services
from civicline.knowledge.variables import VARIABLES
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view, user_of
from civicline.web.admin.catalogue import shown_languages
from civicline.web.admin.forms import PageForm, code_field

if TYPE_CHECKING:
    from civicline.intake.models import ServiceMessage
    from civicline.knowledge.models import CannedText

MESSAGE_KINDS = [
    ("disruption", _("Disruption: something does not work")),
    ("information", _("Information")),
    ("over", _("Over: it works again")),
]


class TextForm(PageForm):
    """A canned text in every language."""

    texts: ClassVar[Any] = {"title": (_("Title"), 1), "body": (_("Text"), 6)}
    service = forms.ChoiceField(label=_("Only for the service"), required=False)
    active = forms.BooleanField(label=_("In use"), required=False)
    reviewed_on = forms.DateField(
        label=_("Last reviewed"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Give a day like 2026-03-31.")},
    )

    def __init__(self, *args: Any, new: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if new:
            self.fields["code"] = code_field()
        services: Any = self.fields["service"]
        services.choices = [("", _("All services"))] + [
            (row.code, pages.text_of(row.name)) for row in intake.list_kept_services()
        ]


@require_GET
@admin_view("canned.edit")
def texts(request: HttpRequest) -> HttpResponse:
    """Every canned text, retired ones too."""
    rows = [
        {
            "href": reverse("admin:text", args=[row.code]),
            "name": pages.text_of(row.title),
            "tags": [] if row.active else [("idle", gettext("Not in use"))],
            "cells": [
                row.code,
                pages.text_of(row.service.name) if row.service else gettext("All services"),
                ", ".join(sorted(row.body)),
                row.used,
            ],
        }
        for row in knowledge.list_canned_texts(active=None)
    ]
    context = {
        "title": gettext("Canned texts"),
        "meta": gettext("Replies that staff use again and again."),
        "columns": [_("Title"), _("Short name"), _("Service"), _("Languages"), _("Used")],
        "rows": rows,
        "add": {"href": reverse("admin:new_text"), "label": gettext("New text")},
        "empty_text": gettext("There are no texts yet. Write the first one."),
        "empty_more": gettext(
            "Agents put these texts into answers with a few keys, in the language of the resident."
        ),
        "empty_icon": "text",
    }
    return pages.page(request, "admin/list.html", context, section="texts")


@require_http_methods(["GET", "POST"])
@admin_view("canned.edit")
def new_text(request: HttpRequest) -> HttpResponse:
    """Write a canned text."""
    return _text_page(request, None)


@require_http_methods(["GET", "POST"])
@admin_view("canned.edit")
def text(request: HttpRequest, code: str) -> HttpResponse:
    """Change a canned text."""
    return _text_page(request, knowledge.get_canned_text(code))


def _text_page(request: HttpRequest, row: CannedText | None) -> HttpResponse:
    initial: dict[str, Any] = {"active": True}
    if row is not None:
        initial = {name: getattr(row, name) for name in ("title", "body", "active", "reviewed_on")}
        initial["service"] = row.service.code if row.service else ""
    form = TextForm(request.POST or None, initial=initial, new=row is None)

    def write() -> None:
        data = form.cleaned_data
        service = intake.get_kept_service(data["service"]) if data["service"] else None
        words: Any = {"title": form.texts_of("title"), "body": form.texts_of("body")}
        if row is None:
            knowledge_services.create_canned_text(
                code=data["code"],
                service=service,
                owner=user_of(request),
                reviewed_on=data["reviewed_on"],
                **words,
            )
            return
        knowledge_services.update_canned_text(
            code=row.code, service=service, keep_service=False, active=data["active"],
            reviewed_on=data["reviewed_on"], **words,
        )  # fmt: skip

    page = editing.Editing(
        form=form,
        title=pages.text_of(row.title) if row is not None else gettext("New text"),
        meta=row.code if row is not None else "",
        section="texts",
        back=reverse("admin:texts"),
        sections=[
            editing.Section(
                _("Words"), [*(["code"] if row is None else []), "title", "body"], variables_in_words()
            ),
            editing.Section(_("Use"), ["service", *(["active"] if row is not None else []), "reviewed_on"]),
        ],
        write=write,
        done=lambda: reverse("admin:texts"),
        objects=[("canned_text", row.code)] if row is not None else [],
        action="canned.edit",
        preview=lambda: text_preview(form),
        preview_template="admin/_text_preview.html",
    )
    return editing.answer(request, page)


def variables_in_words() -> str:
    """The variables that may be used, in one sentence."""
    names = ", ".join(f"{{{{{name}}}}}" for name in VARIABLES)
    return gettext(
        "You can use: %(names)s. With words for when it is not known: {{resident.name|neighbour}}."
    ) % {"names": names}


def text_preview(form: PageForm) -> list[dict[str, Any]]:
    """The text as it would read, with an example for each variable, in each language."""
    shown = shown_languages(form, ("title", "body"))
    for one in shown:
        filled = knowledge.preview(one["body"])
        one["body"], one["missing"] = filled.text, ", ".join(filled.missing)
    return shown


class MessageForm(PageForm):
    """What everyone should know before they ask."""

    texts: ClassVar[Any] = {"title": (_("Title"), 1), "body": (_("Text"), 3)}
    kind = forms.ChoiceField(label=_("Kind"), choices=MESSAGE_KINDS, widget=forms.RadioSelect)
    starts_at = forms.DateTimeField(
        label=_("Shown from"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": _("Say from when."), "invalid": _("Give a day and a time.")},
    )
    ends_at = forms.DateTimeField(
        label=_("Shown until"),
        required=False,
        help_text=_("Empty: until somebody ends it."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Give a day and a time.")},
    )
    services = forms.MultipleChoiceField(
        label=_("About the services"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: about all of them."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        services: Any = self.fields["services"]
        services.choices = [
            (row.code, pages.text_of(row.name)) for row in intake.list_services(questions=False)
        ]


@require_GET
@admin_view("service_message.edit")
def messages(request: HttpRequest) -> HttpResponse:
    """Every message, past and coming ones too."""
    now = clock.now()
    rows = []
    for row in intake.list_service_messages():
        state = ("ok", gettext("Shown now"))
        if row.starts_at > now:
            state = ("info", gettext("Not yet"))
        elif row.ends_at is not None and row.ends_at <= now:
            state = ("idle", gettext("Ended"))
        about = ", ".join(pages.text_of(service.name) for service in row.services.all())
        rows.append(
            {
                "href": reverse("admin:message", args=[row.pk]),
                "name": pages.text_of(row.title),
                "tags": [state],
                "cells": [
                    str(dict(MESSAGE_KINDS).get(row.kind, row.kind)).partition(":")[0],
                    about or gettext("All services"),
                ],
            }
        )
    context = {
        "title": gettext("Messages about services"),
        "meta": gettext("Shown at the top of residents' pages."),
        "columns": [_("Title"), _("Kind"), _("About")],
        "rows": rows,
        "add": {"href": reverse("admin:new_message"), "label": gettext("New message")},
        "empty_text": gettext("There is nothing that everyone should know."),
        "empty_more": gettext("A message tops residents' pages: a disruption, a closure, other hours."),
        "empty_icon": "bell",
    }
    return pages.page(request, "admin/list.html", context, section="messages")


@require_http_methods(["GET", "POST"])
@admin_view("service_message.edit")
def new_message(request: HttpRequest) -> HttpResponse:
    """Write a message."""
    return _message_page(request, None)


@require_http_methods(["GET", "POST"])
@admin_view("service_message.edit")
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """Change a message."""
    row = intake.get_service_message(message_id)
    if row is None:
        raise NotFound(_("There is no such message."), code="message-unknown")
    return _message_page(request, row)


def _message_page(request: HttpRequest, row: ServiceMessage | None) -> HttpResponse:
    initial: dict[str, Any] = {"kind": "disruption", "starts_at": timezone.localtime(clock.now())}
    if row is not None:
        initial = {name: getattr(row, name) for name in ("title", "body", "kind")}
        initial["starts_at"] = timezone.localtime(row.starts_at)
        initial["ends_at"] = timezone.localtime(row.ends_at) if row.ends_at else None
        initial["services"] = [service.code for service in row.services.all()]
    form = MessageForm(request.POST or None, initial=initial)

    def write() -> None:
        data = form.cleaned_data
        chosen = set(data["services"])
        intake_services.save_service_message(
            message_id=row.pk if row is not None else None,
            kind=data["kind"],
            title=form.texts_of("title"),
            body=form.texts_of("body"),
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            services=[one for one in intake.list_services(questions=False) if one.code in chosen],
        )

    page = editing.Editing(
        form=form,
        title=pages.text_of(row.title) if row is not None else gettext("New message"),
        section="messages",
        back=reverse("admin:messages"),
        sections=[
            editing.Section(_("Words"), ["kind", "title", "body"]),
            editing.Section(_("Where and when"), ["starts_at", "ends_at", "services"]),
        ],
        write=write,
        done=lambda: reverse("admin:messages"),
        objects=[("service_message", str(row.pk))] if row is not None else [],
        action="service_message.edit",
        preview=lambda: shown_languages(form, ("title", "body")),
        preview_template="admin/_text_preview.html",
    )
    return editing.answer(request, page)
