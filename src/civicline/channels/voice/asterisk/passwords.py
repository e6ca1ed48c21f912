"""The passwords of one installation's Asterisk: made once, kept in the var folder for this account alone."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from civicline.config.options import Configuration

ENOUGH = 32


@dataclass(frozen=True, slots=True)
class Passwords:
    """`ari`: what Civicline shows to ARI. Those of telephones follow from `seed`, so none has to be stored."""

    ari: str
    seed: str

    def of_phone(self, name: str) -> str:
        """What the telephone of this name signs in with (128 bits)."""
        return self._of(f"phone:{name}")

    def of_browser(self, name: str, turn: int) -> str:
        """What the browser of this telephone's owner signs in with during a turn (see `turns`)."""
        return self._of(f"browser:{name}:{turn}")

    def of_guest(self, number: int, turn: int) -> str:
        """What a guest on the line of this number signs in with during a turn."""
        return self._of(f"guest:{number}:{turn}")

    def _of(self, whom: str) -> str:
        return hmac.new(self.seed.encode(), whom.encode(), hashlib.sha256).hexdigest()[:ENOUGH]


def of(conf: Configuration) -> Passwords:
    """The passwords of this installation: by its settings, or else those kept in its folder."""
    if conf.voice_secret:
        return _from(conf.voice_secret, conf.voice_ari_password)
    return kept(conf.voice_folder, ari=conf.voice_ari_password)


def kept(folder: Path, *, ari: str = "") -> Passwords:
    """The passwords kept in this folder (mode 0600), made when there are none. `ari`: the one set by hand."""
    file = folder / "secret"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".secret.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(ENOUGH))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return _from(file.read_text("utf-8").strip(), ari)


def _from(seed: str, ari: str) -> Passwords:
    made = hmac.new(seed.encode(), b"ari", hashlib.sha256).hexdigest()[:ENOUGH]
    return Passwords(ari=ari or made, seed=seed)
