"""Calls that are owed, without an exchange: one promise for each number, one try at a time, hours and texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from civicline.channels.voice import calling, outside, personal_data
from civicline.channels.voice import services as voice
from civicline.channels.voice.flows.checking import problems_of
from civicline.channels.voice.flows.facts import Booking, Change, answer
from civicline.channels.voice.flows.front import front_for
from civicline.channels.voice.models import Call, Callback
from civicline.channels.voice.standing import line_refuses
from civicline.config import wiring
from civicline.config.trunk_kind import Trunk
from civicline.engine.callflow import Answered, Facts
from civicline.engine.callflow.actions import LookUp
from civicline.insight.board import read_board
from civicline.intake.models import Calendar, Contact, Delivery, Service
from civicline.kernel import clock
from civicline.kernel.errors import Conflict
from civicline.kernel.selectors import events_of_contact
from civicline.people import services as people
from civicline.routing.lines import forget_lines
from civicline.routing.models import Queue
from civicline.routing.services import save_route
from civicline.web.supervisor.views import line
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER, OTHER = "+442079460123", "+442079460124"
MOBILE = "+447400123456"


@pytest.fixture(autouse=True)
def telephone(settings: Any) -> None:
    """A house with a telephone, and a line to the network."""
    trunk = Trunk("network", "127.0.0.2")
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_mode="embedded", voice_trunks=(trunk,))


@pytest.fixture
def agent(town: Town) -> UUID:
    """Somebody with a telephone."""
    agent_id = town.agent(
        "Nadia", queues=["council-tax", "benefits"], skills={"council-tax": 4, "benefits": 4}
    )
    voice.save_phone(agent_id=agent_id, name="7001", kind="sip", address="sip:7001@10.0.0.7:5060")
    return agent_id


def calls(service: str = "council-tax", number: str = NUMBER) -> UUID:
    raw = {
        "channel": f"sip-{Call.objects.count()}",
        "number": number,
        "called": "+442079460999",
        "service_code": service,
    }
    return voice.arrive(raw=raw | {"language": "en"}, in_line=True).call_id


def booked(service: str = "council-tax", number: str = NUMBER) -> Call:
    """Somebody booked a call back and hung up."""
    call_id = calls(service, number)
    voice.book(call_id=call_id, number=number)
    voice.caller_gone(call_id=call_id)
    return Call.objects.get(pk=call_id)


def in_hand(town: Town, agent: UUID, call: Call) -> None:
    """The agent has accepted it."""
    town.settle()
    Contact.objects.filter(pk=call.contact_id).update(state="connected", agent_id=agent)


def names(contact_id: UUID) -> list[str]:
    return [row.name for row in events_of_contact(contact_id)]


def test_who_books_twice_has_one_place(town: Town) -> None:
    first = booked()
    second = booked()
    assert Callback.objects.get().contact_id == first.contact_id
    assert Contact.objects.get(pk=second.contact_id).disposition == "duplicate"
    assert "contact.abandoned" not in names(second.contact_id)


def test_a_menu_may_put_calls_back_behind_everybody_on_the_line(town: Town) -> None:
    service = Service.objects.get(code="benefits")
    queue = Queue.objects.get(code="benefits")
    Queue.objects.filter(pk=queue.pk).update(ageing_seconds=86_400)
    save_route(service=service, queue=queue, priority=-2)
    menu = rings_again()
    voice.book(call_id=menu, number=NUMBER, queue_code="benefits", service_code="benefits")
    voice.caller_gone(call_id=menu)
    assert Call.objects.get(pk=menu).contact.priority == -2  # two days behind its place
    beside = calls(number=OTHER)
    voice.book(call_id=beside, number=OTHER, queue_code="council-tax")
    assert Call.objects.get(pk=beside).contact.priority == 0
    nobody = rings_again(number=MOBILE)
    voice.book(call_id=nobody, number=MOBILE, queue_code="council-tax", service_code="no-such-service")
    assert Call.objects.get(pk=nobody).contact.priority == 0


def rings_again(number: str = NUMBER) -> UUID:
    """The same number calls once more, and is in a menu."""
    raw = {"channel": f"sip-{Call.objects.count()}", "number": number, "called": "+442079460999"}
    raw |= {"service_code": "council-tax", "language": "en"}
    return voice.arrive(raw=raw, in_line=False).call_id


def test_who_rings_again_and_waits_on_the_line_has_the_place_they_had(town: Town) -> None:
    first, later = booked(), calls(number=OTHER)
    before = Contact.objects.get(pk=first.contact_id)
    again = rings_again()
    leg = Call.objects.get(pk=again).channel
    owed = Callback.objects.get()
    joined = voice.rejoin(call_id=again, callback_id=owed.pk)
    assert (joined.call_id, joined.contact_id) == (first.pk, first.contact_id)
    call, after = Call.objects.get(pk=first.pk), Contact.objects.get(pk=first.contact_id)
    assert (call.state, call.channel) == ("queued", leg)
    assert (after.state, after.arrived_at, after.queued_at) == ("queued", before.arrived_at, before.queued_at)
    new = Call.objects.select_related("contact").get(pk=again)
    assert (new.state, new.reason, new.contact.disposition) == ("ended", "rejoined", "duplicate")
    assert names(first.contact_id)[-1] == "call.rejoined"
    voice.caller_gone(call_id=first.pk)
    assert Call.objects.get(pk=first.pk).state == "callback", "who hangs up again is called back after all"
    assert Callback.objects.count() == 1
    assert Call.objects.get(pk=later).state == "queued"


def test_what_rests_after_a_try_is_waited_for_on_the_line(town: Town, agent: UUID) -> None:
    call = booked()
    in_hand(town, agent, call)
    voice.start_try(call_id=call.pk, agent_id=agent)
    voice.try_failed(call_id=call.pk, outcome="no_answer")
    voice.rejoin(call_id=rings_again(), callback_id=Callback.objects.get().pk)
    assert Callback.objects.get().state == "waiting"
    assert Contact.objects.get(pk=call.contact_id).state == "queued"


def test_who_rings_again_calls_it_off_and_nobody_else_can(town: Town) -> None:
    first, stranger = booked(), rings_again(OTHER)
    owed = Callback.objects.get()
    for change in (voice.call_off, voice.rejoin):
        with pytest.raises(Conflict):
            change(call_id=stranger, callback_id=owed.pk)
    voice.call_off(call_id=rings_again(), callback_id=owed.pk)
    assert Callback.objects.get().state == "cancelled"
    assert Contact.objects.get(pk=first.contact_id).state == "abandoned"
    with pytest.raises(Conflict):
        voice.rejoin(call_id=rings_again(), callback_id=owed.pk)


def test_the_menu_knows_what_is_owed_to_the_number_that_calls(town: Town) -> None:
    booked()
    wished: list[Booking | Change] = []

    def ask(kind: Any, number: str = NUMBER, **values: str) -> Answered:
        return answer(
            LookUp(kind, values), caller=Facts(number), book=lambda wish: wished.append(wish) is None
        )

    known = ask("callback", queue="council-tax")
    assert known.outcome == "owed"
    assert known.noted == {"callback": str(Callback.objects.get().pk)}
    assert [one.prompt for one in known.says][-1].startswith("wait_")
    for other in (ask("callback", OTHER, queue="council-tax"), ask("callback", queue="benefits")):
        assert other.outcome == "none"
    assert ask("callback", "", queue="council-tax").outcome == "none"
    assert ask("callback", queue="gone").outcome == "none"
    assert ask("join_callback", **known.noted).outcome == "done"
    assert ask("cancel_callback", **known.noted).outcome == "done"
    assert wished == [Change(Callback.objects.get().pk, True), Change(Callback.objects.get().pk, False)]
    assert ask("cancel_callback", callback="x").outcome == "unknown"
    shut = Calendar.objects.create(code="shut", name={"en": "Shut"}, timezone="UTC", weekly=[])
    Queue.objects.filter(code="council-tax").update(calendar=shut)
    forget_lines()
    assert ask("callback", queue="council-tax").outcome == "resting"


def test_a_try_is_claimed_once_whoever_asks(town: Town, agent: UUID) -> None:
    call = booked()
    in_hand(town, agent, call)
    claimed = voice.start_try(call_id=call.pk, agent_id=agent)
    assert claimed is not None
    assert claimed.endpoint == f"PJSIP/{NUMBER}@trunk-network"
    assert claimed.caller_id == "+442079460999", "the number that they had called"
    with pytest.raises(Conflict):
        voice.start_try(call_id=call.pk, agent_id=agent)
    assert Callback.objects.get().tries == 1


def test_no_try_without_an_agent_who_has_it(town: Town, agent: UUID) -> None:
    call = booked()
    with pytest.raises(Conflict):
        voice.start_try(call_id=call.pk, agent_id=agent)
    assert Callback.objects.get().tries == 0


def test_one_number_is_not_called_for_two_matters_at_once(town: Town, agent: UUID) -> None:
    first, second = booked("council-tax"), booked("benefits")
    in_hand(town, agent, first)
    in_hand(town, agent, second)
    assert voice.start_try(call_id=first.pk, agent_id=agent) is not None
    assert voice.start_try(call_id=second.pk, agent_id=agent) is None
    rests = Callback.objects.get(contact_id=second.contact_id)
    assert (rests.state, rests.tries, Contact.objects.get(pk=second.contact_id).state) == (
        "resting",
        0,
        "parked",
    )


def test_what_rests_comes_back_to_its_place_when_its_time_has_come(town: Town, agent: UUID) -> None:
    call = booked()
    before = Contact.objects.get(pk=call.contact_id)
    in_hand(town, agent, call)
    voice.start_try(call_id=call.pk, agent_id=agent)
    voice.try_failed(call_id=call.pk, outcome="no_answer")
    voice.try_failed(call_id=call.pk, outcome="no_answer")
    assert voice.wake_due() == 0
    town.clock.advance(901)
    assert voice.wake_due() == 1
    after = Contact.objects.get(pk=call.contact_id)
    assert (after.state, after.arrived_at, after.queued_at) == ("queued", before.arrived_at, before.queued_at)
    assert names(call.contact_id)[-1] == "callback.due"


def test_outside_of_calling_hours_it_rests_until_they_begin(town: Town) -> None:
    queue = Queue.objects.get(code="council-tax")
    from civicline.intake import services as intake

    night = intake.save_calendar(
        code="night", name={"en": "Night"}, timezone="UTC",
        weekly=[{"day": day, "start": "03:00", "end": "03:10"} for day in range(7)],
    )  # fmt: skip
    voice.save_calling_rule(queue_id=queue.pk, calendar_id=night.pk)
    call = booked()
    row = Callback.objects.get()
    assert (row.state, Contact.objects.get(pk=call.contact_id).state) == ("resting", "parked")
    assert row.next_at is not None
    assert (row.next_at.hour, row.next_at.minute) == (3, 0)
    assert clock.now() < row.next_at <= clock.now() + timedelta(days=1)


def test_a_line_that_does_not_call_back_says_so(town: Town) -> None:
    voice.save_calling_rule(queue_id=Queue.objects.get(code="council-tax").pk, callbacks=False)
    call_id = calls()
    with pytest.raises(voice.NotOffered):
        voice.book(call_id=call_id, number=NUMBER)
    assert not Callback.objects.exists()


def test_numbers_abroad_are_called_where_they_are_opened(town: Town, settings: Any) -> None:
    with pytest.raises(outside.NotCalled, match="abroad"):
        outside.may_call("+33123456789")
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_outside=("+33",), voice_never_outside=("+3389",))
    assert outside.may_call("+33123456789") == "+33123456789"
    with pytest.raises(outside.NotCalled, match="barred"):
        outside.may_call("+33891234567")


@pytest.mark.parametrize(
    ("number", "texts", "by", "why"),
    [(MOBILE, True, "sms", ""), (NUMBER, True, "", "no_mobile"), (MOBILE, False, "", "texts_off")],
)
def test_they_are_told_by_text_where_they_can_be_and_else_the_log_says_why(
    town: Town, settings: Any, number: str, texts: bool, by: str, why: str
) -> None:
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_text_callbacks=texts)
    call = booked(number=number)
    told = next(row for row in events_of_contact(call.contact_id) if row.name == "callback.told")
    assert (told.data["by"], told.data.get("why", "")) == (by, why)
    assert Delivery.objects.filter(channel="sms").count() == (1 if by else 0)


def test_every_change_of_a_rule_is_in_the_audit_and_wrong_ones_are_refused(town: Town) -> None:
    queue = Queue.objects.get(code="council-tax")
    with pytest.raises(Exception, match="10"):
        voice.save_calling_rule(queue_id=queue.pk, tries=99)
    voice.save_calling_rule(queue_id=queue.pk, tries=5)
    from civicline.kernel.selectors import history

    assert [row.action for row in history("queue", queue.pk)][:1] == ["calling.rule_saved"]


def test_whoever_is_forgotten_is_forgotten_here_too(town: Town) -> None:
    wiring.personal_data()
    call = booked()
    voice.cancel(callback_id=Callback.objects.get().pk, reason="resident")
    resident = Contact.objects.get(pk=call.contact_id).resident_id
    assert resident is not None
    assert [one["number"] for one in personal_data.export(resident) if "kind" in one] == [NUMBER]
    people.erase_resident(resident_id=resident, reason="they asked")
    assert (Callback.objects.get().number, Callback.objects.get().state) == ("", "cancelled")


def test_the_board_counts_them_apart_and_the_queue_shows_them_as_what_they_are(town: Town) -> None:
    booked()
    calls(number=OTHER)
    forget_lines()
    row = next(one for one in read_board().rows if one.queue.code == "council-tax")
    assert (row.waiting, row.callbacks) == (2, 1)
    shown = {
        contact.data["number"]: str(line(contact, 1)["channel_words"]) for contact in Contact.objects.all()
    }
    assert shown == {NUMBER: "Call back", OTHER: "Call"}


def test_a_number_without_a_menu_has_one_when_there_is_something_to_say(town: Town) -> None:
    assert front_for("council-tax") is None
    crowded = front_for("council-tax", crowded=True)
    assert crowded is not None
    assert crowded.flow.start == "full"
    Queue.objects.filter(code="council-tax").update(max_waiting=0)
    forget_lines()
    full = front_for("council-tax")
    assert full is not None
    assert (full.flow.start, problems_of(full.flow)) == ("notice", [])
    assert front_for("benefits") is None


def test_who_is_owed_a_call_hears_of_it_on_a_number_without_a_menu_and_nobody_else_does(town: Town) -> None:
    assert calling.numbers_owed() == frozenset()
    booked()
    assert calling.numbers_owed() == {NUMBER}
    told = front_for("council-tax", caller=NUMBER)
    assert told is not None
    assert (told.flow.nodes["notice"].next, problems_of(told.flow)) == ("owed", [])  # type: ignore[union-attr]
    assert front_for("council-tax", caller=OTHER) is None
    assert front_for("benefits", caller=NUMBER) is None, "another line owes them nothing"
    voice.cancel(callback_id=Callback.objects.get().pk, reason="resident")
    assert front_for("council-tax", caller=NUMBER) is None
    assert calling.numbers_owed() == frozenset()


def test_a_line_says_that_it_is_closed_and_one_for_emergencies_takes_everybody(town: Town) -> None:
    never, _made = Calendar.objects.get_or_create(
        code="never", defaults={"name": {"en": "Never"}, "timezone": "UTC", "weekly": []}
    )
    assert line_refuses("council-tax") == ""
    Queue.objects.filter(code="council-tax").update(calendar=never)
    forget_lines()
    assert line_refuses("council-tax") == "closed"
    Queue.objects.filter(code="council-tax").update(emergency=True)
    forget_lines()
    assert line_refuses("council-tax") == ""
