"""Whether browsers can be telephones here: the address of our pages, the way of the sound, the servers that help."""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from civicline.channels.voice.asterisk.configuration import server_of
from civicline.channels.voice.findings import Finding

if TYPE_CHECKING:
    from civicline.config.options import Configuration

PATIENCE_S: Final = 1.5
STUN_PORT: Final = 3478
COOKIE: Final = 0x2112A442
BINDING, MAPPED = 0x0001, 0x0020
"""Binding request, and the attribute XOR-MAPPED-ADDRESS (RFC 8489)."""
NOWHERE: Final = "192.0.2.1"
"""An address of TEST-NET-1: asked for the way to it, nothing is sent."""


def judge_settings(conf: Configuration) -> Iterator[Finding]:
    """What can be told from the settings and this machine alone."""
    yield from _secure_page(conf)
    yield from _candidates(conf)
    yield from _way_in(conf)
    yield from _relay(conf)


def judge_servers(conf: Configuration) -> Iterator[Finding]:
    """What has to be asked of others: the exchange's own door, and the servers that help."""
    yield _door(conf)
    for url in (*conf.voice_stun, *conf.voice_turn):
        if not url.startswith(("stuns:", "turns:")) and not url.endswith("transport=tcp"):
            yield _server(conf, url)


def _secure_page(conf: Configuration) -> Iterator[Finding]:
    if conf.public_url and not conf.secure:
        yield Finding(
            "browsers", good=False, found="Browsers open the microphone only over https, and our pages are without.",
            remedy="Put a proxy with TLS before Civicline and set CIVICLINE_PUBLIC_URL to its https address.",
        )  # fmt: skip


def _candidates(conf: Configuration) -> Iterator[Finding]:
    for pair in conf.voice_ice_candidates:
        own = pair.partition("=")[0]
        if conf.voice_mode == "embedded" and not _is_here(own):
            yield Finding(
                "sound of browsers", good=False, found=f"voice.ice_candidates names {own}, no address of this machine.",
                remedy="Write this machine's own address first, then the one for browsers: 10.0.0.5=198.51.100.7.",
            )  # fmt: skip


def _way_in(conf: Configuration) -> Iterator[Finding]:
    """From where browsers reach the exchange's sound."""
    if conf.voice_mode != "embedded":
        return
    own = own_address()
    told = _told_to_browsers(conf, own)
    if conf.voice_public_address and told != conf.voice_public_address:
        yield Finding(
            "sound of browsers", good=False,
            found=f"voice.public_address stands for {conf.voice_sip_host}; browsers look for {own or 'another'}.",
            remedy=f'Add voice.ice_candidates = ["{own or "10.0.0.5"}={conf.voice_public_address}"].',
        )  # fmt: skip
    elif told is not None and _is_private(told) and not conf.voice_turn:
        name = f"{told}" if told == own else f"{told} instead of {own}"
        found = f"Browsers are told {name} as the way for their sound, so only those in the same network are heard."
        # A page for residents that none of them can be heard on is wrong; an office's own telephones are not.
        for_all = conf.voice_guests and bool(conf.public_url) and conf.secure
        yield Finding(
            "sound of browsers", good=not for_all, found=found,
            remedy="Set voice.public_address to this machine's address in the internet and let the sound's ports (UDP) "
            "through, or set up a relay (voice.turn); or close the page with voice.guest_lines = 0." if for_all else "",
        )  # fmt: skip
    elif told is not None:
        yield Finding("sound of browsers", good=True, found=f"Browsers send their sound to {told}.")


def _relay(conf: Configuration) -> Iterator[Finding]:
    if not conf.voice_turn:
        return
    if conf.voice_turn_secret:
        yield Finding("relay", good=True, found="Each browser gets a password of its own for the relay.")
    elif conf.voice_turn_user:
        yield Finding(
            "relay", good=False, found="Every visitor is given the one lasting password of the relay.",
            remedy="Set voice.turn_secret (coturn: static-auth-secret), and passwords end by themselves.",
        )  # fmt: skip
    else:
        yield Finding(
            "relay", good=False, found="voice.turn names a relay, but nothing to sign in with.",
            remedy="Set voice.turn_secret to the secret that the TURN server has.",
        )  # fmt: skip


def _door(conf: Configuration) -> Finding:
    try:
        asyncio.run(_knock(conf.voice_socket))
    except (OSError, WebSocketException, TimeoutError) as error:
        return Finding(
            "browsers", good=False,
            found=f"The exchange takes no telephones of browsers at {conf.voice_socket} ({type(error).__name__}).",
            remedy="It needs http.conf, a transport of protocol ws, and the modules res_http_websocket and "
            "res_pjsip_transport_websocket.",
        )  # fmt: skip
    return Finding("browsers", good=True, found="The exchange takes telephones of browsers.")


async def _knock(url: str) -> None:
    async with connect(
        url, subprotocols=[Subprotocol("sip")], open_timeout=PATIENCE_S, close_timeout=1, proxy=None
    ):
        return


def _server(conf: Configuration, url: str) -> Finding:
    kind = "relay" if url.startswith("turn") else "stun"
    seen = seen_from(server_of(url))
    if seen is None:
        return Finding(
            kind, good=False, found=f"{url} does not answer.",
            remedy="Correct its address, start it, and let UDP to it through the firewall.",
        )  # fmt: skip
    if conf.voice_public_address and not _is_private(seen) and seen != conf.voice_public_address:
        return Finding(
            kind, good=False, found=f"{url} sees this machine as {seen}, not as {conf.voice_public_address}.",
            remedy=f"Set voice.public_address to {seen}, unless the firewall uses another way out than in.",
        )  # fmt: skip
    return Finding(kind, good=True, found=f"{url} answers, and sees this machine as {seen}.")


def seen_from(server: str) -> str | None:
    """The address under which a STUN server (host, host:port) sees this machine; None when it does not answer."""
    host, _, port = server.partition(":")
    request = struct.pack(">HHI12s", BINDING, 0, COOKIE, secrets.token_bytes(12))
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.settimeout(PATIENCE_S)
            line.sendto(request, (host, int(port or STUN_PORT)))
            answer = line.recv(2_048)
    except OSError:
        return None
    return _mapped(answer) if answer[8:20] == request[8:20] else None


def _mapped(answer: bytes) -> str | None:
    at = 20
    while at + 4 <= len(answer):
        kind, length = struct.unpack_from(">HH", answer, at)
        if kind == MAPPED and length >= 8 and answer[at + 5] == 1:
            return str(IPv4Address(struct.unpack_from(">I", answer, at + 8)[0] ^ COOKIE))
        at += 4 + length + -length % 4
    return None


def own_address() -> str | None:
    """This machine's address on its way out; None when there is no way out."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.connect((NOWHERE, 9))
            return str(line.getsockname()[0])
    except OSError:
        return None


def _told_to_browsers(conf: Configuration, own: str | None) -> str | None:
    pairs = dict(one.partition("=")[::2] for one in conf.voice_ice_candidates)
    if conf.voice_public_address:
        pairs.setdefault(conf.voice_sip_host, conf.voice_public_address)
    if own is None:
        return next(iter(pairs.values()), None)
    return pairs.get(own, own)


def _is_here(address: str) -> bool:
    try:
        family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as line:
            line.bind((address, 0))
    except OSError:
        return False
    return True


def _is_private(address: str) -> bool:
    try:
        known: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    return known.is_private
