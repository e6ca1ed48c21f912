"""Where the people of a call hear each other: the room in the exchange, its recording, and the music outside of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.channels.voice.ari.client import in_path
from civicline.channels.voice.control import names
from civicline.channels.voice.control.leg import Leg
from civicline.channels.voice.control.recorder import Recorder
from civicline.engine.parties import Seats

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line

KEY_MS, KEY_PAUSE_MS = 120, 80


class Room:
    """The room of one call. What it knows of the exchange is what it did there itself, or found after a crash."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.where: dict[str, str] = {}  # each leg's place: talk, beside, music
        self.muted = False
        self.recorder = Recorder(line)
        self._made: set[str] = set()  # the places that may be there in the exchange

    @property
    def bridged(self) -> bool:
        """Whether the caller is with somebody."""
        return self.where.get(self.line.caller) == "talk"

    def found(self, *, talk: Iterable[str], beside: Iterable[str]) -> None:
        """After a crash: who is where."""
        self.where = dict.fromkeys(beside, "beside") | dict.fromkeys(talk, "talk")
        self._made = {"talk", "beside"}  # nobody need be in it any more

    def _name(self, place: str) -> str:
        call_id = self.line.call_id or UUID(int=0)
        return names.bridge(call_id) if place == "talk" else names.beside(call_id)

    @property
    def has_music(self) -> bool:
        """Whether the caller hears music."""
        return self.where.get(self.line.caller) == "music"

    async def play_music(self) -> None:
        """Music while they wait; begun once."""
        await self._play_to(self.line.caller)

    async def stop_music(self) -> None:
        """Silence before somebody speaks."""
        if self.where.get(self.line.caller) == "music":
            await self._leave(self.line.caller)

    async def _play_to(self, leg: str) -> None:
        if self.where.get(leg) != "music":
            self.where[leg] = "music"
            await self.line.board.ari.request("POST", f"channels/{in_path(leg)}/moh")

    async def join(self, leg: Leg) -> None:
        """Caller and agent hear each other."""
        if not self.bridged and self.line.call_id is not None:
            await self.sit(Seats(talk=frozenset({self.line.caller, leg.id})))

    async def sit(self, seats: Seats) -> None:
        """Everybody to their place; whoever is there already notices nothing."""
        wanted = dict.fromkeys(seats.talk, "talk") | dict.fromkeys(seats.beside, "beside")
        wanted |= dict.fromkeys(seats.music, "music")
        for leg in [leg for leg, place in self.where.items() if wanted.get(leg) != place]:
            await self._leave(leg)
        was_with_them = self.bridged
        for place in ("beside", "talk"):
            await self._enter(
                place, [leg for leg, at in wanted.items() if at == place and leg not in self.where]
            )
        for leg in sorted(seats.music):
            await self._play_to(leg)
        if self.bridged and not was_with_them:
            await self.recorder.begin()

    async def _leave(self, leg: str) -> None:
        place = self.where.pop(leg)
        if place == "music":
            await self.line.quietly("DELETE", f"channels/{in_path(leg)}/moh")
        else:
            await self.line.quietly("POST", f"bridges/{self._name(place)}/removeChannel", channel=leg)

    async def _enter(self, place: str, legs: list[str]) -> None:
        if not legs:
            return
        room = self._name(place)
        self._made.add(place)
        if place not in self.where.values():
            await self.line.quietly("POST", f"bridges/{room}", type="mixing")  # perhaps it is there already
        await self.line.board.ari.request(
            "POST", f"bridges/{room}/addChannel", channel=",".join(sorted(legs))
        )
        self.where |= dict.fromkeys(legs, place)

    def forget(self, leg: str) -> None:
        """This leg has ended by itself."""
        self.where.pop(leg, None)

    async def part(self) -> None:
        """The caller leaves the room; the agent's leg stays in it."""
        if self.bridged:
            await self._leave(self.line.caller)

    async def mute(self, leg: Leg, *, muted: bool) -> None:
        """Whether the caller hears the agent."""
        if muted != self.muted:
            method = "POST" if muted else "DELETE"
            await self.line.board.ari.request(method, f"channels/{in_path(leg.id)}/mute", direction="in")
            self.muted = muted

    async def press(self, keys: str) -> None:
        """The caller's side hears these keys."""
        if keys:
            await self.line.quietly(
                "POST", f"channels/{in_path(self.line.caller)}/dtmf",
                dtmf=keys, between=KEY_PAUSE_MS, duration=KEY_MS,
            )  # fmt: skip

    async def close(self) -> None:
        """The call is over."""
        if self.line.call_id is not None:
            for place in sorted(self._made):
                await self.line.quietly("DELETE", f"bridges/{self._name(place)}")
