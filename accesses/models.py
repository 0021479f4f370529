"""Who may do what: accesses, pending authorisation requests, usage counters."""

from django.db import models

from accounts.models import Account
from pryvsite.db import JsonTextField


class Access(models.Model):
    """A token with its permissions (spec api-access §3.1).

    The token is found by `digest` and kept sealed, so that a copy of the database gives none away.
    Personal accesses are sessions: they also need `session_expires` in the future.
    """

    pk = models.CompositePrimaryKey("account_id", "id")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    id = models.TextField()
    type = models.CharField(max_length=8)  # personal, app, shared
    name = models.TextField()
    device_name = models.TextField(default="")
    digest = models.CharField(max_length=64)
    sealed_token = models.TextField()
    alias = models.CharField(max_length=10, default="")  # stands for the username in paths
    permissions = JsonTextField(null=True)  # null on personal accesses
    client_data = JsonTextField(null=True)
    expires = models.FloatField(null=True)
    session_expires = models.FloatField(null=True)
    last_used = models.FloatField(default=0)
    serial = models.IntegerField(default=0)
    integrity = models.TextField(default="")
    creator_id = models.TextField(default="")  # base id of the access that made this one
    created = models.FloatField()
    created_by = models.TextField()
    modified = models.FloatField()
    modified_by = models.TextField()
    deleted = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "digest"],
                condition=models.Q(deleted__isnull=True),
                name="access_token_unique",
            ),
            models.UniqueConstraint(
                fields=["account", "type", "name", "device_name"],
                condition=models.Q(deleted__isnull=True),
                name="access_name_unique",
            ),
            models.UniqueConstraint(
                fields=["alias"],
                condition=models.Q(deleted__isnull=True) & ~models.Q(alias=""),
                name="access_alias_unique",
            ),
        ]
        indexes = [models.Index(fields=["account", "creator_id"], name="access_by_creator")]

    def __str__(self) -> str:
        return self.name


class AccessVersion(models.Model):
    """An access as it was before an update; its wire form without the token, which never changes."""

    pk = models.CompositePrimaryKey("account_id", "access_id", "serial")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    access_id = models.TextField()
    serial = models.IntegerField()
    wire = JsonTextField()

    def __str__(self) -> str:
        return f"{self.access_id}:{self.serial}"


class AccessRequest(models.Model):
    """A pending authorisation request (spec api-access §4). Found by the digest of its key; the state,
    which holds a token once accepted, is sealed."""

    digest = models.CharField(max_length=64, primary_key=True)
    status = models.CharField(max_length=16, default="NEED_SIGNIN")
    sealed_state = models.TextField()
    created = models.FloatField(db_index=True)

    def __str__(self) -> str:
        return self.status


class SecondStep(models.Model):
    """A sign-in that waits for its code, or a second factor that waits to be confirmed
    (spec api-access §5.5). Found by the digest of its `mfaToken`, gone when done."""

    digest = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    purpose = models.CharField(max_length=8)  # sign-in, enrol
    app_id = models.TextField(default="")  # whose session a sign-in opens
    method = models.CharField(max_length=8)
    sealed = models.TextField()  # the factor
    code_digest = models.CharField(max_length=64, default="")  # of a code that this server made
    failures = models.IntegerField(default=0)
    expires = models.FloatField(db_index=True)

    def __str__(self) -> str:
        return self.purpose


class UsageCounter(models.Model):
    """How often an access called a method."""

    pk = models.CompositePrimaryKey("account_id", "access_id", "method")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    access_id = models.TextField()
    method = models.TextField()
    calls = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.access_id} {self.method}"


class ConsentReceipt(models.Model):
    """What an owner was asked and answered (ui §3.8). Refusals are dropped after a while."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    id = models.TextField()
    access_id = models.TextField(default="")  # base id; empty for refusals
    outcome = models.CharField(max_length=8)  # accepted, refused
    content = JsonTextField()
    created = models.FloatField()
    keep_until = models.FloatField(null=True, db_index=True)  # null: as long as the account

    class Meta:
        indexes = [models.Index(fields=["account", "access_id"], name="receipt_by_access")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.id}"
