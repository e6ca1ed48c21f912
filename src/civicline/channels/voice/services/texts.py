"""Texts that came over a line (SIP MESSAGE) become contacts, or go on in the conversation that is open already.

The exchange writes each text into its spool, whether we are there or not: the line it came by, who it is from, whom it
is to and the words, each in a file of its own; and, once they are whole, `<name>.done`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings

from civicline.channels.voice.adapter import TextAdapter, shown
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.intake.ports import BadInbound
from civicline.kernel.db import writes

LOG = structlog.get_logger(__name__)
ADAPTER: Final = TextAdapter()
LARGEST: Final = 65_536
PARTS: Final = ("line", "from", "to", "words")
ADDRESS: Final = re.compile(r"sips?:(?P<user>[^@;>\s]{1,80})(@|>|;|$)|^tel:(?P<number>[^;>\s]{1,80})")


@dataclass(frozen=True, slots=True)
class Text:
    """One text as the exchange wrote it down."""

    name: str
    trunk: str
    sender: str
    called: str
    words: str


def take_texts(*, folder: Path) -> int:
    """Take in every text that is whole; return how many. Harmless when interrupted: the next look goes on."""
    taken = 0
    for mark in sorted(folder.glob("*.done")):
        text = _read(mark)
        if text is not None:
            _receive(text=text)
            taken += 1
        for part in PARTS:
            mark.with_suffix(f".{part}").unlink(missing_ok=True)
        mark.unlink()
    return taken


def _read(mark: Path) -> Text | None:
    """A text; None for one without words or sender, which nobody could answer."""
    trunk, sender, called, words = (_part(mark.with_suffix(f".{part}")) for part in PARTS)
    found = Text(mark.stem, trunk, _user(sender), _user(called), words)
    if not (found.sender and found.words):
        LOG.info("text.empty", name=mark.stem)
        return None
    return found


def _part(file: Path) -> str:
    if not file.exists():
        return ""
    return file.read_bytes()[:LARGEST].decode("utf-8", "replace").replace("\x00", "").strip()


def _user(address: str) -> str:
    found = ADDRESS.search(address)
    return shown((found["user"] or found["number"] or "").split(";")[0]) if found else ""


@writes
def _receive(*, text: Text) -> None:
    """Into the open conversation with this number, or a new one."""
    services = dict(one.partition("=")[::2] for one in settings.CIVICLINE.voice_numbers)
    wanted = services.get(text.called) or services.get(f"+{text.called}") or None
    service = wanted if wanted and intake_selectors.get_service(wanted) is not None else None
    known = intake_selectors.find_open(ADAPTER.code, text.sender)
    if known is not None:
        intake.add_message(
            contact_id=known.pk, direction="in", body=text.words, client_key=f"text:{text.name}"[:64]
        )
        return
    raw = {
        "key": text.name, "number": text.sender, "called": text.called, "text": text.words, "trunk": text.trunk,
        "service_code": service,
    }  # fmt: skip
    try:
        intake.receive(inbound=ADAPTER.parse(raw))
    except BadInbound as fault:
        LOG.info("text.refused", name=text.name, code=fault.code)
