"""Every address, every role, every method: nobody does what the table does not give them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client

from civicline.people import services as people
from civicline.people.roles import Role
from tests.integration.security.addresses import Address, addresses
from tests.integration.security.table import OPEN, OPEN_ROOMS, OUTSIDE, STAFF
from tests.town import Town

LETTERS = {
    "A": "agent",
    "S": "supervisor",
    "P": "planner",
    "E": "editor",
    "M": "administrator",
    "U": "auditor",
}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def _is_open(name: str) -> bool:
    return name in OPEN or name.startswith((*OPEN_ROOMS, *OUTSIDE))


def test_every_address_is_in_the_table_and_nothing_else_is() -> None:
    names = {address.name for address in addresses()}
    assert sorted(name for name in names if name not in STAFF and not _is_open(name)) == []
    assert sorted(name for name in STAFF if name not in names) == []


def _signed_in(letter: str) -> Client:
    client = Client(raise_request_exception=False)
    if letter:
        user: Any = people.create_staff(
            email=f"{LETTERS[letter]}@saltmere.example", name=LETTERS[letter], roles=[Role(LETTERS[letter])]
        )
        client.force_login(user, backend=BACKEND)
    return client


def _ask(client: Client, method: str, address: Address) -> HttpResponseBase:
    """Ask, then undo: one address must not change what the next one finds."""
    with transaction.atomic():
        answer: HttpResponseBase = client.generic(method, address.path, secure=False)
        transaction.set_rollback(True)
    return answer


def _is_refused(answer: HttpResponseBase) -> bool:
    to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/")
    return to_sign_in or answer.status_code in {401, 403, 405}


@pytest.mark.parametrize("letter", ["", *LETTERS])
def test_a_role_reaches_what_is_its_own_and_nothing_more(town: Town, letter: str) -> None:
    client = _signed_in(letter)
    wrong = []
    for address in addresses():
        if address.name not in STAFF:
            continue
        looks, does = STAFF[address.name]
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = _ask(client, method, address)
            status = answer.status_code
            allowed = bool(letter) and letter in (looks if method == "GET" else does)
            missing_but_readable = status == 404 and bool(letter) and letter in looks
            if status >= 500:
                wrong.append(f"{method} {address.path} broke: {status}")
            elif not allowed and not _is_refused(answer) and not missing_but_readable:
                wrong.append(f"{method} {address.path} ({address.name}) let them in: {status}")
        if (
            letter
            and letter in looks + does
            and all(_is_refused(_ask(client, method, address)) for method in ("GET", "POST"))
        ):
            wrong.append(f"{address.path} ({address.name}) keeps out who belongs there")
    assert wrong == []


def test_no_form_of_staff_is_taken_without_its_token(town: Town) -> None:
    user: Any = people.create_staff(email="all@saltmere.example", name="All", roles=list(Role))
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend=BACKEND)
    taken = [
        address.path
        for address in addresses()
        if (address.name in STAFF or address.name.startswith(("account_", "mfa_")))
        and _ask(client, "POST", address).status_code != 403
    ]
    assert taken == []


def test_an_agent_does_not_read_what_is_in_other_peoples_queues(town: Town) -> None:
    agent = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 3})
    town.settle()
    contact = town.chat("benefits", "My rent")
    town.settle()
    from civicline.people.selectors import get_user

    client = Client()
    client.force_login(get_user(agent), backend=BACKEND)
    for end in ("", "now", "side", "texts"):
        answer = client.get(f"/desk/c/{contact.pk}/{end}")
        assert answer.status_code == 403
        assert b"My rent" not in answer.content
    for end in ("say", "transfer", "wrap-up", "complete"):
        assert client.post(f"/desk/c/{contact.pk}/{end}", {"body": "x"}).status_code == 403
