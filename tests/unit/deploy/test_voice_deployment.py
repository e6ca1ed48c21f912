"""What deploy/voice says has to be true of the exchange's own configuration and of our settings."""

from __future__ import annotations

import re
import shutil
import subprocess
from ipaddress import ip_address
from pathlib import Path

import pytest

from civicline.config.options import options

ROOT = Path(__file__).resolve().parents[3]
VOICE = ROOT / "deploy/voice"
SETTINGS = {option.name: option for option in options()}


def text_of(name: str) -> str:
    return (VOICE / name).read_text(encoding="utf-8")


def test_of_the_exchange_s_web_server_only_its_telephones_are_passed_on() -> None:
    conf = re.sub(r"#.*", "", text_of("nginx-exchange.conf"))
    passed = re.findall(r"location ([^{]+){([^}]*)}", conf)
    assert {where.strip(): "proxy_pass" in what for where, what in passed} == {"/": False, "= /ws": True}
    assert "ari" not in conf
    assert f"127.0.0.1:{SETTINGS['voice.ari_port'].default};" in conf
    assert "deny all;" in conf


def test_kamailio_s_list_holds_exchanges_in_order() -> None:
    rows = [line.split() for line in text_of("dispatcher.list").splitlines() if not line.startswith("#")]
    addresses = [re.fullmatch(r"sip:([0-9.]+):5060", row[1]) for row in rows]
    assert all(found is not None and ip_address(found[1]).is_private for found in addresses)
    priorities = [int(row[3]) for row in rows]
    assert priorities == sorted(priorities, reverse=True)
    assert {row[0] for row in rows} == set(re.findall(r'ds_select_dst\("(\d)"', text_of("kamailio.cfg")))


def test_kamailio_understands_its_configuration(tmp_path: Path) -> None:
    conf = text_of("kamailio.cfg")
    loaded = set(re.findall(r'loadmodule "(\w+)\.so"', conf))
    assert set(re.findall(r'modparam\("(\w+)"', conf)) <= loaded
    named = set(re.findall(r"^(?:request_|failure_)?route\[?(\w*)\]? {", conf, re.MULTILINE)) - {""}
    assert (
        set(re.findall(r"\broute\((\w+)\)", conf)) | set(re.findall(r't_on_failure\("(\w+)"\)', conf))
        == named
    )
    assert conf.count("{") == conf.count("}")
    program = shutil.which("kamailio", path="/usr/sbin:/usr/bin")
    if program is not None:
        file = tmp_path / "kamailio.cfg"
        file.write_text(conf.replace("10.0.0.10", "127.0.0.1"), encoding="utf-8")
        done = subprocess.run(
            [program, "-c", "-f", str(file)], capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr[-800:]


def test_the_relay_serves_those_with_a_passing_password_and_reaches_the_exchange_alone() -> None:
    lines = [line for line in text_of("turnserver.conf").splitlines() if line and not line.startswith("#")]
    assert "use-auth-secret" in lines
    assert "denied-peer-ip=0.0.0.0-255.255.255.255" in lines
    assert len([line for line in lines if line.startswith("allowed-peer-ip=")]) == 1
    assert not [line for line in lines if line.startswith(("user=", "lt-cred-mech", "no-auth"))]


@pytest.mark.parametrize("unit", ["start", "stop"])
def test_the_waiting_machine_starts_the_unit_that_there_is(unit: str) -> None:
    assert (ROOT / "deploy/systemd/civicline-voice@.service").exists()
    assert f"/usr/bin/systemctl {unit} civicline-voice@8301" in text_of("keepalived.conf")


def test_no_two_parts_are_to_listen_at_the_same_port() -> None:
    named: dict[str, set[str]] = {}
    files = [*(ROOT / "deploy").rglob("*"), *(ROOT / "docs/operate").glob("*.md")]
    for file in (one for one in files if one.is_file()):
        for part, port in re.findall(r"civicline-(\w+)@(\d+)", file.read_text(encoding="utf-8")):
            named.setdefault(port, set()).add(part)
    assert {port: parts for port, parts in named.items() if len(parts) > 1} == {}
    assert {"voice", "dispatch", "web", "work"} <= set().union(*named.values())


def test_kamailio_s_exchanges_are_those_that_a_machine_in_waiting_answers_for() -> None:
    listed = re.findall(r"^1\s+sip:([0-9.]+):5060", text_of("dispatcher.list"), re.MULTILINE)
    assert listed == re.findall(r"^\s+([0-9.]+)/\d+$", text_of("keepalived.conf"), re.MULTILINE)


def test_the_page_and_the_files_name_settings_that_there_are() -> None:
    page = (ROOT / "docs/operate/telephone.md").read_text(encoding="utf-8")
    known = {name.removeprefix("voice.") for name in SETTINGS if name.startswith("voice.")}
    for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL):
        table = "voice"
        for line in block.splitlines():
            table = line.strip("[]") if line.startswith("[") else table
            if table == "voice" and " = " in line:
                assert line.split(" = ")[0] in known, line
    named = set(re.findall(r"`voice\.(\w+)`", page))
    assert named <= known
