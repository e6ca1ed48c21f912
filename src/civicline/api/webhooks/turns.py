"""A receiver's turn: some of what it is owed, sent one after the other, on a thread that touches no database."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import structlog

from civicline.api import selectors
from civicline.api.services import RESPONSE_LENGTH
from civicline.api.webhooks import events, signing
from civicline.api.webhooks.addresses import RefusedAddress, look_up
from civicline.kernel import clock

if TYPE_CHECKING:
    from civicline.api.models import WebhookDelivery

log = structlog.get_logger(__name__)
LONGEST_S = 20.0
"""After so long a turn ends, so that whoever answers slowly does not keep a place that others wait for."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery, ready to be sent."""

    delivery: WebhookDelivery
    url: str
    secret: str
    old_secret: str
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one letter: the status, None when nobody answered; what went wrong or ""; the first words."""

    delivery: WebhookDelivery
    status: int | None
    error: str
    response: str = ""


@dataclass(frozen=True, slots=True)
class TurnOver:
    """The turn of a webhook has ended; these were not tried after all."""

    webhook_id: UUID
    left: Sequence[WebhookDelivery]


def letter_of(delivery: WebhookDelivery) -> Letter:
    """The letter of a claimed row; with the words of messages where its receiver may have them."""
    hook = delivery.webhook
    told = delivery.body
    if selectors.may_tell_text(hook):
        told = events.with_text(told, delivery.event_name)
    return Letter(delivery, hook.url, hook.secret, selectors.old_secret_of(hook), told)


def take_turn(
    client: httpx.Client,
    webhook_id: UUID,
    letters: Sequence[Letter],
    tell: Callable[[Answer | TurnOver], None],
    stopping: Callable[[], bool],
) -> None:
    """Send the letters in their order, and `tell` each answer. Ends early when nobody answers, or at `LONGEST_S`."""
    until, tried = clock.monotonic() + LONGEST_S, 0
    try:
        for letter in letters:
            if clock.monotonic() >= until or stopping():
                break
            tried += 1
            answer = _post(client, letter)
            tell(answer)
            if answer.status is None:
                break
    except Exception:
        log.exception("webhook.turn_failed", webhook=str(webhook_id))
    finally:
        tell(TurnOver(webhook_id, [letter.delivery for letter in letters[tried:]]))


def _post(client: httpx.Client, letter: Letter) -> Answer:
    body = json.dumps(letter.told, separators=(",", ":"), ensure_ascii=False).encode()
    signed = signing.headers(
        letter.secret,
        message_id=letter.told["id"],
        timestamp=int(clock.now().timestamp()),
        body=body,
        also=letter.old_secret,
    )
    try:
        target = look_up(letter.url)
        headers = {
            "Content-Type": events.CONTENT_TYPE,
            "User-Agent": "Civicline-Webhooks/1",
            "Host": target.host,
            **signed,
        }
        with client.stream(
            "POST", target.url, content=body, headers=headers, extensions={"sni_hostname": target.name}
        ) as response:
            error = "" if response.is_success else f"answered {response.status_code}"
            return Answer(letter.delivery, response.status_code, error, _beginning(response))
    except RefusedAddress as refused:
        return Answer(letter.delivery, None, str(refused))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
        return Answer(letter.delivery, None, f"{type(fault).__name__}: {fault}"[:300])


def _beginning(response: httpx.Response) -> str:
    """The first words of an answer, for the log; an endless one is not read to its end, a broken one is no failure."""
    read = b""
    try:
        for part in response.iter_raw(1024):
            read += part
            if len(read) >= RESPONSE_LENGTH:
                break
    except httpx.HTTPError:
        log.info("webhook.answer_broke_off", status=response.status_code)
    text = read[:RESPONSE_LENGTH].decode("utf-8", "replace")
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")
