"""Keys that the caller presses in a talk: the agent sees them as they come, for as long as the talk lasts.

While payment data is given only that one was pressed is known, here and in the log: which one is kept nowhere.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from civicline.channels.voice.models import Call
from civicline.channels.voice.recordings import selectors as recordings
from civicline.channels.voice.services.recordings import note_key
from civicline.kernel import bus, rows
from civicline.kernel.db import writes

HIDDEN: Final = "•"
MOST_SHOWN: Final = 32
TALKS: Final = ("talking", "held")


@writes
def caller_pressed(*, call_id: UUID, digit: str, marked: bool = True) -> None:
    """The caller pressed a key while somebody is with them. `marked`: it is a marker of the recording as well."""
    call = rows.one(Call, where={"id": call_id})
    if call is None or call.state not in TALKS:
        return
    shown = HIDDEN if call.paying or recordings.is_silent(call_id) else digit[:1]
    rows.change(Call, where={"id": call_id}, to={"pressed": (call.pressed + shown)[-MOST_SHOWN:]})
    if marked:
        note_key(call_id=call_id, digit=digit)
    bus.publish(f"contact:{call.contact_id}", {"kind": "call", "id": str(call.contact_id)})
