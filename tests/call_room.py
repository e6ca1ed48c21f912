"""A room for calls with browsers: a network of its own, Civicline with its Asterisk, desk phones, and a real Chromium.

with call_room(folder, browser, desks=2) as room:
    page = room.page()
    ...
    wait_until(lambda: room.loudness(page) > 0.01, what="the browser hears somebody")
"""

from __future__ import annotations

import os
import threading
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import CHROMIUM, CHROMIUM_OPTIONS
from tests.exchange import AGENT_TONE, NUMBER, SECOND_TONE, Exchange
from tests.own_network import own_network
from tests.servers import Redis
from tests.sip_phone import SipPhone

BROWSER_TONE = 550.0
"""What a browser says into its microphone."""
PATIENT = 60
"""Seconds for which the menu waits for a key: on a slow machine they come late, and no call may end of that."""
RATE = 48_000
EARS_AND_VOICE = """
(() => {
  const Own = window.RTCPeerConnection;
  window.testConnections = [];
  window.RTCPeerConnection = class extends Own {
    constructor(...given) { super(...given); window.testConnections.push(this); }
  };
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const open = devices.getUserMedia.bind(devices);
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  devices.getUserMedia = (wanted) =>
    open({ ...wanted, audio: wanted.audio ? { ...wanted.audio, ...plain } : false });
})();
"""
"""Connections can be looked at; and a steady tone is not taken for noise, which a browser would make silent."""
HEARD = """
async () => {
  let energy = 0, seconds = 0, packets = 0;
  for (const one of window.testConnections) {
    for (const row of (await one.getStats()).values()) {
      if (row.type !== "inbound-rtp" || row.kind !== "audio") continue;
      energy += row.totalAudioEnergy || 0;
      seconds += row.totalSamplesDuration || 0;
      packets += row.packetsReceived || 0;
    }
  }
  return [energy, seconds, packets];
}
"""


@dataclass
class CallRoom:
    """What is in the room. `desks`: desk phones, the last one of the second line; `launch`: one more Chromium."""

    house: Exchange
    desks: list[SipPhone]
    launch: Callable[[], Any]
    chromium: Any
    _heard: dict[int, tuple[float, float]] = field(default_factory=dict)
    _contexts: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the pages are."""
        return self.house.servers[0].url

    def page(self, **options: Any) -> Any:
        """A page of a person of their own, whose connections for sound can be looked at.

        `chromium`: another one than that of the room.
        """
        options = {"base_url": self.url, "locale": "en-GB", "reduced_motion": "reduce"} | options
        permissions = options.pop("permissions", ["microphone"])
        chromium = options.pop("chromium", self.chromium)
        context = chromium.new_context(permissions=permissions, **options)
        self._contexts.append(context)
        context.add_init_script(EARS_AND_VOICE)
        return context.new_page()

    def loudness(self, page: Any) -> float:
        """How loud the page heard the other side since it was last asked: root mean square, 1 is full scale.

        `totalAudioEnergy` is the sum of squared levels times seconds (W3C, Identifiers for WebRTC's Statistics API).
        """
        energy, seconds, _packets = page.evaluate(HEARD)
        before = self._heard.get(id(page), (0.0, 0.0))
        self._heard[id(page)] = (energy, seconds)
        passed = seconds - before[1]
        return float(((energy - before[0]) / passed) ** 0.5) if passed > 0 else 0.0

    def seconds_heard(self, page: Any) -> float:
        """How much sound has come to the page."""
        return float(page.evaluate(HEARD)[1])

    def empty(self) -> None:
        """Everybody leaves."""
        while self._contexts:
            self._contexts.pop().close()


@contextmanager
def call_room(
    folder: Path, browser: Any, *, desks: int = 2, options: dict[str, str] | None = None, **town: Any
) -> Iterator[CallRoom]:
    """Furnish it; takes about ten seconds. Raises `NoNetwork` where no network of one's own is allowed.

    `browser`: the one of the session. It stays outside; only its maker is asked for another one, inside.
    """
    with ExitStack() as stack:
        address = stack.enter_context(own_network())
        redis = Redis.start()
        stack.callback(redis.stop)
        phones = [
            SipPhone("127.0.0.3", _tone_of(number, desks), name=f"desk-{number}") for number in range(desks)
        ]
        for phone in phones:
            stack.callback(phone.close)
        house = Exchange(
            folder / "var", redis=redis.url,
            options={
                "CIVICLINE_VOICE_ICE_CANDIDATES": f"{address}=127.0.0.1", "CIVICLINE_VOICE_GUEST_NUMBER": NUMBER,
                "CIVICLINE_TOWN_PHONE": "+44 20 7946 0999", **(options or {}),
            },
        )  # fmt: skip
        stack.callback(house.stop)
        house.agents = house.start(
            agents=desks, ports=[phone.port for phone in phones], menu_number=NUMBER,
            menu_seconds=PATIENT, **town,
        )  # fmt: skip
        launch = partial(chromium_inside, browser.browser_type, folder)
        chromium = launch()
        stack.callback(chromium.close)
        room = CallRoom(house, phones, launch, chromium)
        stack.callback(room.empty)
        yield room


def _tone_of(number: int, desks: int) -> float:
    return SECOND_TONE if desks > 1 and number == desks - 1 else AGENT_TONE


def chromium_inside(kind: Any, folder: Path) -> Any:
    """A Chromium in the network of this thread, with a camera and a microphone that are made up. `kind`: its maker."""
    return kind.launch(
        executable_path=_program_inside(folder / "chromium"),
        args=[
            *CHROMIUM_OPTIONS, "--allow-loopback-in-peer-connection", "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required",
            f"--use-file-for-fake-audio-capture={_tone(folder / 'voice.wav')}",
        ],
    )  # fmt: skip


def _program_inside(file: Path) -> Path:
    """A program that starts Chromium in the network of this thread, whoever starts it."""
    network = f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net"
    program = next(path for path in CHROMIUM if Path(path).exists())
    file.write_text(f'#!/bin/sh\nexec nsenter --net={network} -- {program} "$@"\n')
    file.chmod(0o755)
    return file


def _tone(file: Path) -> Path:
    """One second of a tone, which Chromium repeats for ever."""
    at = np.arange(RATE)
    samples = (9_000 * np.sin(2 * np.pi * BROWSER_TONE * at / RATE)).astype("<i2")
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())
    return file
