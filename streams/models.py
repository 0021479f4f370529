"""The tree of streams. Keys begin with the account; ids are unique within it."""

from django.db import models

from accounts.models import Account
from pryvsite.db import JsonTextField

ROOT = ""  # parent of root streams; null would escape the unique constraint on names


class Stream(models.Model):
    """A named folder of events (spec api-data §2.1)."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    id = models.TextField()
    name = models.TextField()
    parent_id = models.TextField(default=ROOT)
    client_data = JsonTextField(null=True)
    trashed = models.BooleanField(default=False)
    created = models.FloatField()
    created_by = models.TextField()
    modified = models.FloatField()
    modified_by = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "parent_id", "name"], name="stream_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class StreamDeletion(models.Model):
    """That a stream was deleted, for clients which synchronise."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    id = models.TextField()
    deleted = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["account", "deleted"], name="stream_deletion_time")]

    def __str__(self) -> str:
        return self.id
