"""The files of the embedded Asterisk, written whole from the settings and the people's telephones.

Files hold passwords, so the folder is readable by this account alone. What has not changed is not written again.
"""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

from civicline.channels.voice.asterisk.installation import Installation
from civicline.channels.voice.asterisk.music import write_music
from civicline.channels.voice.asterisk.passwords import Passwords

if TYPE_CHECKING:
    from civicline.config.options import Configuration
    from civicline.config.trunk_kind import Trunk

APP: Final = "civicline"
FOLDERS: Final = (
    "etc", "run", "log", "cache", "db", "keys", "data/sounds", "spool/recording", "spool/messages", "spool/monitor",
    "music",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """One person's telephone. `address`: where a desk phone stands that does not sign in; kind: browser or sip."""

    name: str
    kind: str
    address: str = ""


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
    folder = conf.voice_folder
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
        "sip_host": conf.voice_sip_host,
        "sip_port": str(conf.voice_sip_port),
        "nat": _nat(conf),
        "tls": _tls(conf),
        "trunks": "\n".join(_trunk(trunk) for trunk in conf.voice_trunks),
        "phones": "\n".join(_phone(phone, passwords) for phone in phones),
        "members": "\n".join(f"member => PJSIP/{endpoint(phone.name)}" for phone in phones),
        "leave_message": "vm-intro",
    }


def endpoint(name: str) -> str:
    """Asterisk's name for the telephone of this name."""
    return f"agent-{name}"


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
    """Told to browsers instead of an address that they cannot reach."""
    return f"{conf.voice_sip_host} => {conf.voice_public_address}" if conf.voice_public_address else ""


def _trunk(trunk: Trunk) -> str:
    """One line to the network: who it is, where it is called, and where its calls come from."""
    name = f"trunk-{trunk.id}"
    lines = [
        f"[{name}]", "type = endpoint", "context = from-trunk", "disallow = all", "allow = g722,alaw,ulaw",
        "direct_media = no", "dtmf_mode = auto", "rtp_symmetric = yes", "force_rport = yes", f"aors = {name}",
        "message_context = from-trunk", "trust_id_inbound = yes",
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


def _phone(phone: PhoneLine, passwords: Passwords) -> str:
    name = endpoint(phone.name)
    kind = "browser" if phone.kind == "browser" else "desk-phone"
    lines = [f"[{name}]({kind})", f"aors = {name}"]
    if phone.address:
        return "\n".join([*lines, "", f"[{name}]", "type = aor", f"contact = {phone.address}", ""])
    lines += [
        f"auth = {name}", "", f"[{name}]", "type = aor", "max_contacts = 2", "remove_existing = yes",
        "", f"[{name}]", "type = auth", "auth_type = userpass", f"username = {name}",
        f"password = {passwords.of_phone(phone.name)}", "",
    ]  # fmt: skip
    return "\n".join(lines)
