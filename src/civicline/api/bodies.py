"""Reading a request's body: JSON in UTF-8, of a size and depth that a program would send, without surprises."""

from __future__ import annotations

import json
import re
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError

from civicline.api.problems import Flaw, Problem

MOST_BYTES = 1_000_000
DEEPEST = 32
MOST_MEMBERS = 2_000
JSON_TYPES = ("application/json",)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
SAFE_DIGITS = 40
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def read_json(request: HttpRequest) -> Any:
    """Return the decoded body. Raises `Problem` 400, 413, 415 or 422."""
    kind, _, parameters = request.headers.get("Content-Type", "").partition(";")
    charset = re.search(r"charset=\"?([A-Za-z0-9_-]+)", parameters)
    if kind.strip().lower() not in JSON_TYPES or (charset and charset[1].lower() not in ("utf-8", "utf8")):
        raise Problem("unsupported-media-type", headers={"Accept": "application/json"})
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem("unsupported-media-type", headers={"Accept-Encoding": "identity"})
    return decoded(_bytes(request))


def _bytes(request: HttpRequest) -> bytes:
    announced = request.headers.get("Content-Length", "0")
    if announced.isdigit() and int(announced) > MOST_BYTES:
        raise Problem("too-large")
    try:
        body = request.body
    except RequestDataTooBig:
        raise Problem("too-large") from None
    except (UnreadablePostError, RawPostDataException):
        raise Problem("malformed", "The body did not arrive completely.") from None
    if len(body) > MOST_BYTES:
        raise Problem("too-large")
    return body


def decoded(body: bytes) -> Any:
    """Return what the JSON text says. Raises `Problem` for what is no JSON, or no JSON that means one thing."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("malformed", f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    _check_depth(text)
    try:
        value = json.loads(text, object_pairs_hook=_members, parse_constant=_no_constant, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise Problem(
            "malformed", f"The body is no JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from None
    flaws: list[Flaw] = []
    _check_texts(value, "", flaws)
    if flaws:
        raise Problem("invalid", flaws=flaws[:20])
    return value


def _check_depth(text: str) -> None:
    """Refuse deep nesting before it is parsed: a parser that recurses has a limit of its own."""
    depth = 0
    for sign in re.findall(r"[\[\]{}]", QUOTED.sub("", text)):
        depth += 1 if sign in "[{" else -1
        if depth > DEEPEST:
            raise Problem("malformed", f"The body is nested deeper than {DEEPEST} levels.")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Problem("malformed", f"The member “{twice[:80]}” is there twice.")
    if len(found) > MOST_MEMBERS:
        raise Problem(
            "malformed", f"An object here has {len(found)} members; at most {MOST_MEMBERS} are read."
        )
    return found


def _no_constant(name: str) -> Any:
    raise Problem("malformed", f"{name} is not JSON.")


def _whole(digits: str) -> int:
    if len(digits) > SAFE_DIGITS:
        raise Problem("malformed", f"A number here has {len(digits)} digits; no value needs so many.")
    return int(digits)


def _check_texts(value: Any, pointer: str, flaws: list[Flaw]) -> None:
    """No text may hold NUL (no database takes it) or half of a surrogate pair (no encoding takes it)."""
    if isinstance(value, str):
        if "\x00" in value:
            flaws.append(Flaw(pointer, "This holds a NUL character, which no text has."))
        elif LONE_SURROGATE.search(value):
            flaws.append(Flaw(pointer, "This holds half of a surrogate pair, which is no character."))
    elif isinstance(value, dict):
        for name, one in value.items():
            if "\x00" in name or LONE_SURROGATE.search(name):
                flaws.append(Flaw(pointer, "The name of a member here holds what is no character."))
            else:
                _check_texts(one, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')[:80]}", flaws)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            _check_texts(one, f"{pointer}/{number}", flaws)
