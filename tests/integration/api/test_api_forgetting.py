"""Whoever is erased is also gone from the answers that were kept for repeats."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from civicline.api.models import IdempotentAnswer
from civicline.config import wiring
from civicline.people import services as people
from tests.integration.api.conftest import Caller

WHO = {"name": "Wanda Erased", "email": "wanda@example.org"}


def _begin(call: Caller, path: str, key: str, **body: Any) -> Any:
    status, said = call("POST", path, body, Idempotency_Key=key)
    assert status == 201
    return said


def _kept() -> str:
    return json.dumps(list(IdempotentAnswer.objects.values_list("body", flat=True)))


def test_answers_kept_for_repeats_forget_who_was_erased(call: Caller) -> None:
    wiring.personal_data()
    contact = _begin(call, "/contacts", "k-1", text="My secret worry", resident=WHO)
    _begin(call, f"/contacts/{contact['id']}/messages", "k-2", text="A word of Wanda's")
    case = _begin(call, "/cases", "k-3", type="complaint", title="Wanda's fence", contact=contact["id"])
    _begin(call, f"/cases/{case['id']}/updates", "k-4", text="Wanda rang again")
    other = _begin(call, "/contacts", "k-5", text="Of somebody else", resident={"name": "Omar Other"})
    assert "Wanda" in _kept()

    people.erase_resident(resident_id=UUID(contact["resident"]["id"]), reason="Asked for it")

    assert "anda" not in _kept()
    assert "Omar Other" in _kept()
    status, problem = call(
        "POST", "/contacts", {"text": "My secret worry", "resident": WHO}, Idempotency_Key="k-1"
    )
    assert (status, problem["title"]) == (422, "This key was used for something else")
    assert "erased" in problem["detail"]
    again = _begin(call, "/contacts", "k-5", text="Of somebody else", resident={"name": "Omar Other"})
    assert again["id"] == other["id"]
