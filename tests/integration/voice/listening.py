"""Listens to what was recorded, as who may hear it would."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

import numpy as np

from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, Exchange
from tests.servers import wait_until
from tests.sip_phone import RATE, Samples, SipPhone, loudness


def kept(house: Exchange, contact: str) -> dict[str, Any]:
    """The last recording of a contact, once it is kept and no plain file of it is left."""

    def there() -> dict[str, Any] | None:
        found = house.do("recordings", contact=contact)
        return dict(found[-1]) if found and found[-1]["state"] == "kept" else None

    found = wait_until(there, seconds=25, what="the recording is kept")
    assert found is not None
    plain = house.var / "voice/spool/recording" / f"{found['name']}.wav"
    wait_until(lambda: not plain.exists(), what="the plain file is gone")
    return found


def recorded(house: Exchange, contact: str) -> Samples:
    """Its samples."""
    with wave.open(io.BytesIO(base64.b64decode(kept(house, contact)["sound"]))) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int64)


def heard_at(samples: Samples, hertz: float, least: float = 1_000) -> list[bool]:
    """For each half second, whether this tone is in it."""
    step = RATE // 2
    return [loudness(samples[at : at + step], hertz) >= least for at in range(0, len(samples) - step, step)]


def talking(house: Exchange, caller: SipPhone, desk: SipPhone) -> dict[str, str]:
    """A call in which both hear each other."""
    caller.call(NUMBER, house.address)
    call = house.reaches("talking", seconds=25)
    wait_until(lambda: caller.hears(AGENT_TONE) and desk.hears(CALLER_TONE), what="both hear each other")
    return call


def spoken(desk: SipPhone, seconds: float) -> None:
    """Until the desk has heard so much more."""
    desk.deaf()
    wait_until(lambda: len(desk.sound(seconds)) >= 8_000 * seconds, what="they go on speaking")


def asked(house: Exchange, caller: SipPhone) -> bool:
    """Whether a call waits for an answer; rules are looked up anew every three seconds, so it may take two calls."""
    if caller.state in ("idle", "over"):
        caller.call(NUMBER, house.address)
    now = house.call()
    if now.get("state") == "ivr" and caller.state == "talking":
        return True
    if now.get("state") in ("talking", "queued", "offered"):
        caller.hang_up()
    return False
