"""Calls that begin at the desk: placed at once, planned, called off, and refused in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from civicline.cases import services as cases
from civicline.channels.voice import services as voice
from civicline.channels.voice.models import Call, Callback
from civicline.config.trunk_kind import Trunk
from civicline.intake import selectors as intake
from civicline.intake.models import Contact, Service
from civicline.kernel import clock
from civicline.kernel.selectors import history
from civicline.web.desk.wording import UNREACHED
from tests.integration.web.desk.conftest import Desk
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+442079460123"


@pytest.fixture(autouse=True)
def telephones() -> Any:
    """A house with a telephone, and a line to the network."""
    conf = replace(settings.CIVICLINE, voice_mode="embedded", voice_trunks=(Trunk("network", "127.0.0.2"),))
    with override_settings(CIVICLINE=conf):
        yield


@pytest.fixture
def telephone(nadia: Desk) -> Desk:
    """Nadia has a desk phone."""
    voice.save_phone(agent_id=nadia.id, name="7001", kind="sip", address="sip:7001@10.0.0.7:5060")
    return nadia


def test_a_call_from_a_contact_is_in_ones_own_hand_at_once(town: Town, telephone: Desk) -> None:
    contact = telephone.take(town.write("council-tax"))
    answer = telephone.client.post(reverse("desk:call_contact", args=[contact.pk]), {"number": NUMBER})
    call = Call.objects.get()
    assert answer["Location"] == reverse("desk:contact", args=[call.contact_id])
    assert (call.direction, call.state, call.number) == ("out", "callback", NUMBER)
    made = intake.get_contact(call.contact_id)
    assert made is not None
    assert (made.state, made.agent_id) == ("connected", telephone.id)
    assert "Pick up your telephone" in telephone.client.get(answer["Location"]).content.decode()
    assert [row.action for row in history("contact", made.pk)].count("call.placed") == 1
    again = telephone.client.post(
        reverse("desk:call_contact", args=[contact.pk]), {"number": NUMBER}, follow=True
    )
    assert "notice-attention" in again.content.decode()
    assert Call.objects.count() == 1, "one call at a time"


def test_whoever_is_offered_a_call_is_told_to_answer_it_first(town: Town, telephone: Desk) -> None:
    contact = telephone.take(town.write("council-tax"))
    Service.objects.filter(code="council-tax").update(channels=["chat", "voice"])
    voice.arrive(raw={"channel": "sip-1", "number": NUMBER, "service_code": "council-tax"}, in_line=True)
    town.settle()
    address = reverse("desk:call_contact", args=[contact.pk])
    page = telephone.client.post(address, {"number": "+442079460999"}, follow=True).content.decode()
    assert "A call is offered to you. Accept or decline it first." in page
    assert "You are on the telephone." not in page


def test_the_page_in_which_a_telephone_lives_stays_open_while_it_rings(town: Town, nadia: Desk) -> None:
    voice.save_phone(agent_id=nadia.id, name="7001", kind="browser")
    contact = nadia.take(town.write("council-tax"))
    address = reverse("desk:call_contact", args=[contact.pk])
    assert f'hx-post="{address}"' in nadia.open(contact)
    page = nadia.do(address, 200, number=NUMBER)
    call = Call.objects.get()
    assert f'data-contact="{call.contact_id}"' in page and "Connecting" in page


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("busy", "The number was busy."),
        ("no_answer", "Nobody answered."),
        ("no_such_number", "There is no such number."),
        ("not_reached", "The line could not connect the call."),
        ("agent_left", ""),
    ],
)
def test_why_nobody_was_reached_stands_in_the_conversation(
    town: Town, telephone: Desk, outcome: str, words: str
) -> None:
    contact = telephone.take(town.write("council-tax"))
    telephone.client.post(reverse("desk:call_contact", args=[contact.pk]), {"number": NUMBER})
    call = Call.objects.get()
    assert voice.start_try(call_id=call.pk, agent_id=telephone.id) is not None
    voice.try_failed(call_id=call.pk, outcome=outcome)
    page = telephone.client.get(reverse("desk:contact", args=[call.contact_id])).content.decode()
    assert "Wrap-up began." in page
    assert words in page
    told = [one for one in UNREACHED.values() if str(one) in page]
    assert len(told) == bool(words)


def test_whose_own_telephone_is_off_calls_nobody_and_is_told_so(town: Town, telephone: Desk) -> None:
    contact = telephone.take(town.write("council-tax"))
    telephone.client.post(reverse("desk:call_contact", args=[contact.pk]), {"number": NUMBER})
    call = Call.objects.get()
    for _twice in range(2):
        voice.phone_failed(call_id=call.pk, agent_id=telephone.id, offer_id=None, cause=0, answered=False)
    made = intake.get_contact(call.contact_id)
    assert made is not None
    assert (made.state, made.agent_id) == ("wrap_up", telephone.id), "it rings nobody else"
    assert Callback.objects.get().outcome == "own_phone"
    page = telephone.client.get(reverse("desk:contact", args=[call.contact_id])).content.decode()
    assert "The telephone at the desk could not be reached, so nobody was called." in page
    assert "Wrap-up began." in page


def test_a_call_is_planned_shown_and_called_off(town: Town, telephone: Desk) -> None:
    contact = telephone.take(town.write("council-tax"))
    at = (clock.now() + timedelta(days=1)).isoformat()
    facts = {"number": NUMBER, "at": at, "note": "About the form"}
    answer = telephone.client.post(reverse("desk:call_contact", args=[contact.pk]), facts, follow=True)
    planned = Callback.objects.get()
    moment = date_format(localtime(planned.next_at), "j F Y, H:i")
    assert f"The call is planned for {moment}." in answer.content.decode()
    assert (planned.state, planned.agent_id, planned.about) == ("planned", telephone.id, contact.pk)
    page = telephone.client.get(reverse("desk:contact", args=[contact.pk])).content.decode()
    assert "Call planned for" in page
    assert "About the form" in page
    telephone.client.post(reverse("desk:cancel_call", args=[planned.pk]))
    planned.refresh_from_db()
    assert planned.state == "cancelled"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"number": "+33123456789"}, "Calls abroad are not open here"),
        ({"number": "12"}, "This number cannot be called"),
        ({"number": NUMBER, "at": "2020-01-01T10:00"}, "Give a time in the next 90 days"),
        ({"number": NUMBER, "at": "tomorrow"}, "Give day and time"),
    ],
)
def test_what_cannot_be_called_is_refused_in_words(
    town: Town, telephone: Desk, facts: dict[str, str], words: str
) -> None:
    contact = telephone.take(town.write("council-tax"))
    back = reverse("desk:contact", args=[contact.pk])
    answer = telephone.client.post(reverse("desk:call_contact", args=[contact.pk]), facts, follow=True)
    assert answer.redirect_chain == [(back, 302)]
    told = answer.content.decode()
    assert words in told
    assert "notice-attention" in told
    assert not Callback.objects.exists()


def test_a_call_from_a_case_that_is_refused_leads_back_to_the_case(town: Town, telephone: Desk) -> None:
    contact = telephone.take(town.write("council-tax"))
    case = cases.open_case(type="complaint", title="Bill", contact=contact, service=contact.service).case
    to = reverse("desk:call_case", args=[case.reference])
    answer = telephone.client.post(to, {"number": "12"}, follow=True)
    assert answer.redirect_chain == [(reverse("desk:case", args=[case.reference]), 302)]
    assert "This number cannot be called" in answer.content.decode()


def test_whoever_asked_not_to_be_called_is_not(town: Town, telephone: Desk) -> None:
    voice.bar_number(number=NUMBER, reason="Asked us in May")
    contact = telephone.take(town.write("council-tax"))
    to = reverse("desk:call_contact", args=[contact.pk])
    answer = telephone.client.post(to, {"number": NUMBER}, follow=True)
    assert "do-not-call list" in answer.content.decode()
    assert not Callback.objects.exists()


def test_a_call_back_that_found_a_busy_line_says_so_and_when_we_call_again(
    town: Town, telephone: Desk
) -> None:
    raw = {"channel": "sip-1", "number": NUMBER, "called": "+442079460999", "service_code": "council-tax"}
    call_id = voice.arrive(raw=raw | {"language": "en"}, in_line=True).call_id
    voice.book(call_id=call_id, number=NUMBER)
    voice.caller_gone(call_id=call_id)
    town.settle()
    call = Call.objects.get(pk=call_id)
    Contact.objects.filter(pk=call.contact_id).update(state="connected", agent_id=telephone.id)
    assert voice.start_try(call_id=call_id, agent_id=telephone.id) is not None
    voice.try_failed(call_id=call_id, outcome="busy")
    page = telephone.client.get(reverse("desk:contact", args=[call.contact_id])).content.decode()
    assert "The number was busy. We call again on " in page
    assert "Nobody has this contact now" in page
    assert "emergency" not in page.partition('role="log"')[2].partition("</div>")[0]
