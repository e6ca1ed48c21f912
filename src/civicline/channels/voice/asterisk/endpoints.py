"""Who may speak to the exchange: trunks, telephones at desks, browsers of the same people, guests."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from civicline.channels.voice.asterisk.passwords import Passwords

if TYPE_CHECKING:
    from civicline.config.trunk_kind import Trunk

REALM: Final = "civicline.invalid"
"""What the exchange calls itself before browsers. A name that is nobody's: only our own door leads to it."""
TOWN: Final = "town"
"""The one thing that guests can dial, with a language behind it or without: town, town-ar."""
VIDEO: Final = "video"
"""What guests dial for a call with a picture, with the language of the page and the mark of their visit behind it."""
BROWSER: Final = "browser"
HOST: Final = re.compile(r".*@(\[[^\]]*\]|[^:;]*).*")
"""Host of a SIP address."""


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """One person's telephone. `address`: where a desk phone stands that does not sign in; kind: browser or sip."""

    name: str
    kind: str
    address: str = ""

    @property
    def endpoint(self) -> str:
        """Asterisk's name for the telephone that this person chose to be rung on."""
        return browser(self.name) if self.kind == BROWSER else endpoint(self.name)


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns whose passwords are taken now, of the browsers at the desks and of guests (see `turns`)."""

    agents: tuple[int, ...] = (0,)
    guests: tuple[int, ...] = (0,)


def endpoint(name: str) -> str:
    """Asterisk's name for the desk phone of this extension."""
    return f"agent-{name}"


def browser(name: str) -> str:
    """Asterisk's name for the telephone in the browser of this extension's owner."""
    return f"browser-{name}"


def guest(number: int) -> str:
    """Asterisk's name for one of the lines of guests, from 1."""
    return f"guest-{number}"


def seen_guest(number: int) -> str:
    """Asterisk's name for the same line when it is called with a picture."""
    return f"seen-{number}"


def is_guests(channel: str) -> bool:
    """Whether a channel of this name is a call from the page for residents, who have no number there."""
    return channel.startswith(("PJSIP/guest-", "PJSIP/seen-"))


def trunk_text(trunk: Trunk) -> str:
    """One line to the network: who it is, where it is called, and where its calls come from."""
    name = f"trunk-{trunk.id}"
    lines = [
        f"[{name}]", "type = endpoint", "context = from-trunk", "disallow = all", "allow = g722,alaw,ulaw",
        "direct_media = no", "dtmf_mode = auto", "rtp_symmetric = yes", "force_rport = yes", f"aors = {name}",
        # Only by where it comes from: whoever calls themselves trunk-x would be believed whose number calls.
        f"message_context = texts-{trunk.id}", "trust_id_inbound = yes", "identify_by = ip",
        *([f"outbound_auth = {name}", f"from_user = {trunk.user}"] if trunk.user else []),
        "", f"[{name}]", "type = aor", f"contact = sip:{trunk.host}", "qualify_frequency = 30",
        "", f"[{name}-calls]", "type = identify", f"endpoint = {name}",
        *(f"match = {one}" for one in (trunk.source or (trunk.host.split(":")[0],))),
    ]  # fmt: skip
    if trunk.user:
        lines += [
            "", f"[{name}]", "type = auth", "auth_type = userpass", f"username = {trunk.user}",
            f"password = {trunk.password}",
            "", f"[{name}-sign-in]", "type = registration", f"outbound_auth = {name}", "retry_interval = 30",
            f"server_uri = sip:{trunk.host}", f"client_uri = sip:{trunk.user}@{trunk.host}",
        ]  # fmt: skip
    return "\n".join([*lines, ""])


def phone_text(phone: PhoneLine, passwords: Passwords, turns: Turns) -> str:
    """Both telephones of one person: which of them is rung is their choice, and changes nothing here."""
    return "\n".join([*_desk_phone(phone, passwords), *_in_browser(phone.name, passwords, turns)])


def _desk_phone(phone: PhoneLine, passwords: Passwords) -> list[str]:
    name = endpoint(phone.name)
    lines = [f"[{name}](desk-phone)", f"aors = {name}"]
    if phone.address:
        return [
            *lines,
            *_only_from(phone.address),
            "",
            f"[{name}]",
            "type = aor",
            f"contact = {phone.address}",
            "",
        ]
    return [
        *lines, f"auth = {name}", "", f"[{name}]", "type = aor", "max_contacts = 2", "remove_existing = yes", "",
        *_auth(name, name, passwords.of_phone(phone.name)),
    ]  # fmt: skip


def _only_from(address: str) -> list[str]:
    """A telephone without a password is known by its name, and may begin a call only from where it stands."""
    host = HOST.sub(r"\1", address).strip("[]")
    try:
        found = sorted({str(one[4][0]) for one in socket.getaddrinfo(host, None)})
    except OSError:  # a name that nobody knows: it is not rung either
        found = []
    return ["deny = 0.0.0.0/0", "deny = ::/0", *(f"permit = {one}" for one in found)]


def _in_browser(phone: str, passwords: Passwords, turns: Turns) -> list[str]:
    name = browser(phone)
    auths = [f"{name}-{turn}" for turn in turns.agents]
    return [
        f"[{name}](browser)", f"aors = {name}", f"auth = {','.join(auths)}", "",
        # One place: whoever opens their desk a second time is rung there.
        f"[{name}]", "type = aor", "max_contacts = 1", "remove_existing = yes", "",
        *(
            line
            for turn, auth in zip(turns.agents, auths, strict=True)
            for line in _auth(auth, name, passwords.of_browser(phone, turn))
        ),
    ]  # fmt: skip


def guest_text(number: int, passwords: Passwords, turns: Turns) -> str:
    """One line of guests, without and with a picture: it has no address, so nobody can be called at it."""
    lines = []
    for kind, name in (("guest", guest(number)), ("seen", seen_guest(number))):
        auths = [f"{name}-{turn}" for turn in turns.guests]
        lines += [f"[{name}]({kind})", f"auth = {','.join(auths)}", ""]
        for turn, auth in zip(turns.guests, auths, strict=True):
            lines += _auth(auth, name, passwords.of_guest(number, turn))
    return "\n".join(lines)


def _auth(section: str, user: str, password: str) -> list[str]:
    return [f"[{section}]", "type = auth", "auth_type = userpass", f"realm = {REALM}", f"username = {user}",
            f"password = {password}", ""]  # fmt: skip
