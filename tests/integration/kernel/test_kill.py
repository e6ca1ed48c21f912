"""kill -9 in the middle of load: what was acknowledged is there, the log has no gap, effects happened once."""

import pytest

from civicline.kernel import selectors
from civicline.kernel.models import Event
from civicline.kernel.relay import Relay
from tests.integration.kernel.crew import kill, read_line, start_child
from tests.integration.kernel.effects import effects, registry, repeated

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_acknowledged_is_lost_and_the_next_relay_carries_on_without_gap_or_repeat() -> None:
    acknowledged: set[str] = set()
    for _ in range(2):
        child = start_child("load", "12")
        acknowledged |= {read_line(child) for _ in range(300)}
        acknowledged |= set(kill(child))
    names = {line.removeprefix("ack ") for line in acknowledged}
    stored = set(Event.objects.values_list("subject_id", flat=True))
    assert names <= stored
    Relay(registry()).drain()
    total = Event.objects.count()
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, total + 1))
    assert effects() == total
    assert selectors.count_handler_runs() == {}


def test_two_relay_processes_at_once_give_each_event_one_number_and_one_effect() -> None:
    from civicline.kernel.db import writes
    from civicline.kernel.events import EventType, emit

    children = [start_child("relay", "300") for _ in range(2)]
    for child in children:
        assert read_line(child) == "ready"

    @writes
    def happen(number: int) -> None:
        emit(EventType("contact.received"), subject=("contact", number))

    for number in range(300):
        happen(number)
    for child in children:
        assert child.wait(60) == 0
        kill(child)
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 301))
    assert effects() == 300
    assert repeated() == []
