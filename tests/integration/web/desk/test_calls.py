"""A call at the desk: what the agent sees of it, and what each button writes, whichever telephone they have."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from civicline.channels.voice import selectors
from civicline.channels.voice import services as voice
from civicline.channels.voice.flows import services as flows
from civicline.channels.voice.models import Call
from civicline.engine.callflow import flow_as_plain, nodes
from civicline.intake import selectors as intake
from civicline.intake.models import Contact, Service
from civicline.kernel.selectors import events_of_contact
from civicline.web.desk.hand import about_of
from tests.integration.web.desk.conftest import PARTS, Desk
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+442079460123"


@pytest.fixture
def telephone(nadia: Desk) -> Desk:
    """Nadia has a desk phone."""
    voice.save_phone(agent_id=nadia.id, name="7001", kind="sip", address="sip:7001@10.0.0.7:5060")
    return nadia


def calls(town: Town, number: str = NUMBER, *, page: bool = False) -> Contact:
    """Somebody calls about council tax, and is offered to whoever is free."""
    Service.objects.filter(code="council-tax").update(channels=["chat", "voice"])
    raw = {
        "channel": f"sip-{number}-{Call.objects.count()}", "number": number, "service_code": "council-tax",
        "language": "en", "page": page,
    }  # fmt: skip
    arrived = voice.arrive(raw=raw, in_line=True)
    town.settle()
    contact = intake.get_contact(arrived.contact_id)
    assert contact is not None
    return contact


def rings_and_is_accepted(town: Town, desk: Desk, number: str = NUMBER) -> Contact:
    """On the desk: the telephone still rings."""
    contact = calls(town, number)
    assert desk.take(contact).state == "connected"
    voice.phone_rang(call_id=call_of(contact).pk, agent_id=desk.id)
    return contact


def talks(town: Town, desk: Desk, number: str = NUMBER) -> Contact:
    """Accepted, and picked up."""
    contact = rings_and_is_accepted(town, desk, number)
    voice.talking(call_id=call_of(contact).pk, agent_id=desk.id)
    return contact


def call_of(contact: Contact) -> Call:
    """The call of a contact, as it stands."""
    return Call.objects.get(contact=contact)


def test_after_accepting_the_desk_asks_to_pick_up_the_telephone_until_it_is(
    town: Town, telephone: Desk
) -> None:
    contact = rings_and_is_accepted(town, telephone)
    page = telephone.open(contact)
    assert "Pick up your telephone" in page and "Desk phone 7001 rings" in page
    assert "call/mute" not in page and "call/hang-up" in page
    voice.talking(call_id=call_of(contact).pk, agent_id=telephone.id)
    page = telephone.read(f"/desk/c/{contact.pk}/now", parts=True)
    assert "On the call" in page and "call/mute" in page and "call/keys" in page


def test_whoever_calls_is_shown_with_number_and_earlier_contacts(town: Town, telephone: Desk) -> None:
    first = talks(town, telephone)
    telephone.do(f"/desk/c/{first.pk}/call/hang-up")
    telephone.do(f"/desk/c/{first.pk}/complete", disposition="solved")
    page = telephone.open(talks(town, telephone))
    assert "+44 20 7946 0123" in page and "Solved" in page
    page = telephone.open(talks_anew(town, telephone, number=""))
    assert "Number withheld" in page


def test_nobody_is_said_to_have_hung_up_when_it_was_the_exchange_that_went_away(
    town: Town, telephone: Desk
) -> None:
    contact = talks(town, telephone)
    voice.caller_gone(call_id=call_of(contact).pk, reason="lost")
    page = telephone.open(contact)
    assert "The call ended while our telephone system was interrupted." in page
    assert "The caller hung up." not in page and Contact.objects.get(pk=contact.pk).state == "wrap_up"


def test_a_call_from_the_towns_own_page_says_so(town: Town, telephone: Desk) -> None:
    contact = calls(town, "", page=True)
    now = telephone.client.get("/desk/telephone/now").json()
    assert (now["numbers"], now["page"]) == ([], True), "it rings, and is no withheld number"
    assert telephone.take(contact).state == "connected"
    voice.talking(call_id=call_of(contact).pk, agent_id=telephone.id)
    page = telephone.open(contact)
    assert "Our web page" in page and "Number withheld" not in page


def test_a_call_is_not_about_its_number() -> None:
    assert about_of(Contact(subject=NUMBER)) == ""
    assert about_of(Contact(subject="The bill of March")) == "The bill of March"


def talks_anew(town: Town, desk: Desk, number: str) -> Contact:
    """The call before is over; another one comes."""
    before = Contact.objects.get(agent_id=desk.id, state="connected")
    desk.do(f"/desk/c/{before.pk}/call/hang-up")
    desk.do(f"/desk/c/{before.pk}/complete", disposition="solved")
    return talks(town, desk, number)


def test_each_button_writes_what_is_wanted(town: Town, telephone: Desk) -> None:
    contact = talks(town, telephone)
    base = f"/desk/c/{contact.pk}/call/"
    assert 'aria-pressed="true"' in telephone.do(base + "hold")
    assert call_of(contact).state == "held"
    assert "on hold" in telephone.open(contact)
    telephone.do(base + "resume")
    assert call_of(contact).state == "talking"
    assert "The caller does not hear you" in telephone.do(base + "mute")
    assert call_of(contact).muted
    telephone.do(base + "unmute")
    assert not call_of(contact).muted
    over = telephone.do(base + "hang-up")
    assert "Choose what became of it" in over
    contact.refresh_from_db()
    assert contact.state == "wrap_up"
    assert "callbar" not in telephone.open(contact)


def test_without_scripts_a_button_leads_back_to_the_call(town: Town, telephone: Desk) -> None:
    contact = talks(town, telephone)
    answer = telephone.client.post(f"/desk/c/{contact.pk}/call/hold", follow=True)
    assert "The caller is on hold and hears music." in answer.content.decode()


def test_keys_are_kept_until_they_are_sent_and_sent_once(town: Town, telephone: Desk) -> None:
    contact = talks(town, telephone)
    address = f"/desk/c/{contact.pk}/call/keys"
    for keys in ("1", "2*#"):
        telephone.do(address, keys=keys)
    facts = selectors.facts_of(contact.pk)
    assert facts is not None and facts.keys
    call_id = call_of(contact).pk
    assert [voice.take_keys(call_id=call_id) for _ in range(2)] == ["12*#", ""]
    assert "12*#" not in json.dumps([event.data for event in events_of_contact(contact.pk)])


@pytest.mark.parametrize("keys", ["", "x", "1 2", "1" * 33, "١"])
def test_what_is_no_key_is_refused_in_words(town: Town, telephone: Desk, keys: str) -> None:
    contact = talks(town, telephone)
    assert "Press digits" in telephone.do(f"/desk/c/{contact.pk}/call/keys", 422, keys=keys)
    assert call_of(contact).keys == ""


def test_keys_that_come_too_fast_are_refused(town: Town, telephone: Desk) -> None:
    contact = talks(town, telephone)
    address = f"/desk/c/{contact.pk}/call/keys"
    for _ in range(2):
        telephone.do(address, keys="1" * 32)
    assert "too fast" in telephone.do(address, 409, keys="1")


def test_a_call_that_has_moved_on_is_told_calmly(town: Town, telephone: Desk) -> None:
    contact = talks(town, telephone)
    voice.caller_gone(call_id=call_of(contact).pk)
    assert "has changed" in telephone.do(f"/desk/c/{contact.pk}/call/hold", 409)


def test_no_colleague_touches_a_call_in_other_hands(town: Town, telephone: Desk, colleague: Desk) -> None:
    contact = talks(town, telephone)
    for verb in ("hold", "resume", "mute", "unmute", "keys", "hang-up"):
        answer = colleague.client.post(f"/desk/c/{contact.pk}/call/{verb}", {"keys": "1"}, headers=PARTS)
        assert answer.status_code == 403
    assert call_of(contact).state == "talking"


def test_only_a_note_can_be_written_to_a_caller(town: Town, telephone: Desk) -> None:
    page = telephone.open(talks(town, telephone))
    assert 'value="note"' in page and 'value="message"' not in page


def test_what_was_pressed_in_the_menu_is_shown_and_never_a_reference(town: Town, telephone: Desk) -> None:
    flows.save_flow(code="town", name={"en": "Town"}, main=True)
    flows.save_prompt(key="town-menu", texts={"en": "Press one for council tax."})
    flow = nodes.Flow(
        start="menu", languages=("en",), give_up="bye",
        nodes={
            "menu": nodes.AskDigit(
                "town-menu", (nodes.Choice("1", "tax", service="council-tax"),), silence="bye", invalid="bye"
            ),
            "tax": nodes.Queue("council-tax", full="bye"),
            "bye": nodes.HangUp(prompt="town-menu"),
        },
    )  # fmt: skip
    flows.replace_draft(code="town", plain=flow_as_plain(flow))
    flows.publish(code="town", note="test")
    contact = talks(town, telephone)
    Call.objects.filter(contact=contact).update(
        flow={"version": published(), "position": {}, "path": [["menu", "7"], ["menu", "1"]]}
    )
    page = telephone.open(contact)
    assert "7</b> <bdi>no choice</bdi>" in page and "1</b> <bdi>council-tax</bdi>" in page


def published() -> int:
    """The version of the menu that callers hear."""
    from civicline.channels.voice.flows.selectors import get_flow

    version = get_flow("town").published
    assert version is not None
    return int(version.pk)


@pytest.fixture
def switched_on(settings: Any) -> None:
    """An installation with a telephone."""
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_mode="embedded")


@pytest.mark.usefixtures("switched_on")
def test_each_chooses_where_calls_ring_and_the_desk_phone_is_not_forgotten(telephone: Desk) -> None:
    page = telephone.read("/desk/telephone/")
    assert "extension 7001" in page and 'data-telephone="sip"' in page
    assert "{loss} % lost, jitter {jitter} ms" in page
    assert telephone.client.post("/desk/telephone/choose", {"kind": "browser"}).status_code == 302
    assert 'data-telephone="browser"' in telephone.read("/desk/")
    telephone.do("/desk/telephone/choose", 422, kind="pigeon")
    telephone.do("/desk/telephone/choose", kind="sip")
    line = selectors.phone_of(telephone.id)
    assert line is not None and (line.kind, line.address) == ("sip", "sip:7001@10.0.0.7:5060")


@pytest.mark.usefixtures("switched_on")
def test_who_has_no_telephone_is_told_whom_to_ask(nadia: Desk) -> None:
    assert "Ask your administrator for an extension" in nadia.read("/desk/telephone/")
    assert "data-telephone" not in nadia.read("/desk/")
    nadia.do("/desk/telephone/choose", 404, kind="browser")


def wanted(desk: Desk) -> dict[str, object]:
    """What the telephone in the browser is told to do."""
    answer: dict[str, object] = json.loads(desk.read("/desk/telephone/now", parts=True))
    return answer


def test_a_telephone_picks_up_what_was_accepted_and_nothing_else_and_tells_who_rings_in_groups(
    town: Town, telephone: Desk
) -> None:
    known = {"numbers": ["+44 20 7946 0123"], "page": False}
    assert wanted(telephone) == {"answer": False, "muted": False, "numbers": [], "page": False}
    contact = calls(town)
    assert wanted(telephone) == {"answer": False, "muted": False} | known  # an offer is for the person
    telephone.take(contact)
    assert wanted(telephone) == {"answer": True, "muted": False} | known
    voice.talking(call_id=call_of(contact).pk, agent_id=telephone.id)
    telephone.do(f"/desk/c/{contact.pk}/call/mute")
    assert wanted(telephone) == {"answer": True, "muted": True} | known  # this call, lost and rung again
    assert UUID(str(contact.agent_id)) == telephone.id


def test_what_the_caller_presses_is_seen_as_it_comes_and_hidden_during_a_payment(
    town: Town, telephone: Desk
) -> None:
    contact = talks(town, telephone)
    call_id = call_of(contact).pk
    assert "data-pressed" not in telephone.open(contact)
    for digit in "12":
        voice.caller_pressed(call_id=call_id, digit=digit)
    assert ">12</dd>" in telephone.read(f"/desk/c/{contact.pk}/now", parts=True)
    telephone.do(f"/desk/c/{contact.pk}/recording/silence", why="field")
    for digit in "4929":
        voice.caller_pressed(call_id=call_id, digit=digit)
    page = telephone.read(f"/desk/c/{contact.pk}/now", parts=True)
    assert ">12••••" in page and "hidden during a payment" in page
    assert call_of(contact).pressed == "12••••"
    telephone.do(f"/desk/c/{contact.pk}/recording/go-on", why="field")
    voice.caller_pressed(call_id=call_id, digit="7")
    assert call_of(contact).pressed == "12••••7"
    assert "4" not in "".join(str(row.data.get("digit", "")) for row in events_of_contact(contact.pk))
    telephone.do(f"/desk/c/{contact.pk}/call/hang-up")
    voice.end_call(call_id=call_id)
    assert (call_of(contact).pressed, call_of(contact).paying) == ("", False)
    voice.caller_pressed(call_id=call_id, digit="8")
    assert call_of(contact).pressed == ""


def test_of_many_keys_the_last_ones_are_shown(town: Town, telephone: Desk) -> None:
    contact = talks(town, telephone)
    for digit in "0123456789" * 4:
        voice.caller_pressed(call_id=call_of(contact).pk, digit=digit)
    assert call_of(contact).pressed == ("0123456789" * 4)[-32:]
