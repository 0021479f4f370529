"""What is told of an unexpected exception: where it arose, never what was being worked on."""

from traceback import format_exception
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter


class BareReporter(ExceptionReporter):
    """Reports that may be mailed: the traceback and the page's path.

    Django's own hold the form, the query, cookies and the variables of every frame, in which passwords,
    tokens and codes stand under any name.
    """

    request: HttpRequest | None

    def get_traceback_data(self) -> dict[str, Any]:
        """Nothing for templates that want more."""
        return {}

    def get_traceback_text(self) -> SafeString:
        """The report."""
        told = f"{self.request.method} {self.request.path}\n\n" if self.request else ""
        if self.exc_value is not None:
            told += "".join(format_exception(self.exc_type, self.exc_value, self.tb))
        return mark_safe(told)  # noqa: S308 (plain text)

    def get_traceback_html(self) -> SafeString:
        """There is no page: the text is all there is."""
        return SafeString()
