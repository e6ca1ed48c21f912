"""A free agent's telephone rings while the call is written down; what it says waits until that is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

from civicline.channels.voice import services
from civicline.channels.voice.ari.client import AriRefused
from civicline.channels.voice.asterisk.endpoints import PhoneLine
from civicline.channels.voice.control.first_ring import FirstRing
from civicline.channels.voice.control.leg import Leg
from civicline.channels.voice.control.line import Line
from civicline.channels.voice.services import Chosen


class Exchange:
    """The line of one caller. What the exchange was asked and what was written stand in `done`, in their order."""

    def __init__(self, *, refuses: str = "") -> None:
        self.done: list[str] = []
        self.steps: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
        self.caller, self.call_id, self.leg = "caller-1", None, cast("Leg | None", None)
        self.channel = SimpleNamespace(number="+441632960001")
        self.room = SimpleNamespace(forget=lambda _leg: None, muted=False)
        self.errands: list[asyncio.Task[None]] = []
        self.board = SimpleNamespace(
            legs={},
            app="civicline",
            ari=SimpleNamespace(request=self.request),
            errand=self.errand,
            rows=self.rows,
        )
        self._refuses = refuses

    async def request(self, method: str, uri: str, *_body: object, **_query: object) -> None:
        what = f"{method} {uri.rpartition('/')[2]}"
        self.done.append(what)
        if what == self._refuses:
            raise AriRefused(404, what, "gone")
        if what == "POST create":
            assert self.leg is not None
            self.leg.ready.set()

    async def rows(self, work: Callable[..., Any], **_facts: object) -> None:
        self.done.append(work.__name__)

    async def hang_up(self, _channel: str) -> None:
        self.done.append("hung up")

    def errand(self, work: Any) -> None:
        self.errands.append(asyncio.ensure_future(work))

    def post(self, step: Callable[..., Any], *args: Any) -> None:
        self.steps.append((step, args))

    def look(self) -> None:
        self.done.append("look")

    async def work_off(self) -> None:
        for step, args in self.steps:
            await step(*args)
        await asyncio.gather(*self.errands)


def chosen() -> Chosen:
    return Chosen(uuid4(), uuid4(), uuid4(), uuid4(), PhoneLine("101", "sip"))


async def until_asked(line: Exchange, what: str) -> None:
    async with asyncio.timeout(5):
        while what not in line.done:
            await asyncio.sleep(0)


def test_the_telephone_rings_before_the_disk_has_it_and_nothing_is_written_of_it() -> None:
    async def story() -> None:
        line, one = Exchange(), chosen()
        first = FirstRing(cast(Line, line))
        first.told(one)
        await until_asked(line, "POST dial")
        assert line.done == ["POST create", "POST dial"]
        line.call_id = one.call_id  # committed
        await first.written(one)
        await line.work_off()
        assert line.done[2:] == [services.phone_rang.__name__]

    asyncio.run(story())


def test_a_write_that_failed_makes_it_quiet_again() -> None:
    async def story() -> None:
        line = Exchange()
        first = FirstRing(cast(Line, line))
        first.told(chosen())
        await until_asked(line, "POST dial")
        first.give_up()
        first.give_up()
        await line.work_off()
        assert line.done == ["POST create", "POST dial", "hung up"]
        assert line.leg is None and not line.board.legs

    asyncio.run(story())


def test_a_write_done_again_rings_whom_it_chose_then_and_tells_of_them_alone() -> None:
    async def story() -> None:
        line, before, after = Exchange(), chosen(), chosen()
        first = FirstRing(cast(Line, line))
        first.told(before)
        await until_asked(line, "POST dial")
        first.told(after)
        await until_asked(line, "hung up")
        line.call_id = after.call_id
        await first.written(after)
        await line.work_off()
        assert line.leg is not None and line.leg.agent_id == after.agent_id
        assert line.done.count("POST dial") == 2
        assert line.done.count(services.phone_rang.__name__) == 1

    asyncio.run(story())


def test_a_telephone_that_cannot_be_rung_is_told_of_once_the_call_is_written() -> None:
    async def story() -> None:
        line, one = Exchange(refuses="POST dial"), chosen()
        first = FirstRing(cast(Line, line))
        first.told(one)
        await until_asked(line, "POST dial")
        assert services.phone_failed.__name__ not in line.done
        line.call_id = one.call_id
        await first.written(one)
        await line.work_off()
        assert line.done[2:] == ["hung up", services.phone_failed.__name__, "look"]

    asyncio.run(story())
