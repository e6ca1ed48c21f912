from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("api", "0003_webhook_facts")]

    operations = [
        migrations.AddField("webhook", "old_secret", models.CharField(blank=True, default="", max_length=100)),
        migrations.AlterField("webhook", "old_secret", models.CharField(blank=True, max_length=100)),
        migrations.AddField("webhook", "old_secret_until", models.DateTimeField(null=True)),
        migrations.AddField(
            "webhookdelivery", "response", models.CharField(blank=True, default="", max_length=1000)
        ),
        migrations.AlterField("webhookdelivery", "response", models.CharField(blank=True, max_length=1000)),
    ]
