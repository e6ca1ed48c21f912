"""A contact through the interface: begun by another system, followed by its resident, answered at the desk."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.test import Client

from civicline.api.models import IdempotentAnswer
from civicline.intake import services as intake
from civicline.intake.models import Contact
from tests.integration.api.conftest import Caller
from tests.town import Town

BIN = {"text": "When is my bin emptied?", "service": "council-tax", "languages": ["en"]}


def begin(call: Caller, **more: Any) -> dict[str, Any]:
    status, made = call("POST", "/contacts", {**BIN, **more})
    assert status == 201, made
    return dict(made)


def test_a_contact_is_begun_followed_and_answered(call: Caller, client: Client, town: Town) -> None:
    made = begin(call, resident={"name": "Ada", "email": "ada@example.org"})
    resident = Caller(client, f"Contact {made['secret']}")
    address = f"/contacts/{made['id']}"
    town.settle()

    status, wait = resident("GET", f"{address}/wait")
    assert (status, wait["state"], wait["position"]) == (200, "queued", 1)
    status, said = resident("POST", f"{address}/messages", {"text": "It is the green one."})
    assert (status, said["number"], said["direction"]) == (201, 2, "in")
    intake.add_message(
        contact_id=Contact.objects.get().pk, direction="out", body="On Tuesday.", author_name="Ben"
    )
    town.settle()
    status, read = resident("GET", f"{address}/messages?after=2")
    assert [(one["text"], one["author"], one["delivery"]) for one in read["items"]] == [
        ("On Tuesday.", "Ben", "sent")
    ]
    status, left = resident("POST", f"{address}/leave", {})
    assert (status, left["state"]) == (200, "abandoned")
    assert resident("POST", f"{address}/leave", {})[0] == 200


def test_the_secret_opens_this_contact_only(call: Caller, client: Client) -> None:
    mine, theirs = begin(call), begin(call)
    resident = Caller(client, f"Contact {mine['secret']}")
    assert resident("GET", f"/contacts/{mine['id']}")[0] == 200
    assert resident("GET", f"/contacts/{mine['reference']}")[0] == 200
    assert resident("GET", f"/contacts/{theirs['id']}")[0] == 404
    assert resident("GET", "/contacts/00000000-0000-7000-8000-000000000000")[0] == 404
    assert resident("GET", "/contacts")[0] == 403


def test_internal_notes_stay_in_the_house(call: Caller) -> None:
    made = begin(call)
    intake.add_message(contact_id=Contact.objects.get().pk, direction="note", body="Rude again.")
    _, read = call("GET", f"/contacts/{made['id']}/messages")
    assert [one["direction"] for one in read["items"]] == ["in"]


def test_the_same_key_and_body_give_the_same_answer(call: Caller) -> None:
    first = call.send("POST", "/contacts", BIN, **{"Idempotency-Key": "k-1"})
    again = call.send("POST", "/contacts", BIN, **{"Idempotency-Key": '"k-1"'})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert Contact.objects.count() == 1
    assert "secret" not in str(IdempotentAnswer.objects.get().body.get("secret") or "")


def test_the_same_key_with_another_body_is_refused(call: Caller) -> None:
    call.send("POST", "/contacts", BIN, **{"Idempotency-Key": "k-1"})
    status, problem = call("POST", "/contacts", {**BIN, "text": "Something else"}, Idempotency_Key="k-1")
    assert (status, problem["type"].rpartition("#")[2]) == (422, "problem-key-reused")
    assert Contact.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twice_at_the_same_moment_is_one_contact(call: Caller) -> None:
    from django.db import connections

    answers: list[str] = []
    ready = threading.Barrier(6)

    def post() -> None:
        ready.wait()
        own = Caller(Client(), call.authorization)
        answer = own.send("POST", "/contacts", BIN, **{"Idempotency-Key": "race"}).json()
        answers.append(json.dumps(answer, sort_keys=True))
        connections.close_all()

    crew = [threading.Thread(target=post) for _ in range(6)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    assert len(set(answers)) == 1
    assert Contact.objects.count() == 1


def test_pages_neither_repeat_nor_hide_when_others_arrive(call: Caller, town: Town) -> None:
    known = []
    for _ in range(7):
        known.append(begin(call)["id"])
        town.clock.advance(1)
    seen, cursor = [], ""
    for _ in range(4):
        _, page = call("GET", f"/contacts?limit=2&cursor={cursor}")
        seen += [one["id"] for one in page["items"]]
        begin(call)
        town.clock.advance(1)
        cursor = page["next"]
    assert seen == known[::-1]
    assert cursor == ""


def test_a_cursor_is_of_its_own_list(call: Caller) -> None:
    for _ in range(3):
        begin(call)
    _, page = call("GET", "/contacts?limit=1")
    assert call("GET", f"/contacts?limit=1&state=queued&cursor={page['next']}")[0] == 422
    assert call("GET", "/contacts?cursor=AAAA")[0] == 422


def test_what_has_not_changed_is_not_sent_again(call: Caller) -> None:
    made = begin(call)
    first = call.send("GET", f"/contacts/{made['id']}")
    again = call.send("GET", f"/contacts/{made['id']}", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_leaving_with_an_old_version_is_a_conflict(call: Caller, town: Town) -> None:
    made = begin(call)
    town.settle()
    status, problem = call("POST", f"/contacts/{made['id']}/leave", {"version": made["version"]})
    assert (status, problem["status"]) == (409, 409)


def test_services_tell_hours_and_waits_to_everybody(anybody: Caller) -> None:
    status, told = anybody("GET", "/services")
    assert status == 200
    assert [one["code"] for one in told["items"]] == ["benefits", "council-tax"]
    assert told["items"][1]["hours"]["open"] is True
    assert anybody("GET", "/services/council-tax/wait")[1]["waiting"] == 0
    assert anybody("GET", "/services/none")[0] == 404
