"""The JSON Schema of documents, and the parameters of addresses, for the OpenAPI document."""

from __future__ import annotations

import dataclasses
from typing import Any

from civicline.api.schema.shapes import NOTHING, Shape, fields_of, plain, shape_of


def schema_of(document: type, named: dict[str, Any]) -> dict[str, Any]:
    """Return a reference to the schema of `document`; it and what it holds are added to `named`."""
    name = document.__name__
    if name not in named:
        named[name] = {}
        fields = fields_of(document)
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
    for name, (shape, default) in fields_of(document).items():
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


def _describe(shape: Shape, default: Any, named: dict[str, Any]) -> dict[str, Any]:
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


def _contents(shape: Shape, named: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if shape.kind == "choice":
        said["enum"] = [*shape.item, *([None] if shape.optional else [])]
    if shape.kind == "list":
        said["items"] = _describe(shape_of(shape.item), NOTHING, named)
    if shape.kind == "map":
        said["additionalProperties"] = _describe(shape_of(shape.item), NOTHING, named) or True
    return said


BOUNDS = {
    "text": ("minLength", "maxLength"),
    "list": ("minItems", "maxItems"),
    "map": ("minProperties", "maxProperties"),
    "whole": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
}


def _bounds(shape: Shape) -> dict[str, Any]:
    names = BOUNDS.get(shape.kind)
    if names is None:
        return {}
    values = (shape.rule.least, shape.rule.most)
    return {name: _tidy(value) for name, value in zip(names, values, strict=True) if value is not None}


def _tidy(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value
