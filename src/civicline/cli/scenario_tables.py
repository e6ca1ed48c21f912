"""Tables of a TOML file read key by key; what cannot be is refused with file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any, Final, TypeVar

from civicline.cli.problems import Problem
from civicline.engine.routing import RoutingError
from civicline.engine.simulation import SimulationError, Spread
from civicline.engine.simulation.spreads import Shape

Stretch = tuple[float, float]
Kind = TypeVar("Kind", str, bool, list[Any], dict[str, Any])
Made = TypeVar("Made")

SHAPES: Final[dict[str, Shape]] = {
    "constant": "constant",
    "exponential": "exponential",
    "lognormal": "lognormal",
}
_TIME: Final = re.compile(r"^(\d{1,3}):([0-5]\d)$")


def toml_of(file: Path) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file and what it says. Problem when it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        return text, tomllib.loads(text)
    except OSError as error:
        raise Problem(f"{file} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise Problem(
            f"{file} is not text in UTF-8 (byte {error.start}). Save it as plain text in UTF-8."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{file} is no TOML: {error}.") from error


class Places:
    """Where each key of the file stands, for the words of a refusal."""

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self._lines: dict[tuple[str, int, str], int] = {}
        table, counted = "", {"": 0}
        for number, line in enumerate(text.splitlines(), 1):
            if header := re.match(r"\s*\[\[?\s*([\w.-]+)\s*\]", line):
                table = header[1]
                counted[table] = counted.get(table, -1) + 1
                self._lines.setdefault((table, counted[table], ""), number)
            elif key := re.match(r"\s*([\w-]+)\s*[.=]", line):
                self._lines.setdefault((table, counted[table], key[1]), number)

    def refuse(self, table: str, at: int, key: str, words: str) -> Problem:
        """A Problem that says where: file, line, table and key."""
        line = self._lines.get((table, at, key)) or self._lines.get((table, at, ""))
        where = f"{self.file}, line {line}" if line else str(self.file)
        inside = f"[[{table}]] number {at + 1}, " if table else ""
        return Problem(f"{where}: {inside}{key or 'this table'} {words}")


class Table:
    """One table of the file, read key by key."""

    def __init__(self, content: dict[str, Any], places: Places, name: str = "", at: int = 0) -> None:
        self.content, self.places, self.name, self.at = content, places, name, at

    def refuse(self, key: str, words: str) -> Problem:
        """A Problem that points at this key."""
        return self.places.refuse(self.name, self.at, key, words)

    def only(self, keys: tuple[str, ...]) -> None:
        """Refuse every key that is not known."""
        for key in self.content:
            if key not in keys:
                raise self.refuse(key, f"is not known. Known are {', '.join(keys)}.")

    def number(
        self, key: str, otherwise: float | None, low: float = 0.0, high: float = 1e9, *, whole: bool = False
    ) -> float:
        """A number between `low` and `high`; a missing one is `otherwise`, None: it has to be there."""
        told = self.content.get(key, otherwise)
        if told is None:
            raise self.refuse(key, "is missing. Give a number.")
        return self.checked(key, told, low, high, whole=whole)

    def checked(self, key: str, told: Any, low: float, high: float, *, whole: bool = False) -> float:
        """The same for a number that is at hand."""
        if isinstance(told, bool) or not isinstance(told, (int, float)):
            raise self.refuse(key, f"is {told!r}, which is no number.")
        if not isfinite(told) or not low <= told <= high or (whole and told != int(told)):
            kind = "a whole number" if whole else "a number"
            raise self.refuse(key, f"is {told}; give {kind} from {low:g} to {high:g}.")
        return float(told)

    def share(self, key: str) -> float:
        """A share from 0 to 1, 0 if missing."""
        return self.number(key, 0.0, 0.0, 1.0)

    def some(self, key: str, kind: type[Kind], otherwise: Kind) -> Kind:
        """A text, truth, list or table; a missing one is `otherwise`."""
        told = self.content.get(key, otherwise)
        if not isinstance(told, kind):
            words = {str: "a text in quotes", bool: "true or false", list: "a list", dict: "a table"}[kind]
            raise self.refuse(key, f"is {told!r}; give {words}.")
        return told

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        told = self.some(key, list, [])
        for one in told:
            if not isinstance(one, str):
                raise self.refuse(key, f"holds {one!r}; give texts in quotes.")
        return list(told)

    def stretches(self, key: str) -> list[Stretch]:
        """Stretches of a day, "08:00-16:30"."""
        return [self._stretch(key, text) for text in self.texts(key)]

    def _stretch(self, key: str, text: str) -> Stretch:
        start, _, end = text.partition("-")
        begins, ends = self.time(key, start.strip()), self.time(key, end.strip())
        if ends <= begins:
            raise self.refuse(key, f"holds {text!r}, which ends before it begins.")
        return begins, ends

    def time(self, key: str, text: str) -> float:
        """A time of day in seconds."""
        found = _TIME.match(text)
        if not found:
            raise self.refuse(key, f'holds {text!r}; give times like "08:30".')
        return int(found[1]) * 3600.0 + int(found[2]) * 60.0

    def spread(self, key: str) -> Spread | None:
        """A duration: a number (mean of an exponential), or a table with shape, mean, variation, samples."""
        told = self.content.get(key)
        if told is None:
            return None
        if not isinstance(told, dict):
            return Spread("exponential", self.checked(key, told, 0.0, 1e7))
        inner = Table(told, self.places, self.name, self.at)
        unknown = set(told) - {"shape", "mean", "variation", "samples"}
        if unknown:
            raise self.refuse(
                key, f"has {min(unknown)}, which is not known. Known are shape, mean, variation, samples."
            )
        if "samples" in told:
            samples = tuple(self.checked(key, one, 0.0, 1e7) for one in inner.some("samples", list, []))
            return self.made(key, lambda: Spread("samples", samples=samples))
        shape = SHAPES.get(inner.some("shape", str, "exponential"))
        if shape is None:
            raise self.refuse(
                key, f"has the shape {told['shape']!r}; give constant, exponential or lognormal, or samples."
            )
        mean = self.checked(key, told.get("mean"), 0.0, 1e7)
        variation = self.checked(key, told.get("variation", 1.0), 0.0, 100.0)
        return self.made(key, lambda: Spread(shape, mean, variation))

    def made(self, key: str, make: Callable[[], Made]) -> Made:
        """What `make` makes; its refusals with the place in the file."""
        try:
            return make()
        except (SimulationError, RoutingError) as error:
            raise self.refuse(key, f"cannot be used: {error}") from error
