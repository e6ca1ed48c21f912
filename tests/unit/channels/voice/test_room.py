"""A call that is over leaves no room behind in the exchange, and asks about none that never was."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

from civicline.channels.voice.control import names
from civicline.channels.voice.control.leg import Leg
from civicline.channels.voice.control.line import Line
from civicline.channels.voice.control.room import Room
from civicline.engine.parties import Seats


class Caller:
    """The line of one caller; what the exchange was asked stands in `asked`."""

    def __init__(self) -> None:
        self.caller, self.call_id = "caller-1", uuid4()
        self.asked: list[str] = []
        self.board = SimpleNamespace(ari=SimpleNamespace(request=self.quietly), rows=self.rows)

    async def quietly(self, method: str, uri: str, **_query: object) -> None:
        self.asked.append(f"{method} {uri}")

    async def sure(self, *_work: object) -> None:
        return None  # no recording

    rows = sure

    def ended(self) -> list[str]:
        """The rooms that were ended."""
        return [one for one in self.asked if one.startswith("DELETE bridges/")]


def room_of(caller: Caller) -> Room:
    return Room(cast("Line", caller))


def story(work: Any) -> None:
    asyncio.run(work)


def test_whoever_was_with_nobody_leaves_no_room() -> None:
    caller = Caller()
    story(room_of(caller).close())
    assert caller.asked == []


def test_the_room_of_a_talk_ends_with_it_alone() -> None:
    caller = Caller()

    async def talk() -> None:
        room = room_of(caller)
        await room.join(Leg("leg-1", uuid4(), None, up=True))
        await room.close()

    story(talk())
    assert caller.ended() == [f"DELETE bridges/{names.bridge(caller.call_id)}"]


def test_the_room_beside_ends_too_also_when_everybody_has_left_it() -> None:
    caller = Caller()

    async def beside() -> None:
        room = room_of(caller)
        await room.sit(Seats(talk=frozenset({"caller-1", "leg-1"}), beside=frozenset({"leg-2", "leg-3"})))
        await room.sit(Seats(talk=frozenset({"caller-1", "leg-1"})))
        await room.close()

    story(beside())
    assert sorted(caller.ended()) == sorted(
        [f"DELETE bridges/{names.beside(caller.call_id)}", f"DELETE bridges/{names.bridge(caller.call_id)}"]
    )


def test_after_a_crash_both_may_be_there_with_nobody_in_them() -> None:
    caller = Caller()

    async def found() -> None:
        room = room_of(caller)
        room.found(talk=(), beside=())
        await room.close()

    story(found())
    assert len(caller.ended()) == 2
