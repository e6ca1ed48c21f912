"""The database is away for a moment while somebody is in a menu: no key is lost, and nobody stays in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from civicline.channels.voice import services
from civicline.channels.voice.ari.messages import Channel
from civicline.channels.voice.control import line as lines
from civicline.channels.voice.control.consent import Asking
from civicline.channels.voice.control.line import Line
from civicline.channels.voice.control.menu import InMenu
from civicline.channels.voice.flows.menus import Menu
from civicline.engine.callflow import Facts, Flow, nodes
from civicline.kernel.errors import Unavailable
from civicline.kernel.ids import new_id


class Rows:
    """The database: `refuses` says how often it is away for which work."""

    def __init__(self) -> None:
        self.refuses: dict[Any, int] = {}
        self.done: list[str] = []

    async def __call__(self, work: Callable[..., Any], *_args: Any, **_facts: Any) -> Any:
        if self.refuses.get(work, 0):
            self.refuses[work] -= 1
            raise Unavailable(code="busy")
        self.done.append(work.__name__)
        return None


class Board:
    """A switchboard whose exchange does all that it is told."""

    recogniser, media, language = None, "", "en"

    def __init__(self) -> None:
        self.rows, self.ari = Rows(), self

    async def request(self, *_told: Any, **_query: Any) -> None:
        return None

    def errand(self, work: Any) -> None:
        work.close()


@pytest.fixture(autouse=True)
def _soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "AGAIN_S", 0.001)


def caller(board: Board) -> Line:
    line = Line(cast(Any, board), Channel("c", "", "Up", "", "", ""))
    line.call_id = new_id()
    return line


def test_a_key_that_was_pressed_meanwhile_leads_on() -> None:
    flow = Flow(
        start="ask", languages=("en",), give_up="bye",
        nodes={
            "ask": nodes.AskDigit("hello", (nodes.Choice("1", "bye"),), silence="bye", invalid="bye"),
            "bye": nodes.HangUp(),
        },
    )  # fmt: skip

    async def run() -> list[str]:
        board = Board()
        line = caller(board)
        menu = InMenu(line, Menu("town", None, flow), Facts())
        await menu.begin()
        board.rows.refuses = {services.keep_place: 2}
        line.post(menu.key, "1")
        async with asyncio.timeout(5):
            while "end_call" not in board.rows.done:
                await asyncio.sleep(0.001)
        line.close()
        return board.rows.done

    assert "end_call" in asyncio.run(run())


def test_who_was_told_of_the_recording_gets_into_the_line() -> None:
    async def run() -> tuple[int, bool]:
        board, times = Board(), [0]
        line = caller(board)

        async def then() -> None:
            times[0] += 1
            if times[0] == 1:
                raise Unavailable(code="busy")

        asking = line.asking = Asking(line, "tell", then)
        board.rows.refuses = {services.set_consent: 1}
        line.post(asking.heard)
        async with asyncio.timeout(5):
            while times[0] < 2 or line.asking is not None:
                await asyncio.sleep(0.001)
        line.close()
        return times[0], line.asking is None

    assert asyncio.run(run()) == (2, True)


def test_who_calls_while_the_database_is_away_hears_music_until_the_call_can_be_written_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "SILENCE_S", 0.001)

    async def run() -> list[str]:
        asked: list[str] = []

        class Exchange(Board):
            async def request(self, method: str, uri: str, **_query: Any) -> None:
                asked.append(f"{method} {uri}")

            def errand(self, work: Any) -> None:
                self.work = asyncio.ensure_future(work)

        known, new = (Line(cast(Any, Exchange()), Channel(name, "", "Up", "", "", "")) for name in "kn")
        known.call_id = new_id()
        for line in (known, new):
            line.answer()
        async with asyncio.timeout(5):
            while not new.room.has_music or "POST channels/n/moh" not in asked:
                await asyncio.sleep(0.001)
        for line in (known, new):
            line.close()
        return asked

    assert "POST channels/k/moh" not in asyncio.run(run())
