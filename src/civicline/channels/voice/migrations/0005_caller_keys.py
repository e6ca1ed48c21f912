from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("voice", "0004_call_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="pressed",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name="call",
            name="paying",
            field=models.BooleanField(default=False),
        ),
    ]
