"""What a browser needs to be a telephone: a ticket for the door, a name and a secret of short life, and ICE servers.

Nothing of it is stored or logged: secrets follow from the installation's own and from the clock (`asterisk.turns`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import guest_lines, selectors, tickets
from civicline.channels.voice.asterisk import passwords, turns
from civicline.channels.voice.asterisk.endpoints import REALM, TOWN, browser, guest, seen_guest
from civicline.kernel import clock
from civicline.kernel.errors import NotFound, Unavailable
from civicline.kernel.ids import new_id

if TYPE_CHECKING:
    from civicline.config.options import Configuration

DOOR: Final = "/live/telephone/"
RELAY_S: Final = 12 * 3_600
"""For how long a browser may use the relay."""


class LinesTaken(Unavailable):
    """Every line of guests is in use."""

    default_code = "guest-lines-taken"
    default_text = _(
        "All lines from this page are taken just now. Try again in some minutes, or use another way."
    )


class TelephoneOff(NotFound):
    """There is no exchange, or this way to it is closed."""

    default_code = "telephone-off"
    default_text = _("The telephone is not switched on here.")


@dataclass(frozen=True, slots=True)
class BrowserLine:
    """How a browser gets on the line. `lasts`: seconds for which `secret` is good; `dial`: what a guest calls."""

    ticket: str = field(repr=False)
    user: str
    secret: str = field(repr=False)
    lasts: int
    ice: tuple[dict[str, Any], ...] = field(repr=False)
    dial: str | None = None

    def as_plain(self) -> dict[str, Any]:
        """The answer to a browser that asked for a line."""
        return {
            "socket": f"{DOOR}{self.ticket}", "address": f"sip:{self.user}@{REALM}", "user": self.user,
            "secret": self.secret, "lasts": self.lasts, "ice": list(self.ice), "dial": self.dial,
        }  # fmt: skip


def agent_line(*, agent_id: UUID, conf: Configuration, again: str = "") -> BrowserLine:
    """A line for an agent's own browser. Raises `TelephoneOff`, and `NotFound` for somebody without a telephone.

    `again`: the ticket, or the address with it, that the same page had before its network was lost.
    """
    if conf.voice_mode == "off":
        raise TelephoneOff
    phone = selectors.phone_of(agent_id)
    if phone is None:
        raise NotFound(
            _("You have no telephone yet. Ask your administrator for an extension."), code="no-phone"
        )
    now, user = clock.now(), browser(phone.name)
    before = _before(again)
    known = before is not None and before.kind == tickets.AGENT and before.who == str(agent_id)
    holder = before.holder if before is not None and known else new_id().hex
    ticket = tickets.Ticket(tickets.AGENT, user, str(agent_id), holder, new_id().hex)
    turn, lasts = _turn(conf, now, turns.AGENT_S)
    secret = passwords.of(conf).of_browser(phone.name, turn)
    return BrowserLine(tickets.write(ticket), user, secret, lasts, ice_servers(conf, user, now))


def guest_line(
    *, conf: Configuration, language: str = "", again: str = "", seen: bool = False
) -> BrowserLine:
    """A line for a resident who calls from a page in this language. Raises `TelephoneOff`, `LinesTaken`.

    `again`: the ticket, or the address with it, of a guest whose network was lost: they get the same line.
    `seen`: they call with a picture.
    """
    if not conf.voice_guests:
        raise TelephoneOff
    holder, number = _line_of(again) or (new_id().hex, None)
    number = number or guest_lines.take(conf.voice_guest_lines, holder)
    if number is None:
        raise LinesTaken
    now, user = clock.now(), seen_guest(number) if seen else guest(number)
    turn, lasts = _turn(conf, now, turns.GUEST_S)
    return BrowserLine(
        tickets.write(tickets.Ticket(tickets.GUEST, user, "", holder, new_id().hex)), user,
        passwords.of(conf).of_guest(number, turn), lasts,
        ice_servers(conf, user, now), f"sip:{TOWN}{'-' if language else ''}{language}@{REALM}",
    )  # fmt: skip


def _before(again: str) -> tickets.Ticket | None:
    """The ticket that a page had before."""
    return tickets.read(again.removeprefix(DOOR), age=tickets.REMEMBERED_S) if again else None


def _line_of(again: str) -> tuple[str, int | None] | None:
    """Who had which line, when it is still theirs."""
    ticket = _before(again)
    if ticket is None or ticket.kind != tickets.GUEST:
        return None
    number = guest_lines.number_of(ticket)
    return (ticket.holder, number) if guest_lines.take_again(number, ticket.holder) else None


def _turn(conf: Configuration, now: datetime, length: int) -> tuple[int, int]:
    """The turn, and for how many seconds its password is good. That of an exchange which is not ours stays."""
    if conf.voice_mode != "embedded":
        return 0, length
    return turns.given(now, length), turns.lasts(now, length)


def ice_servers(conf: Configuration, user: str, now: datetime) -> tuple[dict[str, Any], ...]:
    """Servers that help a browser to be reached, as RTCPeerConnection wants them.

    With a shared secret the relay's name is the time at which it ends, and the password its HMAC-SHA1
    (draft-uberti-behave-turn-rest-00, as coturn has it).
    """
    found: list[dict[str, Any]] = [{"urls": [one]} for one in conf.voice_stun]
    if not conf.voice_turn:
        return tuple(found)
    name, password = conf.voice_turn_user, conf.voice_turn_password
    if conf.voice_turn_secret:
        name = f"{int(now.timestamp()) + RELAY_S}:{user}"
        made = hmac.new(conf.voice_turn_secret.encode(), name.encode(), hashlib.sha1).digest()
        password = base64.b64encode(made).decode()
    return (*found, {"urls": list(conf.voice_turn), "username": name, "credential": password})
