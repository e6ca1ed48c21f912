"""The doors of residents and of other systems: each opens by what the map says, and by nothing that looks like it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client

from civicline.api import services as api
from civicline.api.scopes import SCOPES
from civicline.intake import services as intake
from civicline.intake.models import Contact, Service
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.kernel import clock
from civicline.people import services as people
from civicline.people.roles import Role
from tests.integration.security.addresses import Address, addresses
from tests.integration.security.outside import API, BY_CONTACT, CHAT, KEY, OPEN311, PORTAL, PUBLIC
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
OURS = "Only for my own eyes"
LONG_ENOUGH = "x" * 43


@pytest.fixture(autouse=True)
def _unlimited() -> Iterator[None]:
    """Wrong tries are counted; here each is the first."""
    cache.clear()
    yield
    cache.clear()


def outside(room: str) -> list[Address]:
    """The addresses of a room, with the route below the room."""
    own = [address for address in addresses() if address.name.startswith(room)]
    bases = {"open311:": "open311/v2/", "api:": "api/v1/"}
    return [one._replace(route=one.route.removeprefix(bases.get(room, ""))) for one in own]


def open311_route(address: Address) -> str:
    return address.route.removeprefix("test/").partition(r"(?:\.(?P<extension>")[0]


def name(address: Address) -> str:
    return address.name.partition(":")[2]


def test_every_outside_address_says_how_it_opens_and_nothing_else_is_said() -> None:
    assert {name(one) for one in outside("chat:")} == set(CHAT)
    assert {name(one) for one in outside("portal:")} == set(PORTAL)
    assert {open311_route(one) for one in outside("open311:")} == set(OPEN311)
    assert {one.route for one in outside("api:")} == set(API)


def test_what_is_public_asks_for_nothing(town: Town) -> None:
    public = [one for one in outside("chat:") if CHAT[name(one)] == PUBLIC]
    public += [one for one in outside("portal:") if PORTAL[name(one)] == PUBLIC]
    public += [one for one in outside("open311:") if OPEN311[open311_route(one)] == PUBLIC]
    public += [one for one in outside("api:") if API[one.route].get("GET") == PUBLIC]
    shut = {
        one.path: status for one in public if (status := Client().get(one.path).status_code) in (401, 403)
    }
    assert shut == {}


class Resident:
    """Somebody with a chat, a form and a case of their own, and what opens them."""

    def __init__(self, who: str) -> None:
        facts = ResidentFacts(name=who, email=f"{who.lower()}@resident.example")
        said = Inbound(channel="chat", text=f"{OURS}, {who}", service_code="council-tax", resident=facts)
        received = intake.receive(inbound=said)
        draft = intake.begin_draft(service=Service.objects.get(code="council-tax"), language="en")
        self.contact: Contact = received.contact
        self.draft_id: UUID = draft.draft.pk
        self.secrets = {
            "chat_secret": received.secret,
            "case_secret": received.secret,
            "form_secret": draft.secret,
        }

    def path(self, address: Address) -> str:
        """The address of what is this resident's own."""
        nobody = "00000000-0000-0000-0000-000000000007"
        path = address.path
        if address.name.startswith("chat:"):
            return path.replace(nobody, str(self.contact.pk), 1)
        if name(address).startswith("form"):
            return path.replace(nobody, str(self.draft_id), 1)
        return path.replace("SM-4K7-291", self.contact.reference, 1)


def by_secret() -> list[Address]:
    chats = [one for one in outside("chat:") if "secret" in CHAT[name(one)]]
    return chats + [one for one in outside("portal:") if "secret" in PORTAL[name(one)]]


def strangers(other: Resident) -> dict[str, Client]:
    """Those who must not get in: nobody, somebody who guesses, another resident, every role of staff."""
    found = {"nobody": Client(), "guesser": Client(), "another resident": Client()}
    for cookie, secret in other.secrets.items():
        found["guesser"].cookies[cookie] = LONG_ENOUGH
        found["another resident"].cookies[cookie] = secret
    for role in Role:
        user: Any = people.create_staff(email=f"{role}@saltmere.example", name=str(role), roles=[role])
        found[role] = Client()
        found[role].force_login(user, backend=BACKEND)
    return found


def test_a_secret_opens_what_is_its_own_and_nothing_of_anybody_else(town: Town) -> None:
    grace, tomasz = Resident("Grace"), Resident("Tomasz")
    wrong: list[str] = []
    before = intake_count(grace)
    for who, client in strangers(tomasz).items():
        for address in by_secret():
            for method in ("GET", "POST"):
                cache.clear()
                answer = client.generic(method, grace.path(address), secure=False)
                page = b"" if answer.streaming else answer.content
                if answer.status_code < 400 and not _leads_to_the_door(answer):
                    wrong.append(f"{who} got {answer.status_code} for {method} {address.name}")
                if OURS.encode() in page or b"grace@" in page:
                    wrong.append(f"{who} read what is Grace's at {method} {address.name}")
                if answer.status_code >= 500:
                    wrong.append(f"{method} {address.name} broke")
    assert wrong == []
    assert intake_count(grace) == before


def intake_count(resident: Resident) -> tuple[int, str]:
    contact = Contact.objects.get(pk=resident.contact.pk)
    return contact.message_count, contact.state


def _leads_to_the_door(answer: Any) -> bool:
    """A redirect to the page where a reference and a secret are typed in."""
    where = str(answer.headers.get("Location", ""))
    return bool(answer.status_code == 302) and where.startswith(("/en/status/", "/chat/?"))


def test_the_right_secret_opens_its_own(town: Town) -> None:
    grace = Resident("Grace")
    client = Client()
    for cookie, secret in grace.secrets.items():
        client.cookies[cookie] = secret
    opened = {name(one): client.get(grace.path(one)).status_code for one in by_secret()}
    assert {"conversation", "news", "transcript_text", "form_check", "case"} <= {
        door for door, status in opened.items() if status in (200, 302)
    }
    assert OURS in client.get(f"/chat/{grace.contact.pk}/").content.decode()


def _body(path: str) -> bytes:
    """What the address takes, where a refusal must not be one of the words."""
    return b'{"text": "Hello"}' if path.endswith("/messages") else b"{}"


def _send(method: str, path: str, **headers: str) -> int:
    cache.clear()
    answer = Client().generic(method, path, _body(path), content_type="application/json", headers=headers)
    return answer.status_code


def _keys() -> dict[str, str]:
    """Tokens that open nothing any more, and what is none."""
    gone = api.create_token(name="Gone", scopes=list(SCOPES))
    api.revoke_token(token_id=gone.token.pk)
    late = api.create_token(name="Late", scopes=list(SCOPES), expires_at=clock.now() + timedelta(minutes=1))
    return {"revoked": gone.secret, "expired": late.secret, "forged": "cvl_00000000_" + LONG_ENOUGH}


def test_the_interface_opens_by_a_token_with_the_scope(town: Town) -> None:
    grace, tomasz = Resident("Grace"), Resident("Tomasz")
    bad = _keys()
    town.clock.advance(61)
    lacking = {
        scope: api.create_token(name=f"not {scope}", scopes=[one for one in SCOPES if one != scope]).secret
        for scope in SCOPES
    }
    holding = {scope: api.create_token(name=scope, scopes=[scope]).secret for scope in SCOPES}
    staff = strangers(tomasz)
    wrong = []
    for address in outside("api:"):
        path = address.path.replace("SM-4K7-291", str(grace.contact.pk), 1)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            scope = API[address.route].get(method)
            if scope in (None, PUBLIC):
                if scope is None and _send(method, path) < 400:
                    wrong.append(f"{method} {address.route} is not in the map")
                continue
            told = {kind: _send(method, path, Authorization=f"Bearer {key}") for kind, key in bad.items()}
            told["nothing"] = _send(method, path)
            told["a session"] = max(
                client.generic(method, path, _body(path), content_type="application/json").status_code
                for client in staff.values()
            )
            wrong += [
                f"{method} {address.route} with {one}: {got}"
                for one, got in told.items()
                if got not in (401, 429)
            ]
            if (got := _send(method, path, Authorization=f"Bearer {lacking[scope]}")) != 403:
                wrong.append(f"{method} {address.route} without {scope}: {got}")
            another = _send(method, path, Authorization=f"Contact {tomasz.secrets['chat_secret']}")
            if another not in ((403, 404) if address.route.startswith(BY_CONTACT) else (403,)):
                wrong.append(f"{method} {address.route} with another contact's secret: {another}")
            if (got := _send(method, path, Authorization=f"Bearer {holding[scope]}")) in (401, 403):
                wrong.append(f"{method} {address.route} keeps {scope} out: {got}")
    assert wrong == []


def test_reports_by_open311_are_taken_with_a_key_only(town: Town) -> None:
    bad = _keys() | {
        "another scope": api.create_token(name="Reader", scopes=["cases:read"]).secret,
        "nothing": "",
    }
    town.clock.advance(61)
    good = api.create_token(name="App", scopes=["open311:write"]).secret
    body = {"service_code": "council-tax", "description": "x", "address_string": "12 Quay Street"}
    doors = [one for one in outside("open311:") if OPEN311[open311_route(one)] == KEY]
    assert doors
    for address in doors:
        for kind, key in bad.items():
            cache.clear()
            assert Client().post(address.path, body | ({"api_key": key} if key else {})).status_code == 403, (
                kind
            )
        cache.clear()
        assert Client().post(address.path, body | {"api_key": good}).status_code != 403
        assert Client().get(address.path).status_code == 200
