"""Taking in contacts: Civicline's intake against django-helpdesk 2.6.1, in one run on one machine.

    python -m benchmarks.intake_vs_helpdesk [--threads 16] [--seconds 3] [--rounds 3] [--venv FOLDER]

Both take in the same fields (title, words, email address, queue or service) on a fresh SQLite database in a folder of
this disk (WAL, synchronous FULL, one durable commit before each acknowledgement), with the same number of threads in
one process. django-helpdesk is installed into a throw-away environment, or taken from FOLDER.

- civicline: `intake.services.receive`: contact, message, resident, event and audit row, idempotency left out.
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
from pathlib import Path

PEER = "django-helpdesk==2.6.1"
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

    options = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    apps = ["auth", "contenttypes", "sessions", "messages", "sites", "admin", "humanize"]
    settings.configure(
        SECRET_KEY="benchmark",
        SITE_ID=1,
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(Path(os.environ["CIVICLINE_VAR"]) / "helpdesk.sqlite3"),
                "OPTIONS": options,
                "CONN_MAX_AGE": None,
            }
        },
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
    with tempfile.TemporaryDirectory(
        prefix="civicline-bench-", dir=os.environ.get("CIVICLINE_BENCH_DIR")
    ) as folder:
        peer = _environment(asked.venv or Path(folder) / "peer")
        _compare(asked, Path(folder), peer)


def _environment(folder: Path) -> str:
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PEER, "setuptools"], check=True)
    return str(python)


def _compare(asked: argparse.Namespace, folder: Path, peer: str) -> None:
    found: dict[str, list[float]] = {}
    for number in range(asked.rounds):
        for side, python in (("civicline", sys.executable), ("helpdesk", peer)):
            place = folder / f"{side}-{number}"
            place.mkdir()
            command = [
                python,
                __file__,
                "--side",
                side,
                f"--threads={asked.threads}",
                f"--seconds={asked.seconds}",
            ]
            environment = {**os.environ, "CIVICLINE_VAR": str(place)}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{side}: {done.stderr[-2000:]}")
            for name, value in json.loads(done.stdout.strip().splitlines()[-1]).items():
                found.setdefault(name, []).append(value)
    print(
        f"SQLite, WAL, synchronous FULL; {asked.threads} threads, {asked.rounds} rounds of {asked.seconds:g} s"
    )
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    for name, values in found.items():
        told = ", ".join(f"{value:,.0f}" for value in values)
        print(f"{name:20}{statistics.median(values):8,.0f} tickets/s   ({told})")
    ours = statistics.median(found["civicline"])
    for name in ("helpdesk, form", "helpdesk, rows"):
        print(f"civicline / {name:16}{ours / statistics.median(found[name]):6.1f} x")
    print(f"goal: {GOAL:g} x the form")


if __name__ == "__main__":
    main()
