"""What deploy/ says has to be true of this clone: paths, commands, settings, in the order a machine would meet them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from civicline.config.options import options
from civicline.config.serve import ROLES

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
KNOWN = {option.variable: option for option in options()} | {"CIVICLINE_CONFIG": None}
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def _steps() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, rest), lines joined and comments gone."""
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line.strip()]


def _compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8"))
    return read


def _holds(variables: dict[str, str]) -> None:
    """Each is a setting, and its value one that the table takes."""
    for name, value in variables.items():
        if not name.startswith("CIVICLINE_"):
            continue
        assert name in KNOWN, f"{name} is no setting"
        option = KNOWN[name]
        if option is not None:
            option.kind(value)


def _understands(arguments: list[str]) -> str:
    """What `civicline` says to a command with --help; it has to know the command."""
    command = [sys.executable, "-m", "civicline", arguments[0], "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    for word in arguments[1:]:
        if word.startswith("--"):
            assert word in done.stdout, f"{arguments[0]} has no {word}"
    return done.stdout


def test_the_image_copies_what_is_there_and_what_its_steps_before_made() -> None:
    made = {
        "front-end": {"/build/src/civicline/web/static/build"},
        "packages": {"/opt/civicline", "/build/src"},
    }
    stages = [rest.split(" AS ")[1] for name, rest in _steps() if name == "FROM" and " AS " in rest]
    assert stages == list(made)
    for name, rest in _steps():
        if name != "COPY":
            continue
        *sources, _target = [word for word in rest.split() if not word.startswith("--from=")]
        stage = next(
            (word.removeprefix("--from=") for word in rest.split() if word.startswith("--from=")), ""
        )
        for source in sources:
            assert source in made[stage] if stage else (ROOT / source).exists(), source


def test_the_front_end_of_the_image_lands_where_the_server_looks() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert "build" in package["scripts"]
    assert (ROOT / "package-lock.json").exists()
    assert "src/civicline/web/static/build" in (ROOT / "scripts" / "preparation.py").read_text(
        encoding="utf-8"
    )
    environment = (ROOT / "src" / "civicline" / "config" / "settings.py").read_text(encoding="utf-8")
    assert '"web" / "static"' in environment


def test_the_image_fits_what_the_project_asks_for() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "requires-python"
    ]
    images = [rest.split()[0] for name, rest in _steps() if name == "FROM"]
    python = {image.removeprefix("python:").split("-")[0] for image in images if image.startswith("python:")}
    assert python == {wanted.removeprefix(">=")}, "the oldest Python that is promised is the one in the image"
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9].*==", lock, re.MULTILINE)
    assert pins
    assert lock.count("--hash=sha256:") >= len(pins), "--require-hashes needs a hash for each"


def test_the_image_starts_with_settings_and_a_command_that_exist(tmp_path: Path) -> None:
    variables: dict[str, str] = {}
    for name, rest in _steps():
        if name == "ENV":
            variables |= dict(pair.split("=", 1) for pair in shlex.split(rest))
    _holds(variables)
    entry = json.loads(next(rest for name, rest in _steps() if name == "ENTRYPOINT"))
    assert entry == ["python", "-m", "civicline"]
    _understands(json.loads(next(rest for name, rest in _steps() if name == "CMD")))


def test_translations_are_compiled_in_the_image_by_a_step_that_works(tmp_path: Path) -> None:
    step = next(rest for name, rest in _steps() if name == "RUN" and "compile_messages" in rest)
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "compile_messages.py", tmp_path / "scripts")
    for file in (ROOT / "src").rglob("*.po"):
        target = tmp_path / file.relative_to(ROOT)
        target.parent.mkdir(parents=True)
        shutil.copy(file, target)
    ours = step.replace("/opt/civicline/bin/python", shlex.quote(sys.executable))
    done = subprocess.run(["/bin/sh", "-c", ours], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    written = {file.with_suffix("") for file in tmp_path.rglob("*.mo")}
    assert written == {file.with_suffix("") for file in tmp_path.rglob("*.po")} != set()


def test_compose_runs_every_role_twice_and_waits_for_what_it_needs() -> None:
    services = _compose()["services"]
    # The telephone is not in the compose file: sound needs the network of the machine itself.
    for role in set(ROLES) - {"all", "voice"}:
        service = services[role]
        assert service["command"][:3] == ["serve", "--role", role]
        assert service["deploy"]["replicas"] == 2
        assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        _understands(service["command"])
    _understands(services["migrate"]["command"])
    for name, service in services.items():
        waits = service.get("depends_on", [])
        assert set(waits) <= set(services), name
        healthy = {
            part
            for part in waits
            if isinstance(waits, dict) and waits[part]["condition"] == "service_healthy"
        }
        assert all("healthcheck" in services[part] for part in healthy), name
        assert all(
            volume.split(":")[0] in _compose()["volumes"] or volume.startswith("./")
            for volume in service.get("volumes", [])
        )


def test_compose_gives_settings_that_exist_and_builds_from_here() -> None:
    common = _compose()["x-civicline"]
    assert (DEPLOY / "compose" / common["build"]["context"]).resolve() == ROOT
    assert (ROOT / common["build"]["dockerfile"]).is_file()
    filled = {"POSTGRES_PASSWORD": "x", "CIVICLINE_DOMAIN": "contact.town.example"}
    given = {
        name: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: filled[found[1]], str(value))
        for name, value in common["environment"].items()
    }
    _holds(given)
    lines = (DEPLOY / "compose" / "civicline.env.example").read_text(encoding="utf-8").splitlines()
    _holds(dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")))


def test_the_folder_that_compose_keeps_is_there_in_the_image_and_belongs_to_who_runs() -> None:
    (mount,) = [volume.split(":")[1] for volume in _compose()["x-civicline"]["volumes"]]
    (account,) = [rest for name, rest in _steps() if name == "USER"]
    made = [rest for name, rest in _steps() if name == "RUN" and f"install -d -o {account}" in rest]
    assert len(made) == 1, "an empty volume on a folder that is not there would belong to root"
    assert made[0].endswith(mount)
    assert [rest for name, rest in _steps() if name == "VOLUME"] == [mount]
    environment = next(rest for name, rest in _steps() if name == "ENV")
    assert f"CIVICLINE_VAR={mount}" in environment


def test_compose_asks_for_health_where_it_is_told() -> None:
    check = _compose()["x-civicline"]["healthcheck"]["test"]
    assert check[:2] == ["CMD", "python"]
    assert "http://127.0.0.1:8000/health/ready" in check[3]
    compile(check[3], "healthcheck", "exec")
    (port,) = {rest.strip() for name, rest in _steps() if name == "EXPOSE"}
    assert port == "8000"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_exists_with_settings_that_exist(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    (start,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    arguments = re.search(r"-m civicline (.*?)'?$", start)
    assert arguments, start
    _understands(shlex.split(arguments[1].replace("%i", "8001")))
    for line in re.findall(r"^Environment=(.*)$", text, re.MULTILINE):
        _holds(dict(pair.split("=", 1) for pair in shlex.split(line)))


def test_the_proxies_hide_what_is_for_watchers_and_let_bodies_through_that_we_take() -> None:
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    caddy = (DEPLOY / "compose" / "Caddyfile").read_text(encoding="utf-8")
    assert "metrics|health/" in nginx
    assert "/metrics /health/*" in caddy
    largest = next(option.default for option in options() if option.name == "web.max_body_mb")
    taken = [
        int(found)
        for text in (nginx, caddy)
        for found in re.findall(r"(?:max_body_size|max_size) (\d+)", text)
    ]
    assert len(taken) == 2
    assert min(taken) >= int(str(largest))
