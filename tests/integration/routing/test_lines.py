"""The lines are read once for all who ask, also when many find them too old at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from civicline.kernel import clock, db
from civicline.routing import lines
from civicline.routing.lines import Line


class Reader:
    """Stands in for the database: each reading is a new one, and waits for leave to end."""

    def __init__(self) -> None:
        self.readings: list[dict[int, Line]] = []
        self.began, self.may_end = threading.Event(), threading.Event()
        self.may_end.set()

    def __call__(self) -> dict[int, Line]:
        reading: dict[int, Line] = {}
        self.readings.append(reading)
        self.began.set()
        assert self.may_end.wait(10)
        return reading


@pytest.fixture
def hands() -> Iterator[clock.ManualClock]:
    with clock.use(clock.ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))) as hands:
        yield hands


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, hands: clock.ManualClock) -> Iterator[Reader]:
    reader = Reader()
    monkeypatch.setattr(lines, "read_lines", reader)
    lines.forget_lines()
    yield reader
    lines.forget_lines()


def test_a_reading_serves_everybody_for_a_second(reader: Reader, hands: clock.ManualClock) -> None:
    first = lines.lines()
    hands.advance(0.9)
    assert lines.lines() is first
    hands.advance(0.2)
    assert lines.lines() is not first
    assert len(reader.readings) == 2


def test_while_one_reads_the_others_go_on_with_what_is_there(
    reader: Reader, hands: clock.ManualClock
) -> None:
    first = lines.lines()
    hands.advance(2)
    reader.may_end.clear()
    reader.began.clear()
    with ThreadPoolExecutor(1) as other:
        reading = other.submit(lines.lines)
        assert reader.began.wait(10)
        assert lines.lines() is first
        reader.may_end.set()
        fresh = reading.result(10)
    assert lines.lines() is fresh is reader.readings[-1]
    assert len(reader.readings) == 2


def test_what_is_too_old_is_waited_for_and_read_once(reader: Reader, hands: clock.ManualClock) -> None:
    first = lines.lines()
    hands.advance(lines.STALE_S + 1)
    with ThreadPoolExecutor(8) as everybody:
        answers = list(everybody.map(lambda _number: lines.lines(), range(8)))
    assert all(answer is answers[0] is not first for answer in answers)
    assert len(reader.readings) == 2


def test_inside_a_write_what_is_there_will_do(
    reader: Reader, hands: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lines.lines()
    monkeypatch.setattr(db, "in_write", lambda: True)
    hands.advance(lines.FRESH_S + 1)
    assert lines.lines() is first  # all writers wait behind this one
    hands.advance(lines.STALE_S)
    assert lines.lines() is not first
