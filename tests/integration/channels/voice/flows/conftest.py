"""The small town with a telephone menu."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from civicline.channels.voice.flows import services
from civicline.channels.voice.flows.models import CallFlow
from civicline.engine.callflow import Flow, Node, flow_as_plain, nodes
from tests.town import Town

MENU: dict[str, Node] = {
    "hours": nodes.Hours("always", open="menu", closed="message", tell=True),
    "menu": nodes.AskDigit(
        "menu", (nodes.Choice("1", "line", "benefits"), nodes.Choice("2", "case")), "line", "line"
    ),
    "case": nodes.IdentifyCase(found="status", not_found="line"),
    "status": nodes.ReadStatus("line"),
    "line": nodes.Queue("benefits", full="message"),
    "message": nodes.Voicemail("benefits", "bye"),
    "bye": nodes.HangUp(),
}
FLOW = Flow("hours", MENU, ("en", "ar"), "line")


@pytest.fixture
def menu(town: Town) -> CallFlow:
    """A menu that may be published: a draft in English and Arabic."""
    services.save_prompt(key="menu", texts={"en": "For benefits press 1.", "ar": "للإعانات اضغط 1."})
    services.save_flow(code="main", name={"en": "Main"}, main=True)
    return services.replace_draft(code="main", plain=flow_as_plain(FLOW))


@pytest.fixture
def var(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own for sounds."""
    from dataclasses import replace

    settings.CIVICLINE = replace(settings.CIVICLINE, var=tmp_path)
    yield tmp_path


Tone = Callable[..., bytes]


@pytest.fixture
def tone() -> Tone:
    """A WAV of so many seconds; `loud` from 0 to 1."""
    import io
    import math
    import wave
    from array import array

    def made(seconds: float = 1.0, *, loud: float = 0.5, rate: int = 44_100, channels: int = 2) -> bytes:
        count = int(seconds * rate)
        values = array(
            "h",
            (int(32_000 * loud * math.sin(n * 0.06)) for n in range(count) for _ in range(channels)),
        )
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(values.tobytes())
        return out.getvalue()

    return made
