"""Administrators tell other programs of events: choose, test, pause, change the secret, read the log, send again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import replace
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from civicline.api import selectors as api
from civicline.api import services
from civicline.api.webhooks.deliveries import WebhookWorker
from civicline.kernel import selectors as kernel
from tests.integration.api.receiver import Receiver
from tests.town import Town

NEW = {
    "name": "Library",
    "url": "https://library.example/hook",
    "which": "some",
    "case_events": ["case.opened"],
}


def make(admin: Client, **facts: Any) -> tuple[UUID, str]:
    """A new webhook by its page: its number, and the secret that the next page shows."""
    page = admin.post(reverse("new_webhook"), NEW | facts, follow=True)
    (hook,) = api.list_webhooks()
    return hook.pk, secret_in(page.content.decode())


def secret_in(page: str) -> str:
    (shown,) = html.fromstring(page).xpath("//input[@id='secret']/@value")
    return str(shown)


def signed_by(secret: str, headers: dict[str, str], body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def test_a_webhook_is_made_and_its_secret_is_shown_once(admin: Client) -> None:
    webhook_id, secret = make(admin)
    hook = api.get_webhook(webhook_id)
    assert hook is not None
    assert (hook.name, hook.events, hook.secret) == ("Library", ["case.opened"], secret)
    page = admin.get(reverse("webhook", args=[webhook_id])).content.decode()
    assert secret not in page
    assert "Iris</strong> created" in page
    assert "Nothing was sent yet." in page
    listed = admin.get(reverse("webhooks")).content.decode()
    assert "library.example" in listed


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"url": "http://library.example/hook"}, "has to begin with https://"),
        ({"url": "https://127.0.0.1/hook"}, "127.0.0.1 is no public address"),
        ({"url": "https://[64:ff9b::a00:1]/hook"}, "is no public address"),
        ({"name": ""}, "Give the webhook a name"),
        ({"case_events": []}, "Choose at least one event, or everything."),
    ],
)
def test_what_cannot_be_is_explained_where_it_stands(admin: Client, facts: Any, words: str) -> None:
    answer = admin.post(reverse("new_webhook"), NEW | facts)
    page = html.fromstring(answer.content.decode())
    assert answer.status_code == 422
    (error,) = page.xpath("//p[@class='err']")
    assert words in error.text_content()
    assert api.list_webhooks() == []


def test_the_page_says_which_addresses_are_called_and_warns_when_more_are(
    admin: Client, settings: Any
) -> None:
    assert "Only public addresses that begin with https:// are called." in text_of(admin, "new_webhook")
    settings.CIVICLINE = replace(settings.CIVICLINE, webhooks_private=True)
    assert "can reach into your network" in text_of(admin, "webhooks")
    assert "webhooks.private" in text_of(admin, "new_webhook")


def text_of(client: Client, name: str, *ids: object) -> str:
    page = client.get(reverse(name, args=ids)).content.decode()
    return " ".join(" ".join(html.fromstring(page).itertext()).split())


def test_the_preview_shows_what_the_other_program_gets(admin: Client) -> None:
    sent = NEW | {
        "case_events": [],
        "message_events": ["message.added"],
        "include_text": "on",
        "preview": "1",
    }
    shown = admin.post(reverse("new_webhook"), sent, headers={"HX-Request": "true"}).content.decode()
    assert "org.civicline.message.added.v1" in shown
    assert "webhook-signature: v1," in shown
    assert "street lamp" in shown
    assert api.list_webhooks() == []


def test_a_test_event_arrives_and_stands_in_the_log(
    admin: Client, receiver: Receiver, worker: WebhookWorker
) -> None:
    webhook_id, secret = make(admin, url=receiver.url)
    page = admin.post(reverse("webhook_test", args=[webhook_id]), follow=True).content.decode()
    assert "A test is on its way." in page
    assert "Waiting" in page
    worker.run_due()
    ((headers, body),) = receiver.got
    assert headers["webhook-signature"] == signed_by(secret, headers, body)
    log = text_of(admin, "webhook_log", webhook_id)
    assert "webhook.test A test. Delivered" in log


def test_the_log_says_how_to_fetch_it_anew_and_soon_while_something_is_on_its_way(
    admin: Client, receiver: Receiver, worker: WebhookWorker
) -> None:
    webhook_id, _secret = make(admin, url=receiver.url)
    admin.post(reverse("webhook_test", args=[webhook_id]))
    log = reverse("webhook_log", args=[webhook_id])
    for address, part in ((log, "deliveries"), (reverse("webhook", args=[webhook_id]), "last-deliveries")):
        page = admin.get(address).content.decode()
        renewed = re.search(rf'id="{part}" data-renew="([^"]+)" data-renew-each="(\d+)"', page)
        assert renewed is not None
        fresh = admin.get(unescape(renewed[1])).content.decode()
        assert "Waiting" in fresh
        assert f'id="{part}"' in fresh
        assert "<html" not in fresh
        assert int(renewed[2]) < 10
    worker.run_due()
    at_rest = admin.get(log, {"part": "now"}).content.decode()
    assert "Delivered" in at_rest
    assert 'data-renew-each="20"' in at_rest
    older = admin.get(log, {"after": "999999"}).content.decode()
    assert "data-renew" not in older, "somebody who reads an older page is left alone"


def test_a_failure_tells_the_answer_and_the_next_try_and_is_sent_again(
    admin: Client, receiver: Receiver, worker: WebhookWorker, town: Town
) -> None:
    webhook_id, _secret = make(admin, url=receiver.url, case_events=[], contact_events=["contact.received"])
    receiver.status, receiver.says = 503, "Closed for <b>stocktaking</b>"
    town.chat("benefits")
    town.relay.drain()
    worker.run_due()
    log = reverse("webhook_log", args=[webhook_id])
    page = admin.get(log).content.decode()
    assert "Tried in vain" in page
    assert "next try" in page
    assert "503" in page
    assert "Closed for &lt;b&gt;stocktaking&lt;/b&gt;" in page
    assert "Nothing has arrived since" in text_of(admin, "webhook", webhook_id)
    receiver.status = 200
    (delivery,), _more = api.page_of_deliveries(webhook_id)
    answer = admin.post(reverse("webhook_again", args=[webhook_id, delivery.pk]), follow=True)
    assert "It is sent again." in answer.content.decode()
    worker.run_due()
    assert "Delivered" in text_of(admin, "webhook_log", webhook_id)
    assert len(receiver.got) == 2
    assert "Nothing here." in admin.get(log, {"state": "failed"}).content.decode()


def test_a_new_secret_is_shown_once_and_the_old_one_signs_for_a_day(
    admin: Client, receiver: Receiver, worker: WebhookWorker, town: Town
) -> None:
    webhook_id, old = make(admin, url=receiver.url, which="all")
    new = secret_in(admin.post(reverse("webhook_secret", args=[webhook_id]), follow=True).content.decode())
    assert new != old
    assert new not in admin.get(reverse("webhook", args=[webhook_id])).content.decode()
    admin.post(reverse("webhook_test", args=[webhook_id]))
    worker.run_due()
    headers, body = receiver.got[-1]
    assert headers["webhook-signature"].split() == [
        signed_by(new, headers, body),
        signed_by(old, headers, body),
    ]
    town.clock.advance(86_401)
    services.test_webhook(webhook_id=webhook_id)
    worker.run_due()
    headers, body = receiver.got[-1]
    assert headers["webhook-signature"] == signed_by(new, headers, body)
    kept = list(kernel.history("webhook", webhook_id))
    assert [row.action for row in kept] == ["webhook.secret_changed", "webhook.created"]
    assert not any(secret in str(row.data) for row in kept for secret in (old, new))


def test_a_paused_webhook_is_told_nothing_until_it_goes_on(
    admin: Client, receiver: Receiver, town: Town
) -> None:
    webhook_id, _secret = make(admin, url=receiver.url, which="all")
    address = reverse("webhook_active", args=[webhook_id])
    page = admin.post(address, {"active": "0"}, follow=True).content.decode()
    assert "This webhook is paused." in page
    town.chat("benefits")
    town.relay.drain()
    assert api.count_deliveries(webhook_id) == {}
    assert "from now on" in admin.post(address, {"active": "1"}, follow=True).content.decode()
    town.chat("benefits")
    town.relay.drain()
    assert sum(api.count_deliveries(webhook_id).values()) > 0


def test_removing_wants_the_box_ticked(admin: Client) -> None:
    webhook_id, _secret = make(admin)
    address = reverse("webhook_remove", args=[webhook_id])
    assert "Tick the box" in admin.post(address).content.decode()
    assert admin.post(address, {"sure": "on"}).status_code == 302
    assert api.list_webhooks() == []
    gone = admin.get(reverse("webhook", args=[webhook_id]))
    assert (gone.status_code, "There is no such webhook." in gone.content.decode()) == (404, True)


def test_changes_are_kept_with_what_was_before(admin: Client) -> None:
    webhook_id, _secret = make(admin)
    address = reverse("webhook", args=[webhook_id])
    assert admin.post(address, NEW | {"name": "City library"}).status_code == 302
    latest = kernel.history("webhook", webhook_id)[0]
    assert latest.data == {"changes": {"name": {"from": "Library", "to": "City library"}}}
