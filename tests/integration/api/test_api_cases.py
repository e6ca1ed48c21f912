"""Cases and measures through the interface."""

from __future__ import annotations

from typing import Any

from civicline.cases.selectors import get_case_by_reference_and_secret
from tests.integration.api.conftest import Caller
from tests.town import Town

LAMP = {
    "type": "incident",
    "title": "Street light is out",
    "service": "benefits",
    "place": {"latitude": 51.5, "longitude": -0.1, "address": "Mill Lane 4"},
    "answers": {"pole": "A17", "colours": ["red", "blue"]},
}


def opened(call: Caller, **more: Any) -> dict[str, Any]:
    status, made = call("POST", "/cases", {**LAMP, **more})
    assert status == 201, made
    return dict(made)


def test_a_case_is_opened_read_and_written_on(call: Caller) -> None:
    made = opened(call)
    assert get_case_by_reference_and_secret(made["reference"], made["secret"]) is not None
    status, read = call("GET", f"/cases/{made['reference'].lower()}")
    assert (status, read["title"], read["place"]["latitude"]) == (200, LAMP["title"], 51.5)
    status, update = call(
        "POST", f"/cases/{made['id']}/updates", {"text": "We are on our way.", "audience": "resident"}
    )
    assert (status, update["audience"], update["text"]) == (201, "resident", "We are on our way.")
    call("POST", f"/cases/{made['id']}/updates", {"text": "Needs a ladder."})
    _, history = call("GET", f"/cases/{made['id']}/updates")
    assert [one["audience"] for one in history["items"]][-2:] == ["resident", "staff"]
    assert call("GET", f"/cases/{made['id']}")[1]["status_note"] == "We are on our way."


def test_an_old_version_is_a_conflict(call: Caller) -> None:
    made = opened(call)
    call("POST", f"/cases/{made['id']}/updates", {"text": "First"})
    for audience in ("resident", "staff"):
        body = {"text": "Second", "audience": audience, "version": made["version"]}
        assert call("POST", f"/cases/{made['id']}/updates", body)[0] == 409


def test_a_case_keeps_the_resident_of_its_contact(call: Caller) -> None:
    _, contact = call("POST", "/contacts", {"text": "Dark here", "resident": {"email": "ada@example.org"}})
    made = opened(call, contact=contact["id"])
    assert made["resident"] == contact["resident"]["id"]
    assert call("POST", "/cases", {**LAMP, "contact": made["id"]})[0] == 422


def test_cases_are_listed_and_filtered(call: Caller, town: Town) -> None:
    for number in range(3):
        opened(call, title=f"Lamp {number}")
        town.clock.advance(1)
    opened(call, type="complaint")
    _, page = call("GET", "/cases?type=incident&limit=2&open=true")
    assert [one["title"] for one in page["items"]] == ["Lamp 2", "Lamp 1"]
    _, rest = call("GET", f"/cases?type=incident&limit=2&open=true&cursor={page['next']}")
    assert ([one["title"] for one in rest["items"]], rest["next"]) == (["Lamp 0"], "")


def test_half_a_place_is_refused(call: Caller) -> None:
    status, problem = call("POST", "/cases", {**LAMP, "place": {"latitude": 1.5}})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/latitude")


def test_queues_and_measures_of_today(call: Caller, town: Town) -> None:
    town.chat("benefits")
    gone = town.chat("benefits")
    town.settle()
    _, queues = call("GET", "/queues")
    waiting = {one["code"]: one["waits"][0]["waiting"] for one in queues["items"]}
    assert waiting == {"benefits": 2, "council-tax": 0}
    town.clock.advance(30)
    call("POST", f"/contacts/{gone.id}/leave", {})
    _, today = call("GET", "/measures/today")
    assert (today["total"]["offered"], today["total"]["abandoned"]) == (1, 1)
    assert today["total"]["service_level"]["value"] == 0.0
    assert "answered within 180 s" in today["total"]["service_level"]["definition"]
    benefits = next(one for one in today["queues"] if one["queue"] == "benefits")
    assert benefits["measures"]["average_speed_of_answer"]["value"] is None
