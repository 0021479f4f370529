"""Any exception to an API error; what isn't one is logged and told as unexpected."""

import logging

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.http.multipartparser import MultiPartParserError

from pryvsite.kernel.errors import ApiError, InvalidRequestStructure, UnexpectedError

log = logging.getLogger("pryvsite.api")


def as_api_error(error: Exception) -> ApiError:
    """The error to tell. Details of unexpected ones stay in the log."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | SuspiciousOperation | MultiPartParserError):
        return InvalidRequestStructure("The request's body is too large or malformed.")
    log.error("Unexpected error", exc_info=error)
    return UnexpectedError()
