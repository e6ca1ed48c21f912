"""The interface about itself: its OpenAPI document, and the same as a page for people."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string

from civicline.api import openapi
from civicline.api.operation import Answer, Call, operation
from civicline.api.problems import KINDS
from civicline.api.scopes import SCOPES
from civicline.api.webhooks import events


@operation("GET", "/openapi.json", tag="about", name="getOpenapi")
def openapi_document(call: Call) -> Answer:
    """Read this interface as an OpenAPI 3.1 document."""
    body = json.dumps(openapi.document(call.base), ensure_ascii=False, separators=(",", ":"))
    headers = {"Cache-Control": "public, max-age=300"}
    return Answer(HttpResponse(body, content_type="application/json", headers=headers))


@operation("GET", "/docs", tag="about", name="getDocs", media="text/html")
def docs_page(call: Call) -> Answer:
    """Read this interface as a page."""
    document = openapi.document(call.base)
    context: dict[str, Any] = {
        "title": "Programming interface",
        "base": call.base,
        "groups": _groups(document),
        "schemas": [(name, schema) for name, schema in document["components"]["schemas"].items()],
        "scopes": SCOPES,
        "kinds": list(KINDS.values()),
        "events": events.PUBLIC,
        "type_of": type_of,
        "town": {
            "name": settings.CIVICLINE.town_name,
            "tagline": "",
            "badge": "",
            "home": "/",
            "emergency": "",
        },
    }
    page = render_to_string("api/docs.html", context)
    return Answer(HttpResponse(page, headers={"Cache-Control": "public, max-age=300"}))


def _groups(document: dict[str, Any]) -> list[tuple[dict[str, str], list[tuple[str, str, dict[str, Any]]]]]:
    rows = [
        (method.upper(), path, row)
        for path, rows in document["paths"].items()
        for method, row in rows.items()
    ]
    return [(tag, [one for one in rows if tag["name"] in one[2]["tags"]]) for tag in document["tags"]]


def type_of(schema: dict[str, Any]) -> str:
    """The type of a schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(type_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join("null" if one is None else str(one) for one in schema["enum"])
    kind = schema.get("type", "any")
    if "array" in (kind if isinstance(kind, list) else [kind]):
        return f"list of {type_of(schema['items'])}"
    words = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words} ({schema['format']})" if "format" in schema else words
