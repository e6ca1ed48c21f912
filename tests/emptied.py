"""Empty the test database after a test that committed, the quick way.

Django's own way costs more than many a test: after each it makes the rows of content types and permissions anew, which
nothing here reads, and on PostgreSQL it truncates every table, which makes and unlinks some hundreds of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.management.color import no_style
from django.core.management.sql import sql_flush
from django.db import connections
from django.test import TransactionTestCase

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# As a replica does: no trigger and no foreign key has a say in what order the rows go.
_DELETE_WHERE_THERE_IS_SOMETHING = """
DO $$
DECLARE
    one text;
    filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOREACH one IN ARRAY string_to_array(current_setting('tests.tables'), ' ') LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM %I', one);
        END IF;
    END LOOP;
END
$$
"""


def use() -> None:
    """From now on every test that commits is cleaned up after in this way."""
    setattr(TransactionTestCase, "_fixture_teardown", _clean_up)  # noqa: B010 -- a method of the library's


def empty(connection: BaseDatabaseWrapper) -> None:
    """Remove all rows of all tables of ours."""
    if connection.vendor != "postgresql":
        statements = sql_flush(no_style(), connection, reset_sequences=False, allow_cascade=False)
        connection.ops.execute_sql_flush(statements)
        return
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        # A block takes no parameters: it finds the names in a setting of the session.
        cursor.execute("SELECT set_config('tests.tables', %s, false)", [" ".join(tables)])
        cursor.execute(_DELETE_WHERE_THERE_IS_SOMETHING)


def _clean_up(case: TransactionTestCase) -> None:
    for name in case._databases_names(include_mirrors=False):  # type: ignore[attr-defined]  # not in the stubs
        empty(connections[name])
