"""Decoded JSON and the words of an address, read as documents; every wrong value is named by its pointer."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from civicline.api.problems import Flaw
from civicline.api.schema.shapes import NOTHING, Shape, fields_of, shape_of

T = TypeVar("T")
SAFE_INTEGER = 2**53 - 1  # beyond it, JSON numbers lose digits in half of all languages
UNSAID = object()


class Flaws(Exception):
    """What is wrong with a document, value by value."""

    def __init__(self, flaws: list[Flaw]) -> None:
        self.flaws = flaws
        super().__init__("; ".join(f"{flaw.pointer}: {flaw.detail}" for flaw in flaws))


def read(document: type[T], value: Any) -> T:
    """Return `value` (decoded JSON) as a `document`. Raises `Flaws`; what the document does not know is a flaw."""
    flaws: list[Flaw] = []
    made = _read_document(document, value, "", flaws)
    if flaws:
        raise Flaws(flaws)
    return made  # type: ignore[no-any-return]  # without flaws it is the document


def read_words(document: type[T], words: Mapping[str, str]) -> T:
    """Return the parameters of an address as a `document`: words that stand for numbers and truths are those."""
    flaws: list[Flaw] = []
    fields = fields_of(cast("Any", document))
    given: dict[str, Any] = {}
    for name, word in words.items():
        known = fields.get(name)
        given[name] = _from_word(known[0], word) if known else word
    made = _read_document(document, given, "", flaws)
    if flaws:
        raise Flaws([Flaw("", flaw.detail, flaw.pointer.removeprefix("/")) for flaw in flaws])
    return made  # type: ignore[no-any-return]  # as above


def _from_word(shape: Shape, word: str) -> Any:
    if shape.kind == "whole" and re.fullmatch(r"-?[0-9]{1,15}", word):
        return int(word)
    if shape.kind == "truth":
        return {"true": True, "false": False}.get(word, word)
    return word


def _read_document(document: type, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    if not isinstance(value, dict):
        flaws.append(Flaw(pointer, "This has to be an object."))
        return None
    fields = fields_of(document)
    flaws += [
        Flaw(f"{pointer}/{_escaped(name)}", f"There is no member “{name[:80]}” here.")
        for name in list(value)[:20]
        if name not in fields
    ]
    made: dict[str, Any] = {}
    for name, (shape, default) in fields.items():
        given = value.get(name, UNSAID)
        place = f"{pointer}/{name}"
        if given is UNSAID:
            if default is NOTHING:
                flaws.append(Flaw(place, "This is needed."))
            continue
        made[name] = _read_value(shape, given, place, flaws)
    return document(**made) if not flaws else None


def _escaped(name: str) -> str:
    return name[:80].replace("~", "~0").replace("/", "~1")


def _read_value(shape: Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    if value is None and shape.optional:
        return None
    reader = _READERS[shape.kind]
    return reader(shape, value, pointer, flaws)


def _read_text(shape: Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    rule = shape.rule
    if not isinstance(value, str):
        return _wrong(flaws, pointer, "This has to be a string.")
    if rule.least and len(value.strip()) < rule.least:
        return _wrong(
            flaws, pointer, "This must not be empty." if rule.least == 1 else f"At least {rule.least:g}."
        )
    if rule.most is not None and len(value) > rule.most:
        return _wrong(flaws, pointer, f"This has {len(value)} characters; at most {rule.most:g} are taken.")
    if rule.pattern is not None and not re.search(rule.pattern, value):
        return _wrong(flaws, pointer, f"This has to match {rule.pattern}")
    return value


def _read_truth(_shape: Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    return value if isinstance(value, bool) else _wrong(flaws, pointer, "This has to be true or false.")


def _read_number(shape: Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    whole = shape.kind == "whole"
    if isinstance(value, float) and whole and value.is_integer() and abs(value) <= SAFE_INTEGER:
        value = int(value)  # JSON Schema: 1.0 is an integer
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return _wrong(
            flaws, pointer, "This has to be a whole number." if whole else "This has to be a number."
        )
    least = shape.rule.least if shape.rule.least is not None else -SAFE_INTEGER
    most = shape.rule.most if shape.rule.most is not None else SAFE_INTEGER
    if not least <= value <= most or not math.isfinite(value):
        return _wrong(flaws, pointer, f"This has to be from {least:g} to {most:g}.")
    return value if whole else float(value)


def _read_moment(_shape: Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
        at = at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        at = None
    if at is None:
        return _wrong(flaws, pointer, "This has to be a moment with its offset, as in 2026-03-02T09:00:00Z.")
    return at


def _read_id(_shape: Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else _wrong(flaws, pointer, NO_ID)
    except ValueError:
        return _wrong(flaws, pointer, NO_ID)


NO_ID = "This has to be an id, as in 019531fc-bc40-7000-8000-000000000000."


def _read_choice(shape: Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    if isinstance(value, str) and value in shape.item:
        return value
    return _wrong(flaws, pointer, f"This is one of: {', '.join(shape.item)}.")


def _read_list(shape: Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    rule = shape.rule
    if not isinstance(value, list):
        return _wrong(flaws, pointer, "This has to be a list.")
    if rule.least is not None and len(value) < rule.least:
        return _wrong(flaws, pointer, f"This needs {rule.least:g} or more items.")
    if rule.most is not None and len(value) > rule.most:
        return _wrong(flaws, pointer, f"This has {len(value)} items; at most {rule.most:g} are taken.")
    item = _shape_of_item(shape)
    return tuple(_read_value(item, one, f"{pointer}/{number}", flaws) for number, one in enumerate(value))


def _read_map(shape: Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    if not isinstance(value, dict):
        return _wrong(flaws, pointer, "This has to be an object.")
    if shape.rule.most is not None and len(value) > shape.rule.most:
        return _wrong(
            flaws, pointer, f"This has {len(value)} members; at most {shape.rule.most:g} are taken."
        )
    item = _shape_of_item(shape)
    return {name: _read_value(item, one, f"{pointer}/{_escaped(name)}", flaws) for name, one in value.items()}


def _shape_of_item(shape: Shape) -> Shape:
    return shape_of(shape.item)


def _wrong(flaws: list[Flaw], pointer: str, words: str) -> None:
    flaws.append(Flaw(pointer, words))


_READERS: dict[str, Any] = {
    "text": _read_text,
    "truth": _read_truth,
    "whole": _read_number,
    "number": _read_number,
    "moment": _read_moment,
    "id": _read_id,
    "choice": _read_choice,
    "list": _read_list,
    "map": _read_map,
    "any": lambda _shape, value, _pointer, _flaws: value,
    "document": lambda shape, value, pointer, flaws: _read_document(shape.item, value, pointer, flaws),
}
