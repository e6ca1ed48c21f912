"""Whoever waits for a call back sees it on the page of their case, and may call it off there; nobody else may."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from civicline.channels.voice import services as voice
from civicline.channels.voice.models import Call, Callback
from civicline.config.trunk_kind import Trunk
from civicline.intake import services as intake
from civicline.intake.models import Contact
from civicline.intake.ports import Inbound, ResidentFacts
from tests.integration.web.portal.visitor import Visitor, words
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+442079460123"


@pytest.fixture
def telephone(settings: Any) -> None:
    """A house with a telephone, and a line to the network."""
    trunk = Trunk("network", "127.0.0.2")
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_mode="embedded", voice_trunks=(trunk,))


def asks_to_be_called(town: Town) -> Callback:
    """A resident calls, asks for a call back, and hangs up."""
    raw = {
        "channel": "sip-1",
        "number": NUMBER,
        "called": "+442079460999",
        "service_code": "council-tax",
        "language": "en",
    }
    arrived = voice.arrive(raw=raw, in_line=True)
    voice.book(call_id=arrived.call_id, number=NUMBER)
    voice.caller_gone(call_id=arrived.call_id)
    town.settle()
    return Callback.objects.get()


def written(phone: str) -> tuple[str, str]:
    """Somebody with this number has written: what opens their page."""
    facts = ResidentFacts(name="Grace", phone=phone)
    made = intake.receive(
        inbound=Inbound(channel="webform", text="Hello", service_code="council-tax", resident=facts)
    )
    return made.contact.reference, made.secret


def test_a_call_back_is_seen_and_called_off(town: Town, telephone: None) -> None:
    owed = asks_to_be_called(town)
    assert (owed.state, Call.objects.get().state, Contact.objects.get().state) == (
        "waiting",
        "callback",
        "queued",
    )
    reference, secret = written(NUMBER)
    visitor = Visitor()
    page = visitor.post("/en/status/", {"reference": reference, "code": secret})
    assert "We call you back" in words(page)
    assert NUMBER not in page.content.decode(), "only its end, enough to know one's own"
    gone = visitor.post(f"/en/status/{reference}/calls/{owed.pk}/off/", {})
    assert "We call you back" not in words(gone)
    owed.refresh_from_db()
    assert (owed.state, Call.objects.get().state) == ("cancelled", "ended")


def test_nobody_calls_off_what_another_one_waits_for(town: Town, telephone: None) -> None:
    owed = asks_to_be_called(town)
    reference, secret = written("+442079460777")
    visitor = Visitor()
    assert "We call you back" not in words(
        visitor.post("/en/status/", {"reference": reference, "code": secret})
    )
    visitor.post(f"/en/status/{reference}/calls/{owed.pk}/off/", {})
    Visitor().post(f"/en/status/{reference}/calls/{owed.pk}/off/", {})
    owed.refresh_from_db()
    assert owed.state == "waiting"
