"""The threads of the telephone in a process: the role, and the Asterisk when it is our own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from civicline.channels.voice.ari.client import Address
from civicline.channels.voice.asterisk import passwords
from civicline.channels.voice.asterisk.configuration import APP

if TYPE_CHECKING:
    from civicline.config.options import Configuration

Run = Callable[[threading.Event], None]


def threads(conf: Configuration) -> list[tuple[str, Run]]:
    """What runs beside the pages; nothing, and nothing of it is even loaded, while there is no telephone."""
    if conf.voice_mode == "off":
        return []
    from civicline.channels.voice.control.role import VoiceRole

    found: list[tuple[str, Run]] = [("voice", VoiceRole(conf, address(conf)).run)]
    if conf.voice_mode == "embedded":
        from civicline.channels.voice import selectors
        from civicline.channels.voice.asterisk.process import EmbeddedAsterisk

        found.append(("asterisk", EmbeddedAsterisk(conf, selectors.list_phones).run))
    return found


def address(conf: Configuration) -> Address:
    """Where ARI is and who we are there."""
    if conf.voice_mode == "external":
        return Address(conf.voice_ari_url, conf.voice_ari_user, conf.voice_ari_password, APP)
    secret = passwords.of(conf)
    return Address(f"http://127.0.0.1:{conf.voice_ari_port}", conf.voice_ari_user, secret.ari, APP)
