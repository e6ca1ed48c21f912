"""Where the people of a call hear each other: the room in the exchange, its recording, and the music outside of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from civicline.channels.voice import services
from civicline.channels.voice.ari.client import AriRefused, in_path
from civicline.channels.voice.control import names
from civicline.channels.voice.control.leg import Leg

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line

LONGEST_RECORDING_S = 14_400


class Room:
    """The room of one call. What it knows of the exchange is what it did there itself, or found after a crash."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.bridged = False
        self.music = False
        self.muted = False

    async def play_music(self) -> None:
        """Music while they wait; begun once."""
        if not self.music:
            self.music = True
            await self.line.board.ari.request("POST", f"channels/{in_path(self.line.caller)}/moh")

    async def stop_music(self) -> None:
        """Silence before somebody speaks."""
        if self.music:
            self.music = False
            await self.line.board.ari.request("DELETE", f"channels/{in_path(self.line.caller)}/moh")

    async def join(self, leg: Leg) -> None:
        """Caller and agent hear each other."""
        if self.bridged or self.line.call_id is None:
            return
        room = names.bridge(self.line.call_id)
        await self.stop_music()
        await self.line.quietly("POST", f"bridges/{room}", type="mixing")  # after a hold it is there already
        await self.line.board.ari.request(
            "POST", f"bridges/{room}/addChannel", channel=f"{self.line.caller},{leg.id}"
        )
        self.bridged = True
        if self.line.board.records:
            await self._record(room)

    async def _record(self, room: str) -> None:
        """From the first word to the last; a held caller is not in the room and not in the recording."""
        if self.line.call_id is None:
            return
        name = names.recording(self.line.call_id, 1)
        try:
            await self.line.board.ari.request(
                "POST", f"bridges/{room}/record", name=name, format="wav", ifExists="append",
                maxDurationSeconds=LONGEST_RECORDING_S,
            )  # fmt: skip
        except AriRefused as refused:
            if refused.status != 409:  # it records already
                raise
            return
        await self.line.board.rows(services.recording_started, call_id=self.line.call_id, name=name)

    async def part(self) -> None:
        """The caller leaves the room; the agent's leg stays in it."""
        if self.bridged and self.line.call_id is not None:
            self.bridged = False
            room = names.bridge(self.line.call_id)
            await self.line.quietly("POST", f"bridges/{room}/removeChannel", channel=self.line.caller)

    async def mute(self, leg: Leg, *, muted: bool) -> None:
        """Whether the caller hears the agent."""
        if muted != self.muted:
            method = "POST" if muted else "DELETE"
            await self.line.board.ari.request(method, f"channels/{in_path(leg.id)}/mute", direction="in")
            self.muted = muted

    async def close(self) -> None:
        """The call is over."""
        if self.line.call_id is not None:
            await self.line.quietly("DELETE", f"bridges/{names.bridge(self.line.call_id)}")
