"""What Asterisk tells: the events that a call is made of, as typed values. Any other event is None.

Reference: https://docs.asterisk.org/latest_api/API_Documentation/Asterisk_REST_Interface/Asterisk_REST_Data_Models/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Channel:
    """One leg of a call. state: Down, Ring, Ringing, Up, ...; `number` and `name` as the other side gave them."""

    id: str
    name: str
    state: str
    number: str
    caller_name: str
    exten: str
    app: str = ""
    args: tuple[str, ...] = ()
    made_at: datetime | None = None

    @property
    def up(self) -> bool:
        """Whether somebody has answered."""
        return self.state == "Up"

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Channel:
        """From the Channel of ARI. Where it is in an app, its arguments stand in the dialplan's data."""
        caller, place = told.get("caller", {}), told.get("dialplan", {})
        app, _, rest = str(place.get("app_data", "")).partition(",")
        in_app = place.get("app_name") == "Stasis"
        return cls(
            id=str(told["id"]),
            name=str(told.get("name", "")),
            state=str(told.get("state", "")),
            number=str(caller.get("number", "")),
            caller_name=str(caller.get("name", "")),
            exten=str(place.get("exten", "")),
            app=app if in_app else "",
            args=tuple(rest.split(",")) if in_app and rest else (),
            made_at=_moment(told.get("creationtime")),
        )


def _moment(told: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(told))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Started:
    """A channel came into our hands: a caller, or a leg that we had called and that has answered."""

    channel: Channel
    args: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A channel is not in our hands any more: it hung up, or it went on in the dialplan."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class Changed:
    """A channel rings, or was answered."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A channel is gone. `cause`: Q.850."""

    channel: Channel
    cause: int
    reason: str


@dataclass(frozen=True, slots=True)
class Digit:
    """A key was pressed and let go."""

    channel: Channel
    digit: str


@dataclass(frozen=True, slots=True)
class PlaybackOver:
    """What was played has ended, or could not be played."""

    id: str
    failed: bool


@dataclass(frozen=True, slots=True)
class RecordingOver:
    """A recording is on disk, or could not be made."""

    name: str
    seconds: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another connection took our place: this one is not the active one any more."""


Event = Started | Left | Changed | Destroyed | Digit | PlaybackOver | RecordingOver | Replaced


def _channel(told: Mapping[str, Any]) -> Channel:
    return Channel.read(told["channel"])


def _recording(told: Mapping[str, Any], *, failed: bool) -> RecordingOver:
    row = told["recording"]
    return RecordingOver(str(row["name"]), int(row.get("duration", 0)), failed)


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Event]] = {
    "StasisStart": lambda told: Started(_channel(told), tuple(map(str, told.get("args", ())))),
    "StasisEnd": lambda told: Left(_channel(told)),
    "ChannelStateChange": lambda told: Changed(_channel(told)),
    "ChannelDestroyed": lambda told: Destroyed(
        _channel(told), int(told.get("cause", 0)), str(told.get("cause_txt", ""))
    ),
    "ChannelDtmfReceived": lambda told: Digit(_channel(told), str(told["digit"])),
    "PlaybackFinished": lambda told: PlaybackOver(
        str(told["playback"]["id"]), told["playback"].get("state") == "failed"
    ),
    "RecordingFinished": lambda told: _recording(told, failed=False),
    "RecordingFailed": lambda told: _recording(told, failed=True),
    "ApplicationReplaced": lambda _told: Replaced(),
}

TYPES: Sequence[str] = (*_KINDS, "RESTResponse")
"""What is understood here; the answers to requests come as events do."""


def event(told: Mapping[str, Any]) -> Event | None:
    """The event that was told; None for those that nobody here asks for."""
    read = _KINDS.get(str(told.get("type", "")))
    return None if read is None else read(told)
