"""What the recorder of a call keeps to while the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from civicline.channels.voice import services
from civicline.channels.voice.control import line
from civicline.channels.voice.control.recorder import Recorder
from civicline.channels.voice.recordings import rules, selectors
from civicline.kernel import clock
from civicline.kernel.errors import Unavailable

BEGAN = datetime.fromisoformat("2026-11-23T09:00:00+00:00")


class Busy:
    """A line whose database is away twice for each thing it asks; seconds pass meanwhile."""

    sure = line.Line.sure

    def __init__(self, hands: clock.ManualClock) -> None:
        self.call_id, self.over = uuid4(), False
        self.room = SimpleNamespace(bridged=True)
        self.asked: list[str] = []
        self.written: dict[str, Any] = {}
        self.silenced: list[str] = []
        self._hands = hands
        self.board = SimpleNamespace(rows=self.rows, ari=SimpleNamespace(request=self.request))

    async def rows(self, work: Callable[..., Any], *_args: object, **facts: Any) -> Any:
        self.asked.append(work.__name__)
        if self.asked.count(work.__name__) <= 2:
            self._hands.advance(5)
            raise Unavailable("away", code="busy")
        if work is services.recording_started:
            self.written = facts
        return {rules.plan_of: rules.Plan("one-1", "always"), selectors.is_silent: True}.get(work)

    async def request(self, _method: str, _uri: str, **_query: object) -> None:
        self.began = clock.now()

    async def quietly(self, method: str, uri: str, **_query: object) -> None:
        self.silenced.append(f"{method} {uri}")


def test_a_database_that_was_away_costs_neither_the_recording_nor_the_moment_of_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line, "AGAIN_S", 0)
    with clock.use(clock.ManualClock(BEGAN)) as hands:
        busy = Busy(cast(clock.ManualClock, hands))
        recorder = Recorder(cast(line.Line, busy))
        asyncio.run(recorder.begin())
        assert busy.written["at"] == busy.began == BEGAN + timedelta(seconds=10)
        with pytest.raises(Unavailable):
            asyncio.run(recorder.follow())
        with pytest.raises(Unavailable):
            asyncio.run(recorder.follow())
        asyncio.run(recorder.follow())  # the step is done again, and a payment is silent after all
    assert busy.silenced == ["POST recordings/live/one-1/mute"]
