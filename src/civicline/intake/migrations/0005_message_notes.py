from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_fewer_indexes")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("direction", "note")), fields=["at"], name="message_notes"
            ),
        )
    ]
