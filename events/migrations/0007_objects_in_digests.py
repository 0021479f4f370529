"""Digests know of objects of numbers whose type the catalogue doesn't have: all are made again when asked for."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0006_types_of_places'),
    ]

    operations = [
        migrations.RunSQL('DELETE FROM events_daydigest', migrations.RunSQL.noop),
    ]
