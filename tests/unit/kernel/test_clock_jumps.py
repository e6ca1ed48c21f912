"""Telling a clock that was set from time that passed."""

from datetime import UTC, datetime, timedelta

from civicline.kernel import clock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_time_that_passes_is_no_jump() -> None:
    with clock.use(clock.ManualClock(NOON)) as hands:
        jumps = clock.Jumps()
        hands.advance(3600)
        assert jumps.seconds() == 0.0


def test_a_clock_that_is_set_is_told_once_with_its_direction() -> None:
    with clock.use(clock.ManualClock(NOON)) as hands:
        jumps = clock.Jumps()
        hands.advance(10)
        hands.set(NOON + timedelta(hours=1))
        assert round(jumps.seconds()) == 3590
        assert jumps.seconds() == 0.0
        hands.set(NOON)
        assert round(jumps.seconds()) == -3600


def test_small_corrections_are_no_jumps() -> None:
    with clock.use(clock.ManualClock(NOON)) as hands:
        jumps = clock.Jumps()
        for second in range(1, 10):
            hands.set(NOON + timedelta(seconds=second))
            assert jumps.seconds() == 0.0
