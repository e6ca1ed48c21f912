"""A contact's whole life through the product's own services, every step committed before the next begins.

    python -m benchmarks.lifecycle [--db sqlite|postgresql|both] [--threads 16] [--seconds 4] [--contacts 600]

The demo town with 120 robot agents, on a fresh SQLite file (WAL, synchronous FULL) in a folder of this disk, and on a
PostgreSQL 15 started for this run with its usual durability (fsync and synchronous_commit on). One process; half of
the threads are residents, half are agents, and the real dispatcher runs beside them as in `civicline serve`.

- kernel: the four bare steps of `benchmarks.kernel_writes` (insert, offer, accept, close, one event with each): each
  step a write of its own in all threads, and as the dispatcher does it, fifty to a write.
- steps: each step alone, for all contacts: `intake.receive` (contact, message, event, audit), `routing.triage` (which
  queue), the dispatcher's offers (rows read, engine asked, batch stored under its fence), `accept_offer`, `complete`
  (wrap-up and close in one). Every call is a transaction of its own; the dispatcher commits a batch at a time.
- log: the relay gives all events of these contacts their numbers, publishes them and runs the product's handlers.
- journey: all five at once, each contact from its arrival until it is closed. A lifecycle counts when the last
  commit was acknowledged. Triage is called by the resident's thread here, so that no step waits for another part.
- served: the journey as it is served: the relay numbers and publishes every event, runs all handlers of the product
  (triage is one of them), and agents answer what the hint names.
"""

from __future__ import annotations

import argparse
import itertools
import queue
import statistics
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from benchmarks.beside import run_beside

GOALS = {"sqlite": 2000, "postgresql": 1000}
ROBOTS, CAPACITY = 120, 5
IN_FLIGHT = 200
LAST_S = 10.0  # so long the last ones are waited for
WORDS = (
    "The street light in front of number 12 has been out since Monday, and it is very dark in the evening."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--db", choices=[*GOALS, "both"], default="both")
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--contacts", type=int, default=600)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        _measure(asked)
        return
    for database in GOALS if asked.db == "both" else [asked.db]:
        options = [f"--threads={asked.threads}", f"--seconds={asked.seconds}", f"--contacts={asked.contacts}"]
        run_beside("benchmarks.lifecycle", database, options)


def _measure(asked: argparse.Namespace) -> None:
    import django

    from benchmarks import machine

    django.setup()
    town = _Town()
    print(f"{asked.db}, {asked.threads} threads; {machine.described()}")
    rate = _kernel(asked.threads, asked.seconds / 2)
    print(
        f"{'goal, four bare steps':28}{GOALS[asked.db]:8,} /s, reached {rate / GOALS[asked.db]:.2f} x",
        flush=True,
    )
    _steps(town, asked.threads, min(asked.contacts, ROBOTS * CAPACITY))
    _Journey(town, asked.threads, relay=False).run("journey, five steps", asked.seconds)
    _Journey(town, asked.threads, relay=True).run("served, with log, handlers", asked.seconds)


def _kernel(threads: int, seconds: float) -> float:
    """The four bare steps: a row inserted and moved three times, with an event each; the better of two ways."""
    from benchmarks import kernel_writes
    from civicline.kernel.models import Event

    alone = kernel_writes.measure("kernel, step by step", threads, seconds, lambda: kernel_writes.lifecycle)
    batch = kernel_writes.measure(
        "kernel, in batches of 50", 2, seconds, lambda: kernel_writes.lifecycles_in_batch, each=50
    )
    Event.objects.filter(seq__isnull=True).delete()
    return max(alone, batch)


class _Town:
    """The demo town and its robots, who are all there."""

    def __init__(self) -> None:
        from django.core.management import call_command

        from civicline.demo import robots, town
        from civicline.intake import selectors as intake
        from civicline.people import selectors as people
        from civicline.people import services as people_services

        call_command("migrate", verbosity=0)
        town.seed(history=False)
        addresses = set(robots.make_robots(ROBOTS))
        for user in people.list_staff():
            if user.email in addresses:
                people_services.set_capacity(
                    agent_id=user.pk, capacity={"voice": 1, "chat": CAPACITY, "written": 5}
                )
                people_services.set_presence(agent_id=user.pk, state="available")
        services = [service.code for service in intake.list_services(channel="chat")]
        self._services = itertools.cycle(services)
        self._numbers = itertools.count(1)

    def receive(self) -> UUID:
        """One resident's chat; every second one has an address."""
        from civicline.intake import services as intake
        from civicline.intake.ports import Inbound, ResidentFacts

        number = next(self._numbers)
        facts = ResidentFacts(email=f"resident{number}@example.org") if number % 2 else ResidentFacts()
        inbound = Inbound(
            channel="chat",
            text=WORDS,
            subject=f"Light {number}",
            service_code=next(self._services),
            resident=facts,
            languages=("en",),
        )
        received: UUID = intake.receive(inbound=inbound).contact.id
        return received


def _dispatcher() -> Any:
    """A dispatcher that holds the lease and knows the floor, to be stepped by hand."""
    from civicline.routing.dispatcher import Dispatcher

    dispatcher = Dispatcher()
    fence = dispatcher.lease.acquire()
    assert fence is not None
    dispatcher.start(fence)
    return dispatcher


def _in_threads(count: int, work: Callable[[int], None]) -> None:
    from django.db import connection

    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    crew = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    if errors:
        raise errors[0]


def _each(name: str, threads: int, items: Iterable[Any], do: Callable[[Any], Any]) -> list[Any]:
    """Do one step for all items in so many threads; print its rate and what it cost."""
    waiting = list(items)
    done: list[Any] = []
    waits: list[float] = []
    cpu, began, total = time.process_time(), time.perf_counter(), len(waiting)

    def work(_number: int) -> None:
        while True:
            try:
                item = waiting.pop()
            except IndexError:
                return
            start = time.perf_counter()
            done.append(do(item))
            waits.append(time.perf_counter() - start)

    _in_threads(threads, work)
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    _print_step(name, total, seconds, used, f"p99 {statistics.quantiles(waits, n=100)[98] * 1000:6.1f} ms")
    return done


def _print_step(name: str, count: int, seconds: float, used: float, more: str) -> None:
    print(f"  {name:24}{count / seconds:8,.0f} /s   {used / count * 1e6:6.0f} us of our CPU each   {more}")


def _steps(town: _Town, threads: int, count: int) -> None:
    from civicline.routing import services as routing

    contacts = _each("receive", threads, range(count), lambda _number: town.receive())
    _each("triage", threads, contacts, lambda contact: routing.triage(contact_id=contact))
    dispatcher, offers = _dispatcher(), []
    from civicline.kernel import bus

    def take(message: dict[str, Any]) -> None:
        if message.get("kind") == "offer":
            offers.append((UUID(message["id"]), UUID(message["topic"].removeprefix("agent:"))))

    cpu, began = time.process_time(), time.perf_counter()
    batches = 0
    with bus.subscribe_prefix("agent:", take):
        while len(offers) < count:
            dispatcher.step()
            batches += 1
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    _print_step("offer (engine, store)", count, seconds, used, f"{batches} batches")
    dispatcher.lease.release()
    accepted = _each("accept", threads, offers, lambda one: _accept(*one))
    _each("complete", threads, accepted, lambda one: _complete(*one))
    _log(count)


def _log(count: int) -> None:
    """Number and publish all that these contacts wrote into the log, and run the product's handlers on it."""
    from civicline.config import wiring
    from civicline.kernel.models import Event
    from civicline.kernel.relay import Relay

    relay, events = Relay(wiring.handlers()), Event.objects.filter(seq__isnull=True).count()
    cpu, began = time.process_time(), time.perf_counter()
    relay.drain()
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    _print_step("log (relay, handlers)", count, seconds, used, f"{events / seconds:,.0f} events/s")


def _accept(offer_id: UUID, agent_id: UUID) -> tuple[UUID, UUID]:
    from civicline.routing import services as routing

    return routing.accept_offer(offer_id=offer_id, agent_id=agent_id).contact_id, agent_id


def _complete(contact_id: UUID, agent_id: UUID) -> None:
    from civicline.routing import services as routing

    routing.complete(contact_id=contact_id, agent_id=agent_id, disposition="solved")


@dataclass
class _Journey:
    """Residents and agents in threads of their own, for so many seconds."""

    town: _Town
    threads: int
    relay: bool
    offers: queue.SimpleQueue[tuple[UUID, UUID]] = field(default_factory=queue.SimpleQueue)
    places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(IN_FLIGHT))
    waits: list[float] = field(default_factory=list)
    arrived: dict[UUID, float] = field(default_factory=dict)

    def run(self, name: str, seconds: float) -> float:
        """Print and return lifecycles in a second."""
        from civicline.config import wiring
        from civicline.kernel import bus
        from civicline.kernel.models import Event
        from civicline.kernel.relay import Relay
        from civicline.routing.dispatcher import Dispatcher

        # What earlier runs left in the log is of no interest here.
        Event.objects.filter(seq__isnull=True).delete()
        stop = threading.Event()
        parts = [Dispatcher().run, *([Relay(wiring.handlers()).run] if self.relay else [])]
        crew = [threading.Thread(target=part, args=(stop,)) for part in parts]
        for thread in crew:
            thread.start()
        half = max(1, self.threads // 2)
        cpu, began = time.process_time(), time.perf_counter()
        until = began + seconds
        with bus.subscribe_prefix("agent:", self._take):
            _in_threads(2 * half, lambda number: (self._answer if number % 2 else self._arrive)(until))
            took, used = time.perf_counter() - began, time.process_time() - cpu
            stop.set()
        for thread in crew:
            thread.join()
        rate = len(self.waits) / took
        cuts = statistics.quantiles(self.waits or [0.0, 0.0], n=100)
        print(
            f"{name:26}{rate:8,.0f} /s   {used / max(1, len(self.waits)) * 1e6:6.0f} us of our CPU each   "
            f"arrival to close p50 {cuts[49] * 1000:6.1f} ms, p99 {cuts[98] * 1000:6.1f} ms",
            flush=True,
        )
        return rate

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("kind") == "offer":
            self.offers.put((UUID(message["id"]), UUID(message["topic"].removeprefix("agent:"))))

    def _arrive(self, until: float) -> None:
        from civicline.routing import services as routing

        while time.perf_counter() < until:
            if not self.places.acquire(timeout=0.2):
                continue
            began = time.perf_counter()
            contact_id = self.town.receive()
            self.arrived[contact_id] = began
            if not self.relay:
                routing.triage(contact_id=contact_id)

    def _answer(self, until: float) -> None:
        """Answer offers until residents have stopped coming and nobody is left."""
        from civicline.kernel.errors import Conflict

        while time.perf_counter() < until or (self.arrived and time.perf_counter() < until + LAST_S):
            try:
                offered = self.offers.get(timeout=0.2)
                contact_id, agent_id = _accept(*offered)
            except (queue.Empty, Conflict):
                continue  # the hint told of an answer, not of an offer
            _complete(contact_id, agent_id)
            began = self.arrived.pop(contact_id, None)
            if began is not None:
                self.waits.append(time.perf_counter() - began)
                self.places.release()


if __name__ == "__main__":
    main()
