"""An alarm can be quiet for a while."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("routing", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="snoozed_until",
            field=models.DateTimeField(null=True),
        )
    ]
