"""What a browser may say to the exchange: SIP that begins in its own name, and of guests nothing but their one call.

The exchange asks for a password as well. This looks at each frame before it gets there (RFC 3261, RFC 7118).
"""

from __future__ import annotations

import re
from typing import Final

from civicline.channels.voice.asterisk.endpoints import TOWN, VIDEO
from civicline.channels.voice.tickets import GUEST, Ticket

IN_CALL: Final = frozenset({"INVITE", "ACK", "BYE", "CANCEL", "PRACK", "UPDATE", "INFO", "OPTIONS"})
AT_DESKS: Final = IN_CALL | {"REGISTER", "REFER", "NOTIFY"}
MOST_CALLS: Final = 3
"""Of one guest on one ticket: a call that failed may be tried again."""
LONGEST_HEAD: Final = 8_192
REQUEST = re.compile(r"([A-Z]{3,12}) (sips?:[^ ]{1,512}) SIP/2\.0")
THE_TOWN = re.compile(rf"{TOWN}(-[a-z]{{2,3}})?|{VIDEO}-[a-z]{{2,3}}-[0-9a-f]{{24}}")
USER = re.compile(r"sips?:([^@;>\s]+)@", re.IGNORECASE)
SHORT: Final = {"f": "from", "t": "to", "i": "call-id"}


class Frames:
    """Looks at what one browser says, frame by frame."""

    def __init__(self, ticket: Ticket) -> None:
        self._guest = ticket.kind == GUEST
        self._user = ticket.user
        self._calls: set[str] = set()

    def allows(self, frame: str) -> bool:
        """Whether this frame may go to the exchange."""
        if not frame.strip("\r\n\x00"):
            return True  # it only keeps the connection open (RFC 5626)
        head = frame[:LONGEST_HEAD].partition("\r\n\r\n")[0]
        first, *lines = head.split("\r\n")
        if first.startswith("SIP/2.0 "):
            return True  # an answer to what the exchange itself asked
        request = REQUEST.fullmatch(first)
        headers = _read(lines)
        if request is None or headers is None:
            return False
        if request[1] not in (IN_CALL if self._guest else AT_DESKS):
            return False
        if "tag=" in headers["to"]:
            return True  # inside a call that was begun before these eyes, or by the exchange
        return _user_of(headers["from"]) == self._user and self._may_begin(request, headers["call-id"])

    def _may_begin(self, request: re.Match[str], call: str) -> bool:
        """Guests call the town, and not for ever anew."""
        if not self._guest:
            return True
        wanted = USER.match(request[2])
        if wanted is None or not THE_TOWN.fullmatch(wanted[1]):
            return False
        self._calls.add(call)
        return len(self._calls) <= MOST_CALLS


def _read(lines: list[str]) -> dict[str, str] | None:
    """From, To and Call-ID, each exactly once; None for anything else, which no browser's telephone sends."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key = name.strip().lower()
        key = SHORT.get(key, key)
        if line[:1] in (" ", "\t") or key in found:
            return None
        if key in SHORT.values():
            found[key] = value.strip()
    return found if len(found) == len(SHORT) else None


def _user_of(address: str) -> str:
    """The user of a header's address; a name shown before it may say anything."""
    found = USER.match(address.rpartition("<")[2])
    return found[1] if found else ""
