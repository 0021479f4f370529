"""Forms of accounts and accesses. Rules are those of the operations; forms only gather and show."""

import re
from typing import Any

from django import forms
from django.conf import settings

from accesses import hosting
from accesses.sessions import WEB_APP
from accounts import operations as accounts
from accounts.inputs import Registration
from accounts.passwords import CATEGORIES, complexity_problems
from accounts.rules import PASSWORD_MAX, PASSWORD_MIN, email_violation, password_violation
from accounts.suggestions import taken_text

TEXT = {"class": "input", "autocapitalize": "none", "spellcheck": "false"}
CHECK = {"class": "check"}
NEW_PASSWORD = {"class": "input", "autocomplete": "new-password"}
CHECKED_PASSWORD = {
    **NEW_PASSWORD,
    "maxlength": PASSWORD_MAX,
    "hx-post": "/register/password",
    "hx-params": "password",
    "hx-trigger": "input changed delay:400ms",
    "hx-target": "#password-state",
    "hx-sync": "this:replace",
}


class SignInForm(forms.Form):
    """Username or e-mail, and password."""

    login = forms.CharField(
        label="Username or e-mail",
        error_messages={"required": "Give your username or e-mail address."},
        widget=forms.TextInput(attrs={**TEXT, "autocomplete": "username"}),
    )
    password = forms.CharField(
        strip=False,
        error_messages={"required": "Give your password."},
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )

    def refuse(self, text: str) -> None:
        """Say why name and password don't do; which of the two is wrong is never told."""
        self.add_error(None, text)
        for field in self.fields.values():
            field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": "form-error"}


class HostingSelect(forms.Select):
    """Hostings by region; those that are full can be seen, not chosen."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Disable what is not available."""
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if value in hosting.closed():
            option["attrs"]["disabled"] = True
        return option


class RegisterForm(forms.Form):
    """A new account (ui §1.1)."""

    username = forms.CharField(
        required=False,
        help_text="5 to 60 characters among a–z, 0–9 and dash.",
        widget=forms.TextInput(
            attrs={
                **TEXT,
                "autocomplete": "username",
                "data-normalise": "",
                "hx-get": "/register/check",
                "hx-trigger": "input changed delay:400ms, blur changed",
                "hx-target": "#username-state",
                "hx-sync": "this:replace",
            }
        ),
    )
    password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(CHECKED_PASSWORD),
    )
    confirm = forms.CharField(
        required=False,
        strip=False,
        label="Password again",
        widget=forms.PasswordInput(NEW_PASSWORD),
    )
    email = forms.EmailField(
        required=False,
        label="E-mail",
        error_messages={"invalid": "This address does not look complete."},
        widget=forms.EmailInput(
            attrs={
                **TEXT,
                "autocomplete": "email",
                "inputmode": "email",
                "placeholder": "you@example.org",
                "hx-get": "/register/check",
                "hx-trigger": "input changed delay:400ms, blur changed",
                "hx-target": "#email-state",
                "hx-sync": "this:replace",
            }
        ),
    )
    hosting = forms.ChoiceField(
        label="Where your data lives",
        required=False,
        widget=HostingSelect(
            attrs={
                "class": "select",
                "hx-get": "/register/place",
                "hx-trigger": "change",
                "hx-target": "#hosting-note",
                "aria-describedby": "hosting-note",
            }
        ),
    )
    invitation = forms.CharField(
        label="Invitation code", required=False, widget=forms.TextInput(attrs={**TEXT, "autocomplete": "off"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hosting"].choices = hosting.choices()  # type: ignore[attr-defined]
        self.fields["password"].help_text = password_rules()
        if not accounts.invitation_needed():
            del self.fields["invitation"]

    def clean_username(self) -> str:
        """Lower case; free to take."""
        username = str(self.cleaned_data["username"]).strip().lower()
        problem = username_problem(username) if username else "Choose a username."
        if problem:
            raise forms.ValidationError(problem)
        return username

    def clean_password(self) -> str:
        """The platform's rules."""
        problem = password_problem(self.cleaned_data["password"])
        if problem:
            raise forms.ValidationError(problem)
        return str(self.cleaned_data["password"])

    def clean_email(self) -> str:
        """Optional; of no other account."""
        email = accounts.normal_email(self.cleaned_data["email"])
        wrong = email_violation(email)
        if wrong:
            raise forms.ValidationError(wrong["message"])
        if email and accounts.email_taken(email):
            raise forms.ValidationError("An account already uses this address.")
        return email

    def clean(self) -> dict[str, Any]:
        """The repetition is asked only where the password can't be shown."""
        data = super().clean() or {}
        if data.get("confirm") and data["confirm"] != data.get("password"):
            self.add_error("confirm", "The two passwords differ.")
        return data

    def clean_hosting(self) -> str:
        """One that takes new accounts; without a choice the first."""
        key = str(self.cleaned_data["hosting"])
        if key in hosting.closed():
            raise forms.ValidationError("This one takes no new accounts now. Choose another.")
        place = hosting.chosen(hosting.places(), key)
        return place.key if place else hosting.SELF_HOSTED

    def to_input(self, app_id: str = "", referer: str = "") -> Registration:
        """The operation's parameters."""
        data = self.cleaned_data
        return Registration(
            app_id=app_id or WEB_APP,
            username=data["username"],
            password=data["password"],
            email=data["email"] or None,
            hosting=data["hosting"],
            invitation_token=data.get("invitation") or None,
            referer=referer or None,
        )


def username_problem(username: str) -> str | None:
    """Why a username can't be had, with free ones where it is taken; or None."""
    problem = accounts.username_problem(username)
    return taken_text(username) if problem == "Already taken." else problem


def shortest_password() -> int:
    """How many characters the platform asks for."""
    return max(PASSWORD_MIN, settings.PASSWORD_MIN_LENGTH)


def password_rules() -> str:
    """What the platform asks of a password, before one is typed."""
    kinds = settings.PASSWORD_MIN_CATEGORIES
    needed = f"At least {shortest_password()} characters"
    return f"{needed}; {kinds} kinds of: {', '.join(CATEGORIES)}." if kinds > 1 else f"{needed}."


def password_problem(password: str) -> str | None:
    """Which rule a password breaks, as a sentence; or None."""
    needed = shortest_password()
    if 0 < len(password) < needed:
        return f"{needed} characters needed, {len(password)} so far."
    wrong = password_violation(password)
    return str(wrong["message"]) if wrong else next(iter(complexity_problems(password)), None)


def strength(password: str) -> dict[str, Any]:
    """What is to say of a password: a sentence, and how many of four bars are full."""
    problem = password_problem(password)
    if problem:
        return {"fits": False, "text": problem, "bars": range(4), "full": 1 if password else 0}
    kinds = sum(map(bool, (re.search(p, password) for p in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"))))
    full = 4 if len(password) + 2 * kinds >= 18 else 3 if len(password) + 2 * kinds >= 13 else 2
    words = {2: "Enough, though longer is better.", 3: "Good.", 4: "Strong."}
    return {"fits": True, "text": words[full], "bars": range(4), "full": full}


class NewPasswordForm(forms.Form):
    """A password to replace another one; repeated only where it can't be shown."""

    password = forms.CharField(
        label="New password",
        strip=False,
        error_messages={"required": "Choose a new password."},
        widget=forms.PasswordInput(CHECKED_PASSWORD),
    )
    confirm = forms.CharField(
        required=False,
        strip=False,
        label="New password again",
        widget=forms.PasswordInput(NEW_PASSWORD),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = password_rules()

    def clean_password(self) -> str:
        """The platform's rules."""
        problem = password_problem(self.cleaned_data["password"])
        if problem:
            raise forms.ValidationError(problem)
        return str(self.cleaned_data["password"])

    def clean(self) -> dict[str, Any]:
        """Both the same, where it was typed twice."""
        data = super().clean() or {}
        if data.get("confirm") and data["confirm"] != data.get("password"):
            self.add_error("confirm", "The two passwords differ.")
        return data


class ResetForm(NewPasswordForm):
    """A new password by a mailed link."""

    end_apps = forms.BooleanField(
        required=False, label="Also end the access of all apps", widget=forms.CheckboxInput(CHECK)
    )


class RenewPasswordForm(NewPasswordForm):
    """A new password in place of one that expired, and that was just given."""

    end_others = forms.BooleanField(
        required=False, initial=True, label="End all other sessions", widget=forms.CheckboxInput(CHECK)
    )


class ChangePasswordForm(NewPasswordForm):
    """A new password by the present one."""

    current = forms.CharField(
        label="Current password",
        strip=False,
        error_messages={"required": "Give your current password."},
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )
    end_others = forms.BooleanField(
        required=False, initial=True, label="End all other sessions", widget=forms.CheckboxInput(CHECK)
    )
    field_order = ("current", "password", "confirm", "end_others")


class LoginNameForm(forms.Form):
    """Whose password is lost."""

    login = forms.CharField(
        label="Username or e-mail",
        error_messages={"required": "Give your username or e-mail address."},
        widget=forms.TextInput(attrs={**TEXT, "autocomplete": "username"}),
    )


class CodeForm(forms.Form):
    """The code of a second step."""

    code = forms.CharField(
        label="Verification code",
        max_length=40,
        error_messages={"required": "Enter the code."},
        widget=forms.TextInput(
            attrs={
                "class": "input input-num mono",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )


class RecoveryForm(forms.Form):
    """A recovery code, which needs the password too."""

    password = forms.CharField(
        label="Password",
        strip=False,
        error_messages={"required": "Give your password."},
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )
    recovery_code = forms.CharField(
        label="Recovery code",
        max_length=60,
        error_messages={"required": "Enter one of your recovery codes."},
        widget=forms.TextInput(attrs={**TEXT, "class": "input mono", "autocomplete": "off"}),
    )
