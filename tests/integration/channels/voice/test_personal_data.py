"""What is left of a call when its resident is forgotten: times and states, nothing that says who it was."""

from __future__ import annotations

import pytest
from django.conf import settings

from civicline.channels.voice import personal_data, services
from civicline.channels.voice.company import services as company
from civicline.channels.voice.models import Call
from civicline.config import wiring
from civicline.people import services as people
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_erased_residents_number_and_recording_are_gone(town: Town) -> None:
    wiring.personal_data()
    raw = {
        "channel": "1.1",
        "number": "+442079460123",
        "called": "442079460999",
        "service_code": "council-tax",
    }
    arrived = services.arrive(raw=raw, in_line=True)
    services.recording_started(call_id=arrived.call_id, name="of-them")
    services.caller_gone(call_id=arrived.call_id)
    folder = settings.CIVICLINE.voice_folder / "spool" / "recording"
    folder.mkdir(parents=True)
    (folder / "of-them.wav").write_bytes(b"RIFF")
    resident = Call.objects.get().contact.resident_id
    assert resident is not None
    assert personal_data.export(resident)[0]["number"] == "+442079460123"
    people.erase_resident(resident_id=resident, reason="they asked")
    call = Call.objects.get()
    assert (call.number, call.called, call.recording, call.state) == ("", "", "", "ended")
    assert not (folder / "of-them.wav").exists()


def test_what_was_said_to_whoever_was_asked_into_the_call_is_gone_too(town: Town) -> None:
    wiring.personal_data()
    arrived = services.arrive(
        raw={"channel": "1.2", "number": "+442079460123", "service_code": "council-tax"}, in_line=True
    )
    agent = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})
    party = company.ask(
        call_id=arrived.call_id, contact_id=arrived.contact_id, kind="consult", wish="private", by=agent,
        number="+442079460200", note="She is ill.",
    )  # fmt: skip
    company.end(party_id=party.pk, contact_id=arrived.contact_id, reason="hung_up")
    services.caller_gone(call_id=arrived.call_id)
    resident = Call.objects.get().contact.resident_id
    assert resident is not None
    people.erase_resident(resident_id=resident, reason="they asked")
    party.refresh_from_db()
    assert (party.note, party.number, party.outcome) == ("", "", "hung_up")
