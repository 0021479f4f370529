"""Errors of the API as values: an id that clients switch on, an HTTP status, a sentence and data.

Operations raise them and never see HTTP; each door (HTTP, batch, form) renders them its own way.
Source: spec api-data §1.8, api-access §6.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class ApiError(Exception):
    """Base of every error that a client may see."""

    id: ClassVar[str] = "unexpected-error"
    status: int = 500
    text: ClassVar[str] = "Something went wrong on our side. Try again later."

    def __init__(self, message: str = "", data: Any = None, status: int | None = None) -> None:
        self.message = message or self.text
        self.data = data
        if status is not None:
            self.status = status
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        """The wire form without envelope: ``{id, message, data?}``."""
        wire: dict[str, Any] = {"id": self.id, "message": self.message}
        if self.data not in (None, "", [], {}):
            wire["data"] = self.data
        return wire


class UnexpectedError(ApiError):
    """Anything uncaught; details never leave the server."""


class InvalidRequestStructure(ApiError):
    id, status, text = "invalid-request-structure", 400, "The request's structure is not right."


class InvalidParameters(ApiError):
    """Schema violations, all of them, in `data` (spec api-data §1.8)."""

    id, status, text = "invalid-parameters-format", 400, "The parameters' format is not right."


class InvalidCode(InvalidParameters):
    """The code of a second step is wrong or used."""

    text = "The code is not right."

    def __init__(self) -> None:
        super().__init__(data={"id": "invalid-mfa-code"})


class UnknownReference(ApiError):
    """A stream or other item named in the parameters does not exist: data `{param: value(s)}`."""

    id, status, text = "unknown-referenced-resource", 400, "A referenced item does not exist."

    def __init__(self, param: str, value: str | Sequence[str]) -> None:
        shown = value if isinstance(value, str) else ", ".join(value)
        super().__init__(f'Unknown {param}: "{shown}".', {param: value})


class InvalidOperation(ApiError):
    id, status, text = "invalid-operation", 400, "This operation is not possible."


class MessageNotSent(InvalidOperation):
    """The message service failed (spec api-access §5.5)."""

    text = "The code could not be sent; try again later."

    def __init__(self) -> None:
        super().__init__(data={"id": "mfa-sms-provider-error"})


class InvalidItemId(ApiError):
    id, status, text = "invalid-item-id", 400, "This id is reserved; choose another one."


class InvalidEventType(ApiError):
    id, status, text = "invalid-event-type", 400, "Unknown or unsupported event type."


class MissingHeader(ApiError):
    id, status, text = "missing-header", 400, "The Authorization header is missing."


class MissingHeaderToRead(MissingHeader):
    """The same where points of a series are read (spec api-data §4.6)."""

    status = 401


class RemovedMethod(ApiError):
    id, status, text = "removed-method", 410, "This method no longer exists."


class MissingToken(ApiError):
    id, status = "invalid-access-token", 401
    text = "The access token is missing: give it in the Authorization header or the auth query parameter."


class InvalidToken(ApiError):
    id, status, text = "invalid-access-token", 403, "Cannot find an access for this token."


class InvalidTicket(ApiError):
    """A mailed secret or the token of a sign-in's second step is wrong, used or too old."""

    id, status, text = "invalid-access-token", 401, "The token is invalid or expired."


class InvalidCredentials(ApiError):
    id, status, text = "invalid-credentials", 401, "The given username/password pair is invalid."


class Forbidden(ApiError):
    id, status, text = "forbidden", 403, "The given token does not allow this operation."


class UnknownResource(ApiError):
    """The item, route or user in the path does not exist."""

    id, status, text = "unknown-resource", 404, "Unknown resource."

    def __init__(self, kind: str = "resource", item_id: str = "") -> None:
        super().__init__(f'Unknown {kind} "{item_id}".' if item_id else f"Unknown {kind}.")


class InvalidMethod(ApiError):
    id, status, text = "invalid-method", 404, "This method does not exist."

    def __init__(self, method_id: str) -> None:
        super().__init__(f'Unknown method "{method_id}".')


class ItemAlreadyExists(ApiError):
    """Conflict; `data` holds the conflicting keys and values."""

    id, status, text = "item-already-exists", 409, "An item with these keys exists already."

    def __init__(self, kind: str, keys: Mapping[str, Any]) -> None:
        shown = ", ".join(f'{key} "{value}"' for key, value in keys.items())
        article = "An" if kind[0] in "aeio" else "A"
        super().__init__(f"{article} {kind} with {shown} already exists.", dict(keys))


class StaleResource(ApiError):
    id, status, text = "stale-resource", 409, "The item was changed meanwhile."


class TooManyResults(ApiError):
    id, status, text = "too-many-results", 413, "Too many results: narrow the query or page through it."


class UnsupportedContentType(ApiError):
    id, status, text = "unsupported-content-type", 415, "The body must be JSON: application/json."


class TooManyRequests(ApiError):
    """Tried too often; `retry_after` tells in how many seconds to come back."""

    id, status, text = "too-many-requests", 429, "Too many tries. Try again later."

    def __init__(self, seconds: float) -> None:
        self.retry_after = max(1, math.ceil(seconds))
        minutes = math.ceil(self.retry_after / 60)
        wait = f"{self.retry_after} seconds" if self.retry_after < 60 else f"{minutes} minutes"
        wait = wait.removesuffix("s") if wait.startswith("1 ") else wait
        super().__init__(f"Too many tries. Try again in {wait}.", {"retryAfterSeconds": self.retry_after})


class CorruptedData(ApiError):
    id, status, text = "corrupted-data", 422, "The data is damaged."


class UnavailableMethod(ApiError):
    id, status, text = "unavailable-method", 451, "This method is not available on this platform."


class ApiUnavailable(ApiError):
    id, status, text = "api-unavailable", 503, "This part of the API is not available."


class NotSupported(ApiError):
    """A store that can't do this (spec api-access §6)."""

    id, status, text = "api-unavailable", 501, "This store can't do this."
