"""CSV as RFC 4180 has it, safe to open in a spreadsheet: what could be read as a formula is made text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

BOM = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """One value as text. A leading =, +, -, @, tab or return would start a formula: an apostrophe goes before it.

    Numbers that we computed stay numbers, negative ones too.
    """
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return f"{value:.10g}" if isinstance(value, float) else str(value)
    text = str(value).replace("\x00", "")
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def csv_text(rows: Iterable[Sequence[object]], *, bom: bool = False) -> str:
    """The rows with CRLF line ends, quoted where needed; `bom` for spreadsheets that guess the encoding."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerows([cell(value) for value in row] for row in rows)
    return (BOM if bom else "") + out.getvalue()


def csv_response(rows: Iterable[Sequence[object]], name: str, *, bom: bool = False) -> HttpResponse:
    """A download of this name."""
    response = HttpResponse(csv_text(rows, bom=bom), content_type="text/csv; charset=utf-8; header=present")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
