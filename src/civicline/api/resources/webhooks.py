"""Webhooks: registered, changed and removed; their delivery log, and sending again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from civicline.api import cursors, selectors, services
from civicline.api.operation import Answer, Call, operation
from civicline.api.problems import Flaw, Problem
from civicline.api.resources.documents import Cursor, Limit, Next
from civicline.api.schema import Rule

if TYPE_CHECKING:
    from civicline.api import models

SCOPE = "webhooks:manage"
EventName = Annotated[
    str, Rule("The name of an event, `contact.*`, `message.*`, `case.*`, or `*`.", least=1, most=64)
]
Url = Annotated[str, Rule("Where events are sent: https, a public address.", least=1, most=500, format="uri")]
State = Literal["queued", "in_flight", "retry", "sent", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """Where another system wants to hear of events."""

    name: Annotated[str, Rule("What people call it.", least=1, most=100)]
    url: Url
    events: Annotated[tuple[EventName, ...], Rule("Which events.", least=1, most=50)]
    include_text: Annotated[
        bool,
        Rule(
            "Messages with their words; the token needs contacts:read besides. Otherwise ids and states only."
        ),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChange:
    """What is to be different; what is null or left out stays."""

    name: Annotated[str | None, Rule("What people call it.", least=1, most=100)] = None
    url: Annotated[str | None, Rule("Where events are sent.", least=1, most=500)] = None
    events: Annotated[tuple[EventName, ...] | None, Rule("Which events.", least=1, most=50)] = None
    active: Annotated[
        bool | None, Rule("false: nothing is sent; what happens meanwhile is not kept for it.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A registered webhook."""

    id: UUID
    url: Annotated[str, Rule("Where events are sent.")]
    name: str
    events: tuple[str, ...]
    include_text: bool
    active: bool
    disabled_reason: Annotated[str, Rule("Why it was switched off, when it failed for days.")]
    failing_since: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredWebhook(Webhook):
    """A webhook just registered, with the secret that signs what it is sent: told once."""

    signing_secret: Annotated[str, Rule("`whsec_` and base64 of the key (Standard Webhooks).")]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookList:
    """All webhooks, newest first."""

    items: tuple[Webhook, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one webhook."""

    id: int
    event: str
    event_id: Annotated[str, Rule("`id` of the CloudEvent and header webhook-id: the same for each try.")]
    state: State
    attempts: int
    status: Annotated[int | None, Rule("What the receiver answered last.")]
    error: str
    created_at: datetime
    changed_at: datetime
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """A page of the delivery log, newest first."""

    items: tuple[Delivery, ...]
    next: Next


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryQuery:
    """Which deliveries."""

    state: Annotated[State | None, Rule("Only in this state.")] = None
    cursor: Cursor = ""
    limit: Limit = 50


@operation(
    "POST", "/webhooks", tag="webhooks", scope=SCOPE, body=NewWebhook, answer=RegisteredWebhook, status=201
)
def register_webhook(call: Call) -> Answer:
    """Register a webhook."""
    asked: NewWebhook = call.body
    if asked.include_text and not call.caller.may("contacts:read"):
        words = "This needs a token with the scope contacts:read."
        raise Problem("invalid", flaws=[Flaw("/include_text", words)])
    hook = services.register_webhook(
        name=asked.name,
        url=asked.url,
        wanted=asked.events,
        include_text=asked.include_text,
        token_id=call.caller.token.pk if call.caller.token else None,
    )
    return Answer(RegisteredWebhook(**_facts(hook), signing_secret=hook.secret), status=201)


@operation("GET", "/webhooks", tag="webhooks", scope=SCOPE, answer=WebhookList)
def list_webhooks(call: Call) -> Answer:
    """List webhooks."""
    return Answer(WebhookList(items=tuple(Webhook(**_facts(hook)) for hook in selectors.list_webhooks())))


@operation("GET", "/webhooks/{webhook_id}", tag="webhooks", scope=SCOPE, answer=Webhook, etag=True)
def get_webhook(call: Call) -> Answer:
    """Read a webhook."""
    return Answer(Webhook(**_facts(_webhook(call))))


@operation("PATCH", "/webhooks/{webhook_id}", tag="webhooks", scope=SCOPE, body=WebhookChange, answer=Webhook)
def change_webhook(call: Call) -> Answer:
    """Change a webhook, or switch it on again."""
    asked: WebhookChange = call.body
    hook = services.change_webhook(
        webhook_id=_webhook(call).pk, name=asked.name, url=asked.url, wanted=asked.events, active=asked.active
    )
    return Answer(Webhook(**_facts(hook)))


@operation("DELETE", "/webhooks/{webhook_id}", tag="webhooks", scope=SCOPE, status=204)
def remove_webhook(call: Call) -> Answer:
    """Remove a webhook with its log."""
    services.remove_webhook(webhook_id=_webhook(call).pk)
    return Answer(status=204)


@operation("POST", "/webhooks/{webhook_id}/test", tag="webhooks", scope=SCOPE, answer=Delivery, status=202)
def test_webhook(call: Call) -> Answer:
    """Send an event of no meaning, to see whether it arrives."""
    return Answer(_delivery(services.test_webhook(webhook_id=_webhook(call).pk)), status=202)


@operation(
    "GET",
    "/webhooks/{webhook_id}/deliveries",
    tag="webhooks",
    scope=SCOPE,
    query=DeliveryQuery,
    answer=DeliveryPage,
)
def list_deliveries(call: Call) -> Answer:
    """Read the delivery log."""
    hook, asked = _webhook(call), call.query
    scope = f"deliveries:{hook.pk}:{asked.state}"
    found, place = selectors.page_of_deliveries(
        hook.pk, state=asked.state, after=cursors.unseal(scope, asked.cursor), limit=asked.limit
    )
    return Answer(DeliveryPage(items=tuple(_delivery(row) for row in found), next=cursors.seal(scope, place)))


@operation(
    "POST",
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
    tag="webhooks",
    scope=SCOPE,
    answer=Delivery,
    status=202,
)
def redeliver(call: Call) -> Answer:
    """Send an event again, however its delivery ended."""
    hook, key = _webhook(call), call.path["delivery_id"]
    if not (key.isascii() and key.isdigit() and len(key) <= 18):
        raise Problem("not-found", "There is no such delivery.")
    return Answer(_delivery(services.send_again(webhook_id=hook.pk, delivery_id=int(key))), status=202)


def _webhook(call: Call) -> models.Webhook:
    try:
        hook = selectors.get_webhook(UUID(call.path["webhook_id"]))
    except ValueError:
        hook = None
    if hook is None:
        raise Problem("not-found", "There is no such webhook.")
    return hook


def _facts(hook: models.Webhook) -> dict[str, Any]:
    return {
        "id": hook.id,
        "url": hook.url,
        "name": hook.name,
        "events": tuple(hook.events),
        "include_text": hook.include_text,
        "active": hook.active,
        "disabled_reason": hook.disabled_reason,
        "failing_since": hook.failing_since,
        "created_at": hook.created_at,
    }


def _delivery(row: models.WebhookDelivery) -> Delivery:
    return Delivery(
        id=row.pk,
        event=row.event_name,
        event_id=str(row.body.get("id", "")),
        state=row.state,  # type: ignore[arg-type]  # the column holds these only
        attempts=row.attempts,
        status=row.status,
        error=row.error,
        created_at=row.created_at,
        changed_at=row.changed_at,
        next_try_at=row.next_try_at if row.state in ("queued", "retry") else None,
    )
