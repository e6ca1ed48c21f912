"""The table of operations: what can be done at which address, by whom, with which documents in and out.

Routes, checks and the OpenAPI document are all made from it, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from civicline.api.access import Caller


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read and checked. `secret`: for what is made by it, the same again for a repeat with a key."""

    request: HttpRequest
    caller: Caller
    base: str
    path: Mapping[str, str]
    query: Any = None
    body: Any = None
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say: a document (a dataclass of the table), or nothing with 204."""

    document: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row. `scope` "": open to everybody. `contact`: the secret of the contact in the address will do."""

    method: str
    path: str
    name: str
    summary: str
    tag: str
    run: Callable[[Call], Answer]
    description: str = ""
    scope: str = ""
    contact: bool = False
    body: type | None = None
    query: type | None = None
    answer: type | None = None
    status: int = 200
    keyed: bool = False  # takes an Idempotency-Key
    secret: bool = False  # the answer holds `secret`, told once
    etag: bool = False
    problems: tuple[str, ...] = ()
    media: str = "application/json"


OPERATIONS: list[Operation] = []


def operation(
    method: str, path: str, **row: Any
) -> Callable[[Callable[[Call], Answer]], Callable[[Call], Answer]]:
    """Put a function into the table: its first line of documentation is the summary, the rest the description."""

    def register(run: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        summary, _, more = (run.__doc__ or "").strip().partition("\n")
        description = " ".join(more.split())
        OPERATIONS.append(
            Operation(
                method=method,
                path=path,
                name=row.pop("name", "") or _camel(run.__name__),
                summary=summary.rstrip("."),
                description=description,
                run=run,
                **row,
            )
        )
        return run

    return register


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
