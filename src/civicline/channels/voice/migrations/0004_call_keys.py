from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("voice", "0003_recordings"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="keys",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
