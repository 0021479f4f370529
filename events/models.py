"""What was recorded. Keys begin with the account; event ids are unique within it."""

from django.db import models

from accounts.models import Account


class Event(models.Model):
    """An event: its wire form as text, and the columns that queries need.

    `wire` holds the event as the API shows it, without read tokens, encoded once on write and
    joined on read. The other columns are projections of it, written by the same statement.
    """

    pk = models.CompositePrimaryKey("account_id", "id")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    id = models.TextField()
    time = models.FloatField()
    end_time = models.FloatField(null=True)  # null = running
    type = models.TextField()
    trashed = models.BooleanField(default=False)
    modified = models.FloatField()
    has_files = models.BooleanField(default=False)
    wire = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "time", "id", "trashed"], name="event_by_time"),
            models.Index(fields=["account", "modified"], name="event_by_change"),
            models.Index(fields=["account", "type", "time"], name="event_by_type"),
            # What lasts and what runs: windows ask for those that began before them.
            models.Index(
                fields=["account", "end_time", "time"],
                name="event_lasting",
                condition=models.Q(end_time__gt=models.F("time")),
            ),
            # Of these, what lasts a day or longer.
            models.Index(
                fields=["account", "end_time", "time"],
                name="event_lasting_long",
                condition=models.Q(end_time__gte=models.F("time") + 86_400.0),
            ),
            models.Index(
                fields=["account", "time"], name="event_running", condition=models.Q(end_time__isnull=True)
            ),
            models.Index(
                fields=["account", "time", "id"], name="event_in_trash", condition=models.Q(trashed=True)
            ),
        ]

    def __str__(self) -> str:
        return self.id


class EventStream(models.Model):
    """An event's place in a stream; carries time, type and whether the event is in the trash, so that streams
    are read in order, and types that are rare in them found, of indexes alone."""

    pk = models.CompositePrimaryKey("account_id", "stream_id", "event_id")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    stream_id = models.TextField()
    event_id = models.TextField()
    time = models.FloatField()
    type = models.TextField()
    trashed = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "stream_id", "time", "event_id", "trashed"], name="event_stream_by_time"
            ),
            models.Index(
                fields=["account", "stream_id", "type", "time", "event_id", "trashed"],
                name="event_stream_by_type",
            ),
            models.Index(fields=["account", "event_id"], name="event_stream_of_event"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}/{self.event_id}"


class Attachment(models.Model):
    """A file of an event; its bytes live in the storage `attachments` under `blob`."""

    pk = models.CompositePrimaryKey("account_id", "event_id", "id")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    event_id = models.TextField()
    id = models.TextField()
    blob = models.TextField()
    size = models.BigIntegerField()  # bytes

    def __str__(self) -> str:
        return self.id


class EventDeletion(models.Model):
    """That an event was deleted; its id is never used again."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    id = models.TextField()
    deleted = models.FloatField()
    integrity = models.TextField(default="")
    kept = models.TextField(default="")  # what the deletion mode keeps, as JSON; empty: nothing

    class Meta:
        indexes = [models.Index(fields=["account", "deleted"], name="event_deletion_time")]

    def __str__(self) -> str:
        return self.id


class EventVersion(models.Model):
    """An event as it was before a change, where the platform keeps versions (spec api-data §3.11)."""

    pk = models.CompositePrimaryKey("account_id", "event_id", "number")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    event_id = models.TextField()
    number = models.IntegerField()  # counts up from 1
    wire = models.TextField()

    def __str__(self) -> str:
        return f"{self.event_id}#{self.number}"


class SeriesChunk(models.Model):
    """A stretch of a high-frequency series, packed; those of a series don't overlap.

    `data` holds the points in ascending order as JSON arrays joined by commas: the delta, then a value
    for each column. Deltas, not absolute times: moving the event then moves its points for free.
    `summary` and `runs` tell what the columns hold, of the whole and of its parts: charts of long times
    read them alone.
    """

    pk = models.CompositePrimaryKey("account_id", "event_id", "first")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    event_id = models.TextField()
    first = models.FloatField()  # seconds since the event's time
    last = models.FloatField()  # seconds since the event's time
    count = models.IntegerField()  # points
    columns = models.BigIntegerField()  # bit i: there is a value column for field i after deltaTime
    summary = models.TextField()  # JSON, as blocks.Summary; before the data, which may fill pages
    runs = models.TextField()
    data = models.TextField()

    def __str__(self) -> str:
        return f"{self.event_id}+{self.first}"


class DayDigest(models.Model):
    """The events that began on a local day, summed up by hours; `events.digests` makes and reads it."""

    pk = models.CompositePrimaryKey("account_id", "zone", "first")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    zone = models.TextField()
    first = models.FloatField()  # when the day begins
    hours = models.TextField()  # JSON of sheets; empty text for nothing

    def __str__(self) -> str:
        return f"{self.first:.0f} {self.zone}"


class MonthDigest(models.Model):
    """How many events began on each day of a local month."""

    pk = models.CompositePrimaryKey("account_id", "zone", "first")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    zone = models.TextField()
    first = models.FloatField()  # when the month begins
    done = models.BigIntegerField()  # bit i: day i is in it
    tallies = models.TextField()  # JSON; empty text for nothing

    def __str__(self) -> str:
        return f"{self.first:.0f} {self.zone}"


class MonthPart(models.Model):
    """The events of one type of a local month, summed up by days."""

    pk = models.CompositePrimaryKey("account_id", "zone", "first", "type")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    zone = models.TextField()
    first = models.FloatField()  # when the month begins
    type = models.TextField()
    sheets = models.TextField()  # JSON

    def __str__(self) -> str:
        return f"{self.type} {self.first:.0f} {self.zone}"


class Touched(models.Model):
    """That events of a day changed; triggers write it, whatever changes an event.

    Each change adds a row, so that writers never wait for each other.
    """

    account_id = models.BigIntegerField()  # no foreign key: triggers also fire while an account goes
    day = models.BigIntegerField()  # days since 1970 in UTC

    class Meta:
        db_table = "events_touched"
        indexes = [models.Index(fields=["account_id", "day"], name="event_touched")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"
