"""What is wrong with the telephone, in plain words: each check says what was found and what to do about it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import DatabaseError

from civicline.channels.voice import browser_checks, line_checks, selectors
from civicline.channels.voice.ari.client import AriGone, AriRefused, connect
from civicline.channels.voice.asterisk import process
from civicline.channels.voice.asterisk.installation import NoAsterisk, present
from civicline.channels.voice.crew import address
from civicline.channels.voice.findings import Finding
from civicline.kernel import clock

if TYPE_CHECKING:
    from civicline.channels.voice.ari.client import Address
    from civicline.config.options import Configuration

CODECS: Final = ("ulaw", "alaw", "g722", "opus")
SOON: Final = timedelta(days=21)
PORTS_PER_CALL: Final = 4
"""Two legs, each with a port for sound and one for its reports."""


def examine(conf: Configuration) -> list[Finding]:
    """Every check that makes sense with these settings. Never raises; takes seconds at most.

    `make run-voice` turns the telephone on for its own process alone: the exchange that it left running tells us so.
    """
    if conf.voice_mode == "off" and process.running((conf.var / "voice").absolute()) is not None:
        conf = replace(conf, voice_mode="embedded")
    if conf.voice_mode == "off":
        return [
            Finding(
                "mode",
                good=False,
                found="The telephone is off.",
                remedy='Set voice.mode to "embedded", or run make run-voice.',
            )
        ]
    checks: list[Callable[[Configuration], Iterator[Finding]]] = [
        _program,
        _ports,
        _certificate,
        browser_checks.judge_settings,
        _exchange,
        line_checks.judge,
        browser_checks.judge_servers,
        _people,
        _voices,
    ]
    return [finding for check in checks for finding in check(conf)]


def as_plain(findings: list[Finding]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [asdict(one) for one in findings]


def _program(conf: Configuration) -> Iterator[Finding]:
    if conf.voice_mode == "external":
        return
    try:
        found = present(named=conf.voice_asterisk, cache=conf.voice_cache)
    except NoAsterisk as problem:
        yield Finding(
            "asterisk", good=False, found=str(problem), remedy="Correct voice.asterisk, or leave it out."
        )
        return
    if found is None:
        yield Finding(
            "asterisk", good=False, found="There is no Asterisk here yet.",
            remedy="Run civicline voice fetch (80 MB, needs Debian's apt), or install Asterisk 22.",
        )  # fmt: skip
        return
    yield Finding("asterisk", good=True, found=f"Asterisk {found.version} is here.")


def _ports(conf: Configuration) -> Iterator[Finding]:
    ports = conf.voice_rtp_last - conf.voice_rtp_first + 1
    enough, most = ports // PORTS_PER_CALL, conf.voice_lines
    if enough < most:
        yield Finding(
            "sound ports", good=False, found=f"The {ports} ports for sound are enough for {enough} calls, not {most}.",
            remedy=f"Set voice.rtp_last to {conf.voice_rtp_first + most * PORTS_PER_CALL}, or lower voice.lines.",
        )  # fmt: skip
    else:
        yield Finding("sound ports", good=True, found=f"There are ports for the sound of {enough} calls.")
    if (
        conf.voice_mode == "embedded"
        and conf.voice_sip_host in {"127.0.0.1", "localhost"}
        and conf.voice_trunks
    ):
        yield Finding(
            "sip address", good=False, found="SIP listens on this machine only, so no line outside of it reaches it.",
            remedy="Set voice.sip_host to this machine's address in the telephone network (not needed for a try).",
        )  # fmt: skip


def _certificate(conf: Configuration) -> Iterator[Finding]:
    if not conf.voice_tls_certificate:
        yield Finding(
            "certificate",
            good=True,
            found="SIP over TLS is not set up; lines and desk phones use UDP or TCP.",
        )
        return
    path = Path(conf.voice_tls_certificate)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)
    except (OSError, ssl.SSLError) as error:
        yield Finding(
            "certificate", good=False, found=f"{path} cannot be used: {_why_unusable(error)}.",
            remedy="It has to hold the certificate chain and its private key, both in PEM, readable by this account.",
        )  # fmt: skip
        return
    ends = _ends_at(path)
    if ends is not None and ends < clock.now() + SOON:
        when = "has ended" if ends < clock.now() else "ends"
        yield Finding(
            "certificate", good=False, found=f"The certificate {when} on {ends:%Y-%m-%d}.", remedy="Renew it."
        )
    else:
        yield Finding("certificate", good=True, found="The certificate can be used.")


def _why_unusable(error: OSError) -> str:
    """What is wrong with a certificate's file, in words."""
    if isinstance(error, ssl.SSLError):
        other = error.reason == "KEY_VALUES_MISMATCH"
        return (
            "its private key belongs to another certificate"
            if other
            else "it lacks the certificate or its key"
        )
    return (error.strerror or str(error)).lower()


def _ends_at(path: Path) -> datetime | None:
    openssl = shutil.which("openssl")
    if openssl is None:
        return None
    told = subprocess.run(  # noqa: S603 -- openssl, on a file of the settings
        [openssl, "x509", "-enddate", "-noout", "-in", str(path)],
        capture_output=True, text=True, check=False, timeout=10,
    )  # fmt: skip
    try:
        return datetime.fromtimestamp(
            ssl.cert_time_to_seconds(told.stdout.strip().removeprefix("notAfter=")), UTC
        )
    except ValueError:
        return None


def _exchange(conf: Configuration) -> Iterator[Finding]:
    where = address(conf)
    try:
        told = asyncio.run(_ask(where))
    except (AriGone, AriRefused) as error:
        words = str(error)
        if "401" in words or "403" in words:
            remedy = "Make voice.ari_user and voice.ari_password those of a [user] in its ari.conf."
        elif conf.voice_mode == "embedded":
            remedy = f"Is civicline serve running? What Asterisk says stands in {conf.voice_folder / 'log'}."
        else:
            remedy = "Start it, enable http.conf and ari.conf, and correct voice.ari_url."
        yield Finding("ari", good=False, found=f"The exchange does not answer: {words}.", remedy=remedy)
        return
    yield Finding("ari", good=True, found=f"The exchange answers: Asterisk {told['version']}.")
    yield from _codecs(told)
    yield from _lines(conf, told)


async def _ask(where: Address) -> Mapping[str, Any]:
    """Under a name of its own, so that the process at work keeps its connection."""
    own = type(where)(where.url, where.user, where.password, f"{where.app}-doctor")
    async with connect(own) as ari:
        info = await ari.request("GET", "asterisk/info")
        modules = await ari.request("GET", "asterisk/modules")
        return {
            "version": info["system"]["version"],
            "modules": {one["name"] for one in modules if one["status"] == "Running"},
            "endpoints": await ari.request("GET", "endpoints/PJSIP"),
            "apps": [one["name"] for one in await ari.request("GET", "applications")],
        }


def _codecs(told: Mapping[str, Any]) -> Iterator[Finding]:
    opus = any(name.startswith("codec_opus") for name in told["modules"])
    if opus:
        yield Finding("codecs", good=True, found=f"Sound can be {', '.join(CODECS)}.")
    else:
        yield Finding(
            "codecs", good=False, found="The exchange cannot convert Opus, which browsers prefer.",
            remedy="Install its module codec_opus (Debian has it); until then browsers have telephone quality.",
        )  # fmt: skip


def _lines(conf: Configuration, told: Mapping[str, Any]) -> Iterator[Finding]:
    if "civicline" not in told["apps"]:
        yield Finding(
            "voice role", good=False, found="No process of ours drives the exchange: calls go to its own queue.",
            remedy="Start civicline serve (role all or voice) with the same settings.",
        )  # fmt: skip
    states = {one["resource"]: one["state"] for one in told["endpoints"]}
    for trunk in conf.voice_trunks:
        state = states.get(f"trunk-{trunk.id}")
        if state is None:
            yield Finding(
                f"line {trunk.id}", good=False, found=f"The exchange does not know the line {trunk.id}.",
                remedy="Start civicline serve again, so that it writes the line into the exchange's configuration.",
            )  # fmt: skip
        elif state != "online":
            yield Finding(
                f"line {trunk.id}", good=False, found=f"{trunk.host} does not answer on the line {trunk.id}.",
                remedy=_why_silent(trunk.host),
            )  # fmt: skip
        else:
            yield Finding(f"line {trunk.id}", good=True, found=f"The line {trunk.id} answers.")
    if not conf.voice_trunks and conf.voice_mode == "embedded":
        yield Finding(
            "lines", good=False, found="There is no line to the telephone network.",
            remedy="Add a table [[voice.trunks]] with id and host; docs/voice.md has an example.",
        )  # fmt: skip


def _why_silent(host: str) -> str:
    name = host.split(":")[0]
    try:
        socket.getaddrinfo(name, None)
    except OSError:
        return f"The name {name} is not known to this machine: correct the line's host, or the machine's DNS."
    return "Ask the provider whether this machine's address is allowed, and let SIP (UDP and TCP) through the firewall."


def _people(_conf: Configuration) -> Iterator[Finding]:
    try:
        phones = selectors.list_phones()
    except DatabaseError as error:
        yield Finding(
            "telephones", good=False, found=f"The database cannot be read ({error}).", remedy="Run civicline migrate."
        )  # fmt: skip
        return
    if phones:
        yield Finding("telephones", good=True, found=f"{len(phones)} people have a telephone.")
    else:
        yield Finding(
            "telephones", good=False, found="Nobody has a telephone, so no call can be offered to anyone.",
            remedy="civicline voice phone somebody@example.org 7001 --kind sip",
        )  # fmt: skip


def _voices(_conf: Configuration) -> Iterator[Finding]:
    if shutil.which("espeak-ng"):
        yield Finding("voice", good=True, found="Menus can be read aloud (espeak-ng).")
    else:
        yield Finding(
            "voice", good=False, found="Nothing here reads texts aloud: menus without recordings stay silent.",
            remedy="apt install espeak-ng, or record every prompt.",
        )  # fmt: skip
