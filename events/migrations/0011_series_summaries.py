import json

from django.db import migrations, models

RUNS = 10  # parts of a block that are summed up


def summed(rows, width):
    columns = []
    for place in range(1, width + 1):
        values = [r[place] for r in rows if isinstance(r[place], int | float) and not isinstance(r[place], bool)]
        columns.append([len(values), sum(values), min(values), max(values), values[-1]] if values else None)
    return columns


def sum_up(apps, schema_editor):
    """What the blocks hold that are there already."""
    chunks = apps.get_model("events", "SeriesChunk").objects
    for chunk in chunks.iterator(100):
        rows, width = json.loads(f"[{chunk.data}]"), chunk.columns.bit_count()
        size = max(1, -(-len(rows) // RUNS))
        parts = [rows[at:at + size] for at in range(0, len(rows), size)]
        chunks.filter(account_id=chunk.account_id, event_id=chunk.event_id, first=chunk.first).update(
            summary=json.dumps(summed(rows, width)),
            runs=json.dumps([[part[0][0], part[-1][0], summed(part, width)] for part in parts]),
            points=chunk.data,
        )


def put_back(apps, schema_editor):
    chunks = apps.get_model("events", "SeriesChunk").objects
    chunks.update(data=models.F("points"))


def column(name):
    return migrations.AddField(
        model_name='serieschunk', name=name, field=models.TextField(default=''), preserve_default=False
    )


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0010_long_events'),
    ]

    operations = [
        column('summary'),
        column('runs'),
        # The data comes last, so that the rest is read without the pages that it fills.
        column('points'),
        migrations.RunPython(sum_up, put_back),
        migrations.RemoveField(model_name='serieschunk', name='data'),
        migrations.RenameField(model_name='serieschunk', old_name='points', new_name='data'),
    ]
