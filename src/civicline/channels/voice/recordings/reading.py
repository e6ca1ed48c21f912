"""Opens the sound of a recording, for whoever may hear it: who that is, is asked before."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.models import Recording
from civicline.channels.voice.recordings import keys
from civicline.channels.voice.recordings.files import path_of
from civicline.channels.voice.recordings.vault import Damaged, Stored
from civicline.kernel.errors import NotFound, Unavailable


def opened(recording: Recording) -> Stored:
    """The encrypted file, opened. Raises `NotFound`, `KeyMissing`, and `Unavailable` when it was changed or cut off."""
    if recording.state != Recording.State.KEPT:
        raise NotFound(_("The sound of this recording is not there."), code="recording-gone")
    try:
        return Stored(path_of(recording.pk), recording.pk, keys.keyring(settings.CIVICLINE))
    except FileNotFoundError:
        raise NotFound(_("The sound of this recording is not there."), code="recording-gone") from None
    except Damaged as fault:
        text = _("The file of this recording is damaged. Bring it back from a backup.")
        raise Unavailable(text, code="recording-damaged") from fault
