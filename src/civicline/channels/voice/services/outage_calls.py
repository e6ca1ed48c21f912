"""Calls that went to the exchange's own queue while Civicline was down: each is written down afterwards.

The exchange notes a call at its end (`[noted]` of extensions.conf): somebody served it, or the caller left. Who left a
message has a contact for that (`messages`). A talk that was recorded is the same contact as its recording.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from civicline.channels.voice.services.recordings_outage import ADAPTER, NAME, earlier
from civicline.intake import services as intake
from civicline.kernel.db import writes

LOG = structlog.get_logger(__name__)
SERVED, LEFT = "served", "left"
REASON: Final = "outage"


def take_outage_calls(*, folder: Path) -> int:
    """Write down every call that was noted; return how many. Harmless when interrupted: the next look goes on."""
    taken = 0
    for file in sorted(folder.glob("*.call")):
        named, outcome = NAME.fullmatch(file.stem), file.read_text(encoding="utf-8", errors="replace").strip()
        if named is not None and outcome in (SERVED, LEFT):
            _write_down(named=named, outcome=outcome)
            taken += 1
        file.unlink()
    return taken


@writes
def _write_down(*, named: re.Match[str], outcome: str) -> None:
    """The contact of a call, over since; one that is known by its recording stays as it is."""
    at = datetime.fromtimestamp(int(named["at"]), UTC)
    raw = {"channel": f"outage-{named['channel']}-{named['at']}", "number": named["number"]}
    contact = intake.receive(inbound=earlier(ADAPTER.parse(raw), at)).contact
    if contact.state != "received":
        return
    if outcome == SERVED:
        intake.close(contact_id=contact.id, disposition="solved", cause="", expect={"received"})
    else:
        intake.abandon(contact_id=contact.id, reason=REASON)
    LOG.info("outage.call_taken", contact_id=str(contact.id), outcome=outcome)
