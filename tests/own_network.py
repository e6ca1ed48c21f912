"""A network of this process' own, for browsers that talk with a real exchange (network_namespaces(7)): a closed room.

Browsers do not look for sound on the loopback interface, so this network has one more, with one address. A namespace
belongs to a thread and is handed on to all that it starts: servers, exchanges and browsers begun inside meet there.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

CLONE_NEWNET = 0x40000000  # linux/sched.h
ADDRESS = "192.0.2.9"  # of TEST-NET-1 (RFC 5737): nobody's
DEVICE = "call0"
KINDS = ("dummy", "ifb", "veth")
"""Devices that carry nothing, the plainest first; small kernels have one of them."""


class NoNetwork(RuntimeError):
    """This process may not have a network of its own; the message says what to do."""


@contextmanager
def own_network() -> Iterator[str]:
    """Go into a fresh network; the block is told its address. Raises `NoNetwork`."""
    program = shutil.which("ip") or shutil.which("ip", path="/usr/sbin:/sbin")
    if program is None:
        raise NoNetwork("the program ip is not installed here; on Debian: apt-get install iproute2")
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if libc.unshare(CLONE_NEWNET):
            raise NoNetwork(
                f"this process may not make a network of its own ({os.strerror(ctypes.get_errno())}): run the tests "
                "as root, or allow CAP_SYS_ADMIN to the container (docker run --cap-add SYS_ADMIN)"
            )
        try:
            _furnish(program)
            yield ADDRESS
        finally:
            if libc.setns(before, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "the way back out of the network is closed")
    finally:
        os.close(before)


def _furnish(program: str) -> None:
    _ip(program, "link", "set", "lo", "up")
    troubles = [
        _ip(program, "link", "add", DEVICE, "type", kind, may_fail=True) for kind in _until_one(program)
    ]
    if _ip(program, "link", "show", DEVICE, may_fail=True):
        raise NoNetwork(f"this kernel has no device for a network of its own ({'; '.join(troubles)})")
    _ip(program, "addr", "add", f"{ADDRESS}/32", "dev", DEVICE)
    _ip(program, "link", "set", DEVICE, "up")


def _until_one(program: str) -> Iterator[str]:
    for kind in KINDS:
        if _ip(program, "link", "show", DEVICE, may_fail=True):
            yield kind


def _ip(program: str, *words: str, may_fail: bool = False) -> str:
    """Give an order; return what was wrong with it."""
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False, timeout=20)
    if done.returncode and not may_fail:
        raise NoNetwork(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stderr.strip() if done.returncode else ""
