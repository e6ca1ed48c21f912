"""The worker of webhooks: claims by lease, sends outside any transaction, tries again with growing pauses.

Each receiver gets turns of its own (`turns`), several receivers at a time: one that answers slowly, or not at all,
delays nobody but itself. Within a turn its deliveries keep their order.
"""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import httpx
import structlog

from civicline.api import selectors, services
from civicline.api.webhooks.resting import Resting
from civicline.api.webhooks.turns import Answer, TurnOver, letter_of, take_turn
from civicline.kernel import bus, clock, ids

if TYPE_CHECKING:
    from civicline.api.models import WebhookDelivery

log = structlog.get_logger(__name__)
AT_ONCE = 8
"""So many receivers are sent to at the same time."""
TURN = 20
"""So many deliveries of a receiver are claimed for one turn."""
POLL_S = 2.0
PARTING_S = 1.0
"""How long the end of work waits for answers that are on their way."""
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 6 * 3600.0
GIVE_UP = timedelta(hours=24)
TIMEOUT = httpx.Timeout(10.0, connect=5.0)


class WebhookWorker:
    """Sends what is owed. Any number may run: rows are claimed by compare-and-set, a dead worker's lease runs out."""

    def __init__(self, owner: str | None = None) -> None:
        self.owner = owner or ids.new_id().hex
        self._nudge = threading.Event()
        self._stopping = threading.Event()
        self._client: httpx.Client | None = None
        self._resting = Resting()
        self._told: queue.SimpleQueue[Answer | TurnOver] = queue.SimpleQueue()
        self._busy: set[UUID] = set()
        self._last_turn: dict[UUID, float] = {}

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set; woken by the bus and by each answer, with a slow poll as the safety net."""
        self._stopping.clear()
        subscription = bus.subscribe([services.TOPIC], lambda _message: self._nudge.set())
        try:
            while not stop.is_set():
                self._nudge.clear()
                self._careful_round()
                self._wait(stop)
        finally:
            subscription.close()
            self._stopping.set()
            self._settle_all(seconds=PARTING_S)
            self.close()

    def _careful_round(self) -> None:
        try:
            while not self._told.empty():
                self._hear(self._told.get())
            self._start_turns()
        except Exception:
            log.exception("webhooks.round_failed")

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
        """Give a turn to every receiver that is owed something now, up to `AT_ONCE`, and wait for the answers.

        Returns how many rows were claimed.
        """
        claimed = self._start_turns()
        self._settle_all()
        return claimed

    def _start_turns(self) -> int:
        free = AT_ONCE - len(self._busy)
        if free <= 0:
            return 0
        owed = selectors.owed_webhooks(clock.now(), without={*self._busy, *self._resting.now()})
        # Whoever has waited longest for a turn comes first, however much the others are owed.
        owed.sort(key=lambda webhook_id: self._last_turn.get(webhook_id, 0.0))
        return sum(self._start_turn(webhook_id) for webhook_id in owed[:free])

    def _start_turn(self, webhook_id: UUID) -> int:
        owed = selectors.owed_deliveries(clock.now(), TURN, webhook_id=webhook_id)
        claimed = services.claim(owner=self.owner, delivery_ids=owed)
        if not claimed:
            return 0
        letters = [letter_of(delivery) for delivery in claimed]
        self._busy.add(webhook_id)
        self._last_turn[webhook_id] = clock.monotonic()
        # A daemon: a receiver that takes its time does not keep the process from ending.
        threading.Thread(
            target=take_turn,
            args=(self._http(), webhook_id, letters, self._tell, self._stopping.is_set),
            name="webhook-turn",
            daemon=True,
        ).start()
        return len(claimed)

    def _tell(self, news: Answer | TurnOver) -> None:
        """From the thread of a turn to the worker's own, which alone touches the database."""
        self._told.put(news)
        self._nudge.set()

    def _settle_all(self, *, seconds: float | None = None) -> None:
        """Hear of all turns until they are over, or for so long."""
        until = None if seconds is None else clock.monotonic() + seconds
        while self._busy:
            try:
                left = None if until is None else max(0.0, until - clock.monotonic())
                self._hear(self._told.get(timeout=left))
            except queue.Empty:
                return

    def _hear(self, news: Answer | TurnOver) -> None:
        if isinstance(news, Answer):
            self._settle(news)
        else:
            self._busy.discard(news.webhook_id)
            self._hand_back(news.left)

    def _hand_back(self, left: Sequence[WebhookDelivery]) -> None:
        for delivery in left:
            services.hand_back(delivery_id=delivery.pk, owner=self.owner)

    def _settle(self, answer: Answer) -> None:
        delivery = answer.delivery
        if answer.status is None:
            self._resting.silent(delivery.webhook_id)
        else:
            self._resting.answered(delivery.webhook_id)
        state, pause = _outcome(answer)
        if answer.error:
            log.warning(
                "webhook.not_delivered", webhook=str(delivery.webhook_id), error=answer.error, state=state
            )
        services.settle(
            delivery_id=delivery.pk,
            owner=self.owner,
            state=state,
            status=answer.status,
            error=answer.error,
            response=answer.response,
            pause_s=pause,
        )

    def _http(self) -> httpx.Client:
        if self._client is None:
            # No redirects and no proxies of the environment: both would lead past the check of the address.
            self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False)
        return self._client


def _outcome(answer: Answer) -> tuple[str, float]:
    """What becomes of the delivery, and after how many seconds it is tried again."""
    if not answer.error:
        return "sent", 0.0
    if clock.now() - answer.delivery.created_at >= GIVE_UP or answer.status == 410:
        return "failed", 0.0
    return "retry", _pause(answer.delivery.attempts)


def _pause(attempts: int) -> float:
    """Seconds until the next try: doubled each time, with jitter so that a peer's return is not a stampede."""
    pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (attempts - 1))
    return pause * random.uniform(0.75, 1.25)  # noqa: S311 -- jitter, not a secret
