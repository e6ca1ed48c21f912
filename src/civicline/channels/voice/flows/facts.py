"""What a menu may ask of the town, from the same data as the web: hours, notices, waits, cases, callbacks.

    answer(look_up, caller=Facts("+12025550123"), book=...)     # -> Answered, never raises

The telephone and the simulator ask here. `book` is what takes a booking, or changes one: the voice process gives its
own, the simulator one that only says yes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.utils.translation import override

from civicline.cases import selectors as cases
from civicline.cases import wording as case_words
from civicline.channels.voice import calling, outside
from civicline.channels.voice.flows import guessing
from civicline.engine import hours
from civicline.engine.callflow import Answered, Facts, Moment, Spelled, Spoken, Words
from civicline.engine.callflow.actions import LookUp
from civicline.engine.callflow.keypad import candidates, keys_of
from civicline.engine.callflow.spoken import Value
from civicline.intake import selectors as intake
from civicline.intake.catalogue import catalogue
from civicline.kernel import actors, audit, clock
from civicline.kernel.errors import Invalid, Refused
from civicline.people import personal
from civicline.routing import selectors as routing
from civicline.routing.selectors import Wait

LOG = structlog.get_logger(__name__)
MOST_NOTICES = 3


@dataclass(frozen=True, slots=True)
class Booking:
    """A call back that a caller wants. `number` is E.164."""

    queue: str
    service: str
    number: str
    caller: Facts


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the call that is owed: called off, or waited for on the line (`join`)."""

    callback: UUID
    join: bool


Book = Callable[[Booking | Change], bool]


def answer(look_up: LookUp, *, caller: Facts, book: Book) -> Answered:
    """The answer to a look-up; "unknown" when it cannot be had. A case that is read is in the audit."""
    ask = _ANSWERS.get(look_up.kind)
    try:
        return ask(look_up.values, _Asker(caller, book)) if ask else Answered("unknown")
    except Refused as refused:
        LOG.info("callflow_look_up_refused", kind=look_up.kind, code=refused.code)
    except Exception:
        LOG.exception("callflow_look_up_failed", kind=look_up.kind)
    return Answered("unknown")


@dataclass(frozen=True, slots=True)
class _Asker:
    caller: Facts
    book: Book


def _hours(values: Mapping[str, str], _asker: _Asker) -> Answered:
    calendar = intake.get_calendar(values.get("calendar", ""))
    if calendar is None:
        return Answered("unknown")
    found = hours.status(intake.hours_of(calendar), clock.now())
    if found.open:
        return Answered("open")
    opens = found.opens_at
    says = Spoken("opens_not_known")
    if opens is not None:
        says = Spoken("opens_again", {"day": Moment(opens, "day"), "time": Moment(opens, "time")})
    return Answered("holiday" if found.reason == "holiday" else "closed", (says,))


def _notices(values: Mapping[str, str], _asker: _Asker) -> Answered:
    wanted = {code for code in values.get("services", "").split(",") if code}
    offered = catalogue()
    about = {row.pk for row in offered.services if row.code in wanted}
    rows = [
        row
        for row in offered.messages
        if row.kind != "over" and (not wanted or not offered.about[row.pk] or offered.about[row.pk] & about)
    ]
    says = tuple(
        Spoken("notice", {"title": Words.of(row.title), "body": Words.of(row.body)})
        for row in rows[:MOST_NOTICES]
    )
    return Answered("some" if says else "none", says)


def _wait(values: Mapping[str, str], _asker: _Asker) -> Answered:
    queue = routing.get_queue(values.get("queue", ""))
    told = routing.wait_in_queue(queue.pk) if queue is not None else None
    if told is None:
        return Answered("unknown", (Spoken("wait_unknown"),))
    if told.range is None:
        return Answered("unknown", (_why_no_range(told),))
    return Answered("known", tuple(wait_sentences(told)), number=told.range.high_minutes)


def _why_no_range(told: Wait) -> Spoken:
    nobody = told.reason in {"nobody_staffed", "nobody_answers", "staff_leaves", "closed"}
    return Spoken("wait_nobody" if nobody else "wait_unknown")


def wait_sentences(told: Wait) -> list[Spoken]:
    """Place and range as callers hear them."""
    if told.range is None:
        return [_why_no_range(told)]
    form = {"under_a_minute": "wait_now", "up_to": "wait_up_to"}.get(told.range.form, "wait_range")
    figures: dict[str, dict[str, Value]] = {
        "wait_now": {},
        "wait_up_to": {"high": told.range.high_minutes},
        "wait_range": {"low": told.range.low_minutes, "high": told.range.high_minutes},
    }
    says = [Spoken(form, figures[form])]
    if told.position is not None and told.position > 1:
        says.insert(0, Spoken("wait_place", {"place": told.position}))
    return says


def _case(values: Mapping[str, str], asker: _Asker) -> Answered:
    """Whether there is such a case is not told: every whole reference is asked for its PIN."""
    caller, keys = asker.caller, values.get("keys", "")
    spelled = candidates(keys, prefix=settings.CIVICLINE.town_reference_prefix)
    if not guessing.may_look(caller.caller):
        return Answered("locked")
    if not spelled:
        return Answered("none")
    if caller.caller_verified and caller.caller:
        own = cases.find_of_number([str(one) for one in spelled], caller.caller)
        if len(own) == 1:
            return Answered("verified", noted={"case": str(own[0].pk)})
    return Answered("pin", noted={"cases": keys})


def _check_pin(values: Mapping[str, str], asker: _Asker) -> Answered:
    caller = asker.caller.caller
    spelled = candidates(values.get("cases", ""), prefix=settings.CIVICLINE.town_reference_prefix)
    # With and without the town's letters are the same keys: one lock for both.
    lock = keys_of(spelled[0].body) if spelled else ""
    if not guessing.may_try(caller, lock):
        return Answered("locked")
    found = cases.find_by_phone_pin([str(one) for one in spelled], values.get("pin", ""))
    if found is None:
        guessing.was_wrong(caller, lock)
        return Answered("wrong")
    return Answered("verified", noted={"case": str(found.pk)})


def _status(values: Mapping[str, str], _asker: _Asker) -> Answered:
    case = cases.get_case(UUID(values.get("case", "")))
    progress = cases.public_progress(case)
    here = next((one.code for one in progress.steps if one.state == "current"), "")
    state = cases.final_case(case).state
    says = [
        Spoken(
            "case_status",
            {
                "reference": Spelled(case.reference),
                "step": _in_every_language(lambda: case_words.step_label(here)),
                "next": _in_every_language(lambda: case_words.what_next(state)),
            },
        )
    ]
    if progress.due_at is not None and not progress.late and not progress.closed:
        # The promise is by the end of that day: a moment past midnight belongs to the day before.
        local = (progress.due_at - timedelta(seconds=1)).astimezone(
            ZoneInfo(settings.CIVICLINE.town_time_zone)
        )
        says.append(Spoken("case_status_due", {"day": Moment(local, "day")}))
    who = actors.current()
    reader = who if who.kind == "staff" else actors.Actor("resident", str(case.resident_id or ""))
    with actors.acting_as(reader):
        audit.record("case.read_by_phone", object=("case", case.pk), resident_id=case.resident_id)
    return Answered("read", tuple(says))


def _in_every_language(say: Callable[[], str]) -> Words:
    found = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found[language] = say()
    return Words.of(found)


def _book_callback(values: Mapping[str, str], asker: _Asker) -> Answered:
    try:
        number = personal.clean_phone(values.get("number", ""))
    except Invalid:
        return Answered("refused", (Spoken("callback_not_possible"),))
    wanted = Booking(values.get("queue", ""), values.get("service", ""), number, asker.caller)
    if number and ";" not in number and asker.book(wanted):
        return Answered("booked", (Spoken("callback_booked"),))
    return Answered("refused", (Spoken("callback_not_possible"),))


def _callback(values: Mapping[str, str], asker: _Asker) -> Answered:
    """Whether we owe a call in this line to the number that calls now; its place and range as they are."""
    queue = routing.get_queue(values.get("queue", ""))
    number = outside.clean(asker.caller.caller)
    owed = calling.owed_to(number, queue.pk) if queue is not None and number else None
    contact = intake.get_contact(owed.contact_id) if owed is not None and owed.contact_id else None
    if queue is None or owed is None or contact is None or owed.state not in ("waiting", "resting"):
        return Answered("none")
    noted = {"callback": str(owed.pk)}
    if not calling.is_open(queue):
        return Answered("resting", noted=noted)
    waits = contact.state in ("queued", "offered")
    return Answered("owed", tuple(wait_sentences(routing.get_wait(contact))) if waits else (), noted=noted)


def _change(values: Mapping[str, str], asker: _Asker, *, join: bool) -> Answered:
    done = asker.book(Change(UUID(values.get("callback", "")), join))
    return Answered("done" if done else "gone")


_ANSWERS: Mapping[str, Callable[[Mapping[str, str], _Asker], Answered]] = {
    "hours": _hours,
    "notices": _notices,
    "wait": _wait,
    "case": _case,
    "check_pin": _check_pin,
    "status": _status,
    "callback": _callback,
    "cancel_callback": partial(_change, join=False),
    "join_callback": partial(_change, join=True),
    "book_callback": _book_callback,
}
