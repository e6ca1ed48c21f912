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
        await asyncio.gather(*kept._asking.values(), return_exceptions=True)
        town.away = False
        older(kept, by=A_WHILE_S)
        assert await kept.of("menu") == "menu: new"

    asyncio.run(story())


def test_many_who_ask_at_once_ask_once_and_hear_the_same() -> None:
    async def story() -> None:
        town = Town()
        kept = Kept(town.ask, seconds=A_WHILE_S)
        first = asyncio.create_task(kept.of("menu"))
        others = [asyncio.create_task(kept.of("menu")) for _ in range(5)]
        await asyncio.sleep(0)
        first.cancel()  # this one hung up
        assert await asyncio.gather(*others) == ["menu: old"] * 5
        assert town.asked == 1

    asyncio.run(story())


def test_all_who_waited_for_a_question_that_failed_are_told_so() -> None:
    async def story() -> None:
        town = Town()
        town.away = True
        kept = Kept(town.ask, seconds=A_WHILE_S)
        told = await asyncio.gather(*(kept.of("menu") for _ in range(3)), return_exceptions=True)
        assert [type(one) for one in told] == [Busy] * 3
        town.away = False
        assert await kept.of("menu") == "menu: old"

    asyncio.run(story())


def older(kept: Kept[str, str], *, by: float) -> None:
    """As if its answers had been fetched so many seconds before."""
    kept._known = {key: (at - by, answer) for key, (at, answer) in kept._known.items()}
