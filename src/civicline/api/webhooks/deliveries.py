"""The worker of webhooks: claims by lease, sends outside any transaction, tries again with growing pauses."""

from __future__ import annotations

import json
import random
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import structlog

from civicline.api import selectors, services
from civicline.api.webhooks import events, signing
from civicline.api.webhooks.addresses import RefusedAddress, look_up
from civicline.api.webhooks.resting import Resting
from civicline.kernel import bus, clock, ids

if TYPE_CHECKING:
    from civicline.api.models import WebhookDelivery

log = structlog.get_logger(__name__)
BATCH = 20
POLL_S = 2.0
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 6 * 3600.0
GIVE_UP = timedelta(hours=24)
TIMEOUT = httpx.Timeout(10.0, connect=5.0)


class WebhookWorker:
    """Sends what is owed. Any number may run: rows are claimed by compare-and-set, a dead worker's lease runs out."""

    def __init__(self, owner: str | None = None) -> None:
        self.owner = owner or ids.new_id().hex
        self._nudge = threading.Event()
        self._client: httpx.Client | None = None
        self._resting = Resting()

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set; woken by the bus, with a slow poll as the safety net."""
        subscription = bus.subscribe([services.TOPIC], lambda _message: self._nudge.set())
        try:
            while not stop.is_set():
                self._nudge.clear()
                if self._careful_round() < BATCH:
                    self._wait(stop)
        finally:
            subscription.close()
            self.close()

    def _careful_round(self) -> int:
        try:
            return self.run_due()
        except Exception:
            log.exception("webhooks.round_failed")
            return 0

    def _wait(self, stop: threading.Event) -> None:
        deadline = clock.monotonic() + POLL_S
        while not stop.is_set() and clock.monotonic() < deadline:
            if self._nudge.wait(timeout=0.2):
                return

    def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def run_due(self) -> int:
        """Send everything owed now, up to a batch; return how many rows were claimed."""
        owed = selectors.owed_deliveries(clock.now(), BATCH, without=self._resting.now())
        if not owed:
            return 0
        claimed = services.claim(owner=self.owner, delivery_ids=owed)
        for delivery in claimed:
            if delivery.webhook_id in self._resting.now():
                services.hand_back(delivery_id=delivery.pk, owner=self.owner)
            else:
                self._send(delivery)
        return len(claimed)

    def _send(self, delivery: WebhookDelivery) -> None:
        status, error, response = self._attempt(delivery)
        if status is None:
            self._resting.silent(delivery.webhook_id)
        else:
            self._resting.answered(delivery.webhook_id)
        if not error:
            state, pause = "sent", 0.0
        elif clock.now() - delivery.created_at >= GIVE_UP or status == 410:
            state, pause = "failed", 0.0
        else:
            state, pause = "retry", _pause(delivery.attempts)
        if error:
            log.warning("webhook.not_delivered", webhook=str(delivery.webhook_id), error=error, state=state)
        services.settle(
            delivery_id=delivery.pk,
            owner=self.owner,
            state=state,
            status=status,
            error=error,
            response=response,
            pause_s=pause,
        )

    def _attempt(self, delivery: WebhookDelivery) -> tuple[int | None, str, str]:
        """(status, what went wrong or "", the beginning of the answer)."""
        hook = delivery.webhook
        content = selectors.may_tell_text(hook)
        told = events.with_text(delivery.body, delivery.event_name) if content else delivery.body
        body = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
        timestamp = int(clock.now().timestamp())
        headers = {
            "Content-Type": events.CONTENT_TYPE,
            "User-Agent": "Civicline-Webhooks/1",
            **signing.headers(
                hook.secret,
                message_id=told["id"],
                timestamp=timestamp,
                body=body,
                also=selectors.old_secret_of(hook),
            ),
        }
        try:
            target = look_up(hook.url)
            extensions = {"sni_hostname": target.name}
            with self._http().stream(
                "POST",
                target.url,
                content=body,
                headers={**headers, "Host": target.host},
                extensions=extensions,
            ) as response:
                error = "" if response.is_success else f"answered {response.status_code}"
                return response.status_code, error, _beginning(response)
        except RefusedAddress as refused:
            return None, str(refused), ""
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
            return None, f"{type(fault).__name__}: {fault}"[:300], ""

    def _http(self) -> httpx.Client:
        if self._client is None:
            # No redirects and no proxies of the environment: both would lead past the check of the address.
            self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False)
        return self._client


def _beginning(response: httpx.Response) -> str:
    """The first words of an answer, for the log; an endless one is not read to its end, a broken one is no failure."""
    read = b""
    try:
        for part in response.iter_raw(1024):
            read += part
            if len(read) >= services.RESPONSE_LENGTH:
                break
    except httpx.HTTPError:
        log.info("webhook.answer_broke_off", status=response.status_code)
    text = read[: services.RESPONSE_LENGTH].decode("utf-8", "replace")
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")


def _pause(attempts: int) -> float:
    """Seconds until the next try: doubled each time, with jitter so that a peer's return is not a stampede."""
    pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (attempts - 1))
    return pause * random.uniform(0.75, 1.25)  # noqa: S311 -- jitter, not a secret
