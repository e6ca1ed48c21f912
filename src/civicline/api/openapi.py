"""The OpenAPI 3.1 document, made from the table of operations: what is checked is what is described."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from civicline import __version__
from civicline.api.operation import OPERATIONS, Operation
from civicline.api.problems import CONTENT_TYPE, KINDS
from civicline.api.schema import parameters_of, schema_of
from civicline.api.scopes import SCOPES
from civicline.api.webhooks import events

TAGS = {
    "contacts": "One attempt of one resident to reach the public body, and what is said in it.",
    "cases": "The matter itself, with its promises.",
    "services": "What the public body offers, with live waits and hours. Open to everybody.",
    "measures": "The queues as they stand, and today's measures by the book.",
    "webhooks": "Hear of events instead of asking again and again.",
    "about": "This interface.",
}
PIECES = {
    "contact_id": "The id or the reference of a contact.",
    "case_id": "The id or the reference of a case.",
    "webhook_id": "The id of a webhook.",
    "delivery_id": "The id of a delivery.",
    "code": "The code of a service.",
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Where this kind is explained."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "This case, in a sentence."},
        "instance": {"type": "string"},
        "request_id": {"type": "string", "description": "By which we find it in our logs."},
        "code": {"type": "string", "description": "The reason, for programs."},
        "scope": {"type": "string", "description": "What the token lacks."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "parameter": {"type": "string", "description": "Name of a parameter or header."},
                    "detail": {"type": "string"},
                },
                "required": ["detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
}
LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


@cache
def _parts() -> tuple[dict[str, Any], dict[str, Any]]:
    named: dict[str, Any] = {"Problem": PROBLEM}
    paths: dict[str, Any] = {}
    for row in OPERATIONS:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, named)
    return paths, named


def document(base: str) -> dict[str, Any]:
    """Return the whole document for an installation at `base`."""
    paths, named = _parts()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Civicline",
            "version": __version__,
            "summary": "Contacts, cases, services, waits and measures of a public body.",
            "description": "Bodies are JSON in UTF-8. Errors are problem details (RFC 9457). Times are UTC.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": base}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "webhooks": {"event": _webhook()},
        "components": {
            "schemas": dict(sorted(named.items())),
            "headers": {name: _limit_header(name) for name in LIMITS},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token `cvl_...` with scopes: "
                    + "; ".join(f"{k}: {v}" for k, v in SCOPES.items()),
                },
                "contact": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`Contact <secret>`: the secret of one contact opens it, and nothing else.",
                },
            },
        },
    }


def _limit_header(name: str) -> dict[str, Any]:
    words = {
        "Limit": "Requests in a minute.",
        "Remaining": "Of these, left.",
        "Reset": "Seconds until all are back.",
    }
    return {"description": words[name.rpartition("-")[2]], "schema": {"type": "integer"}}


def _operation(row: Operation, named: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": row.name,
        "summary": row.summary,
        "tags": [row.tag],
        "parameters": _parameters(row, named),
        "responses": _responses(row, named),
    }
    if row.description:
        said["description"] = row.description
    said["security"] = []
    if row.scope:
        said["security"] = [{"token": []}, *([{"contact": []}] if row.contact else [])]
        said["x-scope"] = row.scope
    if row.body is not None:
        said["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of(row.body, named)}},
        }
    return said


def _parameters(row: Operation, named: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PIECES[name],
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        }
        for name in re.findall(r"\{(\w+)\}", row.path)
    ]
    if row.query is not None:
        found += parameters_of(row.query, named)
    if row.keyed:
        found.append(
            _header(
                "Idempotency-Key", "Makes a repeat harmless: the same key and body, the same answer.", 128
            )
        )
    if row.etag:
        found.append(
            _header("If-None-Match", "The ETag of what is known: 304 when nothing has changed.", 200)
        )
    return found


def _header(name: str, words: str, most: int) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": most, "pattern": "^[!-~]+$"}
    return {"name": name, "in": "header", "required": False, "description": words, "schema": schema}


def _responses(row: Operation, named: dict[str, Any]) -> dict[str, Any]:
    headers: dict[str, Any] = {name: {"$ref": f"#/components/headers/{name}"} for name in LIMITS}
    good: dict[str, Any] = {"description": row.summary, "headers": dict(headers)}
    if row.answer is not None:
        good["content"] = {"application/json": {"schema": schema_of(row.answer, named)}}
    elif row.status != 204:
        schema = {"type": "string"} if row.media.startswith("text/") else {"type": "object"}
        good["content"] = {row.media: {"schema": schema}}
    if row.etag:
        good["headers"]["ETag"] = {"description": "Changes with the answer.", "schema": {"type": "string"}}
    if row.keyed:
        good["headers"]["Idempotent-Replayed"] = {
            "description": "`true` when this is the first answer again.",
            "schema": {"type": "string"},
        }
    found: dict[str, Any] = {str(row.status): good}
    if row.etag:
        found["304"] = {"description": "Nothing has changed."}
    by_status: dict[int, list[str]] = {}
    for code in _problems(row):
        by_status.setdefault(KINDS[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        found[str(status)] = {
            "description": " ".join(f"{KINDS[code].title} (`{code}`)." for code in codes),
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found


def _problems(row: Operation) -> list[str]:
    codes = {"unauthorized", "not-acceptable", "rate-limited", "internal", "unavailable", *row.problems}
    if row.scope:
        codes.add("forbidden")
    if "{" in row.path:
        codes.add("not-found")
    if row.body is not None:
        codes |= {"malformed", "too-large", "unsupported-media-type", "invalid"}
    if row.query is not None or row.keyed:
        codes.add("invalid")
    if row.keyed:
        codes.add("key-reused")
    return [code for code in KINDS if code in codes]


def _webhook() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string"},
            "source": {"type": "string"},
            "type": {"type": "string", "enum": [f"org.civicline.{name}.v1" for name in events.PUBLIC]},
            "subject": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"type": "string"},
            "sequence": {"type": "string", "description": "The place in the log: sort by it."},
            "data": {"type": "object"},
        },
    }
    return {
        "post": {
            "operationId": "event",
            "summary": "An event of a contact, a message or a case, as a CloudEvent 1.0",
            "tags": ["webhooks"],
            "parameters": [
                _header("webhook-id", "The same for each try: drop what you have seen.", 64),
                _header("webhook-timestamp", "Seconds since 1970.", 20),
                _header("webhook-signature", "`v1,` and base64 of HMAC-SHA256 over id.timestamp.body.", 200),
            ],
            "requestBody": {
                "required": True,
                "content": {"application/cloudevents+json": {"schema": schema}},
            },
            "responses": {"2XX": {"description": "Taken. Anything else is tried again for a day."}},
        }
    }
