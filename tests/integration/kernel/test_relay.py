"""From an emitted event to its handlers' effects."""

import contextlib
import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection

from civicline.kernel import actors, bus, clock, counters, db, ids, selectors
from civicline.kernel.db import writes
from civicline.kernel.events import EventType, emit
from civicline.kernel.handlers import PublishedEvent, Registry
from civicline.kernel.leases import Lease
from civicline.kernel.models import Counter, Event, HandlerRun
from civicline.kernel.publication import MAX_ATTEMPTS, publish
from civicline.kernel.relay import Relay, retry_failed
from tests.integration.kernel.crew import together
from tests.integration.kernel.effects import effects, registry, repeated
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

RECEIVED = EventType("contact.received")
QUEUED = EventType("contact.queued", version=2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@writes
def happen(kind: EventType = RECEIVED, subject: object = 1, **more: Any) -> None:
    emit(kind, subject=("contact", subject), **more)


@writes
def together_published(*subjects: str) -> None:
    """Events of one write: they get their places in one batch."""
    for subject in subjects:
        happen(subject=subject)


def unheard(subject: str) -> dict[str, Any]:
    """The columns of an event whose nudge was lost."""
    return {
        "name": RECEIVED.name,
        "subject_kind": "contact",
        "subject_id": subject,
        "actor_kind": "system",
        "at": clock.now(),
    }


def seqs() -> list[int | None]:
    return list(Event.objects.order_by("seq").values_list("seq", flat=True))


def test_an_event_keeps_who_what_when_and_to_whom() -> None:
    contact, case = ids.new_id(), ids.new_id()
    seen: list[PublishedEvent] = []
    made = Registry()
    made.on("contact.*", "see", seen.append)
    with clock.use(clock.FrozenClock(NOON)), actors.acting_as(actors.Actor("staff", "7", "Ann")):
        happen(
            QUEUED, contact, contact_id=contact, case_id=case, data={"queue": 3, "offer": case, "at": NOON}
        )
        happen(actor=actors.Actor("resident", "9"))
        Relay(made).drain()
    first, second = seen
    assert (first.seq, first.name, first.version, first.at) == (1, "contact.queued", 2, NOON)
    assert (first.subject, first.contact_id, first.case_id) == (("contact", str(contact)), contact, case)
    assert first.actor == actors.Actor("staff", "7")
    assert first.data == {"queue": 3, "offer": str(case), "at": "2026-03-02T12:00:00Z"}
    assert (second.seq, second.actor.kind, second.contact_id) == (2, "resident", None)
    assert selectors.events_since(0) == seen
    assert [row.seq for row in selectors.events_of_contact(contact)] == [1]
    assert [row.seq for row in selectors.events_of_case(case)] == [1]


def test_whoever_follows_the_log_reads_the_kinds_it_wants_in_their_order() -> None:
    for kind in ("case.opened", "contact.queued", "contact.received", "case.closed", "contact.received"):
        happen(EventType(kind))
    Relay(Registry()).drain()
    found = selectors.events_called({"contact.received"}, "case.", after=1, until=4)
    assert [(event.seq, event.name) for event in found] == [(3, "contact.received"), (4, "case.closed")]


def test_an_event_outside_of_a_write_is_refused_and_one_in_an_undone_write_never_was() -> None:
    with pytest.raises(RuntimeError, match="outside of a write"):
        emit(RECEIVED, subject=("contact", 1))

    @writes
    def undone() -> None:
        emit(RECEIVED, subject=("contact", 1))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert not Event.objects.exists()


def test_handlers_hear_in_the_order_of_the_log_and_also_what_handlers_emit() -> None:
    heard: list[tuple[str, str]] = []
    made = Registry()

    def triage(event: PublishedEvent) -> None:
        heard.append(("triage", event.subject_id))
        happen(QUEUED, event.subject_id)

    made.on(RECEIVED, "triage", triage)
    made.on("contact.queued", "dispatch", lambda event: heard.append(("dispatch", event.subject_id)))
    for number in range(3):
        happen(subject=number)
    assert selectors.outbox_depth_and_lag().depth == 3
    Relay(made).drain()
    assert heard == [(name, str(number)) for name in ("triage", "dispatch") for number in range(3)]
    assert seqs() == [1, 2, 3, 4, 5, 6]
    assert selectors.outbox_depth_and_lag().depth == 0
    assert selectors.count_handler_runs() == {}


def test_a_failing_handler_stops_nobody_and_is_tried_again_later_and_later() -> None:
    heard: list[str] = []
    broken = True
    made = Registry()

    def fails(event: PublishedEvent) -> None:
        counters.take("half done")
        if broken:
            raise ValueError("the map is away")
        heard.append(f"late {event.subject_id}")

    made.on(RECEIVED, "fails", fails)
    made.on(RECEIVED, "works", lambda event: heard.append(f"works {event.subject_id}"))
    relay = Relay(made)
    with clock.use(clock.ManualClock(NOON)) as hands:
        happen(subject="a")
        relay.drain()
        assert heard == ["works a"]
        run = HandlerRun.objects.get(handler="fails")
        assert (run.state, run.attempts, run.error) == ("pending", 1, "ValueError: the map is away")
        assert not Counter.objects.filter(name="half done").exists()
        assert relay.drain() == 0
        hands.advance(1)
        relay.drain()
        assert HandlerRun.objects.get(handler="fails").attempts == 2
        broken = False
        hands.advance(600)
        relay.drain()
    assert heard == ["works a", "late a"]
    assert Counter.objects.get(name="half done").value == 1
    assert selectors.count_handler_runs() == {}


def test_when_one_handler_fails_the_others_of_its_batch_take_effect_once() -> None:
    begun: list[str] = []
    told: list[str] = []
    made = Registry()

    def works(event: PublishedEvent) -> None:
        begun.append(event.subject_id)
        counters.take("done")
        db.after_commit(lambda: told.append(event.subject_id))

    def fails(event: PublishedEvent) -> None:
        if event.subject_id == "b":
            raise ValueError("the map is away")

    made.on(RECEIVED, "works", works)
    made.on(RECEIVED, "fails", fails)
    relay = Relay(made)
    happen(subject="a")
    relay.drain()
    assert begun == ["a"]
    together_published("a", "b", "c")
    relay.drain()
    # Undone with the batch that broke, and begun again.
    assert begun == ["a", "a", "b", "a", "b", "c"]
    assert told == ["a", "a", "b", "c"]
    assert Counter.objects.get(name="done").value == 4
    assert [run.event.subject_id for run in HandlerRun.objects.filter(state="pending")] == ["b"]


def test_a_handler_that_hides_an_error_of_the_database_fails_alone() -> None:
    made = Registry()

    def hides(event: PublishedEvent) -> None:
        Counter.objects.create(name=f"half {event.subject_id}")
        if event.subject_id == "b":
            with contextlib.suppress(IntegrityError):
                Counter.objects.create(name="half b")

    made.on(RECEIVED, "hides", hides)
    together_published("a", "b", "c")
    Relay(made).drain()
    assert set(Counter.objects.filter(name__startswith="half").values_list("name", flat=True)) == {
        "half a",
        "half c",
    }
    run = HandlerRun.objects.get(state="pending")
    assert run.event.subject_id == "b"
    assert "caught inside a write" in run.error


def test_after_all_tries_it_is_given_up_and_can_be_seen() -> None:
    made = Registry()
    made.on(RECEIVED, "fails", lambda _: 1 / 0)  # type: ignore[arg-type]  # what it gives back is not read
    relay = Relay(made)
    with clock.use(clock.ManualClock(NOON)) as hands:
        happen()
        for _ in range(MAX_ATTEMPTS + 3):
            relay.drain()
            hands.advance(1000)
    assert [(run.handler, run.attempts) for run in selectors.failed_runs()] == [("fails", MAX_ATTEMPTS)]
    assert selectors.count_handler_runs() == {"failed": 1}
    assert (retry_failed("other"), retry_failed("fails")) == (0, 1)
    assert selectors.count_handler_runs() == {"pending": 1}


def test_later_events_of_a_subject_wait_behind_a_failed_one_and_those_of_others_do_not() -> None:
    heard: list[str] = []
    broken = {"a"}
    made = Registry()

    def notify(event: PublishedEvent) -> None:
        if event.subject_id in broken:
            raise ValueError
        heard.append(f"{event.subject_id}{event.data['n']}")

    made.on("contact.*", "notify", notify)
    relay = Relay(made)
    with clock.use(clock.ManualClock(NOON)) as hands:
        for number, subject in enumerate("aabab"):
            happen(subject=subject, data={"n": number})
        relay.drain()
        assert heard == ["b2", "b4"]
        broken.clear()
        happen(subject="a", data={"n": 5})
        relay.drain()
        assert heard == ["b2", "b4"], "mended, but the first one's time has not come"
        hands.advance(600)
        relay.drain()
    assert heard == ["b2", "b4", "a0", "a1", "a3", "a5"]


def test_a_handler_that_talks_to_others_runs_outside_of_any_transaction() -> None:
    heard: list[bool] = []
    made = Registry()
    broken = True

    def call(_: PublishedEvent) -> None:
        heard.append(connection.in_atomic_block)
        if broken:
            raise ConnectionError

    made.on(RECEIVED, "webhooks", call, atomic=False)
    relay = Relay(made)
    with clock.use(clock.ManualClock(NOON)) as hands:
        happen()
        relay.drain()
        assert HandlerRun.objects.get().attempts == 1
        broken = False
        hands.advance(5)
        relay.drain()
    run = HandlerRun.objects.get()
    assert (run.state, run.attempts) == ("done", 2)
    assert heard == [False, False]


def test_one_handler_with_a_broken_foreign_key_does_not_take_the_batch_with_it() -> None:
    made = Registry()

    def breaks(event: PublishedEvent) -> None:
        counters.take("tried")
        if event.subject_id == "3":
            HandlerRun.objects.create(event_id=404, handler="nobody")

    made.on(RECEIVED, "breaks", breaks)
    for number in range(6):
        happen(subject=number)
    Relay(made).drain()
    assert Counter.objects.get(name="tried").value == 5
    assert HandlerRun.objects.get(state="pending").event.subject_id == "3"


def test_a_handler_that_is_not_known_here_is_kept_owed() -> None:
    made = Registry()
    made.on(RECEIVED, "old name", lambda _: None)
    happen()
    publish(made, at_once=False)
    Relay(Registry()).drain()
    run = HandlerRun.objects.get()
    assert (run.state, run.attempts) == ("pending", 1)
    assert "old name" in run.error


def test_a_handler_that_nobody_needs_owes_nothing_and_is_asked_once_for_many_events() -> None:
    heard: list[str] = []
    asked: list[bool] = []
    wanted = False
    made = Registry()

    def needed() -> bool:
        asked.append(wanted)
        return wanted

    made.on("contact.*", "webhooks", lambda event: heard.append(event.subject_id), needed=needed)
    for number in range(3):
        happen(subject=number)
    Relay(made).drain()
    assert (heard, asked) == ([], [False])
    assert not HandlerRun.objects.exists()
    wanted = True
    happen(subject="later")
    Relay(made).drain()
    assert heard == ["later"]


def test_a_run_at_once_stands_behind_what_its_subject_still_owes() -> None:
    heard: list[str] = []
    broken = True
    made = Registry()

    def fails_first(event: PublishedEvent) -> None:
        if broken:
            raise ValueError("not yet")
        heard.append(f"{event.subject_id} {event.seq}")

    made.on(RECEIVED, "fails", fails_first)
    relay = Relay(made)
    with clock.use(clock.ManualClock(NOON)) as hands:
        happen(subject="a")
        relay.drain()
        broken = False
        happen(subject="a")
        happen(subject="b")
        relay.drain()
        assert heard == ["b 3"]
        hands.advance(600)
        relay.drain()
    assert heard == ["b 3", "a 1", "a 2"]


def test_what_one_handler_does_to_the_data_is_not_for_the_next() -> None:
    seen: list[object] = []
    made = Registry()
    made.on(RECEIVED, "careless", lambda event: event.data.update(queue=9))
    made.on(RECEIVED, "next", lambda event: seen.append(event.data["queue"]))
    happen(data={"queue": 3})
    Relay(made).drain()
    assert seen == [3]


def test_publication_is_hinted_once_for_each_contact_and_case() -> None:
    heard: list[bus.Message] = []
    contact, case = ids.new_id(), ids.new_id()
    with bus.subscribe_prefix(("contact:", "case:", "events"), heard.append):
        happen(contact_id=contact)
        happen(contact_id=contact, case_id=case)
        Relay(Registry()).drain()
    assert sorted(heard, key=lambda message: str(message["topic"])) == [
        {"topic": f"case:{case}", "id": str(case), "seq": 2},
        {"topic": f"contact:{contact}", "id": str(contact), "seq": 2},
        {"topic": "events", "seq": 2},
    ]


def test_two_relays_at_once_leave_no_gap_give_no_number_twice_and_handle_each_event_once() -> None:
    writers = [lambda who=who: [happen(subject=f"{who}-{n}") for n in range(40)] for who in range(6)]

    def relay() -> None:
        one = Relay(registry())
        wait_until(
            lambda: one.drain() == 0 and effects() == 240, seconds=60, what="all is handled", every=0.001
        )

    assert together(*writers, relay, relay) == []
    assert seqs() == list(range(1, 241))
    assert effects() == 240
    assert repeated() == []


def test_a_running_relay_hears_of_an_event_at_once_and_of_a_missed_nudge_by_its_poll() -> None:
    heard: list[str] = []
    made = Registry()
    made.on(RECEIVED, "hear", lambda event: heard.append(event.subject_id))
    stop = threading.Event()
    relay = Relay(made, poll_seconds=0.2)
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: relay.active, what="it is active")
        happen(subject="first")
        wait_until(lambda: heard == ["first"], what="it is nudged")
        Event.objects.create(**unheard("second"))
        wait_until(lambda: heard == ["first", "second"], what="it polls")
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert Lease("relay").acquire() is not None, "it gave its lease up"


def test_four_hundred_events_a_second_leave_the_relay_idle_most_of_the_time() -> None:
    for _ in range(8):

        @writes
        def many() -> None:
            for number in range(100):
                emit(RECEIVED, subject=("contact", number))

        many()
    began = time.process_time()
    Relay(registry()).drain()
    took = time.process_time() - began
    assert effects() == 800
    # Two seconds' worth of 50 contacts/s with 8 events each. Our own work counts, not the neighbours'.
    assert took < 2.0
