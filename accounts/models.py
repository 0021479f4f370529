"""Who somebody is: accounts and the invitations that open a closed platform."""

from django.db import models

from pryvsite.db import JsonTextField


class Account(models.Model):
    """One person or organisation. The number is stable; the username may change."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=60, unique=True)
    password = models.CharField(max_length=255)
    email = models.CharField(max_length=300, unique=True, null=True)  # noqa: DJ001 (null = none given)
    language = models.CharField(max_length=5, default="en")
    app_id = models.CharField(max_length=99, default="")
    referer = models.CharField(max_length=99, default="")
    invitation_token = models.TextField(default="no-token")
    hosting = models.TextField(default="default")
    created = models.FloatField()
    db_documents = models.BigIntegerField(default=0)  # events; behind by a second at most
    attached_files = models.BigIntegerField(default=0)  # bytes
    field_changes = JsonTextField(default=dict)  # attribute: [Unix seconds, author]

    def __str__(self) -> str:
        return self.username


class Invitation(models.Model):
    """A single-use invitation token (spec api-access §2.2, §2.6). Times are Unix seconds."""

    id = models.TextField(primary_key=True)
    created = models.FloatField()
    created_by = models.TextField(default="admin")
    description = models.TextField(default="")
    consumed_at = models.FloatField(null=True)
    consumed_by = models.CharField(max_length=60, default="")

    def __str__(self) -> str:
        return self.id
