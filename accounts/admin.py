"""The operator's side: accounts, invitations, apps, pages, mails (Django's admin at /admin/)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import invitations, limits, mail_kinds, mail_texts, mfa, passwords
from accounts.deletion import delete_account
from accounts.models import (
    Account,
    EmailAddress,
    Hosting,
    Identity,
    Invitation,
    MailText,
    RegisteredApp,
    SitePage,
)
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import TooManyRequests
from pryvsite.visitor import visitor


class OperatorLoginForm(AdminAuthenticationForm):
    """Sign-in of operators, limited like wrong keys of theirs."""

    def clean(self) -> dict[str, Any]:
        """Charge before the password is checked; give back when it was right."""
        try:
            limits.take_from_address("OPERATOR")
        except TooManyRequests as error:
            raise forms.ValidationError(error.message) from None
        cleaned: dict[str, Any] = super().clean()
        limits.give_back("OPERATOR_ADDRESS", visitor().address)
        return cleaned


admin.site.login_form = OperatorLoginForm
admin.site.site_header = admin.site.site_title = "Pryvsite operator"
admin.site.index_title = "What this server holds"


def _moment(seconds: float | None) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC" if seconds else "–"


class AddressInline(admin.TabularInline):  # type: ignore[type-arg]
    """The addresses of an account, to look at."""

    model = EmailAddress
    fields = readonly_fields = ("value", "verified", "method")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """Addresses are the owner's matter."""
        return False


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Accounts: their data is never shown, only what is needed to help and to count."""

    list_display = (
        "username",
        "email",
        "language",
        "hosting",
        "registered",
        "db_documents",
        "attached_files",
    )
    search_fields = ("username", "email")
    fields = readonly_fields = (
        "id", "username", "email", "language", "hosting", "app_id", "referer", "registered",
        "password_set", "db_documents", "attached_files",
    )  # fmt: skip
    inlines = (AddressInline,)
    actions = ("send_reset", "turn_second_step_off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """Accounts that are being erased are gone."""
        return super().get_queryset(request).filter(deleted=None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Accounts are registered, or made through the operator's API."""
        return False

    @admin.display(description="registered", ordering="created")
    def registered(self, account: Account) -> str:
        """When the account was made."""
        return _moment(account.created)

    @admin.display(description="password set")
    def password_set(self, account: Account) -> str:
        """When the password was set last."""
        return _moment(account.password_changed)

    def delete_model(self, request: HttpRequest, obj: Account) -> None:
        """With all it held: files, series, accesses; once what the admin notes of it is stored."""
        account_id = obj.id
        transaction.on_commit(lambda: delete_account(account_id))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        """The same for several."""
        for account in list(queryset):
            self.delete_model(request, account)

    def get_deleted_objects(
        self, objs: Iterable[Account], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """The accounts alone: what they hold may be millions of rows."""
        names = [f"{account.username} with all its data" for account in objs]
        return names, {"accounts": len(names)}, set(), []

    @admin.action(description="Mail a link to set a new password")
    def send_reset(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        """For owners who ask for help."""
        for account in queryset:
            passwords.request_reset(account)
        self.message_user(request, "Mails to those with an address are on their way.", messages.SUCCESS)

    @admin.action(description="Turn the second step off")
    def turn_second_step_off(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        """For owners who lost phone and recovery codes."""
        done = sum(mfa.turn_off(account.id) for account in queryset)
        self.message_user(request, f"Turned off for {done}.", messages.SUCCESS)


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    """How many to make, and what for."""

    count = forms.IntegerField(min_value=1, max_value=100, initial=1)

    class Meta:
        model = Invitation
        fields = ("description",)


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Single-use invitations; with the first one registration is by invitation."""

    list_display = ("id", "description", "made", "used", "consumed_by")
    search_fields = ("id", "description", "consumed_by")
    form = InvitationForm

    @admin.display(description="made", ordering="created")
    def made(self, invitation: Invitation) -> str:
        """When it was made."""
        return _moment(invitation.created)

    @admin.display(description="used", ordering="consumed_at")
    def used(self, invitation: Invitation) -> str:
        """When somebody registered with it."""
        return _moment(invitation.consumed_at)

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """Made and deleted, never changed."""
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: InvitationForm, change: bool) -> None:
        """Make as many as wanted; the form's own object is the first."""
        first, *_ = invitations.create(form.cleaned_data["count"], form.cleaned_data["description"])
        obj.id, obj.created = first.id, now()


@admin.register(RegisteredApp)
class AppAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Apps that consent pages know by name, icon and publisher."""

    list_display = ("id", "name", "publisher", "verified")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    list_filter = ("verified",)
    search_fields = ("id", "name", "publisher")


@admin.register(SitePage)
class PageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Help, terms and privacy."""

    list_display = ("slug", "title", "changed")


class WebLinks(admin.ModelAdmin):  # type: ignore[type-arg]
    """Addresses that are typed without a scheme are https."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Identity)
class IdentityAdmin(WebLinks):
    """Name, links and logo of the platform: one row; deleting it leads back to the settings."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Once."""
        return super().has_add_permission(request) and not Identity.objects.exists()


@admin.register(Hosting)
class HostingAdmin(WebLinks):
    """Where accounts can live. The key stays with accounts, so it never changes."""

    list_display = ("key", "region", "zone", "name", "available", "position", "accounts")
    list_filter = ("available", "region")
    search_fields = ("key", "region", "zone", "name")

    @admin.display(description="accounts")
    def accounts(self, hosting: Hosting) -> int:
        """How many live there."""
        return Account.objects.filter(hosting=hosting.key, deleted=None).count()

    def get_readonly_fields(self, request: HttpRequest, obj: Hosting | None = None) -> tuple[str, ...]:
        """Of one that exists, the key."""
        return ("key",) if obj else ()


def _values_of_mails() -> SafeString:
    """Which values the texts of each mail may show."""
    everywhere = ", ".join(f"{{{{ {name} }}}}" for name in mail_kinds.common(""))
    rows = [("every mail", everywhere)]
    for kind, about in mail_kinds.KINDS.items():
        if about.example:
            rows.append((kind, ", ".join(f"{{{{ {name} }}}}" for name in about.example)))
    return format_html(
        "Words, in which these stand for values: <ul>{}</ul>",
        format_html_join("", "<li><b>{}</b>: {}</li>", rows),
    )


class MailTextForm(forms.ModelForm):  # type: ignore[type-arg]
    """A part of a mail; one that could not be sent is refused."""

    kind = forms.ChoiceField(label="Mail", choices=[(kind, kind) for kind in mail_kinds.KINDS])
    language = forms.CharField(initial=mail_kinds.BUILT_IN, max_length=6, help_text="As in en, fr or de-ch")
    part = forms.ChoiceField(choices=[(part, part) for part in mail_kinds.PARTS])

    class Meta:
        model = MailText
        fields = ("kind", "language", "part", "source")

    def clean_language(self) -> str:
        """In lower case."""
        language = str(self.cleaned_data["language"]).lower()
        if not mail_texts.LANGUAGE.fullmatch(language):
            raise forms.ValidationError("A language as en, fr or de-ch.")
        return language

    def clean(self) -> dict[str, Any]:
        """Look whether the text can be sent."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = cleaned.get("kind", self.instance.kind)
        part = cleaned.get("part", self.instance.part)
        if kind in mail_kinds.KINDS and part in mail_kinds.PARTS and "source" in cleaned:
            cleaned["source"] = mail_texts.normal(cleaned["source"])
            for problem in mail_texts.problems(kind, part, cleaned["source"]):
                self.add_error("source", problem)
        return cleaned


@admin.register(MailText)
class MailTextAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What mails say, in the operator's words; deleting one brings the built-in text back."""

    list_display = ("kind", "language", "part", "written")
    list_filter = ("kind", "language")
    form = MailTextForm

    def get_fieldsets(self, request: HttpRequest, obj: MailText | None = None) -> Any:
        """With the values that there are."""
        return [(None, {"fields": MailTextForm.Meta.fields, "description": _values_of_mails()})]

    def get_readonly_fields(self, request: HttpRequest, obj: MailText | None = None) -> Any:
        """Which text it is stays."""
        return ("kind", "language", "part") if obj else ()

    @admin.display(description="written", ordering="changed")
    def written(self, text: MailText) -> str:
        """When it was written."""
        return _moment(text.changed)

    def save_model(self, request: HttpRequest, obj: MailText, form: MailTextForm, change: bool) -> None:
        """Note when."""
        obj.changed = now()
        super().save_model(request, obj, form, change)
