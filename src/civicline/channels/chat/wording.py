"""What people wrote, made safe to show. The stored text stays as it came."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Embeddings and overrides turn round what follows them ("fdp.exe" shows as "exe.pdf"). Isolates are harmless once
# they are closed, and right-to-left writers use them. Unicode Standard Annex #9, section 2; Unicode TR 36, 3.2.
_OVERRIDES: Final = re.compile("[\u202a-\u202e]")
_OPENS, _CLOSES = "\u2066\u2067\u2068", "\u2069"
CLOSED_BY_RESIDENT: Final = "resident_left"


def shown(text: str) -> str:
    """Return `text` as it is shown: no control signs, no direction overrides, every isolate closed."""
    text = _OVERRIDES.sub("", _CONTROLS.sub("\ufffd", text))
    lines = [_closed(line) for line in text.split("\n")]
    return "\n".join(lines)


def _closed(line: str) -> str:
    """An isolate reaches to the end of its paragraph at most; close what a line leaves open."""
    still_open = 0
    for sign in line:
        if sign in _OPENS:
            still_open += 1
        elif sign == _CLOSES and still_open:
            still_open -= 1
    return line + _CLOSES * still_open


def given_name(name: str) -> str:
    """Return what residents read of a member of staff: the first part of the name, as the body's own letters do."""
    return shown(name).split()[0] if name.split() else gettext("A colleague")


def system_words(code: str) -> str:
    """Return the sentence for a message of the system; an empty text for one that residents need not see."""
    return {
        "agent_lost": gettext(
            "We lost the connection to our colleague. Your place is kept: the next free colleague reads the chat first."
        ),
        CLOSED_BY_RESIDENT: gettext("You ended the chat."),
        "left_as_message": gettext("You left this as a message. We answer in writing; you need not wait."),
    }.get(code, "")
