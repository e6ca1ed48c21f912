"""What every call asks for is looked up beside the calls: nobody waits for it twice."""

from __future__ import annotations

import asyncio

from civicline.channels.voice.control.kept import Kept
from civicline.kernel.errors import Busy

A_WHILE_S = 3600.0


class Town:
    """Answers with what holds now; counts how often it was asked."""

    def __init__(self) -> None:
        self.says, self.asked, self.away = "old", 0, False

    async def ask(self, of: str) -> str:
        self.asked += 1
        if self.away:
            raise Busy
        return f"{of}: {self.says}"


def test_an_answer_is_kept_for_its_time() -> None:
    async def story() -> None:
        town = Town()
        kept = Kept(town.ask, seconds=A_WHILE_S)
        assert [await kept.of("menu") for _ in range(3)] == ["menu: old"] * 3
        assert await kept.of("rule") == "rule: old"
        assert town.asked == 2

    asyncio.run(story())


def test_a_known_answer_is_given_while_the_new_one_is_fetched() -> None:
    async def story() -> None:
        town = Town()
        kept = Kept(town.ask, seconds=A_WHILE_S)
        await kept.of("menu")
        town.says = "new"
        older(kept, by=1.5 * A_WHILE_S)
        assert await kept.of("menu") == "menu: old"
        await asyncio.gather(*kept._asking.values())
        assert await kept.of("menu") == "menu: new"
        assert town.asked == 2

    asyncio.run(story())


def test_an_answer_too_old_is_waited_for_and_one_that_fails_is_asked_for_again() -> None:
    async def story() -> None:
        town = Town()
        kept = Kept(town.ask, seconds=A_WHILE_S)
        await kept.of("menu")
        town.away, town.says = True, "new"
        older(kept, by=1.5 * A_WHILE_S)
        assert await kept.of("menu") == "menu: old"
        await asyncio.gather(*kept._asking.values())
        town.away = False
        older(kept, by=A_WHILE_S)
        assert await kept.of("menu") == "menu: new"

    asyncio.run(story())


def older(kept: Kept[str, str], *, by: float) -> None:
    """As if its answers had been fetched so many seconds before."""
    kept._known = {key: (at - by, answer) for key, (at, answer) in kept._known.items()}
