"""Who wants which events and jobs."""

import pytest

from civicline.kernel.events import EventType
from civicline.kernel.handlers import PublishedEvent, Registry
from civicline.kernel.jobs import JobRegistry
from civicline.kernel.retries import LONGEST_RETRY, retry_delay

RECEIVED = EventType("contact.received")


def nothing(_: PublishedEvent) -> None:
    pass


def test_handlers_are_found_by_type_and_by_pattern_in_their_order() -> None:
    registry = Registry()
    registry.on("contact.*", "board", nothing)
    registry.on(RECEIVED, "triage", nothing)
    registry.on("case.opened", "letters", nothing)
    assert [handler.name for handler in registry.wanting("contact.received")] == ["board", "triage"]
    assert [handler.name for handler in registry.wanting("contact.closed")] == ["board"]
    registry.on("*", "webhooks", nothing, atomic=False)
    assert [handler.name for handler in registry.wanting("contact.closed")] == ["board", "webhooks"]
    assert list(registry.names(atomic=False)) == ["webhooks"]


def test_a_name_is_taken_once() -> None:
    registry = Registry()
    registry.on(RECEIVED, "triage", nothing)
    with pytest.raises(ValueError, match="triage"):
        registry.on(RECEIVED, "triage", nothing)
    jobs = JobRegistry()
    jobs.job("purge", lambda _: None)
    with pytest.raises(ValueError, match="purge"):
        jobs.every(60, "purge", lambda _: None)
    with pytest.raises(ValueError, match="time between"):
        jobs.every(0, "tick", lambda _: None)


def test_tries_come_ever_later_never_at_the_same_moment_and_at_most_minutes_apart() -> None:
    waits = [retry_delay(attempts) for attempts in range(1, 40)]
    assert 0.25 <= waits[0] < 0.75
    assert max(waits) < LONGEST_RETRY * 1.5
    assert min(waits[15:]) >= LONGEST_RETRY * 0.5
    assert len({retry_delay(3) for _ in range(20)}) > 1
