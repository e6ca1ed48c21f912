"""Trades of shifts and of turns on call become one idea: their rows stay, names of a table and two columns change."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workforce", "0004_offers_and_turns")]

    operations = [
        migrations.RenameModel(old_name="Trade", new_name="ShiftTrade"),
        migrations.RenameIndex(
            model_name="shifttrade", old_name="trade_state_asked", new_name="shifttrade_state_asked"
        ),
        migrations.RenameField(model_name="shifttrade", old_name="shift", new_name="thing"),
        migrations.RenameField(model_name="dutytrade", old_name="duty", new_name="thing"),
        *(
            migrations.AlterField(
                model_name=name,
                name="asked_by",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.agent"
                ),
            )
            for name in ("shifttrade", "dutytrade")
        ),
    ]
