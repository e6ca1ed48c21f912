"""Holds each answer against the OpenAPI document: status, media type and schema."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from django.http import HttpResponse
from jsonschema import Draft202012Validator, FormatChecker

from civicline.api import openapi, resources

BASE = "/api/v1"
READY = resources


@cache
def whole() -> dict[str, Any]:
    return openapi.document("https://contact.example.org/api/v1")


def flaws_of(method: str, path: str, response: HttpResponse) -> list[str]:
    """What the document does not say of this answer; addresses that it does not know are not judged."""
    row = _row(method, path.partition("?")[0])
    if row is None:
        return []
    known = row["responses"].get(str(response.status_code))
    if known is None:
        return [f"{method} {path}: {response.status_code} is not described"]
    if not response.content:
        return []
    kind = str(response.headers["Content-Type"]).partition(";")[0]
    content = known.get("content", {}).get(kind)
    if content is None:
        return [f"{method} {path}: {response.status_code} is described without {kind}"]
    if "json" not in kind:
        return []
    schema = {**content["schema"], "components": whole()["components"]}
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return [
        f"{method} {path}: {error.json_path}: {error.message}"
        for error in validator.iter_errors(json.loads(response.content))
    ]


def _row(method: str, path: str) -> dict[str, Any] | None:
    for address, rows in whole()["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(address))
        if re.fullmatch(pattern, path) and method.lower() in rows:
            found: dict[str, Any] = rows[method.lower()]
            return found
    return None
