"""What is wrong with the way of lines to the exchange: SIP's own port, and addresses behind NAT; for `doctor`."""

from __future__ import annotations

import ipaddress
import socket
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from civicline.channels.voice.findings import Finding

if TYPE_CHECKING:
    from civicline.config.options import Configuration

PATIENCE_S: Final = 2.0
QUESTION: Final = (
    "OPTIONS sip:doctor@{host}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {own}:{own_port};branch=z9hG4bK{mark};rport\r\n"
    "From: <sip:doctor@{own}>;tag={mark}\r\nTo: <sip:doctor@{host}>\r\nCall-ID: {mark}\r\nCSeq: 1 OPTIONS\r\n"
    "Max-Forwards: 1\r\nContent-Length: 0\r\n\r\n"
)


def judge(conf: Configuration) -> Iterator[Finding]:
    """Both checks; only for an exchange of our own. Takes two seconds at most."""
    if conf.voice_mode == "embedded":
        yield from port(conf)
        yield from nat(conf)


def port(conf: Configuration) -> Iterator[Finding]:
    """Whether the exchange has the port of SIP."""
    host = "127.0.0.1" if conf.voice_sip_host == "0.0.0.0" else conf.voice_sip_host  # noqa: S104 -- compared only
    if not _answers(host, conf.voice_sip_port):
        yield Finding(
            "sip port", good=False, found=f"Nothing answers SIP at {host}, port {conf.voice_sip_port} (UDP).",
            remedy="Is that address this machine's, and does no other program have the port (ss -lunp)? Then set "
            "voice.sip_host and voice.sip_port, and start civicline serve again.",
        )  # fmt: skip


def _answers(host: str, port: int) -> bool:
    """Whether anything that speaks SIP is there; any answer will do."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asks:
        asks.settimeout(PATIENCE_S)
        try:
            asks.connect((host, port))
            own, own_port = asks.getsockname()
            words = QUESTION.format(
                host=host, port=port, own=own, own_port=own_port, mark=f"{uuid.uuid4().hex[:12]}"
            )
            asks.send(words.encode())
            return asks.recv(2_048).startswith(b"SIP/2.0")
        except OSError:
            return False


def nat(conf: Configuration) -> Iterator[Finding]:
    """A line that is in the internet cannot send sound to a private address."""
    told = conf.voice_public_address or conf.voice_sip_host
    if not _is_private(told):
        return
    outer = [one for one in conf.voice_trunks if _is_public(one.host)]
    if outer:
        yield Finding(
            f"sound of line {outer[0].id}", good=False,
            found=f"{outer[0].host} is in the internet, and no sound gets from there to the private address {told}.",
            remedy="Set voice.public_address to this machine's address in the internet, and let SIP and the ports for "
            "sound through to it.",
        )  # fmt: skip


def _is_private(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return found.is_private and not found.is_loopback and not found.is_unspecified


def _is_public(host: str) -> bool:
    """Whether this name or address of a line is one of the internet; a name that is not known is not."""
    try:
        found = socket.getaddrinfo(host.rsplit(":", 1)[0], None, socket.AF_INET)
    except OSError:
        return False
    return any(ipaddress.ip_address(one[4][0]).is_global for one in found)
