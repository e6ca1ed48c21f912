"""Whether the database is laid out as this version wants it; asked at each start, so it has to be quick.

Django's own check builds the graph of all migrations. Comparing names is exact enough for "nothing to do", and
thirty times quicker.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from django.apps import apps
from django.db import DatabaseError, connection


class Layout(NamedTuple):
    """What the database lacks, and what it has that this version does not know: (app label, migration)."""

    missing: set[tuple[str, str]]
    unknown: set[tuple[str, str]]
    empty: bool

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to do."""
        return not self.missing


def layout() -> Layout:
    """Compare the migrations on disk with those applied. Raises `django.db.DatabaseError` when there is no database."""
    wanted = set(_on_disk())
    tables = set(connection.introspection.table_names())
    if "django_migrations" not in tables:
        return Layout(wanted, set(), not tables)
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = {(app, name) for app, name in cursor.fetchall()}
    ours = {config.label for config in apps.get_app_configs()}
    strange = {(app, name) for app, name in applied - wanted if app in ours}
    return Layout(wanted - applied, strange, not applied)


def _on_disk() -> list[tuple[str, str]]:
    found = []
    for config in apps.get_app_configs():
        spec = find_spec(f"{config.name}.migrations")
        for folder in (spec.submodule_search_locations or []) if spec else []:
            found += [(config.label, file.stem) for file in Path(folder).glob("[0-9]*.py")]
    return found


def bring_up_to_date() -> None:
    """Apply all missing migrations. On PostgreSQL several processes may try at once: one does, the others wait."""
    from django.core.management import call_command

    if connection.vendor != "postgresql":
        call_command("migrate", interactive=False, verbosity=0)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7263548)")
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(7263548)")


def problem_with_connection() -> str | None:
    """Return why the database cannot be used, in one sentence, or None."""
    try:
        connection.ensure_connection()
    except (DatabaseError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return f"The database cannot be reached ({reason}). Check CIVICLINE_DATABASE_URL and that the server runs."
    return None
