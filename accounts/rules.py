"""Rules of account fields; registration forms and the API share them (spec api-access §2.1)."""

from typing import Any

from accounts.inputs import Registration
from pryvsite.kernel.errors import InvalidParameters
from pryvsite.kernel.ids import USERNAME
from pryvsite.kernel.inputs import UNSET

PASSWORD_MIN, PASSWORD_MAX, EMAIL_MAX, APP_ID_MIN, APP_ID_MAX = 6, 100, 300, 6, 99

Violation = dict[str, Any]


def _violation(code: str, message: str, param: str) -> Violation:
    return {"code": code, "message": message, "path": f"#/{param}", "param": param}


def username_violation(value: Any) -> Violation | None:
    """What is wrong with a username, or None."""
    if value is UNSET or value is None or value == "":
        return _violation("username-required", "A username is required.", "username")
    if not isinstance(value, str) or not USERNAME.fullmatch(value):
        text = "5 to 60 characters among a–z, 0–9 and dash; no dash first or last."
        return _violation("username-invalid", text, "username")
    return None


def password_violation(value: Any) -> Violation | None:
    """What is wrong with a password, or None."""
    if value is UNSET or value is None or value == "":
        return _violation("password-required", "A password is required.", "password")
    if not isinstance(value, str):
        return _violation("password-invalid", "The password must be a text.", "password")
    if len(value) < PASSWORD_MIN:
        text = f"{PASSWORD_MIN} characters needed, {len(value)} so far."
        return _violation("password-invalid", text, "password")
    if len(value) > PASSWORD_MAX:
        return _violation("password-invalid", f"{PASSWORD_MAX} characters at most.", "password")
    return None


def email_violation(value: Any) -> Violation | None:
    """What is wrong with an e-mail address, or None; none at all is fine."""
    if value is UNSET or value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > EMAIL_MAX:
        return _violation("email-invalid", "This address does not look complete.", "email")
    return None


def _short_text(value: Any, low: int, high: int) -> bool:
    return isinstance(value, str) and low <= len(value) <= high


def check_registration(new: Registration) -> None:
    """Check all fields at once. Raises InvalidParameters with one entry per field."""
    found = [username_violation(new.username), password_violation(new.password), email_violation(new.email)]
    if new.app_id is UNSET:
        found.append(_violation("appid-invalid", "Missing required field: appId", "appId"))
    elif not _short_text(new.app_id, APP_ID_MIN, APP_ID_MAX):
        found.append(_violation("appid-invalid", "The app id needs 6 to 99 characters.", "appId"))
    if new.invitation_token not in (UNSET, None) and not isinstance(new.invitation_token, str):
        found.append(
            _violation("invitationToken-invalid", "The invitation must be a text.", "invitationToken")
        )
    if new.referer not in (UNSET, None, "") and not _short_text(new.referer, 1, 99):
        found.append(_violation("referer-invalid", "The referer needs 1 to 99 characters.", "referer"))
    if new.language not in (UNSET, None) and not _short_text(new.language, 1, 5):
        found.append(_violation("language-invalid", "The language needs 1 to 5 characters.", "language"))
    wrong = [entry for entry in found if entry]
    if wrong:
        raise InvalidParameters(str(wrong[0]["message"]), wrong)


def check_field(attribute: str, value: Any, path: str = "#/content") -> None:
    """Check a field's new value. Raises InvalidParameters."""
    wrong: Violation | None = None
    if not isinstance(value, str) or not value:
        wrong = {"code": "INVALID_TYPE", "message": "A text is expected.", "params": [["string"]]}
    elif attribute == "email":
        wrong = email_violation(value)
    elif attribute == "language" and not _short_text(value, 1, 5):
        wrong = {"code": "MAX_LENGTH", "message": "1 to 5 characters.", "params": [len(value), 5]}
    if wrong:
        raise InvalidParameters("The value does not fit this field.", [{**wrong, "path": path}])
