"""The recording of one call in the exchange: begun with the first word where the rule says so, silent while payment
data is given, and begun again under a new name when it had ended before the call.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from civicline.channels.voice import services
from civicline.channels.voice.ari.client import AriRefused, in_path
from civicline.channels.voice.control import names
from civicline.channels.voice.recordings import rules, selectors
from civicline.kernel import clock

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line

LONGEST_S: Final = 14_400
MOST_KEYS: Final = 40
MOST_SHOWN: Final = 200


class Recorder:
    """What is known of the recording: its name, and whether silence is recorded (None after a crash: not known)."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._name = ""
        self._silent: bool | None = None
        self._asked = False
        self._keys = 0

    async def begin(self) -> None:
        """Caller and agent are together. Whether it is recorded is asked each time: another line has another rule."""
        call_id = self.line.call_id
        if call_id is None:
            return
        self._asked = True
        plan = await self.line.sure(rules.plan_of, call_id)
        if plan is None:
            await self.end()
            return
        begun: datetime | None = None
        try:
            # A held caller is not in the room, and so not in the recording.
            await self.line.board.ari.request(
                "POST", f"bridges/{names.bridge(call_id)}/record", name=plan.name, format="wav", ifExists="append",
                maxDurationSeconds=LONGEST_S,
            )  # fmt: skip
        except AriRefused as refused:
            if refused.status != 409:  # it records already
                raise
        else:
            self._silent, begun = False, clock.now()
        # The moment goes with it: a database that is away for a while would move all markers.
        await self.line.sure(
            services.recording_started, call_id=call_id, name=plan.name, basis=plan.basis, at=begun
        )
        self._name = plan.name

    async def follow(self) -> None:
        """In a talk: whether silence is to be recorded just now; and after a crash, whether anything is."""
        if self.line.call_id is None:
            return
        if self.line.room.bridged and not self._asked:
            await self.begin()
        if not self._name:
            return
        silent = await self.line.board.rows(selectors.is_silent, self.line.call_id)
        if silent != self._silent:
            await self.line.quietly(
                "POST" if silent else "DELETE", f"recordings/live/{in_path(self._name)}/mute"
            )
            self._silent = silent

    async def key(self, digit: str) -> None:
        """The caller pressed a key in the talk: shown to the agent, and a marker where it is recorded; neither more
        often than anybody would look at.
        """
        self._keys += 1
        if self.line.call_id is not None and self._keys <= MOST_SHOWN:
            marked = bool(self._name) and self._keys <= MOST_KEYS
            await self.line.board.rows(
                services.caller_pressed, call_id=self.line.call_id, digit=digit, marked=marked
            )

    async def end(self) -> None:
        """Nothing more is recorded."""
        if self._name:
            await self.line.quietly("POST", f"recordings/live/{in_path(self._name)}/stop")
            self._name = ""
