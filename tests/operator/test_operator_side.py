"""The operator's side: Django admin, commands, health, texts, settings of production."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.test import Client

from accesses.models import Access
from accounts.mail import flush
from accounts.models import Account, Invitation, MailText, RegisteredApp, SitePage
from events.models import Attachment, Event
from tests.accesses.test_pages import text
from tests.accesses.test_password_pages import turn_on
from tests.cast import Api
from tests.server import ROOT


@pytest.fixture
def operator(db: None) -> Client:
    User.objects.create_superuser("operator", password="correct-horse")
    client = Client(headers={"Accept": "text/html"})
    assert client.login(username="operator", password="correct-horse")
    return client


@pytest.mark.parametrize(
    "path", ["", "accounts/account/", "accounts/invitation/", "accounts/registeredapp/", "accounts/sitepage/",
             "accounts/mailtext/", "accounts/invitation/add/", "accounts/registeredapp/add/",
             "accounts/sitepage/add/", "accounts/mailtext/add/"]
)  # fmt: skip
def test_pages_of_the_operator(operator: Client, alice: Api, path: str) -> None:
    page = operator.get(f"/admin/{path}")
    assert page.status_code == 200
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert Client().get(f"/admin/{path}").status_code == 302


def test_guessing_an_operators_password_is_limited(db: None, settings: Any) -> None:
    settings.RATE_LIMITS, settings.LIMIT_OPERATOR_ADDRESS = True, (2, 3600)
    User.objects.create_superuser("operator", password="correct-horse")
    client = Client()
    right = {"username": "operator", "password": "correct-horse"}
    for _ in range(3):  # right ones are not counted
        assert client.post("/admin/login/", right).status_code == 302
    for _ in range(2):
        wrong = client.post("/admin/login/", {**right, "password": "wrong"})
        assert "Please enter the correct" in text(wrong)
    assert "Please enter the correct" not in text(client.post("/admin/login/", right))
    assert Client().get("/admin/").status_code == 302


def test_owners_are_no_operators(alice: Api) -> None:
    client = Client()
    client.post("/signin", {"login": "alice", "password": "correct-horse"})
    assert client.get("/admin/").status_code == 302


def test_operator_sees_no_secrets(operator: Client, alice: Api) -> None:
    alice.event("diary", content="Only for me")
    account = Account.objects.get()
    page = operator.get(f"/admin/accounts/account/{account.id}/change/").content.decode()
    assert "alice@example.org" in page
    for secret in (account.password, "Only for me", alice.token):
        assert str(secret) not in page


@pytest.mark.django_db(transaction=True)
def test_operator_deletes_with_all_data(alice: Api) -> None:
    User.objects.create_superuser("operator", password="correct-horse")
    client = Client()
    client.login(username="operator", password="correct-horse")
    alice.event("diary")
    account = Account.objects.get()
    client.post(f"/admin/accounts/account/{account.id}/delete/", {"post": "yes"})
    assert not Account.objects.exists()
    assert not Event.objects.exists()


def test_operator_turns_the_second_step_off(operator: Client, alice: Api) -> None:
    turn_on(alice)
    operator.post(
        "/admin/accounts/account/",
        {"action": "turn_second_step_off", "_selected_action": [Account.objects.get().id]},
    )
    answer = Client().post("/signin", {"login": "alice", "password": "correct-horse"})
    assert answer.headers["Location"] == "/u/alice/"


def test_operator_makes_invitations(operator: Client) -> None:
    operator.post("/admin/accounts/invitation/add/", {"count": "3", "description": "friends"})
    assert Invitation.objects.filter(description="friends").count() == 3


def test_operator_registers_an_app(operator: Client) -> None:
    given = {"id": "heart-notes", "name": "Heart Notes", "publisher": "Notes Ltd", "verified": "on"}
    operator.post("/admin/accounts/registeredapp/add/", given)
    assert RegisteredApp.objects.get().verified


def test_operator_writes_a_mail(operator: Client, alice: Api) -> None:
    given = {"kind": "password-changed", "language": "EN", "part": "text", "source": "Hi {{ username }}\r\n!"}
    form = text(operator.get("/admin/accounts/mailtext/add/"))
    assert "{{ username }}" in form
    assert "RESET_TOKEN" in form
    assert operator.post("/admin/accounts/mailtext/add/", given).status_code == 302
    written = MailText.objects.get()
    assert (str(written), written.source) == ("password-changed/en/text", "Hi {{ username }}\n!")
    again = text(operator.post("/admin/accounts/mailtext/add/", given))
    assert "already exists" in again
    page = f"/admin/accounts/mailtext/{written.id}/change/"
    refused = text(operator.post(page, {"source": "Hi {{ password }}"}))
    assert "There is no value password" in refused
    assert "Hi {{ password }}" in refused, "what was typed stays"
    assert operator.post(page, {"source": "Hi {{ username }}"}).status_code == 302
    alice.post("account/change-password", {"oldPassword": "correct-horse", "newPassword": "another-horse"})
    flush()
    assert mail.outbox[-1].body == "Hi alice"
    assert operator.post(f"/admin/accounts/mailtext/{written.id}/delete/", {"post": "yes"}).status_code == 302
    assert not MailText.objects.exists()


def test_a_mail_without_its_link_is_refused(operator: Client) -> None:
    given = {"kind": "leaving", "language": "abcd", "part": "html", "source": "<p>Bye</p>"}
    page = text(operator.post("/admin/accounts/mailtext/add/", given))
    assert "This mail needs one of: link" in page
    assert "A language as en" in page
    assert not MailText.objects.exists()


class TestTexts:
    def test_own_pages(self, db: None) -> None:
        assert "not written this page yet" in text(Client().get("/p/terms"))
        SitePage.objects.create(slug="terms", title="Our terms", text="# Be kind\n\n- <script>x</script>")
        page = Client().get("/p/terms").content.decode()
        assert "Our terms" in page
        assert "<strong>Be kind</strong>" in page
        assert "<script>x" not in page
        assert Client().get("/p/other").status_code == 404

    def test_service_information_leads_there(self, db: None) -> None:
        found = Client().get("/reg/service/info").json()
        assert found["terms"] == "http://testserver/p/terms"
        assert found["support"] == "http://testserver/p/help"

    def test_logo_and_style(self, db: None, settings: Any, tmp_path: Path) -> None:
        assert Client().get("/p/logo").status_code == 404
        assert Client().get("/p/style.css").status_code == 404
        logo, style = tmp_path / "logo.svg", tmp_path / "own.css"
        logo.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
        style.write_text(":root { --accent: green; }")
        settings.LOGO_FILE, settings.STYLE_FILE = logo, style
        page = Client().get("/signin").content.decode()
        assert 'src="/p/logo"' in page
        assert 'href="/p/style.css"' in page
        assert Client().get("/p/logo").headers["Content-Type"] == "image/svg+xml"
        assert b"--accent" in b"".join(Client().get("/p/style.css").streaming_content)  # type: ignore[attr-defined]


class TestCommands:
    def test_integrity(self, alice: Api, capsys: pytest.CaptureFixture[str]) -> None:
        import json

        from django.core.files.uploadedfile import SimpleUploadedFile

        alice.event("diary")
        file = SimpleUploadedFile("a.txt", b"hello", content_type="text/plain")
        event = json.dumps({"streamIds": ["diary"], "type": "file/attached"})
        alice.form("events", {"event": event, "file": file})
        call_command("check_integrity")
        told = capsys.readouterr().out
        assert "events: 2 looked at, 0 faults" in told
        assert "files: 1 looked at, 0 faults" in told
        assert "accesses: 1 looked at, 0 faults" in told
        Event.objects.update(wire=Event.objects.filter(type="note/txt").get().wire.replace("hello", "forged"))
        Access.objects.update(name="forged")
        Path(storages["attachments"].path(Attachment.objects.get().blob)).write_bytes(b"other")
        with pytest.raises(CommandError):
            call_command("check_integrity")
        told = capsys.readouterr().out
        assert "the hash does not fit the event" in told
        assert "the hash does not fit the access" in told
        assert "no event tells of this file" in told

    def test_test_mail(self, db: None) -> None:
        call_command("send_test_mail", "operator@example.org")
        assert mail.outbox[-1].to == ["operator@example.org"]

    def test_invitations(self, db: None, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("create_invitations", 2, description="x")
        assert set(capsys.readouterr().out.split()) == set(Invitation.objects.values_list("id", flat=True))

    @pytest.mark.django_db(transaction=True)
    def test_delete(self, alice: Api) -> None:
        with pytest.raises(CommandError):
            call_command("delete_account", "nobody42", yes=True)
        call_command("delete_account", "alice", yes=True)
        assert not Account.objects.exists()


def test_health(db: None, settings: Any, tmp_path: Path) -> None:
    assert Client().get("/health").json()["status"] == "ok"
    settings.VAR_DIR = tmp_path / "gone"
    assert Client().get("/health").status_code == 503


def run(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command as an operator runs it, in a fresh folder."""
    env = {**os.environ, "VAR_DIR": str(folder), **variables}
    for name in {"DJANGO_SETTINGS_MODULE", "DATABASE_URL", "PUBLIC_URL"} - set(variables):
        env.pop(name, None)
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    "more", [{}, {"HTTPS_REDIRECT": "on", "HSTS_SUBDOMAINS": "on", "BEHIND_PROXY": "on", "MAIL_HOST": "mail"}]
)
def test_deployment_check_is_clean(tmp_path: Path, more: dict[str, str]) -> None:
    command = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    done = run(tmp_path, *command, PUBLIC_URL="https://data.example.org", **more)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("http://127.0.0.1:8000", "pryvsite_session_8000 pryvsite_csrf_8000 pryvsite_known_8000"),
        ("http://127.0.0.1:8001", "pryvsite_session_8001 pryvsite_csrf_8001 pryvsite_known_8001"),
        ("http://data.example.org", "pryvsite_session pryvsite_csrf pryvsite_known"),
        (
            "https://data.example.org:8443",
            "__Host-pryvsite_session __Host-pryvsite_csrf __Host-pryvsite_known",
        ),
    ],
)
def test_names_of_cookies(tmp_path: Path, url: str, names: str) -> None:
    """Servers on one host sign nobody out of each other; under https no other host can set a cookie."""
    code = (
        "from pryvsite import settings as s; "
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.KNOWN_COOKIE_NAME)"
    )
    assert run(tmp_path, "-c", code, PUBLIC_URL=url).stdout.strip() == names
