"""Documents as dataclasses: one declaration gives the JSON Schema, the reading of requests and the writing of answers.

@dataclass(frozen=True, slots=True, kw_only=True)
class NewNote:
    '''A note.'''
    text: Annotated[str, Rule("What to say.", least=1, most=20_000)]
    public: Annotated[bool, Rule("Whether everybody may read it.")] = False

read(NewNote, {"text": "Hello"})        # NewNote(...), or Flaws with a pointer for each wrong value
schema_of(NewNote, names)               # {"type": "object", ...}, nested documents by reference
"""

from __future__ import annotations

import dataclasses
import math
import re
import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from civicline.api.problems import Flaw

T = TypeVar("T")
SAFE_INTEGER = 2**53 - 1  # beyond it, JSON numbers lose digits in half of all languages
UNSAID = object()
NOTHING: Any = dataclasses.MISSING


@dataclass(frozen=True, slots=True)
class Rule:
    """What a value has to be, beyond its type. `least` and `most`: characters, items or the number itself."""

    doc: str = ""
    least: float | None = None
    most: float | None = None
    pattern: str | None = None
    format: str | None = None
    example: Any = None


class Flaws(Exception):
    """What is wrong with a document, value by value."""

    def __init__(self, flaws: list[Flaw]) -> None:
        self.flaws = flaws
        super().__init__("; ".join(f"{flaw.pointer}: {flaw.detail}" for flaw in flaws))


@dataclass(frozen=True, slots=True)
class _Shape:
    """A type with its rule, taken apart: `kind` says how it is read."""

    kind: str
    rule: Rule
    optional: bool = False
    item: Any = None  # of lists; the class of documents; the choices of words


PLAIN: dict[Any, str] = {
    str: "text",
    bool: "truth",
    int: "whole",
    float: "number",
    datetime: "moment",
    UUID: "id",
    Any: "any",
}


@cache
def _shape(hint: Any) -> _Shape:
    rule = Rule()
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        rule = next((note for note in notes if isinstance(note, Rule)), rule)
    if get_origin(hint) in (Union, types.UnionType):
        inner = [one for one in get_args(hint) if one is not type(None)]
        within = _shape(inner[0])
        return dataclasses.replace(within, rule=rule if rule != Rule() else within.rule, optional=True)
    if get_origin(hint) is Literal:
        return _Shape("choice", rule, item=get_args(hint))
    if get_origin(hint) is tuple:
        return _Shape("list", rule, item=get_args(hint)[0])
    if get_origin(hint) is dict:
        return _Shape("map", rule, item=get_args(hint)[1])
    if dataclasses.is_dataclass(hint):
        return _Shape("document", rule, item=hint)
    return _Shape(PLAIN[hint], rule)


@cache
def _fields(document: type) -> dict[str, tuple[_Shape, Any]]:
    hints = get_type_hints(document, include_extras=True)
    found = {}
    for one in dataclasses.fields(document):
        factory: Any = one.default_factory
        default = one.default if factory is NOTHING else factory()
        found[one.name] = (_shape(hints[one.name]), default)
    return found


# -- reading


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
    fields = _fields(cast("Any", document))
    given: dict[str, Any] = {}
    for name, word in words.items():
        known = fields.get(name)
        given[name] = _from_word(known[0], word) if known else word
    made = _read_document(document, given, "", flaws)
    if flaws:
        raise Flaws([Flaw("", flaw.detail, flaw.pointer.removeprefix("/")) for flaw in flaws])
    return made  # type: ignore[no-any-return]  # as above


def _from_word(shape: _Shape, word: str) -> Any:
    if shape.kind == "whole" and re.fullmatch(r"-?[0-9]{1,15}", word):
        return int(word)
    if shape.kind == "truth":
        return {"true": True, "false": False}.get(word, word)
    return word


def _read_document(document: type, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    if not isinstance(value, dict):
        flaws.append(Flaw(pointer, "This has to be an object."))
        return None
    fields = _fields(document)
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


def _read_value(shape: _Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    if value is None and shape.optional:
        return None
    reader = _READERS[shape.kind]
    return reader(shape, value, pointer, flaws)


def _read_text(shape: _Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
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


def _read_truth(_shape: _Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    return value if isinstance(value, bool) else _wrong(flaws, pointer, "This has to be true or false.")


def _read_number(shape: _Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
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


def _read_moment(_shape: _Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
        at = at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        at = None
    if at is None:
        return _wrong(flaws, pointer, "This has to be a moment with its offset, as in 2026-03-02T09:00:00Z.")
    return at


def _read_id(_shape: _Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else _wrong(flaws, pointer, NO_ID)
    except ValueError:
        return _wrong(flaws, pointer, NO_ID)


NO_ID = "This has to be an id, as in 019531fc-bc40-7000-8000-000000000000."


def _read_choice(shape: _Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    if isinstance(value, str) and value in shape.item:
        return value
    return _wrong(flaws, pointer, f"This is one of: {', '.join(shape.item)}.")


def _read_list(shape: _Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    rule = shape.rule
    if not isinstance(value, list):
        return _wrong(flaws, pointer, "This has to be a list.")
    if rule.least is not None and len(value) < rule.least:
        return _wrong(flaws, pointer, f"This needs {rule.least:g} or more items.")
    if rule.most is not None and len(value) > rule.most:
        return _wrong(flaws, pointer, f"This has {len(value)} items; at most {rule.most:g} are taken.")
    item = _shape_of_item(shape)
    return tuple(_read_value(item, one, f"{pointer}/{number}", flaws) for number, one in enumerate(value))


def _read_map(shape: _Shape, value: Any, pointer: str, flaws: list[Flaw]) -> Any:
    if not isinstance(value, dict):
        return _wrong(flaws, pointer, "This has to be an object.")
    if shape.rule.most is not None and len(value) > shape.rule.most:
        return _wrong(
            flaws, pointer, f"This has {len(value)} members; at most {shape.rule.most:g} are taken."
        )
    item = _shape_of_item(shape)
    return {name: _read_value(item, one, f"{pointer}/{_escaped(name)}", flaws) for name, one in value.items()}


def _shape_of_item(shape: _Shape) -> _Shape:
    return _shape(shape.item)


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

# -- writing


def plain(value: Any) -> Any:
    """Return a document as JSON has it: members that are None stay as null; moments in UTC with Z."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


# -- describing


def schema_of(document: type, named: dict[str, Any]) -> dict[str, Any]:
    """Return a reference to the schema of `document`; it and what it holds are added to `named`."""
    name = document.__name__
    if name not in named:
        named[name] = {}
        fields = _fields(document)
        named[name] = {
            "type": "object",
            "description": (document.__doc__ or "").strip(),
            "properties": {
                field: _describe(shape, default, named) for field, (shape, default) in fields.items()
            },
            "required": [field for field, (_, default) in fields.items() if default is NOTHING],
            "additionalProperties": False,
        }
    return {"$ref": f"#/components/schemas/{name}"}


def parameters_of(document: type, named: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the members of `document` as parameters of the query."""
    found = []
    for name, (shape, default) in _fields(document).items():
        schema = _describe(dataclasses.replace(shape, optional=False), default, named)
        doc = schema.pop("description", "")
        found.append(
            {
                "name": name,
                "in": "query",
                "required": default is NOTHING,
                "description": doc,
                "schema": schema,
            }
        )
    return found


FORMATS = {"moment": "date-time", "id": "uuid"}
TYPES = {
    "text": "string",
    "choice": "string",
    "moment": "string",
    "id": "string",
    "truth": "boolean",
    "whole": "integer",
    "number": "number",
    "list": "array",
    "map": "object",
}


def _describe(shape: _Shape, default: Any, named: dict[str, Any]) -> dict[str, Any]:
    rule = shape.rule
    if shape.kind == "any":
        return {"description": rule.doc}
    if shape.kind == "document":
        reference = schema_of(shape.item, named)
        said: dict[str, Any] = {"anyOf": [reference, {"type": "null"}]} if shape.optional else dict(reference)
        return {**said, "description": rule.doc} if rule.doc else said
    kind = TYPES[shape.kind]
    said = {"type": [kind, "null"] if shape.optional else kind}
    if rule.doc:
        said["description"] = rule.doc
    said |= _contents(shape, named)
    if form := rule.format or FORMATS.get(shape.kind):
        said["format"] = form
    if rule.pattern is not None:
        said["pattern"] = rule.pattern
    said |= _bounds(shape)
    if rule.example is not None:
        said["examples"] = [rule.example]
    if default is not NOTHING and default is not None:
        said["default"] = plain(default)
    return said


def _contents(shape: _Shape, named: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if shape.kind == "choice":
        said["enum"] = [*shape.item, *([None] if shape.optional else [])]
    if shape.kind == "list":
        said["items"] = _describe(_shape(shape.item), NOTHING, named)
    if shape.kind == "map":
        said["additionalProperties"] = _describe(_shape(shape.item), NOTHING, named) or True
    return said


BOUNDS = {
    "text": ("minLength", "maxLength"),
    "list": ("minItems", "maxItems"),
    "map": ("minProperties", "maxProperties"),
    "whole": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
}


def _bounds(shape: _Shape) -> dict[str, Any]:
    names = BOUNDS.get(shape.kind)
    if names is None:
        return {}
    values = (shape.rule.least, shape.rule.most)
    return {name: _tidy(value) for name, value in zip(names, values, strict=True) if value is not None}


def _tidy(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value
