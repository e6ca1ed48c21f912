"""Types taken apart: what a member of a document is, and the rule it has beyond its type."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

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


@dataclass(frozen=True, slots=True)
class Shape:
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
def shape_of(hint: Any) -> Shape:
    """The shape of a member's type. Raises `KeyError` for a type that documents do not have."""
    rule = Rule()
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        rule = next((note for note in notes if isinstance(note, Rule)), rule)
    if get_origin(hint) in (Union, types.UnionType):
        inner = [one for one in get_args(hint) if one is not type(None)]
        within = shape_of(inner[0])
        return dataclasses.replace(within, rule=rule if rule != Rule() else within.rule, optional=True)
    if get_origin(hint) is Literal:
        return Shape("choice", rule, item=get_args(hint))
    if get_origin(hint) is tuple:
        return Shape("list", rule, item=get_args(hint)[0])
    if get_origin(hint) is dict:
        return Shape("map", rule, item=get_args(hint)[1])
    if dataclasses.is_dataclass(hint):
        return Shape("document", rule, item=hint)
    return Shape(PLAIN[hint], rule)


@cache
def fields_of(document: type) -> dict[str, tuple[Shape, Any]]:
    """The members of a document by name: shape and default, `NOTHING` when it has none."""
    hints = get_type_hints(document, include_extras=True)
    found = {}
    for one in dataclasses.fields(document):
        factory: Any = one.default_factory
        default = one.default if factory is NOTHING else factory()
        found[one.name] = (shape_of(hints[one.name]), default)
    return found


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
