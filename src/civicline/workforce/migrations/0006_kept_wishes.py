"""The wishes of a week are kept from its publication on. What was wished for in weeks published before is not known."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workforce", "0005_what_changes_hands")]

    operations = [
        migrations.CreateModel(
            name="KeptWish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weekday", models.PositiveSmallIntegerField()),
                ("start", models.PositiveSmallIntegerField(default=0)),
                ("end", models.PositiveSmallIntegerField(default=1440)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cannot", "Cannot"),
                            ("rather_not", "Rather Not"),
                            ("likes", "Likes"),
                            ("home", "Home"),
                            ("office", "Office"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.agent"
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="wishes", to="workforce.schedule"
                    ),
                ),
            ],
            options={"ordering": ["weekday", "start"], "abstract": False},
        ),
    ]
