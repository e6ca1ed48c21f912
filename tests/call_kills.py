"""`kill -9` of the process that drives the exchange while a call is in each of its states, and what became of each.

with killing_ground(folder) as ground:
    ground.round(seed)          # one kill: as many calls as there are states, all at once
    ground.tallies              # state -> Tally
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.call_scene import ENDED, People, Scene, Steps
from tests.call_states import SCENES
from tests.exchange import OFFER_S, Exchange
from tests.servers import wait_until
from tests.sip_phone import SipPhone

READY_S, AGAIN_S, OVER_S, EMPTY_S = 60.0, 60.0, 40.0, 20.0
LONGEST_PAUSE_S = 0.4
"""From the last step of a call to the death of the process, at most."""


@dataclass
class Tally:
    """What became of the calls in one state. `kept`: nobody was cut off; `whole`: the events tell all of it."""

    kills: int = 0
    kept: int = 0
    orphans: int = 0
    whole: int = 0
    troubles: list[str] = field(default_factory=list)


@dataclass
class Ground:
    """A town in which each state has a line and people of its own."""

    people: People
    scenes: list[Scene]
    tallies: dict[str, Tally]

    @property
    def house(self) -> Exchange:
        """The exchange."""
        return self.people.house

    def round(self, seed: int) -> list[str]:
        """One call in each state, one kill at a moment that `seed` chooses, and all hang up; what went wrong."""
        before = len(self.troubles())
        chance = random.Random(seed)
        self.house.before = len(self.house.do("calls"))
        for scene in self.scenes:
            tone = 300.0 + 20 * scene.at
            scene.new_round(SipPhone("127.0.0.2", tone, name=f"{scene.name}-caller"), chance.random() < 0.5)
        try:
            self._live(seed, chance)
        finally:
            for scene in self.scenes:
                scene.caller.close()
            self.people.home.hang_up()
        return self.troubles()[before:]

    def _live(self, seed: int, chance: random.Random) -> None:
        ready = self._all(((one, one.begin()) for one in self.scenes), READY_S, "before the kill")
        assert len(ready) == len(self.scenes), self.troubles()
        self._kill(chance)
        for scene in self.scenes:
            self.tallies[scene.name].kills += 1
        held = self._all(((one, one.after()) for one in self.scenes), AGAIN_S, f"after kill {seed}")
        for scene in held:
            scene.hang_up()
        for scene in set(self.scenes) - set(held):
            scene.caller.hang_up()
        over = self._all(((one, one.over()) for one in self.scenes), OVER_S, f"at the end of {seed}")
        for scene in set(held) & set(over):
            self.tallies[scene.name].kept += 1
        self._complete()
        self._count_orphans()
        for scene in self.scenes:
            self._read_story(scene, seed)

    def _kill(self, chance: random.Random) -> None:
        """The last steps in any order, then the process dies at once or a moment later; it is started again."""
        hurried = list(self.scenes)
        chance.shuffle(hurried)
        for scene in hurried:
            scene.act()
        threading.Event().wait(LONGEST_PAUSE_S * chance.random() ** 3)  # most often at once
        taken_up = self._reconciled()
        self.house.voice.kill()
        for phone in (*self.people.desks, self.people.home, *(one.caller for one in self.scenes)):
            phone.deaf()
        for scene in self.scenes:
            scene.meanwhile()
        self.house.voice.start()
        self.house.wait_connected()
        wait_until(lambda: self._reconciled() > taken_up, what="all calls are taken up")

    def _reconciled(self) -> int:
        return self.house.voice.log.read_text().count("voice.reconciled")

    def _all(self, lives: Iterable[tuple[Scene, Steps]], seconds: float, when: str) -> list[Scene]:
        """Live all of these at once; which of them came to their end in time. Troubles are noted."""
        until = time.monotonic() + seconds
        waiting: dict[Scene, tuple[Steps, str, Callable[[], object]]] = {}
        done: list[Scene] = []

        def on(scene: Scene, steps: Steps) -> None:
            waiting.pop(scene, None)
            try:
                what, so = next(steps)
            except StopIteration:
                done.append(scene)
            except AssertionError as wrong:
                self.tallies[scene.name].troubles.append(f"{when}: {wrong}")
            else:
                waiting[scene] = (steps, what, so)

        self.people.look()
        for scene, steps in lives:
            on(scene, steps)
        pause = threading.Event()
        while waiting and time.monotonic() < until:
            self.people.look()
            for scene, (steps, _what, so) in list(waiting.items()):
                if so():
                    on(scene, steps)
            pause.wait(0.02)
        for scene, (_steps, what, _so) in waiting.items():
            told = self.house.do("events", contact=scene.row["contact"]) if scene.row else []
            self.tallies[scene.name].troubles.append(f"{when}: waited until {what}: {scene.row}, {told}")
        return done

    def _complete(self) -> None:
        """Agents close what they have, and all contacts are closed."""

        def closed() -> bool:
            self.people.look()
            for row in self.people.rows:
                if row["contact_state"] == "wrap_up" and row["state"] in ENDED:
                    self.house.do("complete", contact=row["contact"], agent=row["agent"])
            return all(row["contact_state"] in ("closed", "abandoned") for row in self.people.rows)

        wait_until(closed, seconds=OVER_S, what="all contacts are closed")

    def _count_orphans(self) -> None:
        """What is left in the exchange of calls that are over."""
        until = time.monotonic() + EMPTY_S
        while not self.house.empty() and time.monotonic() < until:
            threading.Event().wait(0.1)
        left = [str(one["id"]) for what in ("channels", "bridges") for one in self.house.ari(what)]
        for scene in self.scenes:
            mine = [
                one for one in left if scene.row and scene.row["id"].replace("-", "") in one.replace("-", "")
            ]
            self.tallies[scene.name].orphans += len(mine)
            left = [one for one in left if one not in mine]
        assert not left, f"nobody's: {left}"

    def _read_story(self, scene: Scene, seed: int) -> None:
        told = self.house.do("events", contact=scene.row["contact"])
        rest = iter(told)
        missing = [name for name in scene.story if name not in rest]
        twice = [name for name in ("call.arrived", "call.hung_up", "contact.closed") if told.count(name) > 1]
        try:
            assert not missing, f"kill {seed}: the events lack {missing}: {told}"
            assert not twice, f"kill {seed}: {twice} stand there twice: {told}"
            assert {"call.hung_up", "contact.closed"} <= set(told), f"kill {seed}: the end is missing: {told}"
            scene.once()
        except AssertionError as wrong:
            self.tallies[scene.name].troubles.append(str(wrong))
        else:
            self.tallies[scene.name].whole += 1

    def troubles(self) -> list[str]:
        """Everything that went wrong, in words."""
        return [f"{name}: {one}" for name, tally in self.tallies.items() for one in tally.troubles]


@contextmanager
def killing_ground(
    folder: Path, *, database: dict[str, str] | None = None, redis: str = ""
) -> Iterator[Ground]:
    """The town, its exchange and its telephones; takes some fifteen seconds."""
    wanted = sum(one.desks for one in SCENES)
    desks = [SipPhone("127.0.0.3", 600.0 + 20 * at, name=f"desk-{at}") for at in range(wanted)]
    numbers = ",".join(f"4420794610{at:02}={one.name}" for at, one in enumerate(SCENES))
    house = Exchange(
        folder / "var", database=database or {}, redis=redis, options={"CIVICLINE_VOICE_NUMBERS": numbers}
    )
    home = SipPhone("127.0.0.2", 280.0, port=house.network_port, name="home")
    try:
        house.agents = house.start(agents=wanted, ports=[one.port for one in desks], offer_seconds=OFFER_S)
        people, scenes, used = People(house, desks, home), [], 0
        for at, kind in enumerate(SCENES):
            scenes.append(kind(people, at, list(range(used, used + kind.desks))))
            used += kind.desks
            scenes[-1].prepare()
        yield Ground(people, scenes, {one.name: Tally() for one in scenes})
    finally:
        house.stop()
        for phone in (*desks, home):
            phone.close()
