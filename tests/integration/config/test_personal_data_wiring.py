"""Every room that keeps personal data has its step, and one call reaches them all."""

import pytest

from civicline.config import wiring
from civicline.intake import services as intake
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.people import erasure, services

pytestmark = pytest.mark.django_db


def test_export_and_erasure_reach_contacts_and_cases() -> None:
    wiring.personal_data.__wrapped__()
    facts = ResidentFacts(name="Samira Haddad", email="samira@example.org")
    contact = intake.receive(inbound=Inbound(channel="webform", text="Damp", resident=facts)).contact
    assert contact.resident_id is not None
    exported = services.export_resident(resident_id=contact.resident_id)
    assert exported["contacts"][0]["messages"][0]["text"] == "Damp"
    assert exported["cases"] == []
    counts = services.erase_resident(resident_id=contact.resident_id, reason="asked for it")
    assert counts == {"contacts": 1, "calls": 0, "cases": 0, "residents": 1}
    assert list(erasure.steps()) == ["contacts", "calls", "cases"]


def test_followers_and_promises_are_wired() -> None:
    names = {handler.name for handler in wiring.handlers().wanting("case.step_taken")}
    assert "cases.tell_followers" in names
    assert {"cases.check_clocks", "cases.forget_closed", "intake.forget_closed"} <= set(wiring.jobs().kinds())
