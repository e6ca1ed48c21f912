"""Webhooks: told what happened, signed, again when it failed, never into the house."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pytest

from civicline.api import selectors, services
from civicline.api.models import Webhook, WebhookDelivery
from civicline.api.webhooks import turns
from civicline.api.webhooks.deliveries import WebhookWorker
from civicline.intake import services as intake
from tests.integration.api.conftest import Caller
from tests.integration.api.receiver import Receiver, receiving
from tests.servers import free_port
from tests.town import Town


def register(call: Caller, receiver: Receiver, *events: str, **more: Any) -> dict[str, Any]:
    body = {"name": "Other system", "url": receiver.url, "events": list(events or ("*",)), **more}
    status, made = call("POST", "/webhooks", body)
    assert status == 201, made
    return dict(made)


def test_what_happens_is_told_signed_and_without_words(
    call: Caller, receiver: Receiver, worker: WebhookWorker, town: Town
) -> None:
    made = register(call, receiver, "contact.*", "message.*")
    contact = town.chat("benefits", "My private trouble")
    intake.add_message(contact_id=contact.id, direction="in", body="More of my trouble")
    intake.add_message(contact_id=contact.id, direction="note", body="Internal matter")
    town.settle()
    while worker.run_due():
        pass
    types = [event["type"] for event in receiver.events]
    assert types[:2] == ["org.civicline.contact.received.v1", "org.civicline.message.added.v1"]
    assert types.count("org.civicline.message.added.v1") == 1
    assert receiver.events[0]["data"]["contact"]["reference"] == contact.reference
    for headers, body in receiver.got:
        assert b"trouble" not in body
        assert b"Internal" not in body
        assert headers["content-type"].startswith("application/cloudevents+json")
        key = base64.b64decode(made["signing_secret"].removeprefix("whsec_"))
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{wanted}"
    assert len({event["id"] for event in receiver.events}) == len(receiver.events)


def test_words_go_along_when_asked_for_and_allowed(
    call: Caller, make_caller: Callable[..., Caller], receiver: Receiver, worker: WebhookWorker, town: Town
) -> None:
    narrow = make_caller("webhooks:manage")
    body = {"name": "Other", "url": receiver.url, "events": ["*"], "include_text": True}
    assert narrow("POST", "/webhooks", body)[0] == 422
    register(call, receiver, "message.added", include_text=True)
    contact = town.chat("benefits")
    intake.add_message(contact_id=contact.id, direction="in", body="Hello again")
    town.settle()
    worker.run_due()
    assert receiver.events[0]["data"]["message"]["text"] == "Hello again"
    assert "Hello again" not in str(WebhookDelivery.objects.get().body)


def test_a_failed_delivery_is_tried_again_and_can_be_repeated(
    call: Caller, receiver: Receiver, worker: WebhookWorker, town: Town
) -> None:
    made = register(call, receiver, "contact.received")
    receiver.status = 500
    town.chat("benefits")
    town.relay.drain()
    assert worker.run_due() == 1
    log = f"/webhooks/{made['id']}/deliveries"
    _, page = call("GET", log)
    assert [(one["state"], one["status"], one["attempts"]) for one in page["items"]] == [("retry", 500, 1)]
    assert worker.run_due() == 0
    receiver.status = 200
    town.clock.advance(7)
    assert worker.run_due() == 1
    _, page = call("GET", f"{log}?state=sent")
    assert (page["items"][0]["attempts"], call("GET", f"/webhooks/{made['id']}")[1]["failing_since"]) == (
        2,
        None,
    )
    status, again = call("POST", f"{log}/{page['items'][0]['id']}/redeliver")
    assert (status, again["state"]) == (202, "queued")
    worker.run_due()
    assert [event["id"] for event in receiver.events] == [page["items"][0]["event_id"]] * 3


def test_a_delivery_is_given_up_after_a_day_and_a_webhook_after_days(
    call: Caller, receiver: Receiver, worker: WebhookWorker, town: Town
) -> None:
    register(call, receiver, "contact.received")
    receiver.status = 503
    town.chat("benefits")
    town.relay.drain()
    worker.run_due()
    town.clock.advance(86_400)
    worker.run_due()
    assert WebhookDelivery.objects.get().state == "failed"
    town.clock.advance(5 * 86_400)
    town.chat("benefits")
    town.relay.drain()
    worker.run_due()
    hook = Webhook.objects.get()
    assert (hook.active, "503" in hook.disabled_reason) == (False, True)
    assert selectors.active_webhooks() == []


def test_a_dead_workers_rows_are_taken_over(
    call: Caller, receiver: Receiver, worker: WebhookWorker, town: Town
) -> None:
    register(call, receiver, "contact.received")
    town.chat("benefits")
    town.relay.drain()
    owed = selectors.owed_deliveries(town.clock.now(), 10, webhook_id=Webhook.objects.get().pk)
    assert len(services.claim(owner="dead", delivery_ids=owed)) == 1
    assert worker.run_due() == 0
    town.clock.advance(61)
    assert worker.run_due() == 1
    services.settle(delivery_id=owed[0], owner="dead", state="retry", status=None, error="late")
    assert WebhookDelivery.objects.get().state == "sent"


def test_a_receiver_that_is_gone_does_not_hold_up_the_others(
    call: Caller, receiver: Receiver, worker: WebhookWorker, town: Town
) -> None:
    gone = register(call, receiver, "message.added", url=f"http://127.0.0.1:{free_port()}/")
    contact = town.chat("benefits", "Hello")
    for number in range(4):
        intake.add_message(contact_id=contact.id, direction="in", body=f"Word {number}")
    register(call, receiver, "message.added")
    intake.add_message(contact_id=contact.id, direction="in", body="The last word")
    town.settle()
    owed = WebhookDelivery.objects.filter(webhook_id=gone["id"])
    assert worker.run_due() > 1
    assert len(receiver.got) > 0
    assert sum(owed.values_list("attempts", flat=True)) == 1
    assert worker.run_due() == 0
    assert set(owed.values_list("state", flat=True)) == {"retry"}
    town.clock.advance(8)
    assert worker.run_due() > 1
    assert sum(owed.values_list("attempts", flat=True)) == 2


def test_a_receiver_that_answers_slowly_does_not_hold_up_the_others(
    call: Caller, receiver: Receiver, worker: WebhookWorker, town: Town
) -> None:
    with receiving() as slow:
        slow.open.clear()
        register(call, slow, "message.added")
        register(call, receiver, "message.added")
        contact = town.chat("benefits", "Hello")
        for number in range(3):
            intake.add_message(contact_id=contact.id, direction="in", body=f"Word {number}")
        town.settle()
        # It answers only when the other has heard everything.
        receiver.when_asked = lambda: len(receiver.got) == 3 and slow.open.set()
        assert worker.run_due() == 6
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"sent"}
    told = [event["sequence"] for event in slow.events]
    assert told == sorted(told)


def test_what_a_turn_had_no_time_for_is_owed_as_before(
    call: Caller, receiver: Receiver, worker: WebhookWorker, town: Town
) -> None:
    register(call, receiver, "message.added")
    contact = town.chat("benefits", "Hello")
    for word in ("More", "And more"):
        intake.add_message(contact_id=contact.id, direction="in", body=word)
    town.settle()
    receiver.when_asked = lambda: town.clock.advance(turns.LONGEST_S)
    assert worker.run_due() == 2
    assert list(WebhookDelivery.objects.order_by("event_seq").values_list("state", "attempts")) == [
        ("sent", 1),
        ("retry", 0),
    ]
    assert worker.run_due() == 1
    assert len(receiver.got) == 2


def test_redirects_are_not_followed(
    call: Caller, receiver: Receiver, worker: WebhookWorker, town: Town
) -> None:
    register(call, receiver, "contact.received")
    receiver.status = 302
    town.chat("benefits")
    town.relay.drain()
    worker.run_due()
    assert (WebhookDelivery.objects.get().status, len(receiver.got)) == (302, 1)


def test_a_webhook_of_a_revoked_token_hears_nothing(call: Caller, receiver: Receiver, town: Town) -> None:
    register(call, receiver)
    hook = selectors.active_webhooks()[0]
    assert hook.token_id is not None
    services.revoke_token(token_id=hook.token_id)
    town.chat("benefits")
    town.relay.drain()
    assert WebhookDelivery.objects.count() == 0


def test_a_test_event_arrives_and_a_removed_webhook_is_gone(
    call: Caller, receiver: Receiver, worker: WebhookWorker
) -> None:
    made = register(call, receiver, "case.*")
    assert call("POST", f"/webhooks/{made['id']}/test")[0] == 202
    worker.run_due()
    assert receiver.events[0]["type"] == "org.civicline.webhook.test.v1"
    assert call("PATCH", f"/webhooks/{made['id']}", {"active": False})[1]["active"] is False
    assert call("DELETE", f"/webhooks/{made['id']}")[0] == 204
    assert call("GET", f"/webhooks/{made['id']}")[0] == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:a00:1::1]/",
        "https://[fe80::1]/",
        "https://user:pass@example.org/",
        "https://example.org:22/",
        "ftp://example.org/",
        "https://",
        "not an address",
    ],
)
def test_addresses_inside_are_refused(call: Caller, url: str) -> None:
    status, problem = call("POST", "/webhooks", {"name": "Bad", "url": url, "events": ["*"]})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/url")


def test_a_name_that_leads_inside_is_refused_when_it_is_called(
    call: Caller, worker: WebhookWorker, town: Town
) -> None:
    body = {"name": "Rebound", "url": "https://localhost:8443/", "events": ["contact.received"]}
    assert call("POST", "/webhooks", body)[0] == 201
    town.chat("benefits")
    town.relay.drain()
    worker.run_due()
    row = WebhookDelivery.objects.get()
    assert (row.state, row.status) == ("retry", None)
    assert "no public address" in row.error
