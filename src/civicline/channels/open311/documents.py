"""One tree of plain values, written as GeoReport's XML or JSON.

JSON keeps types: ids are strings, booleans booleans, and what may repeat is an array even with one entry. XML names
each entry of a list after its container (`values` holds `value`).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from civicline.channels.open311.errors import Fault
from civicline.channels.open311.formats import Format

Value = str | bool | int | float | None | Sequence["Value"] | Mapping[str, "Value"]
Row = Mapping[str, Value]

_ENTRY_NAMES = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "formats": "format",
    "groups": "group",
    "notes": "note",
    "photos": "photo",
    "values": "value",
}
# Signs that XML 1.0 cannot carry in any form (production [2] Char), nor as a character reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_TO_ESCAPE = re.compile("[&<>\r]")


@dataclass(frozen=True)
class Listing:
    """A document whose JSON is an array: `rows` under XML elements `entry` within `root`."""

    root: str
    entry: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Single:
    """A document whose JSON is one object."""

    root: str
    row: Row


Document = Listing | Single


def errors_document(faults: Sequence[Fault]) -> Listing:
    """Return the errors document of the specification: code and description of each fault."""
    rows: list[Row] = [{"code": fault.code, "description": fault.description} for fault in faults]
    return Listing("errors", "error", rows)


def render(document: Document, fmt: Format) -> bytes:
    """Return the document in UTF-8."""
    if fmt is Format.JSON:
        tree: Value = list(document.rows) if isinstance(document, Listing) else document.row
        return json.dumps(tree, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    return "".join(_xml(document)).encode("utf-8", "replace")


def moment(at: datetime | None, zone: ZoneInfo) -> str | None:
    """Return a W3C datetime to the second with the offset of the body's own zone; None stays None."""
    return None if at is None else at.astimezone(zone).isoformat(timespec="seconds")


def _xml(document: Document) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    if isinstance(document, Single):
        yield from _element(document.root, document.row)
        return
    yield f"<{document.root}>"
    for row in document.rows:
        yield from _element(document.entry, row)
    yield f"</{document.root}>"


def _element(name: str, value: Value) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"<{name}>"
        for key, inner in value.items():
            yield from _element(key, inner)
        yield f"</{name}>"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        entry = _ENTRY_NAMES.get(name, "item")
        yield f"<{name}>"
        for inner in value:
            yield from _element(entry, inner)
        yield f"</{name}>"
    else:
        text = _text(value)
        yield f"<{name}>{text}</{name}>" if text else f"<{name}/>"


def _text(value: str | bool | int | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")  # never 1e-05: not every client reads exponents
    if isinstance(value, int):
        return str(value)
    return _TO_ESCAPE.sub(lambda sign: _ESCAPES[sign[0]], _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value))
