"""The delivery log of a webhook: what was sent, what came back, sending it again, and sending a test."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from civicline.api import selectors as api
from civicline.api import services
from civicline.api.webhooks import events
from civicline.kernel.errors import NotFound
from civicline.web.admin import pages
from civicline.web.admin.access import admin_view

if TYPE_CHECKING:
    from civicline.api.models import WebhookDelivery

PAGE = 30
LAST = 8
"""So many stand on the webhook's own page."""
MOVING, AT_REST = 4, 20
"""Seconds after which a page fetches the log anew, while something is on its way, and when nothing is."""
MOVING_STATES = frozenset({"queued", "in_flight"})
STATES = {
    "queued": ("info", _("Waiting")),
    "in_flight": ("info", _("On its way")),
    "retry": ("attention", _("Tried in vain")),
    "sent": ("ok", _("Delivered")),
    "failed": ("critical", _("Given up")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery as people read it. `next_at` is the next try, when there is one."""

    id: int
    event: str
    words: str
    at: datetime
    role: str
    state: str
    attempts: int
    status: int | None
    error: str
    response: str
    next_at: datetime | None
    body: str
    repeatable: bool


def lines_of(rows: Iterable[WebhookDelivery]) -> list[Line]:
    """Deliveries as lines of the log."""
    return [_line(row) for row in rows]


def _line(row: WebhookDelivery) -> Line:
    role, words = STATES[row.state]
    test = row.event_name == events.TEST
    return Line(
        id=row.pk,
        event=row.event_name,
        words=gettext("A test.") if test else gettext(events.PUBLIC.get(row.event_name, row.event_name)),
        at=row.changed_at,
        role=role,
        state=str(words),
        attempts=row.attempts,
        status=row.status,
        error=row.error,
        response=row.response,
        next_at=row.next_try_at if row.state in ("queued", "retry") else None,
        body=json.dumps(row.body, indent=2, ensure_ascii=False),
        repeatable=row.state in ("sent", "failed", "retry"),
    )


def last_deliveries(webhook_id: UUID) -> dict[str, Any]:
    """What the webhook's own page shows of its log, and how that is fetched anew."""
    newest, _older = api.page_of_deliveries(webhook_id, limit=LAST)
    return {
        "lines": lines_of(newest),
        "renew": f"{reverse('webhook_log', args=[webhook_id])}?part=last",
        "renew_each": _each(newest),
    }


def _each(rows: Iterable[WebhookDelivery]) -> int:
    return MOVING if any(row.state in MOVING_STATES for row in rows) else AT_REST


@require_GET
@admin_view("webhook.edit")
def log(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """The log of the last 30 days, newest first."""
    hook = api.get_webhook(webhook_id)
    if hook is None:
        raise NotFound(_("There is no such webhook."), code="webhook-unknown")
    if request.GET.get("part") == "last":
        return render(request, "admin/_webhook_last.html", {"hook": hook, **last_deliveries(hook.pk)})
    state = request.GET.get("state", "")
    after = request.GET.get("after", "")
    found, older = api.page_of_deliveries(
        hook.pk,
        state=state if state in STATES else None,
        after=after if after.isascii() and after.isdigit() and len(after) <= 18 else "",
        limit=PAGE,
    )
    counts = api.count_deliveries(hook.pk)
    here = reverse("webhook_log", args=[hook.pk])
    tabs = [
        {"label": gettext("All"), "href": here, "current": state not in STATES, "count": sum(counts.values())}
    ]
    tabs += [
        {
            "label": words,
            "href": f"{here}?state={code}",
            "current": code == state,
            "count": counts.get(code, 0),
        }
        for code, (_role, words) in STATES.items()
    ]
    shown = f"{here}?state={state if state in STATES else ''}"
    context = {
        "title": gettext("Deliveries to %(name)s") % {"name": hook.name},
        "meta": gettext("What was told in the last 30 days, newest first."),
        "hook": hook,
        "tabs": tabs,
        "lines": lines_of(found),
        "older": f"{shown}&after={older}" if older else "",
        "newest": here if after else "",
        "back": reverse("webhook", args=[hook.pk]),
        "renew": "" if after else f"{shown}&part=now",
        "renew_each": _each(found),
    }
    if request.GET.get("part") == "now":
        return render(request, "admin/_webhook_log_now.html", context)
    return pages.page(request, "admin/webhook_log.html", context, section="connections")


@require_POST
@admin_view("webhook.edit")
def again(request: HttpRequest, webhook_id: UUID, delivery_id: int) -> HttpResponse:
    """Owe a delivery once more."""
    services.send_again(webhook_id=webhook_id, delivery_id=delivery_id)
    messages.success(request, gettext("It is sent again."))
    return HttpResponseRedirect(reverse("webhook_log", args=[webhook_id]))


@require_POST
@admin_view("webhook.edit")
def test(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Send an event of no meaning, to see whether it arrives."""
    services.test_webhook(webhook_id=webhook_id)
    messages.success(request, gettext("A test is on its way. Its line below says how it goes."))
    return HttpResponseRedirect(reverse("webhook_log", args=[webhook_id]))
