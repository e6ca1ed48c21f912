"""One holder at a time, and a fence that only grows."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from civicline.kernel import clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict
from civicline.kernel.leases import Lease
from civicline.kernel.models import Lease as Row
from tests.integration.kernel.crew import kill, read_line, start_child, together
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_one_holds_it_the_other_stands_by_until_it_is_given_up() -> None:
    first, second = Lease("dispatcher"), Lease("dispatcher")
    assert first.acquire() == 1
    assert second.acquire() is None
    assert first.acquire() == 1, "asking again renews"
    assert Lease("other").acquire() == 1
    first.release()
    assert not first.held
    assert second.acquire() == 2
    assert first.acquire() is None


def test_a_holder_that_falls_silent_loses_it_and_learns_so() -> None:
    with clock.use(clock.ManualClock(NOON)) as hands:
        first, second = Lease("dispatcher"), Lease("dispatcher")
        first.acquire()
        assert second.acquire() is None
        hands.advance(2)
        assert first.renew()
        assert second.acquire() is None
        hands.advance(2)
        assert second.acquire() is None, "it was renewed meanwhile"
        hands.advance(3.1)
        assert not first.held
        assert second.acquire() == 2
        assert not first.renew()
        assert first.fence is None


def test_the_role_of_a_dead_holder_is_left_to_those_who_come_first() -> None:
    with clock.use(clock.ManualClock(NOON)) as hands:
        first = Lease("voice", holder="here:1")
        near = Lease("voice", holder="here:2")
        far = Lease("voice", holder="there:1", courtesy=lambda holder: 10.0 if holder[:5] == "here:" else 0.0)
        first.acquire()
        assert near.acquire() is None and far.acquire() is None
        hands.advance(3.1)
        assert far.acquire() is None, "whoever is nearer comes first"
        assert near.acquire() == 2
        assert far.acquire() is None
        hands.advance(12.9)
        assert far.acquire() is None
        hands.advance(0.2)
        assert far.acquire() == 3
        far.release()
        assert near.acquire() == 4, "what is given up is free at once"


def test_clocks_that_jump_neither_end_a_living_lease_nor_keep_a_dead_one() -> None:
    with clock.use(clock.ManualClock(NOON)) as hands:
        first, second = Lease("dispatcher"), Lease("dispatcher")
        first.acquire()
        assert second.acquire() is None
        hands.set(NOON + timedelta(hours=1))
        assert second.acquire() is None
        assert first.renew()
        hands.set(NOON - timedelta(hours=1))
        assert second.acquire() is None
        hands.advance(3.1)
        assert second.acquire() == 2


def test_a_lease_abandoned_long_ago_is_taken_at_first_sight() -> None:
    with clock.use(clock.ManualClock(NOON)) as hands:
        Lease("dispatcher").acquire()
        hands.advance(60)
        assert Lease("dispatcher").acquire() == 2


def test_a_renewal_is_seen_though_the_clock_stands_still() -> None:
    with clock.use(clock.FrozenClock(NOON)):
        lease = Lease("dispatcher")
        lease.acquire()
        before = Row.objects.get().expires_at
        lease.renew()
        assert Row.objects.get().expires_at != before


def test_of_many_who_ask_at_once_one_gets_it() -> None:
    got: list[int | None] = []
    assert together(*[lambda: got.append(Lease("dispatcher").acquire())] * 16) == []
    assert sorted(fence for fence in got if fence) == [1]


def test_what_a_replaced_holder_still_writes_is_refused() -> None:
    written: list[str] = []
    first, second = Lease("dispatcher"), Lease("dispatcher")

    @writes
    def offer(lease: Lease, name: str) -> None:
        lease.guard()
        written.append(name)

    first.acquire()
    offer(first, "in its time")
    Row.objects.update(holder="", expires_at=None)
    second.acquire()
    with pytest.raises(Conflict) as caught:
        offer(first, "too late")
    assert caught.value.code == "lease-lost"
    offer(second, "its heir")
    assert written == ["in its time", "its heir"]
    with pytest.raises(RuntimeError, match="inside"):
        second.guard()


def test_a_standby_takes_over_within_five_seconds_of_a_kill() -> None:
    child = start_child("lease", "dispatcher")
    assert read_line(child) == "fence 1"
    standby = Lease("dispatcher")
    assert standby.acquire() is None
    kill(child)
    killed = time.monotonic()
    assert wait_until(standby.acquire, seconds=10, every=0.2, what="it takes over") == 2
    assert time.monotonic() - killed < 5
