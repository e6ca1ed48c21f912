"""Webhooks by web page: where other programs hear of events, chosen, paused, and their secret changed.

The pages join `web` and `api`, which do not know each other, so they stand above both, as `config.api_keys` does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.api import selectors as api
from civicline.api import services
from civicline.api.webhooks import events, signing
from civicline.config.webhook_log import last_deliveries, lines_of
from civicline.kernel import clock
from civicline.kernel.errors import Invalid, NotFound, Refused
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view
from civicline.web.admin.forms import PageForm

if TYPE_CHECKING:
    from civicline.api.models import Webhook

MADE = "webhook_secret"
GROUPS = {"contact": _("About contacts"), "message": _("About messages"), "case": _("About cases")}


class WebhookForm(PageForm):
    """Where another program listens, and to what."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("That of the other program."),
        error_messages={"required": _("Give the webhook a name, such as that of the other program.")},
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"dir": "ltr"}),
        error_messages={"required": _("Give the address at which the other program listens.")},
    )
    which = forms.ChoiceField(
        label=_("What it hears of"),
        choices=[
            ("all", _("Everything that is told outside, also what may come with a later version")),
            ("some", _("Only what is chosen below")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it hears of.")},
    )
    include_text = forms.BooleanField(
        label=_("Send the words of messages too"),
        required=False,
        help_text=_(
            "Otherwise it gets numbers, references and states, and asks for words by its key. "
            "Words are personal data: send them only where they are guarded as well as here."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for group, label in GROUPS.items():
            prefix = f"{group}."
            choices = [(f"{prefix}*", gettext("All of these, also new ones"))] + [
                (name, f"{gettext(words)} ({name})")
                for name, words in events.PUBLIC.items()
                if name.startswith(prefix)
            ]
            self.fields[f"{group}_events"] = forms.MultipleChoiceField(
                label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )

    def clean(self) -> dict[str, Any] | None:
        """Somebody who chooses some has to choose one."""
        if self.cleaned_data.get("which") == "some" and not self.chosen():
            self.add_error("contact_events", _("Choose at least one event, or everything."))
        return self.cleaned_data

    def chosen(self) -> list[str]:
        """The names and prefixes of events that were chosen."""
        if self.cleaned_data.get("which") == "all":
            return ["*"]
        return [name for group in GROUPS for name in self.cleaned_data.get(f"{group}_events") or []]


@require_GET
@admin_view("webhook.edit")
def webhooks(request: HttpRequest) -> HttpResponse:
    """Every webhook, how it stands, and what came of its last delivery."""
    last = api.last_deliveries()
    rows = []
    for hook in api.list_webhooks():
        newest = last.get(hook.pk)
        rows.append(
            {
                "href": reverse("webhook", args=[hook.pk]),
                "name": hook.name,
                "tags": [standing(hook)],
                "cells": [
                    urlsplit(hook.url).netloc,
                    gettext("everything") if "*" in hook.events else ", ".join(hook.events),
                    lines_of([newest])[0] if newest else None,
                ],
            }
        )
    context = {
        "title": gettext("Webhooks"),
        "meta": gettext("Other programs are told of events as they happen."),
        "rows": rows,
        "private": settings.CIVICLINE.webhooks_private,
        "back": reverse("admin:connections"),
    }
    return pages.page(request, "admin/webhooks.html", context, section="connections")


def standing(hook: Webhook) -> tuple[str, str]:
    """(role, words) of a webhook's state."""
    if not hook.active:
        return ("critical", gettext("Switched off")) if hook.disabled_reason else ("hold", gettext("Paused"))
    if hook.failing_since is not None:
        return "attention", gettext("Failing")
    return "ok", gettext("On")


def load(webhook_id: UUID) -> Webhook:
    """The webhook; NotFound in words when there is none."""
    hook = api.get_webhook(webhook_id)
    if hook is None:
        raise NotFound(_("There is no such webhook."), code="webhook-unknown")
    return hook


@require_http_methods(["GET", "POST"])
@admin_view("webhook.edit")
def new_webhook(request: HttpRequest) -> HttpResponse:
    """Register a webhook."""
    return _page(request, None)


@require_http_methods(["GET", "POST"])
@admin_view("webhook.edit")
def webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Change a webhook; see what it was sent."""
    return _page(request, load(webhook_id))


def _page(request: HttpRequest, hook: Webhook | None) -> HttpResponse:
    form = WebhookForm(request.POST or None, initial=_initial(hook))
    kept: dict[str, Any] = {"id": hook.pk if hook is not None else None}

    def write() -> None:
        data = form.cleaned_data
        facts = {"name": data["name"], "url": data["url"], "include_text": data["include_text"]}
        try:
            if hook is not None:
                services.change_webhook(webhook_id=hook.pk, wanted=form.chosen(), **facts)
                return
            made = services.register_webhook(wanted=form.chosen(), **facts)
        except Invalid as invalid:
            told = {
                ("contact_events" if name == "events" else name): words
                for name, words in invalid.fields.items()
            }
            raise Invalid(fields=told) from invalid
        kept.update(id=made.pk, secret=made.secret)

    def done() -> str:
        if "secret" in kept:
            request.session[MADE] = kept["secret"]
        return reverse("webhook", args=[kept["id"]])

    page = editing.Editing(
        form=form,
        title=hook.name if hook is not None else gettext("New webhook"),
        section="connections",
        back=reverse("webhooks"),
        sections=_sections(),
        write=write,
        done=done,
        objects=[("webhook", str(hook.pk))] if hook is not None else [],
        action="webhook.edit",
        template="admin/webhook.html",
        preview=lambda: preview(form),
        preview_template="admin/_webhook_preview.html",
        extra=_beside(request, hook),
    )
    return editing.answer(request, page)


def _initial(hook: Webhook | None) -> dict[str, Any]:
    if hook is None:
        return {"which": "some", "case_events": ["case.*"]}
    initial: dict[str, Any] = {"name": hook.name, "url": hook.url, "include_text": hook.include_text}
    initial["which"] = "all" if "*" in hook.events else "some"
    for group in GROUPS:
        initial[f"{group}_events"] = [one for one in hook.events if one.startswith(f"{group}.")]
    return initial


def _sections() -> list[editing.Section]:
    guarded = _(
        "Only public addresses that begin with https:// are called. A name that leads to this machine or into a "
        "private network is refused, when it is stored and again before each delivery, so that nobody reaches into "
        "your network through Civicline. Redirects are not followed."
    )
    opened = _(
        "This installation also allows private addresses and http:// (the setting webhooks.private). That is for "
        "trials: whoever may set up a webhook can reach into your network."
    )
    text = opened if settings.CIVICLINE.webhooks_private else guarded
    return [
        editing.Section(_("Where"), ["name", "url"], text),
        editing.Section(_("Which events"), ["which", *(f"{group}_events" for group in GROUPS)]),
        editing.Section(_("Words"), ["include_text"]),
    ]


def _beside(request: HttpRequest, hook: Webhook | None) -> dict[str, Any]:
    if hook is None:
        return {"hook": None, "secret": ""}
    return {
        "hook": hook,
        "secret": request.session.pop(MADE, "") if request.method == "GET" else "",
        "standing": standing(hook),
        "old_until": hook.old_secret_until if api.old_secret_of(hook) else None,
        **last_deliveries(hook.pk),
    }


def preview(form: WebhookForm) -> dict[str, str]:
    """What the other program gets, with an example in it: headers and body."""
    form.is_valid()
    chosen = form.chosen() if form.is_bound else ["*"]
    name = next((one for one in events.PUBLIC if events.wanted(one, chosen)), "case.opened")
    data: dict[str, Any] = {"contact": {"reference": "SM-4K7-291", "channel": "chat", "state": "queued"}}
    if name.startswith("case."):
        data = {"case": {"reference": "SM-7QX-305", "type": "incident", "state": "received"}}
    if name.startswith("message."):
        data["message"] = {"number": 1, "direction": "in"}
        if form.is_bound and form.cleaned_data.get("include_text"):
            data["message"]["text"] = gettext("The street lamp in front of my house is out.")
    at = clock.now()
    uid = "0192b3a4-0000-7000-8000-000000000001"
    body = events.envelope(
        uid=uid,
        name=name,
        subject=f"{name.partition('.')[0]}/…",
        at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        data=data,
        sequence=4711,
    )
    sent = json.dumps(body, indent=2, ensure_ascii=False)
    example = f"{signing.SECRET_PREFIX}AAAA"
    signed = signing.headers(example, message_id=uid, timestamp=int(at.timestamp()), body=sent.encode())
    return {"headers": "\n".join(f"{key}: {value}" for key, value in signed.items()), "body": sent}


@require_POST
@admin_view("webhook.edit")
def set_active(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Pause a webhook, or switch it on again."""
    wanted = request.POST.get("active") == "1"
    services.change_webhook(webhook_id=webhook_id, active=wanted)
    said = gettext("It is told of events from now on.") if wanted else gettext("It is told nothing more.")
    messages.success(request, said)
    return HttpResponseRedirect(reverse("webhook", args=[webhook_id]))


@require_POST
@admin_view("webhook.edit")
def new_secret(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Change the secret; it is shown once."""
    request.session[MADE] = services.rotate_secret(webhook_id=webhook_id)
    return HttpResponseRedirect(reverse("webhook", args=[webhook_id]))


@require_POST
@admin_view("webhook.edit")
def remove(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Remove a webhook with its log, once the box was ticked."""
    if request.POST.get("sure") != "on":
        raise Refused(_("Tick the box to say that you mean it."), code="not-sure")
    services.remove_webhook(webhook_id=webhook_id)
    messages.success(request, gettext("The webhook is removed."))
    return HttpResponseRedirect(reverse("webhooks"))
