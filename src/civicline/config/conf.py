"""Civicline's own configuration, read from the environment and one TOML file.

The environment wins over the file (`civicline.toml` in the current folder, or what `CIVICLINE_CONFIG` names).
Any variable may instead end in `_FILE` and name a file with the value, as container platforms hand out secrets.
"""

import difflib
import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from civicline.config.options import ENV, LANGUAGES, Configuration, Option, options

__all__ = ["LANGUAGES", "Configuration", "ConfigurationError", "load", "secret_key"]

# Variables with our prefix that are no settings: where the file is, and what only tests and the replay read.
NOT_SETTINGS = ("CIVICLINE_CONFIG", "CIVICLINE_CASES", "CIVICLINE_TEST_", "CIVICLINE_BENCH_")


class ConfigurationError(Exception):
    """The configuration cannot be used. `problems`: one sentence each, with what is wrong and the remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(environment: Mapping[str, str] | None = None) -> Configuration:
    """Read the configuration. Raises `ConfigurationError` with every problem found, one sentence each."""
    environment = os.environ if environment is None else environment
    written, file, problems = _read_file(environment)
    problems += _unknown(environment, written, file)
    values: dict[str, Any] = {}
    for one in options():
        try:
            found, where, value = _look_up(one, environment, written, file)
            if found:
                values[one.attribute] = one.kind(value)
        except (ValueError, OSError) as error:
            problems.append(f"{where if found else one.variable} {error}.".replace("..", "."))
    if problems:
        raise ConfigurationError(problems)
    return Configuration(**values)


def _look_up(
    one: Option, environment: Mapping[str, str], written: Mapping[str, object], file: Path | None
) -> tuple[bool, str, object]:
    """Return whether the setting is given, where, and what is written there."""
    if one.variable in environment:
        return True, one.variable, environment[one.variable]
    holder = environment.get(f"{one.variable}_FILE")
    if holder:
        return True, one.variable, _first_line(one.variable, Path(holder))
    if one.name in written:
        return True, f"{one.name} in {file}", written[one.name]
    return False, "", None


def _first_line(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"cannot be read from {path} ({error.strerror}); correct {variable}_FILE") from error


def _read_file(environment: Mapping[str, str]) -> tuple[dict[str, object], Path | None, list[str]]:
    """Return the flattened TOML file, its path and what is wrong with it."""
    named = environment.get(f"{ENV}CONFIG", "")
    path = Path(named or "civicline.toml")
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not named:
            return {}, None, []
        return (
            {},
            path,
            [f"{ENV}CONFIG names {path}, which does not exist; write that file or leave the variable out."],
        )
    except OSError as error:
        return (
            {},
            path,
            [f"{path} cannot be read ({error.strerror}); give this account the right to read it."],
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return (
            {},
            path,
            [f"{path} is not valid TOML ({error}); texts need quotes, and tables stand in [brackets]."],
        )
    flat: dict[str, object] = {}
    for name, value in tables.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{key}": inner for key, inner in value.items()})
        else:
            flat[name] = value
    return flat, path, []


def _unknown(environment: Mapping[str, str], written: Mapping[str, object], file: Path | None) -> list[str]:
    """Return one sentence for each name that is no setting."""
    table = options()
    variables = [one.variable for one in table]
    names = [one.name for one in table]
    accepted = {*variables, *(f"{variable}_FILE" for variable in variables)}
    problems = [
        f"{name} is not a setting{_meant(name, variables)}."
        for name in sorted(environment)
        if name.startswith(ENV) and name not in accepted and not name.startswith(NOT_SETTINGS)
    ]
    return problems + [
        f"{name} in {file} is not a setting{_meant(name, names)}." for name in written if name not in names
    ]


def _meant(name: str, known: list[str]) -> str:
    """Return the likely right name, or where all of them are listed."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return (
        f"; write {close[0]} if you meant that" if close else "; docs/operate/settings.md lists all of them"
    )


def secret_key(conf: Configuration) -> str:
    """Return the installation's secret key, made and kept in the var folder (mode 0600) when none is given.

    Raises `ConfigurationError` when the var folder cannot be written.
    """
    if conf.secret_key:
        return conf.secret_key
    path = conf.folder("secret")
    try:
        if not path.exists():
            conf.var.mkdir(parents=True, exist_ok=True)
            _keep(path, secrets.token_urlsafe(48))
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(
            [
                f"The folder {conf.var} cannot be used ({error.strerror}): give this account the right "
                "to write there, or name another one with CIVICLINE_VAR."
            ]
        ) from error


def _keep(path: Path, key: str) -> None:
    """Write the key once even when several processes start at the same moment: the first link wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
