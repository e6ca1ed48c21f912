"""Tables that commands read and write: CSV in, plain or packed, and CSV or JSON out, whole or not at all."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import typer

from civicline.cli.problems import Problem


@contextmanager
def lines_of(file: Path) -> Iterator[TextIO]:
    """The lines of a file, of one packed with gzip, or of the standard input ("-"). Problem when it is no table."""
    try:
        if str(file) == "-":
            yield sys.stdin
        elif file.suffix == ".gz":
            with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as lines:
                yield lines
        else:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                yield lines
    except UnicodeDecodeError as error:
        raise Problem(f"{file} is not text in UTF-8 (byte {error.start}). Save it as CSV UTF-8.") from error
    except csv.Error as error:
        raise Problem(f"{file} is not a table in CSV: {error}.") from error
    except (OSError, EOFError) as error:
        raise Problem(f"{file} cannot be read ({getattr(error, 'strerror', '') or error}).") from error


def as_csv(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A heading and its rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()


def as_json(content: dict[str, Any]) -> str:
    """For programs; ValueError for a number that JSON has no word for."""
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def give(text: str, out: Path | None) -> None:
    """Print, or write the file: beside it first, then in its place, so that a reader never sees half of it."""
    if out is None:
        typer.echo(text, nl=False)
        return
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Problem(f"{out} cannot be written ({error.strerror}).") from error
    typer.echo(f"Written: {out}", err=True)
