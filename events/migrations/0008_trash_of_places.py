from django.db import migrations, models

FILL = (
    "UPDATE events_eventstream SET trashed = %s WHERE EXISTS (SELECT 1 FROM events_event e"
    " WHERE e.account_id = events_eventstream.account_id AND e.id = events_eventstream.event_id AND e.trashed)"
)
# What is read is found in the indexes alone: they end with whether the event is in the trash.
INDEXES = (
    ('event', 'event_by_time', ['account', 'time', 'id']),
    ('eventstream', 'event_stream_by_time', ['account', 'stream_id', 'time', 'event_id']),
    ('eventstream', 'event_stream_by_type', ['account', 'stream_id', 'type', 'time', 'event_id']),
)


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0007_objects_in_digests'),
    ]

    operations = [
        migrations.AddField(
            model_name='eventstream',
            name='trashed',
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL([(FILL, [True])], migrations.RunSQL.noop),
        *(migrations.RemoveIndex(model_name=model, name=name) for model, name, _ in INDEXES),
        *(
            migrations.AddIndex(model_name=model, index=models.Index(fields=[*fields, 'trashed'], name=name))
            for model, name, fields in INDEXES
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(
                condition=models.Q(('trashed', True)), fields=['account', 'time', 'id'], name='event_in_trash'
            ),
        ),
    ]
