import django.db.models.deletion
from django.db import migrations, models

import pryvsite.db


class Migration(migrations.Migration):

    dependencies = [
        ("accesses", "0002_second_steps"),
        ("accounts", "0004_fill_names_and_addresses"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessVersion",
            fields=[
                ("account", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="accounts.account")),
                ("pk", models.CompositePrimaryKey("account_id", "access_id", "serial", blank=True, editable=False, primary_key=True, serialize=False)),
                ("access_id", models.TextField()),
                ("serial", models.IntegerField()),
                ("wire", pryvsite.db.JsonTextField()),
            ],
        ),
        migrations.AddField(
            model_name="access",
            name="alias",
            field=models.CharField(default="", max_length=10),
        ),
        migrations.AddConstraint(
            model_name="access",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted__isnull", True), models.Q(("alias", ""), _negated=True)),
                fields=("alias",),
                name="access_alias_unique",
            ),
        ),
    ]
