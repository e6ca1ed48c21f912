"""What documentation and deployment files name exists."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from civicline.config.options import options
from scripts.write_docs import broken_links
from tests.architecture.source import ROOT

VARIABLE = re.compile(r"\bCIVICLINE_[A-Z0-9_]+")
OTHER = {"CIVICLINE_CONFIG", "CIVICLINE_CASES", "CIVICLINE_DOMAIN", "CIVICLINE_VERSION"}
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*"))


def test_every_link_in_the_documentation_leads_somewhere() -> None:
    assert broken_links() == []


def test_every_setting_that_is_named_anywhere_is_one() -> None:
    known = {one.variable for one in options()} | {f"{one.variable}_FILE" for one in options()} | OTHER
    files = [
        path for folder in ("deploy", "docs/operate") for path in (ROOT / folder).rglob("*") if path.is_file()
    ]
    wrong = [
        f"{path.relative_to(ROOT)} {name}"
        for path in files
        for name in VARIABLE.findall(path.read_text(encoding="utf-8"))
        if name not in known and not name.endswith("_")
    ]
    assert wrong == []


def test_the_compose_file_starts_two_of_each_part() -> None:
    compose = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    for role in ("web", "dispatch", "work"):
        assert services[role]["command"][:3] == ["serve", "--role", role]
        assert services[role]["deploy"]["replicas"] == 2
    for name, service in services.items():
        assert set(service.get("depends_on", [])) <= set(services), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / "deploy/compose" / source).exists(), volume


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_the_units(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    assert "NoNewPrivileges=yes" in text or unit.suffix in {".target", ".timer"}
    program = shutil.which("systemd-analyze")
    if program is None:
        return  # the line above is all that can be checked without systemd
    for other in UNITS:
        copy = tmp_path / other.name.replace("@.", "@8001.")
        copy.write_text(
            other.read_text(encoding="utf-8").replace("/opt/civicline/.venv/bin/python", "/bin/true")
        )
    checked = str(tmp_path / unit.name.replace("@.", "@8001."))
    done = subprocess.run([program, "verify", checked], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert unit.name.split("@")[0].split(".")[0] not in done.stderr
