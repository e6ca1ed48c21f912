"""The files of the embedded Asterisk, written whole from the settings and the people's telephones.

Files hold passwords, so the folder is readable by this account alone. What has not changed is not written again.
"""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

from civicline.channels.voice.asterisk import certificate, turns
from civicline.channels.voice.asterisk.endpoints import (
    REALM,
    PhoneLine,
    Turns,
    guest_text,
    phone_text,
    trunk_text,
)
from civicline.channels.voice.asterisk.installation import Installation
from civicline.channels.voice.asterisk.music import write_music
from civicline.channels.voice.asterisk.passwords import Passwords
from civicline.kernel import clock

if TYPE_CHECKING:
    from civicline.config.options import Configuration

APP: Final = "civicline"
FOLDERS: Final = (
    "etc", "run", "log", "cache", "db", "keys", "data/sounds", "spool/recording", "spool/messages", "spool/texts",
    "spool/outage", "spool/calls", "spool/monitor", "music",
)  # fmt: skip


class _At(Template):
    """$ is Asterisk's own sign, so our places begin with @."""

    delimiter = "@"


def write(
    conf: Configuration, found: Installation, phones: Sequence[PhoneLine], passwords: Passwords
) -> bool:
    """Write all files. Returns whether any of those that a running Asterisk reads again has changed."""
    folder = conf.voice_folder
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _link_data(folder, found)
    write_music(folder / "music")
    values = _values(conf, found, phones, passwords)
    changed = False
    for source in (resources.files(__package__) / "data").iterdir():
        text = _At(source.read_text("utf-8")).substitute(values)
        changed |= _put(folder / "etc" / source.name, text)
    return changed


def _put(file: Path, text: str) -> bool:
    if file.exists() and file.read_text("utf-8") == text:
        return False
    draft = file.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(file)
    return True


def _link_data(folder: Path, found: Installation) -> None:
    """Asterisk's own data, seen from our folder; "civicline" beside its sounds is where ours are."""
    for name in ("documentation", "rest-api", "static-http"):
        _link(folder / "data" / name, found.data / name)
    _link(folder / "data/sounds/en", found.sounds)
    (folder / "sounds").mkdir(exist_ok=True)


def _link(place: Path, target: Path) -> None:
    if place.is_symlink() and place.readlink() == target:
        return
    if place.is_symlink():
        place.unlink()
    elif place.is_dir():
        shutil.rmtree(place)
    if target.exists():
        place.symlink_to(target)


def _values(
    conf: Configuration, found: Installation, phones: Sequence[PhoneLine], passwords: Passwords
) -> Mapping[str, str]:
    folder, now = conf.voice_folder, turns_now(conf)
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = 65_536 if most_files == resource.RLIM_INFINITY else min(65_536, most_files)
    return {
        "app": APP,
        "etc": str(folder / "etc"),
        "folder": str(folder),
        "modules": str(found.modules),
        "files": str(files),
        "ari_port": str(conf.voice_ari_port),
        "ari_user": conf.voice_ari_user,
        "ari_password": passwords.ari,
        "rtp_first": str(conf.voice_rtp_first),
        "rtp_last": str(conf.voice_rtp_last),
        "candidates": _candidates(conf),
        "helpers": _helpers(conf),
        "sip_host": conf.voice_sip_host,
        "sip_port": str(conf.voice_sip_port),
        "nat": _nat(conf),
        "tls": _tls(conf),
        "trunks": "\n".join(trunk_text(trunk) for trunk in conf.voice_trunks),
        "phones": "\n".join(phone_text(phone, passwords, now) for phone in phones),
        "guests": "\n".join(
            guest_text(number, passwords, now) for number in range(1, conf.voice_guest_lines + 1)
        ),
        "members": "\n".join(f"member => PJSIP/{phone.endpoint}" for phone in phones),
        "realm": REALM,
        "guest_number": conf.voice_guest_number or "0",
        "dtls": str(certificate.kept(folder / "keys")),
        "leave_message": "vm-intro",
        "texts": "".join(_texts(trunk.id) for trunk in conf.voice_trunks),
        "outage": _outage(folder) if conf.voice_recording == "always" else "",
    }


def _texts(trunk: str) -> str:
    """Where texts of one line arrive: each line has a context of its own, so that the answer goes back by it."""
    return f"[texts-{trunk}]\nexten => _.!,1,Set(LINE={trunk})\n same => n,Goto(texts,s,1)\n\n"


def _outage(folder: Path) -> str:
    """While Civicline is down, talks are recorded where all are; where callers are asked first, nobody could ask."""
    return f" same => n,MixMonitor({folder}/spool/outage/${{NOTE}}.wav,b)\n"


def _nat(conf: Configuration) -> str:
    if not conf.voice_public_address:
        return ""
    address = conf.voice_public_address
    return (
        f"external_media_address = {address}\nexternal_signaling_address = {address}\n"
        "local_net = 10.0.0.0/8\nlocal_net = 172.16.0.0/12\nlocal_net = 192.168.0.0/16\nlocal_net = 127.0.0.0/8"
    )


def _tls(conf: Configuration) -> str:
    if not conf.voice_tls_certificate:
        return ""
    return (
        f"\n[tls]\ntype = transport\nprotocol = tls\nbind = {conf.voice_sip_host}:{conf.voice_tls_port}\n"
        f"cert_file = {conf.voice_tls_certificate}\npriv_key_file = {conf.voice_tls_certificate}\n"
        f"method = tlsv1_2\n{_nat(conf)}\n"
    )


def _candidates(conf: Configuration) -> str:
    """What browsers are told instead of addresses that they cannot reach."""
    pairs = [one.partition("=")[::2] for one in conf.voice_ice_candidates]
    if conf.voice_public_address and conf.voice_sip_host not in {own for own, _told in pairs}:
        pairs.append((conf.voice_sip_host, conf.voice_public_address))
    return "\n".join(f"{own} => {told}" for own, told in pairs)


def _helpers(conf: Configuration) -> str:
    """The servers that help the exchange itself to be reached; without a lasting name it has no relay."""
    lines = [f"stunaddr = {server_of(one)}" for one in conf.voice_stun[:1]]
    if conf.voice_turn and conf.voice_turn_user:
        lines += [f"turnaddr = {server_of(conf.voice_turn[0])}", f"turnusername = {conf.voice_turn_user}",
                  f"turnpassword = {conf.voice_turn_password}"]  # fmt: skip
    return "\n".join(lines)


def server_of(url: str) -> str:
    """Host and port of a stun: or turn: address, as Asterisk wants them."""
    return url.partition(":")[2].partition("?")[0]


def turns_now(conf: Configuration) -> Turns:
    """The turns whose passwords are taken now. An exchange that is not ours is not told new ones: there they stay."""
    if conf.voice_mode != "embedded":
        return Turns()
    now = clock.now()
    return Turns(turns.taken(now, turns.AGENT_S), turns.taken(now, turns.GUEST_S))
