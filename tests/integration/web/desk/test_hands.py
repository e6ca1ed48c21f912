"""More than two in a call, at the desk: what each of them sees, and what each button writes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from civicline.channels.voice import services as voice
from civicline.channels.voice.company import services as company
from civicline.channels.voice.company.models import Party
from civicline.channels.voice.flows import services as flows
from civicline.channels.voice.models import Call, CallingRule
from civicline.config.trunk_kind import Trunk
from civicline.intake.models import Calendar, Contact
from civicline.people import services as people
from civicline.people.models import Presence, User
from civicline.people.roles import Role
from civicline.routing.models import Offer
from civicline.web.desk import offers
from tests.integration.web.desk.conftest import Desk
from tests.integration.web.desk.test_calls import talks
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _switched_on(settings: Any) -> None:
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_mode="embedded")


@pytest.fixture
def phones(nadia: Desk, colleague: Desk) -> tuple[Desk, Desk]:
    """Both have a desk phone."""
    for number, desk in enumerate((nadia, colleague), start=1):
        voice.save_phone(
            agent_id=desk.id, name=f"700{number}", kind="sip", address=f"sip:700{number}@10.0.0.7"
        )
    return nadia, colleague


def asked(contact: Contact) -> Party:
    """The last who was asked into the call, as they stand."""
    return Party.objects.filter(call__contact=contact).latest("asked_at", "pk")


def press(desk: Desk, contact: Contact, name: str, status: int = 200, **fields: object) -> str:
    """A button of the call."""
    return desk.do(f"/desk/c/{contact.pk}/call/{name}", status, **fields)


def picks_up(party: Party) -> None:
    """Their telephone is picked up."""
    voice.party_answered(call_id=party.call_id, party_id=party.pk)


def consults(town: Town, nadia: Desk, colleague: Desk) -> tuple[Contact, Party]:
    """Nadia talks with her colleague; the caller hears music."""
    contact = talks(town, nadia)
    press(nadia, contact, "consult", to=f"agent:{colleague.id}", note="Two bins in one house.")
    picks_up(asked(contact))
    return contact, asked(contact)


def test_a_colleague_is_asked_reads_the_note_and_may_open_the_contact(
    town: Town, phones: tuple[Desk, Desk]
) -> None:
    nadia, colleague = phones
    contact = talks(town, nadia)
    assert "Ask in" in nadia.open(contact)
    page = press(nadia, contact, "consult", to=f"agent:{colleague.id}", note="Two bins in one house.")
    assert "It rings at Jonas" in page and "Their telephone rings" in page and "Stop ringing" in page
    card = colleague.read("/desk/offers", parts=True)
    assert "Nadia asks for you on the telephone" in card and "Two bins in one house." in card
    assert colleague.client.get(f"/desk/c/{contact.pk}/").status_code == 200
    press(colleague, contact, "hold", 403)
    assert Presence.objects.get(pk=colleague.id).engaged
    picks_up(asked(contact))
    assert "You talk with Nadia" in colleague.read("/desk/offers", parts=True)
    page = nadia.read(f"/desk/c/{contact.pk}/now", parts=True)
    assert "You talk alone, the caller hears music" in page and "Leave the caller to them" in page
    assert Call.objects.get(contact=contact).state == "held"


def test_each_button_of_a_consultation_writes_what_is_wanted(town: Town, phones: tuple[Desk, Desk]) -> None:
    nadia, colleague = phones
    contact, party = consults(town, nadia, colleague)
    press(nadia, contact, "swap", party=party.pk)
    assert (asked(contact).state, Call.objects.get(contact=contact).state) == ("aside", "talking")
    press(nadia, contact, "swap", party=party.pk)
    assert (asked(contact).state, Call.objects.get(contact=contact).state) == ("private", "held")
    page = press(nadia, contact, "join", party=party.pk)
    assert "Talks with you and the caller" in page and "Leave the caller to them" in page
    press(nadia, contact, "drop", party=party.pk)
    assert (asked(contact).state, asked(contact).outcome) == ("ended", "dropped")
    assert not Presence.objects.get(pk=colleague.id).engaged
    press(nadia, contact, "swap", 409, party=party.pk)
    press(nadia, contact, "swap", 404, party="nobody")
    press(nadia, contact, "consult", 422, to="")


def test_back_at_the_caller_nobody_is_left_alone(town: Town, phones: tuple[Desk, Desk]) -> None:
    nadia, colleague = phones
    contact, _party = consults(town, nadia, colleague)
    press(nadia, contact, "resume")
    assert (asked(contact).state, Call.objects.get(contact=contact).state) == ("aside", "talking")
    press(nadia, contact, "drop", party=asked(contact).pk)
    press(nadia, contact, "consult", to=f"agent:{colleague.id}")
    press(nadia, contact, "resume")
    picks_up(asked(contact))
    assert (asked(contact).state, Call.objects.get(contact=contact).state) == ("private", "held")


def test_the_caller_goes_to_the_colleague_with_the_contact(town: Town, phones: tuple[Desk, Desk]) -> None:
    nadia, colleague = phones
    contact, party = consults(town, nadia, colleague)
    page = press(nadia, contact, "complete", party=party.pk)
    assert "Jonas has the caller now." in page
    contact.refresh_from_db()
    assert (contact.state, contact.agent_id) == ("connected", colleague.id)
    assert "On the call" in colleague.open(contact)
    press(nadia, contact, "hold", 403)


def test_who_says_not_now_is_left_alone(town: Town, phones: tuple[Desk, Desk]) -> None:
    nadia, colleague = phones
    contact = talks(town, nadia)
    press(nadia, contact, "consult", to="queue:benefits")
    party = asked(contact)
    nadia.do(f"/desk/asked/{party.pk}/decline", 403)
    colleague.do(f"/desk/asked/{party.pk}/decline")
    assert (asked(contact).state, asked(contact).outcome) == ("ended", "refused")
    assert "asks for you" not in colleague.read("/desk/offers", parts=True)
    assert colleague.client.get(f"/desk/c/{contact.pk}/").status_code == 403


def test_whoever_is_busy_away_or_without_a_telephone_is_not_rung(
    town: Town, phones: tuple[Desk, Desk]
) -> None:
    nadia, colleague = phones
    contact = talks(town, nadia)
    people.set_presence(agent_id=colleague.id, state="break", reason="lunch")
    assert "is not free to talk now" in press(nadia, contact, "consult", 409, to=f"agent:{colleague.id}")
    assert "Nobody of this queue is free" in press(nadia, contact, "consult", 409, to="queue:benefits")
    assert "somebody else than yourself" in press(nadia, contact, "consult", 422, to=f"agent:{nadia.id}")
    voice.remove_phone(agent_id=colleague.id)
    assert "has no telephone" in press(nadia, contact, "consult", 422, to=f"agent:{colleague.id}")
    refused = press(nadia, contact, "consult", 422, number="+1900555")
    assert "number" in refused.lower()


def test_the_note_of_whoever_passed_a_contact_on_stands_on_the_next_offer(
    town: Town, phones: tuple[Desk, Desk]
) -> None:
    nadia, colleague = phones
    contact = talks(town, nadia)
    nadia.do(f"/desk/c/{contact.pk}/transfer", to="queue:benefits", note="She has paid; look at March.")
    town.settle()
    assert Offer.objects.filter(contact=contact, agent_id=colleague.id, state="open").exists()
    assert "Nadia: She has paid; look at March." in colleague.read("/desk/offers", parts=True)


@pytest.mark.parametrize("sign", [True, False])
def test_the_agent_sees_who_listens_where_the_rule_says_so(
    town: Town, phones: tuple[Desk, Desk], sign: bool
) -> None:
    nadia, _colleague = phones
    company.set_listening_rule(sign=sign)
    contact = talks(town, nadia)
    boss = town.agent("Oskar", queues=[], skills={})
    people.grant_role(user_id=boss, role=Role.SUPERVISOR)
    voice.save_phone(agent_id=boss, name="7009", kind="sip", address="sip:7009@10.0.0.7")
    party = voice.monitor(contact_id=contact.pk, by=boss, way="listen", reason="Coaching")
    picks_up(party)
    assert ("Oskar listens to this call." in nadia.open(contact)) is sign
    assert ("A supervisor listens" in nadia.read("/desk/")) is sign, (
        "seen when another conversation is open, too"
    )
    voice.monitor(contact_id=contact.pk, by=boss, way="barge", reason="To help")
    page = nadia.open(contact)
    assert "Oskar is in this call. Everybody hears them." in page
    assert "A supervisor is in the call" in page and "#i-ear" not in page, "who speaks is more than an ear"
    assert User.objects.get(pk=boss).name == "Oskar"


def with_a_line(settings: Any) -> None:
    """A line to the network, over which numbers outside are called."""
    line = Trunk(id="network", host="192.0.2.5")
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_trunks=(line,))


def test_a_caller_is_passed_on_to_a_number_outside_and_the_agent_is_free(
    town: Town, phones: tuple[Desk, Desk], settings: Any
) -> None:
    nadia, _colleague = phones
    with_a_line(settings)
    contact = talks(town, nadia)
    assert "Pass to this number" in nadia.open(contact)
    page = press(nadia, contact, "pass-outside", number="020 7946 0200", note="About the water bill")
    assert "It rings at \u2066+44 20 7946 0200\u2069." in page
    contact.refresh_from_db()
    assert (contact.state, contact.agent_id) == ("parked", None)
    assert (Call.objects.get(contact=contact).state, asked(contact).wish) == ("outside", "joined")
    voice.party_gone(call_id=asked(contact).call_id, party_id=asked(contact).pk, cause=17, answered=False)
    contact.refresh_from_db()
    assert (contact.state, contact.priority) == ("queued", 5)
    note = contact.messages.latest("number")
    why = "\u2066+44 20 7946 0200\u2069 was busy, so the caller is back in the line."
    assert note.body == f"{why}\nAbout the water bill"
    assert Call.objects.get(contact=contact).state == "queued"
    town.settle()
    offer = Offer.objects.get(contact=contact, state="open")
    [card] = offers.cards(offer.agent)
    assert card.note == note.body, "the exchange says it, and nobody's name stands before it"


def test_a_number_outside_is_called_by_its_name_or_read_in_groups(
    town: Town, phones: tuple[Desk, Desk], settings: Any
) -> None:
    nadia, _colleague = phones
    with_a_line(settings)
    flows.allow_number(number="+442079460300", name="Harbour Water")
    contact = talks(town, nadia)
    page = press(nadia, contact, "consult", number="02079460200")
    assert "It rings at \u2066+44 20 7946 0200\u2069." in page
    assert '<bdi class="strong" dir="ltr">+44 20 7946 0200</bdi>' in page
    press(nadia, contact, "drop", party=asked(contact).pk)
    page = press(nadia, contact, "consult", number="020 7946 0300")
    assert "It rings at Harbour Water." in page
    assert '<bdi class="strong">Harbour Water</bdi>' in page


@pytest.mark.parametrize(
    ("cause", "words"), [(17, "The line of Harbour Water was busy."), (19, "Harbour Water did not answer.")]
)
def test_whoever_asked_somebody_in_reads_why_they_did_not_come(
    town: Town, phones: tuple[Desk, Desk], settings: Any, cause: int, words: str
) -> None:
    nadia, _colleague = phones
    with_a_line(settings)
    flows.allow_number(number="+442079460300", name="Harbour Water")
    contact = talks(town, nadia)
    press(nadia, contact, "consult", number="020 7946 0300")
    party = asked(contact)
    voice.party_gone(call_id=party.call_id, party_id=party.pk, cause=cause, answered=False)
    assert words in nadia.open(contact)


def test_who_leaves_the_call_is_told_and_who_was_sent_away_is_not(
    town: Town, phones: tuple[Desk, Desk]
) -> None:
    nadia, colleague = phones
    contact, party = consults(town, nadia, colleague)
    voice.party_gone(call_id=party.call_id, party_id=party.pk, cause=16, answered=True)
    assert "Jonas has left the call." in nadia.open(contact)
    press(nadia, contact, "consult", to=f"agent:{colleague.id}")
    press(nadia, contact, "drop", party=asked(contact).pk)
    assert nadia.open(contact).count("Jonas has left the call.") == 1
    assert "Jonas did not answer." not in nadia.open(contact)


def test_the_card_of_who_asks_opens_the_contact_in_the_page_in_which_the_call_lives(
    town: Town, phones: tuple[Desk, Desk]
) -> None:
    nadia, colleague = phones
    contact, _party = consults(town, nadia, colleague)
    address = f"/desk/c/{contact.pk}/"
    card = colleague.read("/desk/offers", parts=True)
    assert f'href="{address}" hx-get="{address}" hx-swap="none"' in card
    assert 'id="conv-h"' in colleague.read(address, parts=True)


@pytest.mark.parametrize(
    ("number", "words"),
    [("+33123456789", "Calls abroad"), ("020 7946 0555", "do-not-call list"), ("12", "cannot be called")],
)
def test_what_is_not_called_from_here_is_refused_and_the_caller_stays(
    town: Town, phones: tuple[Desk, Desk], settings: Any, number: str, words: str
) -> None:
    nadia, _colleague = phones
    with_a_line(settings)
    voice.bar_number(number="+442079460555", reason="asked us")
    contact = talks(town, nadia)
    assert words in press(nadia, contact, "pass-outside", 422, number=number)
    contact.refresh_from_db()
    assert contact.state == "connected"


def test_outside_of_calling_hours_nobody_outside_is_rung(
    town: Town, phones: tuple[Desk, Desk], settings: Any
) -> None:
    nadia, _colleague = phones
    with_a_line(settings)
    contact = talks(town, nadia)
    assert contact.queue_id is not None
    never = Calendar.objects.create(code="never", name={"en": "Never"}, timezone="UTC", weekly=[])
    CallingRule.objects.create(queue_id=contact.queue_id, calendar=never)
    assert "calling hours" in press(nadia, contact, "pass-outside", 422, number="020 7946 0200")
