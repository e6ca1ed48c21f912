"""The delivery worker: claims Delivery rows by lease, sends outside any transaction, writes down what came of it."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from datetime import timedelta

import structlog
from django.db.models import F, Q

from civicline.intake.models import Delivery
from civicline.intake.ports import ChannelAdapter, Outbound, Outcome, Sent
from civicline.intake.selectors import owed_deliveries
from civicline.intake.services import mark_failed, mark_sent
from civicline.kernel import bus, clock, ids, metrics
from civicline.kernel.db import writes

log = structlog.get_logger(__name__)

BATCH = 50
LEASE_S = 30.0
MAX_ATTEMPTS = 12
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 3600.0
POLL_S = 1.0


class DeliveryWorker:
    """Sends what is owed. Any number may run: a row is claimed by compare-and-set, a dead worker's lease runs out."""

    def __init__(
        self,
        adapters: Mapping[str, ChannelAdapter],
        owner: str | None = None,
        *,
        lease_seconds: float = LEASE_S,
    ) -> None:
        self.adapters = adapters
        self.owner = owner or ids.new_id().hex
        self.lease_seconds = lease_seconds
        self._nudge = threading.Event()
        self._jumps = clock.Jumps()

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set; woken by the bus, with a slow poll as the safety net."""
        subscription = bus.subscribe(["deliveries"], lambda _message: self._nudge.set())
        try:
            while not stop.is_set():
                self._nudge.clear()
                jumped = self._jumps.seconds()
                if jumped:
                    follow_clock(jumped=jumped, lease_seconds=self.lease_seconds)
                if self.run_due() < BATCH:
                    self._wait(stop)
        finally:
            subscription.close()

    def _wait(self, stop: threading.Event) -> None:
        deadline = clock.monotonic() + POLL_S
        while not stop.is_set() and clock.monotonic() < deadline:
            if self._nudge.wait(timeout=0.2):
                return

    def run_due(self) -> int:
        """Send everything owed now, up to a batch; return how many rows were claimed."""
        owed = [row.pk for row in owed_deliveries(clock.now(), BATCH)]
        if not owed:
            return 0  # without a write, for which others would wait
        claimed = claim(owner=self.owner, delivery_ids=owed, lease_seconds=self.lease_seconds)
        renewed = clock.monotonic()
        for place, delivery in enumerate(claimed):
            # A slow peer may take longer for a batch than a lease lasts: what still waits in it is claimed on.
            if clock.monotonic() - renewed > self.lease_seconds / 3:
                waiting = [row.pk for row in claimed[place:]]
                keep(owner=self.owner, delivery_ids=waiting, lease_seconds=self.lease_seconds)
                renewed = clock.monotonic()
            self._send(delivery)
        return len(claimed)

    def _send(self, delivery: Delivery) -> None:
        message = delivery.message
        with structlog.contextvars.bound_contextvars(
            contact_id=str(message.contact_id), delivery=delivery.pk
        ):
            outcome = self._attempt(delivery)
            given_up = outcome.state is not Sent.SENT and (
                outcome.state is Sent.FAILED or delivery.attempts >= MAX_ATTEMPTS
            )
            metrics.deliveries.labels(delivery.channel, "failed" if given_up else outcome.state.value).inc()
            if outcome.state is Sent.SENT:
                mark_sent(delivery_id=delivery.pk, reference=outcome.reference)
            elif given_up:
                log.warning("delivery.failed", error=outcome.error, attempts=delivery.attempts)
                mark_failed(delivery_id=delivery.pk, error=outcome.error)
            else:
                postpone(
                    delivery_id=delivery.pk,
                    owner=self.owner,
                    error=outcome.error,
                    pause_s=_pause(delivery, outcome),
                )

    def _attempt(self, delivery: Delivery) -> Outcome:
        adapter = self.adapters.get(delivery.channel)
        if adapter is None:
            return Outcome(Sent.FAILED, error=f"no adapter for channel {delivery.channel}")
        message = delivery.message
        outbound = Outbound(
            delivery_id=delivery.pk,
            message_id=message.id,
            contact_id=message.contact_id,
            number=message.number,
            address=delivery.address,
            text=message.body,
            language=message.language,
            data=message.data,
        )
        try:
            return adapter.send(outbound)
        except Exception as error:
            # Whatever a peer or an adapter does, the row must not stay claimed until its lease runs out.
            log.exception("delivery.error")
            return Outcome(Sent.RETRY, error=f"{type(error).__name__}: {error}"[:500])


def _pause(delivery: Delivery, outcome: Outcome) -> float:
    """Seconds until the next try: doubled each time, with jitter so that a peer's return is not a stampede."""
    if outcome.retry_after is not None:
        return outcome.retry_after
    pause = float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (delivery.attempts - 1)))
    return pause * random.uniform(0.75, 1.25)  # noqa: S311 -- jitter, not a secret


@writes
def claim(*, owner: str, delivery_ids: list[int], lease_seconds: float = LEASE_S) -> list[Delivery]:
    """Lease these rows to `owner` and return those won; another worker may have been first with some."""
    now = clock.now()
    due = Q(state__in=("queued", "retry")) | Q(state="in_flight", leased_until__lte=now)
    won = [
        delivery_id
        for delivery_id in delivery_ids
        if Delivery.objects.filter(due, pk=delivery_id).update(
            state="in_flight",
            lease_owner=owner,
            leased_until=now + timedelta(seconds=lease_seconds),
            attempts=F("attempts") + 1,
            changed_at=now,
        )
    ]
    return list(Delivery.objects.filter(pk__in=won).select_related("message__contact").order_by("pk"))


@writes
def keep(*, owner: str, delivery_ids: list[int], lease_seconds: float) -> None:
    """Hold rows that are `owner`'s for as long again."""
    until = clock.now() + timedelta(seconds=lease_seconds)
    Delivery.objects.filter(pk__in=delivery_ids, state="in_flight", lease_owner=owner).update(
        leased_until=until
    )


@writes
def follow_clock(*, jumped: float, lease_seconds: float) -> None:
    """The clock was set by so much: leases go on, and what was put off by a wrong later time is tried now."""
    now, lease = clock.now(), timedelta(seconds=lease_seconds)
    before = now - timedelta(seconds=max(0.0, jumped))
    claimed = Delivery.objects.filter(state="in_flight", leased_until__gt=before)
    claimed.filter(Q(leased_until__lt=now) | Q(leased_until__gt=now + lease)).update(leased_until=now + lease)
    if jumped < 0:
        Delivery.objects.filter(state__in=("queued", "retry"), next_try_at__gt=now).update(next_try_at=now)


@writes
def postpone(*, delivery_id: int, owner: str, error: str, pause_s: float) -> None:
    """Give the row back to be tried again after `pause_s` seconds, if it is still `owner`'s."""
    now = clock.now()
    Delivery.objects.filter(pk=delivery_id, state="in_flight", lease_owner=owner).update(
        state="retry",
        next_try_at=now + timedelta(seconds=pause_s),
        lease_owner="",
        leased_until=None,
        error=error[:500],
        changed_at=now,
    )
