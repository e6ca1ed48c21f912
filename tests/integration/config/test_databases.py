"""The database under the tests is the real one, set up as in service."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_sqlite_is_durable_and_waits_its_turn(on_postgresql: bool) -> None:
    with connection.cursor() as cursor:
        if on_postgresql:
            cursor.execute("SHOW fsync")
            assert cursor.fetchone() == ("on",)
            return
        found = {}
        for pragma in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys"):
            cursor.execute(f"PRAGMA {pragma}")
            found[pragma] = cursor.fetchone()[0]
    assert found == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 20_000, "foreign_keys": 1}
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
