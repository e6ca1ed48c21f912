"""The clock, ids, secrets and actors."""

import contextvars
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from civicline.kernel import actors, clock, ids

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_clock_put_in_place_is_seen_by_every_thread_and_goes_away_after() -> None:
    seen: list[datetime] = []
    with clock.use(clock.ManualClock(NOON)) as hands:
        hands.advance(90)
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
        assert clock.monotonic() == 90
    assert seen == [NOON + timedelta(seconds=90)]
    assert clock.now() - NOON > timedelta(days=1) or clock.now() < NOON


def test_a_clock_set_back_does_not_shorten_what_is_measured() -> None:
    with clock.use(clock.ManualClock(NOON)) as hands:
        began = clock.monotonic()
        hands.advance(10)
        hands.set(NOON - timedelta(hours=1))
        assert clock.now() < NOON
        assert clock.monotonic() - began == 10


def test_clocks_speak_utc_and_refuse_times_without_a_zone() -> None:
    paris = timezone(timedelta(hours=1))
    assert clock.ManualClock(NOON.astimezone(paris)).now().tzinfo is UTC
    with pytest.raises(ValueError, match="time zone"):
        clock.ManualClock(datetime(2026, 3, 2, 12))  # noqa: DTZ001 -- what is refused
    with pytest.raises(TypeError):
        clock.FrozenClock(NOON).advance(1)
    with pytest.raises(ValueError, match="backwards"):
        clock.ManualClock(NOON).advance(-1)


def test_ids_are_of_version_7_unique_and_grow() -> None:
    made = [ids.new_id() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}


def test_ids_made_by_many_threads_at_once_are_unique() -> None:
    made: list[object] = []
    threads = [
        threading.Thread(target=lambda: made.extend(ids.new_id() for _ in range(500))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 4000


def test_an_id_tells_the_millisecond_of_its_making() -> None:
    before = datetime.now(UTC)
    told = datetime.fromtimestamp((ids.new_id().int >> 80) / 1000, UTC)
    assert abs((told - before).total_seconds()) < 2


def test_secrets_are_long_url_safe_and_only_their_hash_is_stored() -> None:
    secret = ids.new_secret()
    assert len(secret) == 32
    assert secret.replace("-", "").replace("_", "").isalnum()
    assert ids.hash_secret(secret) == ids.hash_secret(secret) != ids.hash_secret(ids.new_secret())
    assert len(ids.hash_secret(secret)) == 64


def test_who_acts_is_bound_to_the_block_and_its_context_only() -> None:
    agent = actors.Actor("staff", "7", "Ann")
    assert actors.current() is actors.SYSTEM
    with actors.acting_as(agent):
        assert actors.current() is agent
        inside = contextvars.copy_context()
    assert actors.current() is actors.SYSTEM
    assert inside.run(actors.current) is agent


def test_an_id_that_somebody_sent_is_read_or_is_none() -> None:
    sent = ids.new_id()
    assert ids.read(str(sent)) == sent
    assert [ids.read(text) for text in ("", "7", f"{sent}0", "\0")] == [None] * 4
