"""A process that does one task on the database of the test, until it is killed."""

import sys
import threading

import django

RECEIVED = "contact.received"


def load(threads: str) -> None:
    """Write events with a relay at work beside; say "ack <number>" for each that was acknowledged."""
    from civicline.kernel.db import writes
    from civicline.kernel.events import EventType, emit
    from civicline.kernel.relay import Relay
    from tests.integration.kernel.effects import registry

    @writes
    def receive(name: str) -> None:
        emit(EventType(RECEIVED), subject=("contact", name))

    def work(which: int) -> None:
        number = 0
        while True:
            name = f"{which}-{number}"
            receive(name)
            sys.stdout.write(f"ack {name}\n")
            number += 1

    for which in range(int(threads)):
        threading.Thread(target=work, args=(which,), daemon=True).start()
    Relay(registry()).run(threading.Event())


def relay(wanted: str) -> None:
    """Relay without looking at the lease until so many events are published."""
    from civicline.kernel import selectors
    from civicline.kernel.relay import Relay
    from tests.integration.kernel.effects import registry

    one = Relay(registry())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while selectors.last_seq() < int(wanted) or selectors.count_handler_runs():
        one.step()


def lease(name: str) -> None:
    """Hold a lease and renew it for ever."""
    from civicline.kernel.leases import Lease

    mine = Lease(name)
    sys.stdout.write(f"fence {mine.acquire()}\n")
    sys.stdout.flush()
    pause = threading.Event()
    while mine.renew():
        pause.wait(0.5)


def job(kind: str) -> None:
    """Claim a job and never finish it."""
    from civicline.kernel.jobs import JobRegistry, Worker

    def never_ends(_: dict[str, object]) -> None:
        sys.stdout.write("running\n")
        sys.stdout.flush()
        threading.Event().wait()

    jobs = JobRegistry()
    jobs.job(kind, never_ends)
    Worker(jobs, lease_seconds=1.5).run(threading.Event())


if __name__ == "__main__":
    django.setup()
    {"load": load, "relay": relay, "lease": lease, "job": job}[sys.argv[1]](*sys.argv[2:])
