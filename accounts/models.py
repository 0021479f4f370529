"""Who somebody is: accounts, their names, addresses and secrets; invitations that open a closed platform.

Times are Unix seconds.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.validators import FileExtensionValidator
from django.db import models
from PIL import Image

from pryvsite.db import JsonTextField

MOST_LOGO_BYTES = 512 * 1024


class Account(models.Model):
    """One person or organisation. The number is stable; the username may change."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=60, unique=True)
    password = models.CharField(max_length=255)
    password_changed = models.FloatField(default=0)  # Unix seconds
    # The primary address, as in EmailAddress, which also decides whose an address is.
    email = models.CharField(max_length=300, null=True)  # noqa: DJ001 (null = none given)
    language = models.CharField(max_length=5, default="en")
    app_id = models.CharField(max_length=99, default="")
    referer = models.CharField(max_length=99, default="")
    invitation_token = models.TextField(default="no-token")
    hosting = models.TextField(default="default")
    created = models.FloatField()
    db_documents = models.BigIntegerField(default=0)  # events; behind by a second at most
    attached_files = models.BigIntegerField(default=0)  # bytes
    field_changes = JsonTextField(default=dict)  # attribute: [Unix seconds, author]
    deleted = models.FloatField(null=True)  # gone for everybody; what is left of it is being erased

    def __str__(self) -> str:
        return self.username


class Leaving(models.Model):
    """That an owner wants the account deleted, and when it will be (ui §1.13, §9)."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True)
    asked = models.FloatField()
    due = models.FloatField(db_index=True)

    def __str__(self) -> str:
        return f"{self.account_id} at {self.due}"


class Username(models.Model):
    """A name that leads to an account: its present one, or a former one, which keeps working."""

    name = models.CharField(max_length=60, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="names")
    created = models.FloatField()

    def __str__(self) -> str:
        return self.name


class EmailAddress(models.Model):
    """An address of an account, its own or claimed and waiting for proof (spec api-access §2.10)."""

    value = models.CharField(max_length=300, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="addresses")
    verified = models.BooleanField(default=False)
    verified_at = models.FloatField(null=True)
    method = models.CharField(max_length=16, default="")  # of verification
    mailed = models.FloatField(default=0)  # when the last link was sent
    created = models.FloatField()

    def __str__(self) -> str:
        return self.value


class PastPassword(models.Model):
    """The hash of a former password, kept where passwords may not be used again."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="past_passwords")
    hash = models.CharField(max_length=255)
    replaced = models.FloatField()

    def __str__(self) -> str:
        return str(self.account_id)


class Ticket(models.Model):
    """A secret that was mailed and works once: found by its digest, gone when used or replaced.

    One without account is for nobody: asking for an unknown account does the same work.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True)
    purpose = models.CharField(max_length=16)
    subject = models.CharField(max_length=300, default="")
    expires = models.FloatField(db_index=True)

    def __str__(self) -> str:
        return self.purpose


class SecondFactor(models.Model):
    """What an account is asked for besides its password (spec api-access §5.5)."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True)
    method = models.CharField(max_length=8)  # totp, message
    sealed = models.TextField()  # JSON: the secret of the app, or what the message service needs
    last_step = models.BigIntegerField(default=0)  # number of the time step whose code was used last
    created = models.FloatField()

    def __str__(self) -> str:
        return self.method


class RecoveryCode(models.Model):
    """Opens an account once when its second factor is lost."""

    digest = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return str(self.account_id)


class ProfileSet(models.Model):
    """Keys and values attached to an account (spec api-access §5.1)."""

    pk = models.CompositePrimaryKey("account_id", "name")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    name = models.TextField()  # public, private, or app: and the name of an app
    data = JsonTextField(default=dict)

    def __str__(self) -> str:
        return self.name


class Bucket(models.Model):
    """How much was tried of something that is limited: full again at a moment, and then of no use."""

    key = models.CharField(max_length=64, primary_key=True)  # a digest: nobody's address is kept
    full_at = models.FloatField(db_index=True)

    def __str__(self) -> str:
        return self.key


class KnownAddress(models.Model):
    """A network address, as a digest, from which the owner signed in."""

    pk = models.CompositePrimaryKey("account_id", "digest")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    digest = models.CharField(max_length=64)
    seen = models.FloatField()

    def __str__(self) -> str:
        return self.digest


class Invitation(models.Model):
    """A single-use invitation token (spec api-access §2.2, §2.6)."""

    id = models.TextField(primary_key=True)
    created = models.FloatField()
    created_by = models.TextField(default="admin")
    description = models.TextField(default="")
    consumed_at = models.FloatField(null=True)
    consumed_by = models.CharField(max_length=60, default="")

    def __str__(self) -> str:
        return self.id


class RegisteredApp(models.Model):
    """An app that the operator knows: what consent pages and lists show of it (ui §3.3, api-access §2.5)."""

    id = models.CharField("app id", max_length=99, primary_key=True)
    name = models.CharField(max_length=80)
    publisher = models.CharField(max_length=80, blank=True)
    verified = models.BooleanField("publisher verified", default=False)
    description = models.CharField(max_length=300, blank=True)
    website = models.URLField(blank=True)
    privacy = models.URLField("privacy policy", blank=True)
    origins = models.TextField(
        blank=True, help_text="Where the app runs: one origin a line, such as https://app.example.org"
    )
    icon = models.ImageField(upload_to="app-icons", blank=True)

    class Meta:
        verbose_name = "registered app"

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"

    def runs_at(self, origin: str) -> bool:
        """Whether a request from this origin can come from the app."""
        known = self.origins.split()
        return not origin or not known or origin in known


class MailText(models.Model):
    """A part of a mail in the operator's words, in place of the built-in one (spec api-access §2.13)."""

    kind = models.CharField("mail", max_length=20)
    language = models.CharField(max_length=6)
    part = models.CharField(max_length=7)  # subject, text or html
    source = models.TextField("text")
    changed = models.FloatField()

    class Meta:
        verbose_name = "mail text"
        constraints = [
            models.UniqueConstraint(fields=["kind", "language", "part"], name="mail_text_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.language}/{self.part}"


class SitePage(models.Model):
    """A text of the operator: help, terms of use, privacy. In the small Markdown of messages."""

    SLUGS = {"help": "Help", "terms": "Terms of use", "privacy": "Privacy"}

    slug = models.CharField(max_length=20, primary_key=True, choices=list(SLUGS.items()))
    title = models.CharField(max_length=100)
    text = models.TextField()
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "page"

    def __str__(self) -> str:
        return self.title


def check_logo(file: File) -> None:  # type: ignore[type-arg]
    """Whether a file is a picture that can stand for the mark. Raises ValidationError."""
    if file.size > MOST_LOGO_BYTES:
        raise ValidationError(f"{MOST_LOGO_BYTES // 1024} KiB at most.")
    begin = file.read(1000)
    file.seek(0)
    if str(file.name).lower().endswith(".svg"):
        if b"<svg" not in begin:
            raise ValidationError("This is no SVG picture.")
        return
    try:
        Image.open(file).verify()
    except (OSError, SyntaxError, Image.DecompressionBombError):
        raise ValidationError("This is no picture.") from None
    finally:
        file.seek(0)


class Identity(models.Model):
    """How the platform calls itself, where the operator says so here; what is empty is as in the settings."""

    ONLY = 1  # the one row there is

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = models.CharField(max_length=60, blank=True)
    home = models.URLField("home page", blank=True)
    support = models.URLField("support page", blank=True)
    terms = models.URLField("terms of use", blank=True)
    logo = models.FileField(
        upload_to="platform",
        blank=True,
        validators=[FileExtensionValidator(["svg", "png", "jpg", "jpeg", "webp"]), check_logo],
        help_text="In place of the mark: SVG, PNG, JPEG or WebP; 22 pixels high where it is shown",
    )
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "name, links and logo"

    def __str__(self) -> str:
        return self.name or "as in the settings"


def check_translations(value: Any) -> None:
    """Whether a value is `{language: {field: text}}`. Raises ValidationError."""
    fits = isinstance(value, dict) and all(
        isinstance(texts, dict)
        and set(texts) <= set(Hosting.TRANSLATED)
        and all(isinstance(text, str) for text in texts.values())
        for texts in value.values()
    )
    if not fits:
        raise ValidationError('Such as {"fr": {"zone": "Suisse"}}: region, zone, name or description.')


class Hosting(models.Model):
    """A place where accounts live (spec api-access §2.5). The first one replaces all those of HOSTINGS."""

    TRANSLATED = ("region", "zone", "name", "description")

    key = models.SlugField(max_length=60, primary_key=True, help_text="Stays with accounts that live here")
    region = models.CharField(max_length=80, help_text="Such as Europe")
    zone = models.CharField(max_length=80, help_text="The country or place whose law applies")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    url = models.URLField("page about it", blank=True)
    available = models.BooleanField("takes new accounts", default=True)
    core = models.URLField("address of the server", blank=True, help_text="Empty: this one")
    position = models.PositiveSmallIntegerField(default=0)
    translations = models.JSONField(
        default=dict, blank=True, validators=[check_translations], help_text='{"fr": {"zone": "Suisse"}}'
    )

    class Meta:
        ordering = ("position", "region", "zone", "name")

    def __str__(self) -> str:
        return f"{self.region}, {self.zone}: {self.name}"
