"""Durable writes: the kernel's group commit against direct transactions, and whole lifecycles of contacts.

    python -m benchmarks.kernel_writes [--threads 16] [--seconds 3]

A fresh SQLite database (WAL, synchronous FULL) is made in a folder of this disk, so the numbers hold its fsync. With
CIVICLINE_DATABASE_URL set to an empty PostgreSQL database the same runs there, where a write is a plain transaction.

- write: one event row, committed and acknowledged on its own. "direct" is Django's atomic() in the same threads.
- lifecycle: four acknowledged writes on one contact: insert; offer, accept, close as compare-and-set on (state,
  version); one event with each. The rate counts whole lifecycles.
- batch: the same steps as the dispatcher does them, 50 contacts to one write.
- relay: events published and handled per second, with one handler each that writes.
"""

import argparse
import functools
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

import django

SQLITE_GOAL, POSTGRES_GOAL = 2000, 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(
        prefix="civicline-bench-", dir=os.environ.get("CIVICLINE_BENCH_DIR")
    ) as folder:
        os.environ.setdefault("CIVICLINE_VAR", folder)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civicline.config.settings")
        django.setup()
        _run(asked.threads, asked.seconds)


def _run(threads: int, seconds: float) -> None:
    from django.core.management import call_command
    from django.db import connection, transaction

    from civicline.kernel.db import writes

    call_command("migrate", verbosity=0)
    goal = SQLITE_GOAL if connection.vendor == "sqlite" else POSTGRES_GOAL
    print(f"{connection.vendor}, {threads} threads, {seconds:g} s each")

    def direct(work: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            with transaction.atomic():
                return work()

        return run

    plain = measure("write, direct", threads, seconds, lambda: direct(_event))
    gated = measure("write, kernel", threads, seconds, lambda: writes(_event))
    print(f"{'kernel / direct':28}{gated / plain:8.1f} x")
    rate = measure("lifecycle, kernel", threads, seconds, lambda: lifecycle)
    print(f"{'goal':28}{goal:8,} /s, reached {rate / goal:.2f} x")
    measure("lifecycle, in batches of 50", 2, seconds, lambda: lifecycles_in_batch, each=50)
    _relay()


def measure(
    name: str, threads: int, seconds: float, make: Callable[[], Callable[[], object]], *, each: int = 1
) -> float:
    """Run what `make` gives in so many threads; print and return how many were done in a second."""
    from django.db import connection

    waits: list[float] = []
    errors: list[BaseException] = []
    until = time.perf_counter() + seconds

    def work() -> None:
        run = make()
        mine: list[float] = []
        try:
            while (began := time.perf_counter()) < until:
                run()
                mine.append(time.perf_counter() - began)
        except BaseException as error:
            errors.append(error)
        waits.extend(mine)
        connection.close()

    crew = [threading.Thread(target=work) for _ in range(threads)]
    started = time.perf_counter()
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    rate = len(waits) * each / (time.perf_counter() - started)
    cuts = statistics.quantiles(waits, n=100)
    print(
        f"{name:28}{rate:8,.0f} /s   p50 {cuts[49] * 1000:7.1f} ms   p99 {cuts[98] * 1000:7.1f} ms   "
        f"worst {max(waits) * 1000:7.1f} ms   errors {len(errors)}"
    )
    return rate


def _event() -> None:
    from civicline.kernel.events import EventType, emit

    emit(EventType("contact.received"), subject=("contact", 1), data={"queue": 3})


def _received() -> Any:
    """Insert a contact as it arrives; returns its id."""
    from civicline.intake.models import Contact
    from civicline.kernel import clock, ids
    from civicline.kernel.events import EventType, emit
    from civicline.kernel.rows import insert

    contact = ids.new_id()
    columns = _defaults(Contact) | {
        "id": contact,
        "reference": contact.hex[-20:],
        "secret_hash": "0" * 64,
        "channel": "chat",
    }
    columns |= {"state": "queued", "arrived_at": clock.now()}
    insert(Contact, **columns)
    emit(EventType("contact.received"), subject=("contact", contact), contact_id=contact)
    return contact


def _moved(contact: Any, version: int, before: str, after: str) -> None:
    from civicline.intake.models import Contact
    from civicline.kernel.events import EventType, emit
    from civicline.kernel.rows import change

    moved = change(
        Contact,
        where={"id": contact, "state": before, "version": version},
        to={"state": after, "version": version + 1},
    )
    assert moved == 1
    emit(EventType(f"contact.{after}"), subject=("contact", contact), contact_id=contact)


@functools.cache
def _defaults(model: Any) -> dict[str, Any]:
    return {field.attname: field.get_default() for field in model._meta.concrete_fields}


STEPS = (("queued", "offered"), ("offered", "connected"), ("connected", "closed"))


@functools.cache
def _written(step: Callable[..., Any]) -> Callable[..., Any]:
    """The step as a write of its own, made once, as `@writes` does it."""
    from civicline.kernel.db import writes

    return writes(step)


def lifecycle() -> None:
    """One contact in four acknowledged writes."""
    contact = _written(_received)()
    for version, (before, after) in enumerate(STEPS):
        _written(_moved)(contact, version, before, after)


def lifecycles_in_batch() -> None:
    """Fifty contacts in four acknowledged writes."""
    from civicline.kernel.db import writes

    @writes
    def receive() -> list[Any]:
        return [_received() for _ in range(50)]

    @writes
    def move(version: int, before: str, after: str) -> None:
        for contact in contacts:
            _moved(contact, version, before, after)

    contacts = receive()
    for version, (before, after) in enumerate(STEPS):
        move(version, before, after)


def _relay() -> None:
    from civicline.kernel import counters
    from civicline.kernel.db import writes
    from civicline.kernel.handlers import Registry
    from civicline.kernel.models import Event
    from civicline.kernel.relay import Relay

    # What the runs before left is of no interest here.
    Event.objects.filter(seq__isnull=True).delete()
    registry = Registry()
    registry.on("contact.*", "count", lambda _: _taken(counters.take("handled")))
    for _ in range(40):
        writes(_hundred_events)()
    started = time.perf_counter()
    Relay(registry).drain()
    print(f"{'relay, one handler each':28}{4000 / (time.perf_counter() - started):8,.0f} events/s")


def _hundred_events() -> None:
    for _ in range(100):
        _event()


def _taken(_: int) -> None:
    """A handler gives nothing back."""


if __name__ == "__main__":
    main()
