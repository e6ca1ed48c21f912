import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("api", "0002_initial")]

    operations = [
        migrations.AddField("webhook", "include_text", models.BooleanField(default=False)),
        migrations.AddField(
            "webhook",
            "token",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="webhooks",
                to="api.apitoken",
            ),
        ),
        migrations.AddField("webhook", "failing_since", models.DateTimeField(null=True)),
        migrations.AddField("webhook", "disabled_reason", models.CharField(blank=True, max_length=200)),
        # No delivery was ever made before this version: the moment given to rows is never seen.
        migrations.RunSQL("DELETE FROM api_webhookdelivery", migrations.RunSQL.noop),
        migrations.AddField("webhookdelivery", "created_at", models.DateTimeField(null=True)),
        migrations.AlterField("webhookdelivery", "created_at", models.DateTimeField()),
    ]
