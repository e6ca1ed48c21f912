"""How one setting is declared: its name in the file, its variable, its kind and what it is for."""

from dataclasses import Field, field
from typing import Any, NamedTuple

from civicline.config.kinds import Kind

ENV = "CIVICLINE_"


class Option(NamedTuple):
    """What the table says of one setting."""

    attribute: str
    name: str  # as in the file, with its table: "database.url"
    variable: str  # as in the environment: "CIVICLINE_DATABASE_URL"
    kind: Kind
    default: object
    doc: str
    secret: bool


def option(name: str, default: object, kind: Kind, doc: str, *, secret: bool = False) -> Any:
    """Declare one setting of the table."""
    return field(default=default, metadata={"name": name, "kind": kind, "doc": doc, "secret": secret})


def declared(item: "Field[Any]") -> Option:
    """What was declared of one setting."""
    meta = item.metadata
    variable = ENV + meta["name"].upper().replace(".", "_")
    return Option(item.name, meta["name"], variable, meta["kind"], item.default, meta["doc"], meta["secret"])
