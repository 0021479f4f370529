from django.db import migrations, models

FILL = (
    "UPDATE events_eventstream SET type = COALESCE((SELECT e.type FROM events_event e"
    " WHERE e.account_id = events_eventstream.account_id AND e.id = events_eventstream.event_id), '')"
)


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0005_day_digests'),
    ]

    operations = [
        migrations.AddField(
            model_name='eventstream',
            name='type',
            field=models.TextField(default=''),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='eventstream',
            index=models.Index(
                fields=['account', 'stream_id', 'type', 'time', 'event_id'], name='event_stream_by_type'
            ),
        ),
    ]
