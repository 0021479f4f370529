import json
from itertools import groupby, islice

import django.db.models.deletion
from django.db import migrations, models

ROWS = 1000  # points of a chunk


def pack(apps, schema_editor):
    """Points that were stored singly, a thousand to a chunk."""
    points = apps.get_model("events", "SeriesPoint").objects.order_by("account_id", "event_id", "delta")
    chunks = apps.get_model("events", "SeriesChunk").objects
    rows = points.values_list("account_id", "event_id", "delta", "row").iterator(ROWS)
    for (account_id, event_id), found in groupby(rows, key=lambda row: row[:2]):
        while part := [(delta, values) for *_, delta, values in islice(found, ROWS)]:
            bits = sorted({i for _, values in part for i, value in enumerate(values) if value is not None})
            packed = [[delta, *(values[i] if i < len(values) else None for i in bits)] for delta, values in part]
            chunks.create(
                account_id=account_id,
                event_id=event_id,
                first=part[0][0],
                last=part[-1][0],
                count=len(part),
                columns=sum(1 << i for i in bits),
                data=json.dumps(packed, separators=(",", ":"), ensure_ascii=False)[1:-1],
            )


def unpack(apps, schema_editor):
    """Back to single points."""
    points = apps.get_model("events", "SeriesPoint").objects
    for chunk in apps.get_model("events", "SeriesChunk").objects.iterator(100):
        bits = [i for i in range(63) if chunk.columns >> i & 1]
        width = max(bits, default=-1) + 1
        new = []
        for delta, *values in json.loads(f"[{chunk.data}]"):
            row = [None] * width
            for i, value in zip(bits, values):
                row[i] = value
            new.append(
                points.model(account_id=chunk.account_id, event_id=chunk.event_id, delta=delta, row=row)
            )
        points.bulk_create(new, batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_stores_and_versions'),
        ('events', '0003_stores_and_versions'),
    ]

    operations = [
        migrations.CreateModel(
            name='SeriesChunk',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'event_id', 'first', blank=True, editable=False, primary_key=True, serialize=False)),
                ('event_id', models.TextField()),
                ('first', models.FloatField()),
                ('last', models.FloatField()),
                ('count', models.IntegerField()),
                ('columns', models.BigIntegerField()),
                ('data', models.TextField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='accounts.account')),
            ],
        ),
        migrations.RunPython(pack, unpack),
        migrations.DeleteModel(name='SeriesPoint'),
    ]
