from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_slaclock_called_off")]

    operations = [
        migrations.AddIndex(
            model_name="caseentry",
            index=models.Index(condition=models.Q(("kind", "note")), fields=["at"], name="caseentry_notes"),
        )
    ]
