"""A town at work is saved while residents write, and everything in every table comes back equal."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.servers import ROOT, Civicline, PostgreSQL, wait_until

KEY = "backup-trial-key"
SETTINGS = {
    "CIVICLINE_DEMO": "yes",
    "CIVICLINE_OPEN311_OPEN_KEYS": KEY,
    "CIVICLINE_OPEN311_REPORTS_PER_MINUTE": "1000000",
    "CIVICLINE_LOG_LEVEL": "warning",
}
LATELY_ADDED = (
    "api_webhook", "api_webhookdelivery", "people_legalhold", "kernel_auditseal", "kernel_auditentry",
    "intake_message", "intake_contact", "cases_case", "kernel_event",
)  # fmt: skip
Rows = dict[str, list[Any]]


def live_in(town: Civicline) -> None:
    """Webhook, holds, a mention, seals (see lived_in.py)."""
    settings = town.settings() | {"PYTHONPATH": str(ROOT / "src")}
    program = [sys.executable, str(Path(__file__).with_name("lived_in.py"))]
    subprocess.run(program, env=settings, cwd=town.var, check=True, timeout=60)


def rows_of_sqlite(town: Civicline) -> Rows:
    """Every row of every table."""
    with closing(sqlite3.connect(town.var / "civicline.sqlite3")) as database:
        named = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        return {
            name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)  # noqa: S608 -- its own names
            for (name,) in named.fetchall()
        }


def rows_of_postgresql(town: Civicline) -> Rows:
    """Every row of every table, as PostgreSQL writes it."""
    written = sql.SQL("SELECT t::text FROM {} t")
    with psycopg.connect(town.environment["CIVICLINE_DATABASE_URL"]) as database:
        named = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            name: sorted(database.execute(written.format(sql.Identifier(name))).fetchall())
            for (name,) in named
        }


class Residents:
    """They report, one after the other, until they are told to stop; `references` were acknowledged."""

    def __init__(self, town: Civicline) -> None:
        self.url = f"{town.url}/open311/v2/requests.json?jurisdiction_id=saltmere.example"
        self.references: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._report, args=(number,)) for number in (1, 2)]

    def __enter__(self) -> Residents:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _report(self, who: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            form = {
                "api_key": KEY,
                "service_code": "missed-bin",
                "address_string": f"{number} Harbour Street",
                "description": "The bin was not emptied",
                "device_id": f"phone-{who}-{number}",
                "attribute[bin]": "recycling",
            }
            asked = urllib.request.Request(self.url, urllib.parse.urlencode(form).encode())  # noqa: S310 -- our own
            with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 -- our own
                first = json.load(answer)[0]
            self.references.append(first.get("service_request_id") or first["token"])


def equal_again(
    town: Civicline, elsewhere: Civicline, archive: Path, rows_of: Callable[[Civicline], Rows]
) -> None:
    """Save a town that rests, bring it back elsewhere, and compare every row."""
    saved = rows_of(town)
    assert [name for name in LATELY_ADDED if not saved[name]] == []
    town.run("backup", str(archive))
    elsewhere.run("restore", str(archive))
    back = rows_of(elsewhere)
    assert back.keys() == saved.keys()
    assert [name for name in saved if back[name] != saved[name]] == []
    assert "The audit log is whole" in elsewhere.run("check", check=False).stdout


def test_a_town_is_saved_while_residents_write_and_comes_back_equal(
    make_server: Callable[..., Civicline], tmp_path: Path
) -> None:
    town = make_server(environment=SETTINGS)
    live_in(town)
    archive = tmp_path / "at-work.tar"
    with Residents(town) as residents:
        wait_until(lambda: len(residents.references) > 20, what="residents write")
        before = list(residents.references)
        town.run("backup", str(archive))
        while_saving = len(residents.references) - len(before)
    assert while_saving > 0, "nobody could write during the backup"
    town.stop()

    restored = Civicline(tmp_path / "at-work", environment=SETTINGS)
    restored.run("restore", str(archive))
    with closing(sqlite3.connect(restored.var / "civicline.sqlite3")) as database:
        known = {reference for (reference,) in database.execute("SELECT reference FROM intake_contact")}
        known |= {reference for (reference,) in database.execute("SELECT reference FROM cases_case")}
        torn = (
            "SELECT count(*) FROM intake_contact c WHERE NOT EXISTS (SELECT 1 FROM intake_message m "
            "WHERE m.contact_id = c.id) OR NOT EXISTS (SELECT 1 FROM kernel_event e WHERE e.contact_id = c.id)"
        )
        assert database.execute(torn).fetchone() == (0,)
        assert database.execute("PRAGMA foreign_key_check").fetchone() is None
    assert set(before) <= known, "what was acknowledged before the backup began is in it"
    equal_again(
        town, Civicline(tmp_path / "rest", environment=SETTINGS), tmp_path / "rest.tar", rows_of_sqlite
    )


def test_a_postgresql_town_comes_back_equal_too(postgresql: PostgreSQL, tmp_path: Path) -> None:
    def a_town(name: str) -> Civicline:
        database = {"CIVICLINE_DATABASE_URL": postgresql.make_database(f"equal_{name}")}
        return Civicline(tmp_path / name, environment={**SETTINGS, **database})

    town = a_town("first")
    town.run("demo")
    live_in(town)
    equal_again(town, a_town("second"), tmp_path / "town.tar", rows_of_postgresql)
