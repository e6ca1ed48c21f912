"""The calls of now at the supervisor: who is with whom, and listening, whispering, joining in, taking over."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from civicline.channels.voice import services as voice
from civicline.channels.voice.company.models import Party
from civicline.channels.voice.lines_now import lines_now
from civicline.channels.voice.models import Call
from civicline.config.trunk_kind import Trunk
from civicline.intake.models import Contact, Service
from civicline.kernel import bus, clock
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
    assert "Nadia" in page and "+44 20 7946 0123" in page and "Talks" in page
    voice.hold(contact_id=contact.pk, agent_id=nadia)
    page = client.get("/supervisor/calls/now", headers=PARTS).content.decode()
    assert "On hold" in page and 'hx-swap-oob="true"' in page


def with_a_line(settings: Any) -> None:
    """A line to the network, over which numbers outside are called."""
    line = Trunk(id="network", host="192.0.2.5")
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_trunks=(line,))


def test_whoever_looks_at_the_calls_hears_at_once_of_hold_and_resume(town: Town, nadia: UUID) -> None:
    contact = talks(town, nadia)
    heard: list[str] = []
    with bus.subscribe(["board"], lambda hint: heard.append(str(hint["kind"]))):
        for verb in (voice.hold, voice.resume):
            verb(contact_id=contact.pk, agent_id=nadia)
            assert heard.pop() == "call"


@pytest.mark.parametrize("state", sorted(STATES))
def test_a_call_in_any_state_has_its_line(
    town: Town, nadia: UUID, boss: tuple[Client, User], state: str, settings: Any
) -> None:
    contact = talks(town, nadia)
    if state in ("consult", "conference"):
        party = voice.consult(contact_id=contact.pk, agent_id=nadia, to_agent_id=boss[1].pk)
        voice.party_answered(call_id=party.call_id, party_id=party.pk)
        if state == "conference":
            voice.join(contact_id=contact.pk, agent_id=nadia, party_id=party.pk)
    elif state == "passed":
        with_a_line(settings)
        voice.pass_to_number(contact_id=contact.pk, agent_id=nadia, number="020 7946 0200")
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
    answer = do(client, contact, "listen")
    party = Party.objects.get()
    assert json.loads(answer["HX-Trigger"]) == {"telephone:asked": {"leg": str(party.pk)}}
    assert "Your telephone rings. Pick it up" in answer.content.decode()
    assert (party.agent_id, party.kind, party.wish) == (user.pk, "monitor", "listening")
    assert "Your telephone rings for this call" in do(client, contact, "whisper").content.decode()
    voice.party_answered(call_id=party.call_id, party_id=party.pk)
    for way, state in (("whisper", "whispering"), ("barge", "joined"), ("listen", "listening")):
        answer = do(client, contact, way)
        assert 'role="status"' in answer.content.decode() and "HX-Trigger" not in answer
        assert Party.objects.get().state == state
    page = client.get(f"/supervisor/calls/{contact.pk}/").content.decode()
    assert "The agent sees that you listen." in page and "Leave the call" in page
    assert "You are not in this call any more." in do(client, contact, "stop").content.decode()
    assert Party.objects.get().state == "ended"
    told = AuditEntry.objects.filter(action__startswith="call.").values_list("action", "reason")
    assert set(told) == {(f"call.{deed}", "Coaching") for deed in ("listened", "whispered", "barged")}


def test_a_supervisor_takes_the_caller_over(town: Town, nadia: UUID, boss: tuple[Client, User]) -> None:
    client, user = boss
    contact = talks(town, nadia)
    page = do(client, contact, "take-over", reason="They ask for me").content.decode()
    assert "The caller is yours." in page and f"/desk/c/{contact.pk}/" in page
    contact.refresh_from_db()
    assert (contact.state, contact.agent_id) == ("connected", user.pk)
    assert "in your own hands" in do(client, contact, "listen").content.decode()


def test_a_supervisor_who_is_signed_out_is_told_what_to_do_first(
    town: Town, nadia: UUID, boss: tuple[Client, User]
) -> None:
    client, user = boss
    contact = talks(town, nadia)
    people.set_presence(agent_id=user.pk, state="signed_out", reason="end_of_shift")
    assert "Set yourself to free there" in do(client, contact, "take-over").content.decode()
    contact.refresh_from_db()
    assert contact.agent_id == nadia


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


def test_the_wall_and_the_board_tell_how_the_telephone_stands(
    town: Town, nadia: UUID, boss: tuple[Client, User]
) -> None:
    client, user = boss
    people.set_presence(agent_id=user.pk, state="break", reason="rest")
    for page in (client.get("/board/now"), client.get("/supervisor/now", headers=PARTS)):
        shown = page.content.decode()
        assert "of 300" in shown and ">now</b>" in shown
    talks(town, nadia)
    raw = {"channel": "sip-next", "number": "+442079460124", "service_code": "council-tax"}
    waiting = voice.arrive(raw=raw, in_line=True)
    Contact.objects.filter(pk=waiting.contact_id).update(queued_at=clock.now() - timedelta(seconds=125))
    now = lines_now()
    assert now is not None
    assert (now.in_use, now.waiting, now.talking, now.free, now.next_s) == (2, 1, 1, 0, None)
    shown = client.get("/board/now").content.decode()
    assert "2:05" in shown and "not known yet" in shown
    for number in range(5):
        one = voice.arrive(raw=raw | {"channel": f"sip-old-{number}"}, in_line=False)
        at = clock.now()
        Call.objects.filter(pk=one.call_id).update(
            state="ended", talking_at=at - timedelta(seconds=100), ended_at=at
        )
    again = lines_now()
    assert again is not None and again.next_s == pytest.approx(100 * 1.6094, rel=0.01)
    assert "within 3 min" in client.get("/board/now").content.decode()
    of_benefits = lines_now("benefits")
    assert of_benefits is not None and of_benefits.waiting == 0
