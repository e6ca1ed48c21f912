"""What a menu tells is what the web tells: hours, notices, waits, cases, callbacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache

from civicline.cases import selectors as cases
from civicline.cases import services as case_services
from civicline.channels.voice.flows import built_in, guessing
from civicline.channels.voice.flows.facts import Booking, answer
from civicline.channels.voice.flows.sentences import sentence
from civicline.engine.callflow import Answered, Facts
from civicline.engine.callflow.actions import LookUp
from civicline.engine.callflow.keypad import keys_of
from civicline.engine.callflow.lookups import SAID
from civicline.intake import services as intake
from civicline.intake.models import Calendar
from civicline.kernel import actors
from civicline.kernel import selectors as kernel
from civicline.people import services as people
from tests.town import Town

CALLER = Facts("+12025550123")


def ask(kind: Any, *, caller: Facts = CALLER, **values: str) -> Answered:
    return answer(LookUp(kind, values), caller=caller, book=lambda _wanted: True)


def heard(answered: Answered, language: str = "en") -> str:
    """What the caller hears, in words."""
    texts = built_in.texts()
    return " ".join(sentence(texts[one.prompt][language], one.values, language) for one in answered.says)


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


def test_hours_tell_when_the_line_opens_again(town: Town) -> None:
    assert ask("hours", calendar="always").outcome == "open"
    intake.save_calendar(
        code="afternoon",
        name={"en": "Afternoon"},
        timezone="Europe/London",
        weekly=[{"day": 0, "start": "14:00", "end": "17:00"}],
    )
    closed = ask("hours", calendar="afternoon")
    assert closed.outcome == "closed"
    assert "Monday 2 March at 2:00" in heard(closed)
    Calendar.objects.create(code="never", name={"en": "Never"}, timezone="UTC", weekly=[])
    assert heard(ask("hours", calendar="never")) == "We are closed now."
    assert ask("hours", calendar="gone").outcome == "unknown"


def test_a_public_holiday_is_told_apart(town: Town) -> None:
    week = [{"day": day, "start": "08:00", "end": "18:00"} for day in range(7)]
    intake.save_calendar(
        code="hall", name={"en": "Hall"}, timezone="Europe/London", weekly=week, holiday_country="GB",
        holiday_subdivision="ENG",
    )  # fmt: skip
    town.clock.set(datetime(2026, 12, 25, 10, tzinfo=UTC))
    assert ask("hours", calendar="hall").outcome == "holiday"


def test_notices_in_force_are_told_in_the_callers_language(town: Town) -> None:
    assert ask("notices", services="").outcome == "none"
    now = town.clock.now()
    intake.save_service_message(
        kind="disruption", title={"en": "No water.", "ar": "لا ماء."}, body={"en": "Until six."},
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1), services=[],
    )  # fmt: skip
    told = ask("notices", services="")
    assert told.outcome == "some"
    assert heard(told) == "Please note. No water. Until six."
    assert "لا ماء" in heard(told, "ar")
    assert ask("notices", services="benefits,unknown").outcome == "some"


def test_waits_are_the_ranges_of_the_portal(town: Town) -> None:
    town.settle()
    assert heard(ask("wait", queue="benefits")) == "Nobody is working on this line at the moment."
    assert ask("wait", queue="gone").outcome == "unknown"
    town.agent("Nadia", queues=["benefits"], skills={"benefits": 3})
    town.settle()
    told = ask("wait", queue="benefits")
    assert told.outcome in {"known", "unknown"}
    assert {one.prompt for one in told.says} <= set(SAID["wait"])


@pytest.mark.parametrize(
    ("low", "high", "form", "words"),
    [
        (0, 1, "under_a_minute", "in less than a minute"),
        (0, 4, "up_to", "up to 4 minutes"),
        (5, 10, "range", "about 5 to 10 minutes"),
    ],
)
def test_a_range_is_one_sentence(
    town: Town, monkeypatch: pytest.MonkeyPatch, low: int, high: int, form: str, words: str
) -> None:
    from civicline.engine.waits import RoundedRange
    from civicline.routing.waits import Wait

    told = Wait(3, RoundedRange(low, high, form), "", town.clock.now())
    monkeypatch.setattr("civicline.routing.selectors.wait_in_queue", lambda _key: told)
    found = ask("wait", queue="benefits")
    assert words in heard(found)
    assert "You are number 3 in the line." in heard(found)
    assert found.number == high


def opened(town: Town, phone: str = "+12025550123") -> Any:
    resident = people.save_resident(name="Grace", phone=phone)
    return case_services.open_case(type="complaint", title="My bill", resident=resident)


def test_a_case_opens_by_reference_and_pin(town: Town) -> None:
    made = opened(town)
    keys = keys_of(made.case.reference)
    asked = ask("case", keys=keys)
    assert asked.outcome == "pin"
    pin = cases.phone_pin(made.case)
    assert len(pin) == 6
    assert pin.isdigit()
    found = ask("check_pin", cases=asked.noted["cases"], pin=pin)
    assert found.noted == {"case": str(made.case.pk)}
    status = ask("status", case=found.noted["case"])
    assert status.outcome == "read"
    assert "It stands at: Received." in heard(status)
    assert "We promised it by" not in heard(status) or made.case.expected_at
    assert "Alındı" not in heard(status)
    assert heard(status, "tr") != heard(status)


def test_without_the_prefix_it_is_the_same_case(town: Town) -> None:
    made = opened(town)
    body = keys_of(made.case.reference.split("-", 1)[1])
    assert ask("check_pin", cases=body, pin=cases.phone_pin(made.case)).outcome == "verified"


def test_whether_a_reference_exists_is_not_told(town: Town) -> None:
    from civicline.engine.references import make

    nobodys = keys_of(str(make(settings.CIVICLINE.town_reference_prefix, 12345)))
    assert ask("case", keys=nobodys).outcome == "pin"
    assert ask("check_pin", cases=nobodys, pin="123456").outcome == "wrong"
    assert ask("case", keys="1").outcome == "none"


def test_a_number_opens_its_own_cases_only_when_the_network_vouches_for_it(town: Town) -> None:
    made = opened(town)
    keys = keys_of(made.case.reference)
    assert ask("case", keys=keys, caller=Facts("+12025550123")).outcome == "pin"
    vouched = Facts("+12025550123", caller_verified=True)
    assert ask("case", keys=keys, caller=vouched).noted == {"case": str(made.case.pk)}
    other = Facts("+12025550177", caller_verified=True)
    assert ask("case", keys=keys, caller=other).outcome == "pin"
    assert ask("case", keys=keys, caller=Facts("", caller_verified=True)).outcome == "pin"


def test_guessing_a_pin_is_locked_for_the_case_and_for_the_caller(town: Town) -> None:
    made = opened(town)
    keys, pin = keys_of(made.case.reference), cases.phone_pin(made.case)
    wrong = f"{(int(pin) + 1) % 1_000_000:06d}"
    for number in range(guessing.WRONG_FOR_CASE):
        caller = Facts(f"+1202555010{number}")
        assert ask("check_pin", cases=keys, pin=wrong, caller=caller).outcome == "wrong"
    body = keys.removeprefix(keys_of(settings.CIVICLINE.town_reference_prefix))
    for typed in (keys, body):
        assert ask("check_pin", cases=typed, pin=pin).outcome == "locked", "even the right one, for an hour"
    town.clock.advance(3601)
    assert ask("check_pin", cases=keys, pin=pin).outcome == "verified"


def test_a_caller_who_tries_many_references_is_locked_out(town: Town) -> None:
    keys = "457291"
    outcomes = [ask("case", keys=keys).outcome for _ in range(guessing.LOOKS_FROM_CALLER + 1)]
    assert outcomes[0] == "pin"
    assert outcomes[-1] == "locked"
    assert ask("case", keys=keys, caller=Facts("")).outcome == "pin", "others are not"


def test_when_the_counter_is_away_no_pin_opens_anything(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from redis.exceptions import ConnectionError as Away

    made = opened(town)

    def away(*_arguments: object, **_more: object) -> None:
        raise Away("gone")

    monkeypatch.setattr(cache, "get", away)
    monkeypatch.setattr(cache, "add", away)
    keys = keys_of(made.case.reference)
    assert ask("case", keys=keys).outcome == "locked"
    assert ask("check_pin", cases=keys, pin=cases.phone_pin(made.case)).outcome == "locked"


def test_reading_a_case_by_phone_is_in_the_audit(town: Town) -> None:
    made = opened(town)
    ask("status", case=str(made.case.pk))
    entry = kernel.history("case", made.case.pk).filter(action="case.read_by_phone").first()
    assert entry is not None
    assert (entry.actor_kind, entry.resident_id) == ("resident", made.case.resident_id)
    with actors.acting_as(actors.Actor("staff", "7")):
        ask("status", case=str(made.case.pk))
    entry = kernel.history("case", made.case.pk).filter(action="case.read_by_phone").first()
    assert entry is not None
    assert entry.actor_kind == "staff"


@pytest.mark.parametrize("case", ["", "x", "00000000-0000-0000-0000-000000000007"])
def test_a_case_that_is_not_there_does_not_break_the_call(town: Town, case: str) -> None:
    assert ask("status", case=case).outcome == "unknown"


def test_a_callback_is_booked_for_a_number_that_can_be_dialled(town: Town) -> None:
    booked: list[Booking] = []

    def book(wanted: Booking) -> bool:
        booked.append(wanted)
        return len(booked) == 1

    look_up = LookUp(
        "book_callback", {"queue": "benefits", "service": "benefits", "number": "+1 202 555 0188"}
    )
    assert answer(look_up, caller=CALLER, book=book).outcome == "booked"
    assert booked == [Booking("benefits", "benefits", "+12025550188", CALLER)]
    assert answer(look_up, caller=CALLER, book=book).outcome == "refused"
    nonsense = LookUp("book_callback", {"queue": "benefits", "number": "1"})
    assert answer(nonsense, caller=CALLER, book=book).outcome == "refused"
    assert len(booked) == 2


def test_what_answers_may_say_is_what_menus_are_checked_for(town: Town) -> None:
    for prompts in SAID.values():
        assert set(prompts) <= set(built_in.texts())
