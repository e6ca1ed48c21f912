"""A contact that moves on stays on its page, and its indexes are left alone: a state is in none of them any more."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

ROOM = 70


def leave_room(_apps: Any, schema_editor: Any) -> None:
    """On PostgreSQL a changed row is written anew; beside itself, when its page has room."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE intake_contact SET (fillfactor = {ROOM:d})")


def fill_up(_apps: Any, schema_editor: Any) -> None:
    """As it was."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE intake_contact RESET (fillfactor)")


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0005_message_notes'),
        ('people', '0004_shorter_writes'),
        ('routing', '0004_shorter_writes'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='contact',
            name='contact_live',
        ),
        migrations.RemoveIndex(
            model_name='contact',
            name='contact_agent_state',
        ),
        migrations.AlterField(
            model_name='contact',
            name='queue',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='routing.queue'),
        ),
        migrations.AlterField(
            model_name='contact',
            name='reference',
            field=models.CharField(max_length=20),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['queued_at'], name='contact_open'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['agent'], name='contact_in_hand'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at'], name='contact_ended'),
        ),
        migrations.RunPython(leave_room, fill_up),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.UniqueConstraint(fields=('reference',), name='contact_reference_once'),
        ),
    ]
