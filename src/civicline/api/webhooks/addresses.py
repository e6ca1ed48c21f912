"""Where webhooks may go: public addresses only, so that nobody reaches into the house through us (SSRF)."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

PORTS = {"https": 443, "http": 80}


class RefusedAddress(ValueError):
    """This address is not called; the words say why."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address looked up once: called by its number, so that a name cannot change its mind in between."""

    url: str  # with the number in the place of the name
    host: str  # for the header Host
    name: str  # for TLS


def check(url: str) -> str:
    """Return the address as it is stored, without looking it up. Raises `RefusedAddress`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise RefusedAddress("This is no address.") from None
    private = settings.CIVICLINE.webhooks_private
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise RefusedAddress("The address has to begin with https://.")
    if not parts.hostname or parts.username or parts.password or parts.fragment or not url.isascii():
        raise RefusedAddress("Give an address with a host, without a user, a password or a fragment.")
    if port is not None and port != PORTS[parts.scheme] and port < 1024:
        raise RefusedAddress(f"Port {port} is not called.")
    try:
        number = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return url
    _must_be_public(number)
    return url


def look_up(url: str) -> Target:
    """Return where to send, by number. Every number that the name has must be allowed. Raises `RefusedAddress`."""
    parts = urlsplit(check(url))
    name = parts.hostname or ""
    port = parts.port or PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RefusedAddress(f"The name {name} cannot be looked up: {error}") from None
    numbers = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in found]
    for number in numbers:
        _must_be_public(number)
    if not numbers:
        raise RefusedAddress(f"The name {name} has no address.")
    literal = f"[{numbers[0]}]" if numbers[0].version == 6 else str(numbers[0])
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(f"{parts.scheme}://{literal}:{port}{rest}", parts.netloc, name)


def _must_be_public(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    inner = number
    if isinstance(number, ipaddress.IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour or number
    if settings.CIVICLINE.webhooks_private and not inner.is_multicast:
        return
    if not inner.is_global or inner.is_multicast:
        raise RefusedAddress(f"{number} is no public address; webhooks do not go there.")
