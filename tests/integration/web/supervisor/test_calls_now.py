"""The calls of now at the supervisor: who is with whom, and listening, whispering, joining in, taking over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from civicline.channels.voice import services as voice
from civicline.channels.voice.company.models import Party
from civicline.channels.voice.models import Call
from civicline.intake.models import Contact, Service
from civicline.kernel.models import AuditEntry
from civicline.people import services as people
from civicline.people.models import User
from civicline.routing.models import Offer
from civicline.web.supervisor.calls import STATES
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
PARTS = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _switched_on(settings: Any) -> None:
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_mode="embedded")


@pytest.fixture
def nadia(town: Town) -> UUID:
    """An agent with a telephone."""
    found = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})
    voice.save_phone(agent_id=found, name="7001", kind="sip", address="sip:7001@10.0.0.7")
    return found


@pytest.fixture
def boss(town: Town, sign_in: Any) -> tuple[Client, User]:
    """A supervisor with a telephone."""
    client, user = sign_in("supervisor", "agent")
    voice.save_phone(agent_id=user.pk, name="7009", kind="sip", address="sip:7009@10.0.0.7")
    people.set_presence(agent_id=user.pk, state="available")
    return client, user


def talks(town: Town, agent: UUID) -> Contact:
    """Somebody calls about council tax and talks with the agent."""
    Service.objects.filter(code="council-tax").update(channels=["chat", "voice"])
    raw = {"channel": f"sip-{Call.objects.count()}", "number": "+442079460123", "service_code": "council-tax"}
    call_id = voice.arrive(raw=raw, in_line=True).call_id
    town.settle()
    contact = Contact.objects.get(pk=Call.objects.get(pk=call_id).contact_id)
    offer = Offer.objects.get(contact=contact, state="open", agent_id=agent)
    voice.phone_rang(call_id=call_id, agent_id=agent)
    voice.phone_answered(call_id=call_id, agent_id=agent, offer_id=offer.pk)
    return contact


def do(client: Client, contact: Contact, deed: str, reason: str = "Coaching") -> Any:
    """A button of the dialog, as the script presses it."""
    return client.post(f"/supervisor/calls/{contact.pk}/{deed}", {"reason": reason}, headers=PARTS)


def test_the_calls_of_now_stand_on_one_page(town: Town, nadia: UUID, boss: tuple[Client, User]) -> None:
    client, _user = boss
    assert "Nobody is on the line." in client.get("/supervisor/calls/").content.decode()
    contact = talks(town, nadia)
    page = client.get("/supervisor/calls/").content.decode()
    assert "Nadia" in page and "+442079460123" in page and "Talks" in page
    voice.hold(contact_id=contact.pk, agent_id=nadia)
    page = client.get("/supervisor/calls/now", headers=PARTS).content.decode()
    assert "On hold" in page and 'hx-swap-oob="true"' in page


@pytest.mark.parametrize("state", sorted(STATES))
def test_a_call_in_any_state_has_its_line(
    town: Town, nadia: UUID, boss: tuple[Client, User], state: str
) -> None:
    contact = talks(town, nadia)
    if state in ("consult", "conference"):
        party = voice.consult(contact_id=contact.pk, agent_id=nadia, to_agent_id=boss[1].pk)
        voice.party_answered(call_id=party.call_id, party_id=party.pk)
        if state == "conference":
            voice.join(contact_id=contact.pk, agent_id=nadia, party_id=party.pk)
    else:
        Call.objects.filter(contact=contact).update(state=state)
    assert str(STATES[state][0]) in boss[0].get("/supervisor/calls/").content.decode()


def test_a_supervisor_is_in_the_call_with_a_reason_that_stays(
    town: Town, nadia: UUID, boss: tuple[Client, User]
) -> None:
    client, user = boss
    contact = talks(town, nadia)
    assert "Say why." in do(client, contact, "listen", reason="").content.decode()
    assert not Party.objects.exists()
    assert do(client, contact, "listen").status_code == 204
    party = Party.objects.get()
    assert (party.agent_id, party.kind, party.wish) == (user.pk, "monitor", "listening")
    assert "Your telephone rings for this call" in do(client, contact, "whisper").content.decode()
    voice.party_answered(call_id=party.call_id, party_id=party.pk)
    for way, state in (("whisper", "whispering"), ("barge", "joined"), ("listen", "listening")):
        assert do(client, contact, way).status_code == 204
        assert Party.objects.get().state == state
    page = client.get(f"/supervisor/calls/{contact.pk}/").content.decode()
    assert "The agent sees that you listen." in page and "Leave the call" in page
    assert do(client, contact, "stop").status_code == 204
    assert Party.objects.get().state == "ended"
    told = AuditEntry.objects.filter(action__startswith="call.").values_list("action", "reason")
    assert set(told) == {(f"call.{deed}", "Coaching") for deed in ("listened", "whispered", "barged")}


def test_a_supervisor_takes_the_caller_over(town: Town, nadia: UUID, boss: tuple[Client, User]) -> None:
    client, user = boss
    contact = talks(town, nadia)
    assert do(client, contact, "take-over", reason="They ask for me").status_code == 204
    contact.refresh_from_db()
    assert (contact.state, contact.agent_id) == ("connected", user.pk)
    assert "in your own hands" in do(client, contact, "listen").content.decode()


def test_without_a_telephone_or_with_a_wrong_role_nobody_listens(
    town: Town, nadia: UUID, supervisor: Client, sign_in: Any
) -> None:
    contact = talks(town, nadia)
    assert "You have no telephone" in do(supervisor, contact, "listen").content.decode()
    for role in ("agent", "planner", "administrator", "auditor"):
        client, _user = sign_in(role, name=f"{role.title()} One")
        for deed in ("listen", "whisper", "barge", "stop", "take-over"):
            assert do(client, contact, deed).status_code == 403, (role, deed)
    assert not Party.objects.exists()


def test_the_administrator_sets_whether_agents_see_it(town: Town, sign_in: Any) -> None:
    client, _user = sign_in("administrator")
    page = client.get("/admin/calls/listening/").content.decode()
    assert "Show agents that somebody listens" in page and "checked" in page
