"""Kinds of settings for sound between browsers and the exchange (ICE): candidates, and servers that help them meet."""

import re
from ipaddress import ip_address

from civicline.config.kinds import words

STUN = re.compile(r"stuns?:[A-Za-z0-9.-]+(:\d{1,5})?")
TURN = re.compile(r"turns?:[A-Za-z0-9.-]+(:\d{1,5})?(\?transport=(udp|tcp))?")


def candidates(value: object) -> tuple[str, ...]:
    """Addresses as the machine has them, each with the one that browsers are told instead: 10.0.0.5=198.51.100.7."""
    for item in words(value):
        own, sign, told = item.partition("=")
        try:
            known = bool(sign) and ip_address(own).version == ip_address(told).version
        except ValueError:
            known = False
        if not known:
            raise ValueError(f"takes pairs of addresses such as 10.0.0.5=198.51.100.7, not {item!r}")
    return words(value)


def stun(value: object) -> tuple[str, ...]:
    """Servers that tell a browser its own address (RFC 8489)."""
    return _servers(value, STUN, "stun:stun.example.org:3478")


def turn(value: object) -> tuple[str, ...]:
    """Servers that relay where nothing else gets through (RFC 8656)."""
    return _servers(value, TURN, "turn:turn.example.org:3478?transport=udp")


def _servers(value: object, known: re.Pattern[str], example: str) -> tuple[str, ...]:
    for item in words(value):
        if not known.fullmatch(item):
            raise ValueError(f"takes addresses such as {example}, not {item!r}")
    return words(value)
