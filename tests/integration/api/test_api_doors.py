"""Tokens, scopes, limits, and what every refusal looks like."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from civicline.api import access, limits, services
from civicline.api.models import ApiToken
from civicline.api.open311_keys import verify
from civicline.channels.open311.access import KeyHolder
from civicline.kernel import clock
from tests.integration.api.conftest import Caller
from tests.town import Town

BIN = {"text": "When is my bin emptied?", "service": "council-tax"}


def kind_of(problem: dict[str, Any]) -> str:
    return str(problem["type"]).rpartition("#problem-")[2]


def test_without_a_token_only_services_are_told(anybody: Caller) -> None:
    for method, path in (
        ("GET", "/contacts"),
        ("POST", "/contacts"),
        ("GET", "/cases"),
        ("GET", "/webhooks"),
    ):
        response = anybody.send(method, path, BIN if method == "POST" else None)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "words", ["Bearer cvl_00000000_forged", "Bearer", "Basic YTpi", "Bearer " + "x" * 5000]
)
def test_a_forged_token_is_refused_also_where_none_is_needed(client: Client, town: Town, words: str) -> None:
    forged = Caller(client, words)
    assert forged.send("GET", "/services").status_code == 401
    assert forged.send("GET", "/contacts").status_code == 401


def test_a_token_ends_when_it_expires_or_is_revoked(make_caller: Callable[..., Caller], town: Town) -> None:
    short = make_caller(expires_at=clock.now() + timedelta(minutes=5))
    lasting = make_caller()
    assert short("GET", "/queues")[0] == lasting("GET", "/queues")[0] == 200
    town.clock.advance(301)
    services.revoke_token(token_id=ApiToken.objects.get(expires_at__isnull=True).pk)
    assert short("GET", "/queues")[0] == lasting("GET", "/queues")[0] == 401


def test_a_scope_opens_its_own_doors_only(make_caller: Callable[..., Caller]) -> None:
    reader = make_caller("contacts:read")
    assert reader("GET", "/contacts")[0] == 200
    status, problem = reader("POST", "/contacts", BIN)
    assert (status, kind_of(problem), problem["scope"]) == (403, "forbidden", "contacts:write")
    assert reader("GET", "/measures/today")[0] == 403


def test_a_token_is_an_open311_key_with_that_scope_only(town: Town) -> None:
    reports = services.create_token(name="App", scopes=["open311:write"])
    other = services.create_token(name="Other", scopes=["cases:read"])
    assert verify(reports.secret, "open311:write") == KeyHolder(str(reports.token.pk), "App", 600)
    assert verify(other.secret, "open311:write") is None


def test_only_the_hash_of_a_token_is_kept(town: Town) -> None:
    made = services.create_token(name="App", scopes=["cases:read"])
    row = ApiToken.objects.values().get()
    assert made.secret not in str(row)
    assert made.secret.startswith(f"cvl_{made.token.prefix}_")


def test_the_last_use_is_written_once_a_minute(make_caller: Callable[..., Caller], town: Town) -> None:
    caller = make_caller()
    caller("GET", "/queues")
    first = ApiToken.objects.get().last_used_at
    town.clock.advance(30)
    caller("GET", "/queues")
    assert ApiToken.objects.get().last_used_at == first
    town.clock.advance(31)
    caller("GET", "/queues")
    assert ApiToken.objects.get().last_used_at == clock.now()


def test_limits_are_told_and_kept(make_caller: Callable[..., Caller], town: Town) -> None:
    caller = make_caller(rate_per_minute=2)
    assert caller.send("GET", "/queues").headers["RateLimit-Remaining"] == "1"
    assert caller.send("GET", "/queues").headers["RateLimit-Remaining"] == "0"
    refused = caller.send("GET", "/queues")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    town.clock.advance(60)
    assert caller.send("GET", "/queues").status_code == 200


def test_residents_behind_one_address_each_have_their_own_limit(
    call: Caller, client: Client, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RESIDENT_PER_MINUTE", 2)
    monkeypatch.setattr(limits, "PUBLIC_PER_MINUTE", 3)
    contacts = [call("POST", "/contacts", BIN)[1] for _ in range(3)]
    cache.clear()  # nobody has called in this minute
    residents = [(Caller(client, f"Contact {one['secret']}"), f"/contacts/{one['id']}") for one in contacts]

    statuses = [[resident.send("GET", own).status_code for _ in range(3)] for resident, own in residents]

    assert statuses == [[200, 200, 429]] * 3
    assert Caller(client).send("GET", "/services").headers["RateLimit-Remaining"] == "2"


def test_a_made_up_secret_does_not_get_past_the_limit_of_its_address(
    call: Caller, client: Client, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PUBLIC_PER_MINUTE", 2)
    monkeypatch.setattr(access, "TRIES_PER_MINUTE", 2)
    made = call("POST", "/contacts", BIN)[1]
    cache.clear()  # nobody has called in this minute
    inventors = [Caller(client, f"Contact made-up-{number}") for number in range(3)]

    assert [one.send("GET", "/services").status_code for one in inventors] == [200, 200, 429]
    assert [one.send("GET", f"/contacts/{made['id']}").status_code for one in inventors] == [404, 404, 429]
    resident = Caller(client, f"Contact {made['secret']}")
    assert resident.send("GET", f"/contacts/{made['id']}").status_code == 200


def test_every_refusal_is_a_problem_document(call: Caller) -> None:
    deep = b"[" * 5000 + b"]" * 5000
    many = {**BIN, "data": {f"a{number}": "x" for number in range(10_000)}}
    asked: list[tuple[int, str, str, str, Any]] = [
        (404, "not-found", "GET", "/nothing", None),
        (404, "not-found", "GET", "/", None),
        (404, "not-found", "GET", "/contacts/none", None),
        (405, "method-not-allowed", "DELETE", "/contacts", None),
        (400, "malformed", "POST", "/contacts", b"{"),
        (400, "malformed", "POST", "/contacts", b"\xff\xfe"),
        (400, "malformed", "POST", "/contacts", deep),
        (400, "malformed", "POST", "/contacts", b'{"text":"a","text":"b"}'),
        (400, "malformed", "POST", "/contacts", b'{"text":NaN}'),
        (400, "malformed", "POST", "/contacts", b'{"text":' + b"9" * 5000 + b"}"),
        (400, "malformed", "POST", "/contacts", many),
        (413, "too-large", "POST", "/contacts", b'{"text":"' + b"a" * 1_000_000 + b'"}'),
        (422, "invalid", "POST", "/contacts", []),
        (422, "invalid", "GET", "/contacts?limit=1000", None),
        (422, "invalid", "GET", "/contacts?limit=1&limit=2", None),
        (422, "invalid", "GET", "/contacts?state=%00", None),
        (422, "invalid", "GET", "/contacts?unknown=1", None),
    ]
    for status, kind, method, path, body in asked:
        response = call.send(method, path, body)
        problem = response.json()  # type: ignore[attr-defined]  # of the test client
        assert (response.status_code, kind_of(problem)) == (status, kind), (path, problem)
        assert response.headers["Content-Type"] == "application/problem+json"
        assert problem["request_id"] == response.headers["X-Request-ID"]
        assert "Traceback" not in response.content.decode()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/text"),
        ({"text": 5}, "/text"),
        ({"text": "   "}, "/text"),
        ({"text": "a\x00b"}, "/text"),
        ({"text": "x" * 20_001}, "/text"),
        (b'{"text":"\\ud800"}', "/text"),
        ({**BIN, "surprise": 1}, "/surprise"),
        ({**BIN, "service": "none"}, "/service"),
        ({**BIN, "channel": "pigeon"}, "/channel"),
        ({**BIN, "languages": ["en", "not a tag"]}, "/languages/1"),
        ({**BIN, "resident": {"name": None}}, "/resident/name"),
        ({**BIN, "data": {"a/b": 10**30}}, "/data/a~1b"),
    ],
)
def test_a_wrong_value_is_named_by_its_pointer(call: Caller, body: Any, pointer: str) -> None:
    status, problem = call("POST", "/contacts", body)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


def test_what_is_no_json_is_refused_by_its_type(call: Caller) -> None:
    response = call.client.post(
        "/api/v1/contacts",
        b"text=a",
        content_type="text/plain",
        headers={"Authorization": call.authorization},
    )
    assert response.status_code == 415
    assert response.headers["Accept"] == "application/json"


def test_what_breaks_on_our_side_shows_no_trace(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("civicline.routing.selectors.lines", broken)
    response = call.send("GET", "/queues")
    assert response.status_code == 500
    assert b"secret detail" not in response.content


def test_other_sites_may_ask(anybody: Caller) -> None:
    response = anybody.send("OPTIONS", "/contacts")
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]


def test_the_page_and_the_document_are_there(anybody: Caller) -> None:
    assert anybody.send("GET", "/openapi.json").status_code == 200
    page = anybody.client.get("/api/v1/docs")
    assert page.status_code == 200
    assert b'id="problem-rate-limited"' in page.content
