"""What an unexpected exception tells, in the log and in a mail to the operator."""

import logging
import sys
from typing import Any

import pytest
from django.core import mail
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils.log import AdminEmailHandler
from django.views.debug import get_exception_reporter_class

SECRETS = ("pass-word-of-hers", "token-of-hers", "code-of-hers", "key-in-a-query", "cookie-of-hers")


def failing(request: HttpRequest) -> None:
    """A view that goes wrong with secrets in its hands."""
    token, typed = request.headers["Authorization"], request.POST["password"]
    raise RuntimeError(f"{len(token)} {len(typed)}")


def failed_request() -> HttpRequest:
    request: HttpRequest = RequestFactory().post(
        "/signin?key=key-in-a-query",
        {"password": "pass-word-of-hers", "anything": "code-of-hers"},
        headers={"Authorization": "token-of-hers", "Referer": "http://testserver/?key=key-in-a-query"},
    )
    request.COOKIES["any"] = "cookie-of-hers"
    return request


@pytest.mark.parametrize("html", [False, True])
def test_mail_to_the_operator(settings: Any, html: bool) -> None:
    settings.ADMINS = [("Operator", "operator@example.org")]
    request = failed_request()
    try:
        failing(request)
    except RuntimeError:
        record = logging.LogRecord(
            "django.request", logging.ERROR, __file__, 1, "Internal Server Error: %s", (request.path,),
            sys.exc_info(),
        )  # fmt: skip
    record.request = request
    AdminEmailHandler(include_html=html).emit(record)
    (message,) = mail.outbox
    told = str(message.message())
    assert "POST /signin" in told
    assert "RuntimeError: 13 17" in told  # what an operator needs is there
    assert [secret for secret in SECRETS if secret in told] == []


def test_report_of_what_went_wrong() -> None:
    request = failed_request()
    try:
        failing(request)
    except RuntimeError:
        report = get_exception_reporter_class(request)(request, *sys.exc_info())
    assert "in failing" in report.get_traceback_text()
    assert report.get_traceback_html() == ""


def test_page_that_fails(db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The whole way: the visitor gets a page, the log a traceback, nobody the password."""

    def broken(*_: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("accesses.sessions.sign_in", broken)
    client = Client(raise_request_exception=False, headers={"Accept": "text/html"})
    answer = client.post("/signin", {"login": "alice", "password": "pass-word-of-hers"})
    assert answer.status_code == 500
    assert "broken on purpose" in caplog.text
    for told in (caplog.text, answer.content.decode()):
        assert "pass-word-of-hers" not in told
