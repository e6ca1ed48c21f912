"""Where webhooks may go: public addresses only, so that nobody reaches into the house through us (SSRF)."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
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
        raise RefusedAddress(gettext("This is no address.")) from None
    private = settings.CIVICLINE.webhooks_private
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise RefusedAddress(gettext("The address has to begin with https://."))
    if not parts.hostname or parts.username or parts.password or parts.fragment or not url.isascii():
        words = gettext("Give an address with a host, without a user, a password or a fragment.")
        raise RefusedAddress(words)
    if port is not None and port != PORTS[parts.scheme] and port < 1024:
        raise RefusedAddress(
            gettext("Port %(port)s is not called. Use the usual port, or one from 1024 on.") % {"port": port}
        )
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
        words = gettext("The name %(name)s cannot be looked up: %(error)s")
        raise RefusedAddress(words % {"name": name, "error": error}) from None
    numbers = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in found]
    for number in numbers:
        _must_be_public(number)
    if not numbers:
        raise RefusedAddress(gettext("The name %(name)s has no address.") % {"name": name})
    literal = f"[{numbers[0]}]" if numbers[0].version == 6 else str(numbers[0])
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(f"{parts.scheme}://{literal}:{port}{rest}", parts.netloc, name)


def _must_be_public(number: Address) -> None:
    inner = _inner(number)
    if settings.CIVICLINE.webhooks_private and not inner.is_multicast:
        return
    if not inner.is_global or inner.is_multicast:
        words = gettext("%(number)s is no public address; webhooks do not go there.")
        raise RefusedAddress(words % {"number": number})


def _inner(number: Address) -> Address:
    """The old address that a new one leads to: mapped (RFC 4291), 6to4 (RFC 3056), NAT64 (RFC 6052)."""
    if not isinstance(number, ipaddress.IPv6Address):
        return number
    if number in NAT64:
        return ipaddress.IPv4Address(number.packed[-4:])
    return number.ipv4_mapped or number.sixtofour or number
