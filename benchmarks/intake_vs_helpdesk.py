"""Taking in contacts: Civicline's intake against django-helpdesk 2.6.1, in one run on one machine.

    python -m benchmarks.intake_vs_helpdesk [--db sqlite|postgresql|both] [--threads 16] [--seconds 3] [--rounds 3]
                                            [--venv FOLDER]

Both take in the same fields (title, words, email address, queue or service), with the same number of threads in one
process, each ticket in one durable commit before it is acknowledged, on the same fresh database with the same
settings: a SQLite file in a folder of this disk (WAL, synchronous FULL), or a PostgreSQL 15 started for this run (fsync
and synchronous_commit on). django-helpdesk is installed into a throw-away environment, or taken from FOLDER.

- civicline: `intake.services.receive`: contact, message, resident, events and audit rows, idempotency left out.
- helpdesk, form: its public form, validated and saved inside one transaction; no mail template, so no mail is sent.
- helpdesk, rows: its two models (ticket, follow-up) alone, saved inside one transaction: the best that it could do.

Rounds alternate; the medians count. The goal is ten times the form.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

PEER = ("django-helpdesk==2.6.1", "setuptools", "psycopg[binary]")
DATABASES = ("sqlite", "postgresql")
SETTINGS = "CIVICLINE_BENCH_DATABASE"
"""Where the peer's process finds Civicline's own settings of the database, as JSON."""
GOAL = 10.0
WORDS = (
    "The street light in front of number 12 has been out since Monday, and it is very dark in the evening."
)


def rate(threads: int, seconds: float, take_in: Callable[[int], object]) -> float:
    """Acknowledged tickets in a second."""
    from django.db import connection

    done = [0] * threads
    errors: list[BaseException] = []
    start = time.perf_counter()
    until = start + seconds

    def work(me: int) -> None:
        try:
            while time.perf_counter() < until:
                take_in(done[me] * threads + me)
                done[me] += 1
        except BaseException as error:
            errors.append(error)
        connection.close()

    crew = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    if errors:
        raise errors[0]
    return sum(done) / (time.perf_counter() - start)


def civicline(threads: int, seconds: float) -> dict[str, float]:
    """Our intake, on the database that the settings name."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civicline.config.settings")
    django.setup()
    from django.core.management import call_command

    from civicline.intake import services
    from civicline.intake.ports import Inbound, ResidentFacts

    call_command("migrate", verbosity=0)
    week = [{"day": day, "start": "00:00", "end": "24:00"} for day in range(7)]
    calendar = services.save_calendar(code="always", name={"en": "Always"}, timezone="UTC", weekly=week)
    services.save_service(code="light", name={"en": "Street light"}, calendar=calendar)

    def take_in(number: int) -> None:
        resident = ResidentFacts(email=f"resident{number}@example.org")
        title = f"Light {number}"
        services.receive(
            inbound=Inbound(
                channel="webform", text=WORDS, subject=title, service_code="light", resident=resident
            )
        )

    rate(threads, 0.5, lambda number: take_in(number + 10_000_000))
    return {"civicline": rate(threads, seconds, take_in)}


def helpdesk(threads: int, seconds: float) -> dict[str, float]:
    """The peer, in its own environment: form and bare rows."""
    import django
    from django.conf import settings

    apps = ["auth", "contenttypes", "sessions", "messages", "sites", "admin", "humanize"]
    settings.configure(
        SECRET_KEY="benchmark",
        SITE_ID=1,
        USE_TZ=True,
        DATABASES={"default": json.loads(os.environ[SETTINGS])},
        INSTALLED_APPS=[*(f"django.contrib.{name}" for name in apps), "rest_framework", "helpdesk"],
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        HELPDESK_TEAMS_MODEL="auth.User",
        HELPDESK_TEAMS_MIGRATION_DEPENDENCIES=[],
        HELPDESK_KBITEM_TEAM_GETTER=lambda _: None,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        MIDDLEWARE=[],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        LOGGING_CONFIG=None,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    form, rows = _helpdesk_ways()
    rate(threads, 0.5, form)
    return {"helpdesk, form": rate(threads, seconds, form), "helpdesk, rows": rate(threads, seconds, rows)}


def _helpdesk_ways() -> tuple[Callable[[int], object], Callable[[int], object]]:
    from django.db import transaction
    from django.utils import timezone
    from helpdesk.forms import PublicTicketForm
    from helpdesk.models import EmailTemplate, FollowUp, Queue, Ticket

    queue = Queue.objects.create(title="Lights", slug="lights", allow_public_submission=True)
    EmailTemplate.objects.all().delete()

    def form(number: int) -> None:
        data = {
            "queue": str(queue.pk),
            "title": f"Light {number}",
            "body": WORDS,
            "submitter_email": f"resident{number}@example.org",
            "priority": "3",
        }
        with transaction.atomic():
            filled = PublicTicketForm(data=data)
            filled.fields["queue"].choices = [("", ""), (str(queue.pk), queue.title)]
            assert filled.is_valid(), filled.errors
            filled.save(user=None)

    def rows(number: int) -> None:
        with transaction.atomic():
            ticket = Ticket(
                title=f"Light {number}",
                description=WORDS,
                submitter_email=f"resident{number}@example.org",
                queue=queue,
                created=timezone.now(),
            )
            ticket.save()
            FollowUp(ticket=ticket, title="Opened", comment=WORDS, public=True, date=timezone.now()).save()

    return form, rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--db", choices=[*DATABASES, "both"], default="both")
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--venv", type=Path, help="an environment that has the peer; made when it is not there"
    )
    parser.add_argument("--side", choices=["civicline", "helpdesk"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        measure = {"civicline": civicline, "helpdesk": helpdesk}[asked.side]
        print(json.dumps(measure(asked.threads, asked.seconds)))
        return
    place = os.environ.get("CIVICLINE_BENCH_DIR")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="civicline-bench-", dir=place)))
        peer = _environment(asked.venv or folder / "peer")
        for database in DATABASES if asked.db == "both" else [asked.db]:
            _compare(database, asked, folder, peer, stack)


def _environment(folder: Path) -> str:
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER], check=True)
    return str(python)


def _settings(place: Path, url: str) -> dict[str, str]:
    """The environment of one side in one round: a fresh database, and how Civicline would speak to it."""
    environment = {**os.environ, "CIVICLINE_VAR": str(place)}
    environment.pop("CIVICLINE_DATABASE_URL", None)
    if url:
        environment["CIVICLINE_DATABASE_URL"] = url
    show = (
        "import json; from civicline.config import settings; print(json.dumps(settings.DATABASES['default']))"
    )
    command = [sys.executable, "-c", show]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return environment | {SETTINGS: told.strip().splitlines()[-1]}


def _round(
    side: str, python: str, asked: argparse.Namespace, environment: dict[str, str]
) -> dict[str, float]:
    options = ["--side", side, f"--threads={asked.threads}", f"--seconds={asked.seconds}"]
    command = [python, __file__, *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{side}: {done.stderr[-2000:]}")
    told: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def _compare(database: str, asked: argparse.Namespace, folder: Path, peer: str, stack: ExitStack) -> None:
    server: Any = None
    if database == "postgresql":
        from tests.servers import PostgreSQL

        server = PostgreSQL.start()
        stack.callback(server.stop)
    from benchmarks import machine  # the peer's process has no such module

    found: dict[str, list[float]] = {}
    for number in range(asked.rounds):
        for side, python in (("civicline", sys.executable), ("helpdesk", peer)):
            place = folder / f"{database}-{side}-{number}"
            place.mkdir()
            environment = _settings(place, server.make_database(f"{side}_{number}") if server else "")
            for name, value in _round(side, python, asked, environment).items():
                found.setdefault(name, []).append(value)
    how = "WAL, synchronous FULL" if database == "sqlite" else "fsync and synchronous_commit on"
    print(f"{database}, {how}; {asked.threads} threads, {asked.rounds} rounds of {asked.seconds:g} s each")
    print(machine.described())
    for name, values in found.items():
        told = ", ".join(f"{value:,.0f}" for value in values)
        print(f"{name:20}{statistics.median(values):8,.0f} tickets/s   ({told})")
    ours = statistics.median(found["civicline"])
    for name in ("helpdesk, form", "helpdesk, rows"):
        ratio = ours / statistics.median(found[name])
        goal = f"   (goal {GOAL:g} x, reached {ratio / GOAL:.2f} of it)" if name == "helpdesk, form" else ""
        print(f"civicline / {name:16}{ratio:6.1f} x{goal}", flush=True)


if __name__ == "__main__":
    main()
