"""On PostgreSQL references are drawn from a sequence: a counter's row would stay locked until each contact's commit."""

from typing import Any

from django.db import migrations

BLOCK = 32


def make(apps: Any, schema_editor: Any) -> None:
    """Begin behind whatever the counter has given out."""
    if schema_editor.connection.vendor != "postgresql":
        return
    counters = apps.get_model("kernel", "Counter").objects.filter(name="reference")
    given = counters.values_list("value", flat=True).first() or 0
    first = -(-given // BLOCK)
    schema_editor.execute(f"CREATE SEQUENCE intake_reference MINVALUE 0 START {first:d}")


def drop(_apps: Any, schema_editor: Any) -> None:
    """Numbers left over in blocks are simply never used."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP SEQUENCE intake_reference")


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_initial"), ("kernel", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
