"""One view for every address: checks by the table of operations, runs, and answers; every "no" is a problem."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request
from django.views.decorators.csrf import csrf_exempt

from civicline.api import access, schema, services
from civicline.api.bodies import read_json
from civicline.api.operation import Answer, Call, Operation
from civicline.api.problems import CONTENT_TYPE, Flaw, Problem
from civicline.engine.lifecycle import MoveRefused
from civicline.kernel import actors, ids
from civicline.kernel.db import refusal_of
from civicline.kernel.errors import Invalid, Refused, Unavailable
from civicline.kernel.limits import Allowance

log = structlog.get_logger(__name__)
RETRY_AFTER_S = 5
MOST_KEY = 128
MOST_PIECE = 200
EXPOSED = (
    "ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Idempotent-Replayed, Location"
)
TAKEN = "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-None-Match"
BY_STATUS = {401: "unauthorized", 403: "forbidden", 404: "not-found", 409: "conflict", 503: "unavailable"}


def endpoint(operations: Mapping[str, Operation]) -> Callable[..., HttpResponseBase]:
    """Make the view of one address; `operations` by method."""

    @csrf_exempt  # no cookie means anything here: who calls shows a token or a secret in a header
    def view(request: HttpRequest, **path: str) -> HttpResponseBase:
        with translation.override(get_language_from_request(request)):
            return _answer(request, operations, path)

    return view


def base_of(request: HttpRequest) -> str:
    """The address of the interface as callers know it, without a slash at the end."""
    root = settings.CIVICLINE.public_url.rstrip("/") or f"{request.scheme}://{request.get_host()}"
    return root + reverse("api:root").rstrip("/")


def _answer(request: HttpRequest, operations: Mapping[str, Operation], path: dict[str, str]) -> HttpResponse:
    allowance: list[Allowance] = []
    try:
        response = _run(request, operations, path, allowance)
    except Problem as problem:
        response = _refused(request, problem)
    except Refused as refused:
        response = _refused(request, _as_problem(refused))
    except MoveRefused as refused:
        response = _refused(request, Problem("conflict", members={"code": refused.code}))
    except Exception as error:
        response = _failed(request, error)
    for one in allowance:
        for name, value in one.headers().items():
            response.headers.setdefault(name, value)
    return _finished(request, response)


def _run(
    request: HttpRequest,
    operations: Mapping[str, Operation],
    path: dict[str, str],
    allowance: list[Allowance],
) -> HttpResponse:
    if request.method == "OPTIONS":
        allowed = _methods(operations)
        return HttpResponse(status=204, headers={"Allow": allowed, "Access-Control-Allow-Methods": allowed})
    operation = operations.get("GET" if request.method == "HEAD" else request.method or "")
    caller = access.who_calls(request)
    allowance.append(caller.spend(contact=operation is not None and operation.contact))
    if operation is None and not operations:
        raise Problem("not-found")
    if operation is None:
        raise Problem("method-not-allowed", headers={"Allow": _methods(operations)})
    _check_address(path)
    _check_accept(request, operation)
    if operation.scope:
        access.allow(caller, scope=operation.scope, contact=operation.contact)
    with actors.acting_as(caller.actor):
        return _perform(operation, _read(request, operation, caller, path))


def _methods(operations: Mapping[str, Operation]) -> str:
    return ", ".join([*operations, *(["HEAD"] if "GET" in operations else []), "OPTIONS"])


def _check_address(path: Mapping[str, str]) -> None:
    if any(len(piece) > MOST_PIECE or not piece.isprintable() for piece in path.values()):
        raise Problem("not-found")


def _check_accept(request: HttpRequest, operation: Operation) -> None:
    if not any(request.accepts(kind) for kind in (operation.media, CONTENT_TYPE)):
        raise Problem("not-acceptable")


def _read(request: HttpRequest, operation: Operation, caller: access.Caller, path: dict[str, str]) -> Call:
    try:
        query = schema.read_words(operation.query, _words(request)) if operation.query else None
        body = schema.read(operation.body, read_json(request)) if operation.body else None
    except schema.Flaws as found:
        raise Problem("invalid", flaws=found.flaws[:50]) from None
    key = _key(request) if operation.keyed else ""
    secret = ""
    if operation.secret:
        secret = _derived(caller, request, key) if key else ids.new_secret()
    return Call(request, caller, base_of(request), path, query, body, secret)


def _words(request: HttpRequest) -> dict[str, str]:
    twice = [name for name, values in request.GET.lists() if len(values) > 1]
    wrong = [Flaw("", "This is there twice.", name[:80]) for name in twice]
    wrong += [
        Flaw("", "This holds what is no character.", name[:80])
        for name, word in request.GET.items()
        if "\x00" in word or "\ufffd" in word
    ]
    if wrong:
        raise Problem("invalid", flaws=wrong)
    return {name: str(request.GET[name]) for name in request.GET}


def _key(request: HttpRequest) -> str:
    """The Idempotency-Key, with or without the quotes of draft-ietf-httpapi-idempotency-key-header."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) >= 2 and key.startswith('"') and key.endswith('"'):
        key = key[1:-1]
    if len(key) > MOST_KEY or not key.isprintable() or not key.isascii():
        words = f"A key has at most {MOST_KEY} printable ASCII characters."
        raise Problem("invalid", flaws=[Flaw("", words, "Idempotency-Key")])
    return key


def _derived(caller: access.Caller, request: HttpRequest, key: str) -> str:
    """A secret of 192 bits that the same token gets again with the same key, and that need not be stored."""
    holder = str(caller.token.pk) if caller.token else caller.address
    seed = hashlib.sha256(f"api-secret:{settings.SECRET_KEY}".encode()).digest()
    made = hmac.digest(seed, f"{holder}\n{request.path}\n{key}".encode(), "sha256")
    return base64.urlsafe_b64encode(made[: ids.SECRET_BYTES]).decode()


def _perform(operation: Operation, call: Call) -> HttpResponse:
    key = _key(call.request) if operation.keyed else ""
    headers: dict[str, str] = {}
    if key and call.caller.token is not None:
        status, said, repeated = services.once(
            token_id=call.caller.token.pk,
            key=key,
            fingerprint=_fingerprint(call),
            work=lambda: _said(operation.run(call)),
        )
        if repeated:
            headers["Idempotent-Replayed"] = "true"
    else:
        answer = operation.run(call)
        if isinstance(answer.document, HttpResponse):
            return answer.document
        status, said = _said(answer)
        headers.update(answer.headers)
    if operation.secret:
        said = {**said, "secret": call.secret}
    if status == 201 and str(said.get("url", "")).startswith(call.base):
        headers["Location"] = said["url"]
    return _written(call.request, operation, status, said, headers)


def _fingerprint(call: Call) -> str:
    told = [call.request.method, call.request.path, schema.plain(call.body)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _said(answer: Answer) -> tuple[int, dict[str, Any]]:
    return answer.status, schema.plain(answer.document) if answer.document is not None else {}


def _written(
    request: HttpRequest, operation: Operation, status: int, said: dict[str, Any], headers: dict[str, str]
) -> HttpResponse:
    if status == 204:
        return HttpResponse(status=204, headers=headers)
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    if operation.etag:
        headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if headers["ETag"] in (one.strip() for one in request.headers.get("If-None-Match", "").split(",")):
            return HttpResponse(status=304, headers=headers)
    headers.setdefault("Cache-Control", "private, no-cache" if operation.etag else "no-store")
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    refused = refusal_of(error)
    if isinstance(refused, Refused):
        return _refused(request, _as_problem(refused))
    log.error("api.failed", path=request.path, exc_info=error)
    return _refused(request, Problem("internal"))


def _as_problem(refused: Refused) -> Problem:
    members = {"code": refused.code}
    if isinstance(refused, Invalid):
        flaws = [Flaw(f"/{name}", words) for name, words in refused.field_messages().items()]
        return Problem("invalid", refused.message(), flaws=flaws, members=members)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if isinstance(refused, Unavailable) else {}
    kind = BY_STATUS.get(refused.status, "invalid")
    return Problem(kind, refused.message(), headers=headers, members=members)


def _refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    said = problem.document(base=base_of(request), instance=request.path[:500], request_id=request_id)
    headers = {"Cache-Control": "no-store", **problem.headers}
    body = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
    return HttpResponse(body, status=said["status"], content_type=CONTENT_TYPE, headers=headers)


def _finished(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Other sites' pages may call: nothing here hangs on a cookie, so nothing is lent to them."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Headers"] = TAKEN
        response.headers["Access-Control-Max-Age"] = "86400"
    response.headers.setdefault("Content-Language", translation.get_language() or "en")
    patch_vary_headers(response, ("Accept-Language", "Authorization"))
    return response
