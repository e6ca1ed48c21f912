"""What happened in a call, at the seconds of its recording: taken from the event log, which nobody can change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from civicline.kernel import selectors as kernel
from civicline.people import selectors as people

if TYPE_CHECKING:
    from civicline.channels.voice.models import Recording

Data = Mapping[str, Any]
SLOWEST: Final = 0.9


@dataclass(frozen=True, slots=True)
class Marker:
    """`second` of the recording, nought for what was before it (`early`); `icon` and `words` for people."""

    second: float
    icon: str
    words: str
    early: bool


PLAIN: Final[Mapping[str, tuple[str, Promise]]] = {
    "call.arrived": ("phone", _("The call came")),
    "call.queued": ("list", _("Joined the line")),
    "call.phone_rang": ("bell", _("A telephone rang")),
    "call.phone_failed": ("attention", _("A telephone could not be reached")),
    "call.held": ("pause", _("On hold")),
    "call.resumed": ("sound", _("Back from hold")),
    "call.returned": ("list", _("Back in the line")),
    "contact.transferred": ("transfer", _("Passed on")),
    "call.recording_started": ("rec", _("The recording begins")),
    "call.recording_silenced": ("lock", _("Payment data: silence from here")),
    "call.recording_resumed": ("rec", _("Recorded again")),
    "call.hung_up": ("hangup", _("The call ends")),
    "call.ended": ("hangup", _("The call ends")),
}


def _talking(data: Data, names: Mapping[UUID, str]) -> tuple[str, str]:
    name = names.get(_agent(data) or UUID(int=0), "")
    return "headset", gettext("%(name)s answers") % {"name": name} if name else gettext("An agent answers")


def _consent(data: Data, _names: Mapping[UUID, str]) -> tuple[str, str]:
    if data.get("by") == "told":
        return "info", gettext("Told that the call is recorded")
    given = bool(data.get("given"))
    words = gettext("Agreed to be recorded") if given else gettext("Did not agree to be recorded")
    return ("ok" if given else "x"), words


def _muted(data: Data, _names: Mapping[UUID, str]) -> tuple[str, str]:
    return (
        ("micoff", gettext("The agent is muted"))
        if data.get("muted")
        else ("mic", gettext("The agent is heard again"))
    )


def _key(data: Data, _names: Mapping[UUID, str]) -> tuple[str, str]:
    # What was pressed while payment data was given was never written down.
    digit = str(data.get("digit", ""))
    return "keypad", gettext("Key %(digit)s") % {"digit": digit} if digit else gettext("A key, not shown")


TOLD: Final[Mapping[str, Callable[[Data, Mapping[UUID, str]], tuple[str, str]]]] = {
    "call.talking": _talking,
    "call.recording_consent": _consent,
    "call.muted": _muted,
    "call.key_pressed": _key,
}


def _agent(data: Data) -> UUID | None:
    try:
        return UUID(str(data.get("agent", "")))
    except ValueError:
        return None


def markers_of(recording: Recording) -> list[Marker]:
    """The markers of one recording, in their order. Two readings, however many there are."""
    all_of_it = kernel.events_of_contact(recording.contact_id)
    events = [one for one in all_of_it if one.name in PLAIN or one.name in TOLD]
    events.sort(key=lambda one: one.at)  # two processes may write at the same moment
    names = people.names_of({agent for one in events if (agent := _agent(one.data)) is not None})
    found: list[Marker] = []
    pace = _pace(recording)
    for one in events:
        second = (one.at - recording.started_at).total_seconds() * pace
        if second > recording.seconds + 2 and one.name not in ("call.hung_up", "call.ended"):
            continue
        icon, words = TOLD[one.name](one.data, names) if one.name in TOLD else _plain(one.name)
        place = round(min(max(second, 0.0), recording.seconds), 2)
        if found and found[-1].words == words and abs(place - found[-1].second) < 1:
            continue  # hung up, and so over: said once
        found.append(Marker(place, icon, words, second < -0.5))
    return found


def _pace(recording: Recording) -> float:
    """Seconds of sound to one on the wall's clock: an exchange under load writes a little less, evenly.

    Where much is missing nobody was in the room for a while; that is no matter of pace.
    """
    lasted = (recording.ended_at - recording.started_at).total_seconds() if recording.ended_at else 0.0
    pace = recording.seconds / lasted if lasted > 0 else 1.0
    return pace if SLOWEST <= pace < 1.0 else 1.0


def _plain(name: str) -> tuple[str, str]:
    icon, words = PLAIN[name]
    return icon, str(words)
