"""Pages of lost and changed passwords, mailed links and the second step, as plain forms."""

import re
import time
from typing import Any

import pyotp
import pytest
from django.core import mail
from django.test import Client

from accesses.models import Access
from accesses.views.password import masked
from accounts.mail import flush
from tests.accesses.test_pages import ask, state, text
from tests.cast import PASSWORD, Api, register

NEW = "another-horse"


def signed_in(username: str = "alice", password: str = PASSWORD) -> Client:
    client = Client(headers={"Accept": "text/html"})
    assert client.post("/signin", {"login": username, "password": password}).status_code == 303
    return client


def mailed_link(page: str) -> str:
    """The path of the newest link to a page that was mailed."""
    flush()
    found = re.findall(rf"http://testserver({page}[^\s\"<]+)", str(mail.outbox[-1].body))
    return str(found[-1])


def lose_password(client: Client, login: str = "alice") -> str:
    """Ask for a reset and open the link; the clean path of the page."""
    answer = client.post("/reset-password", {"login": login})
    assert "a link is on its way" in text(answer)
    moved = client.get(mailed_link("/reset-password"))
    assert moved.status_code == 303
    return str(moved.headers["Location"])


@pytest.mark.django_db(transaction=True)
class TestReset:
    def test_whole_way(self, alice: Api) -> None:
        elsewhere = signed_in()
        client = Client()
        path = lose_password(client)
        assert path == "/reset-password"  # the secret is gone from the address
        page = client.get(path)
        assert "al••e" in text(page)
        assert "6 characters needed" in text(client.post(path, {"password": "short"}))
        done = client.post(path, {"password": NEW})
        assert done.headers["Location"] == "/signin?password-changed=1"
        assert "Sign in with the new one" in text(client.get("/signin?password-changed=1"))
        assert elsewhere.get("/u/alice/").status_code == 302
        signed_in(password=NEW)
        flush()
        assert mail.outbox[-1].subject == "Your password was changed"

    def test_nobody_is_told_who_exists(self, alice: Api) -> None:
        answers = {
            re.sub(r'value="[^"]*"', "", Client().post("/reset-password", {"login": login}).content.decode())
            for login in ("alice", "nobody42", "alice@example.org", "nobody@example.org")
        }
        assert len({re.sub(r"csrf\S+|[A-Za-z0-9]{64}", "", a) for a in answers}) == 1

    def test_link_works_once(self, alice: Api) -> None:
        client = Client()
        path = lose_password(client)
        link = mailed_link("/reset-password")
        client.post(path, {"password": NEW})
        moved = Client()
        moved.get(link)
        page = moved.get("/reset-password")
        assert (page.status_code, "no longer works" in text(page)) == (410, True)
        assert moved.post("/reset-password", {"action": "again"}).status_code == 303
        assert "Send reset link" in text(moved.get("/reset-password"))

    def test_apps_end_only_when_asked(self, alice: Api) -> None:
        app = alice.share({"streamId": "diary", "level": "read"}, type="app")
        client = Client()
        client.post(lose_password(client), {"password": NEW})
        assert app.get("access-info").status == 200
        client.post(lose_password(client), {"password": "third-horse", "end_apps": "on"})
        assert app.get("access-info").status == 403

    def test_pending_request_is_kept(self, alice: Api) -> None:
        client = Client(headers={"Accept": "text/html"})
        question = ask(client)
        page = client.get(question).content.decode()
        link = re.search(r'href="(/reset-password[^"]+)"', page)
        assert link
        path = link.group(1).replace("&amp;", "&")
        assert "Go to sign in" in text(client.get(path))
        assert question.split("key=")[1][:16] in client.get(path).content.decode()


@pytest.mark.django_db(transaction=True)
class TestChange:
    def test_needs_a_session(self) -> None:
        answer = Client().get("/change-password")
        assert answer.headers["Location"] == "/signin?next=/change-password"

    def test_whole_way(self, alice: Api) -> None:
        here, elsewhere = signed_in(), signed_in()
        wrong = here.post("/change-password", {"current": "wrong-one", "password": NEW})
        assert (wrong.status_code, "Not right." in text(wrong)) == (422, True)
        unlike = here.post("/change-password", {"current": PASSWORD, "password": NEW, "confirm": "x"})
        assert "The two passwords differ." in text(unlike)
        done = here.post("/change-password", {"current": PASSWORD, "password": NEW, "end_others": "on"})
        assert done.status_code == 303
        assert here.get("/u/alice/").status_code == 200
        assert elsewhere.get("/u/alice/").status_code == 302

    def test_other_sessions_may_stay(self, alice: Api) -> None:
        here, elsewhere = signed_in(), signed_in()
        here.post("/change-password", {"current": PASSWORD, "password": NEW})
        assert elsewhere.get("/u/alice/").status_code == 200

    def test_too_early(self, alice: Api, settings: Any) -> None:
        settings.PASSWORD_MIN_AGE_DAYS = 3
        answer = signed_in().post("/change-password", {"current": PASSWORD, "password": NEW})
        assert "can’t be changed before" in text(answer)


@pytest.mark.django_db(transaction=True)
def test_address_is_confirmed_on_a_button(alice: Api) -> None:
    alice.put("account", {"emails": {"add": ["second@example.org"]}})
    client = Client()
    moved = client.get(mailed_link("/verify-email"))
    assert moved.headers["Location"] == "/verify-email"
    assert "second@example.org" in text(client.get("/verify-email"))
    listed = alice.get("account")["account"]["emails"]
    assert [e["status"] for e in listed if e["value"] == "second@example.org"] == ["pending"]
    assert "Address confirmed" in text(client.post("/verify-email"))
    again = client.get("/verify-email")
    assert (again.status_code, "no longer works" in text(again)) == (410, True)


def turn_on(api: Api) -> tuple[str, list[str]]:
    """A second factor; its secret and recovery codes."""
    begun = api.post("mfa/activate", {"method": "totp"})
    code = pyotp.TOTP(begun["secret"]).now()
    confirmed = api.post("mfa/confirm", {"code": code}, Authorization=begun["mfaToken"])
    return begun["secret"], confirmed["recoveryCodes"]


def next_code(secret: str) -> str:
    """The code of the step after the one that turned the factor on."""
    return pyotp.TOTP(secret).at(time.time() + 30)


@pytest.mark.django_db(transaction=True)
class TestSecondStep:
    def begin(self, path: str = "/signin") -> Client:
        client = Client(headers={"Accept": "text/html"})
        answer = client.post(path, {"login": "alice", "password": PASSWORD, "action": "signin"})
        assert answer.headers["Location"].startswith("/mfa-challenge")
        assert client.get("/u/alice/").status_code == 302
        return client

    def test_code_lets_in(self, alice: Api) -> None:
        secret, _ = turn_on(alice)
        client = self.begin()
        wrong = client.post("/mfa-challenge", {"action": "verify", "code": "000000"})
        assert wrong.status_code == 422
        right = client.post("/mfa-challenge", {"action": "verify", "code": next_code(secret)})
        assert right.headers["Location"] == "/u/alice/"
        assert client.get("/u/alice/").status_code == 200

    def test_too_many_wrong_codes(self, alice: Api) -> None:
        turn_on(alice)
        client = self.begin()
        for _ in range(5):
            last = client.post("/mfa-challenge", {"action": "verify", "code": "000000"})
        assert (last.status_code, "sign in again" in text(last)) == (410, True)

    def test_without_a_sign_in(self, db: None) -> None:
        page = Client().get("/mfa-challenge")
        assert (page.status_code, "sign in again" in text(page)) == (410, True)

    def test_cancel(self, alice: Api) -> None:
        turn_on(alice)
        client = self.begin()
        assert client.post("/mfa-challenge", {"action": "cancel"}).headers["Location"] == "/signin"
        assert client.get("/mfa-challenge").status_code == 410

    def test_recovery_code_lets_in_and_turns_it_off(self, alice: Api) -> None:
        _, codes = turn_on(alice)
        client = self.begin()
        given = {"action": "recover", "password": PASSWORD, "recovery_code": "none-of-them"}
        assert client.post("/mfa-challenge", given).status_code == 422
        done = client.post("/mfa-challenge", {**given, "recovery_code": codes[0]})
        assert done.headers["Location"] == "/account/security"
        assert client.get("/u/alice/").status_code == 200
        signed_in()

    def test_inside_a_request_of_an_app(self, alice: Api) -> None:
        secret, _ = turn_on(alice)
        question = ask(Client())
        client = self.begin(question)
        path = client.post(question, {"action": "signin", "login": "alice", "password": PASSWORD})
        back = client.post(path.headers["Location"], {"action": "verify", "code": next_code(secret)})
        assert back.headers["Location"] == question
        client.post(question, {"action": "accept"})
        assert state(client, question)["status"] == "ACCEPTED"

    def test_command_line_link(self, alice: Api) -> None:
        turn_on(alice)
        answer = alice.post(
            "auth/login",
            {"username": "alice", "password": PASSWORD, "appId": "an-app-id"},
            Origin="http://localhost:1234",
        )
        client = Client()
        moved = client.get(f"/mfa-challenge?userId=alice&mfaToken={answer['mfaToken']}")
        assert "mfaToken" not in moved.headers["Location"]
        assert "Verification code" in text(client.get("/mfa-challenge"))


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ("returnURL=https://app.example.org/x%3Fa=1&state=s%20t",
         "https://app.example.org/x?a=1&state=s+t&pryvApiEndpoint=http%3A%2F%2Ftestserver%2Falice%2F"),
        ("returnURL=javascript:alert(1)", "/u/alice/"),
        ("returnURL=https://user:pw@evil.example.org/", "/u/alice/"),
        ("returnURL=//evil.example.org/", "/u/alice/"),
        ("returnURL=https://app.example.org/&next=/u/alice/add", "/u/alice/add"),
        ("key=abc", "/auth?key=abc"),
    ],
)  # fmt: skip
def test_where_sign_in_leads(alice: Api, query: str, target: str) -> None:
    answer = Client().post(f"/signin?{query}", {"login": "alice", "password": PASSWORD})
    assert answer.headers["Location"] == target


def test_return_and_back_links_are_told(db: None) -> None:
    page = text(
        Client().get("/signin?returnURL=https://app.example.org/&backUrl=https://x.org/&backLabel=Shop")
    )
    assert "you go on to app.example.org" in page
    assert "Back to Shop (x.org)" in page
    refused = Client().get("/register?returnURL=ftp://x/&backUrl=javascript:alert(1)")
    assert "can’t be used" in text(refused)
    assert "javascript:" not in refused.content.decode().replace("javascript%3A", "")


@pytest.mark.django_db(transaction=True)
class TestRegistration:
    PLACES: Any = {
        "regions": {
            "eu": {
                "name": "Europe",
                "zones": {
                    "ch": {"name": "Switzerland", "hostings": {
                        "one": {"name": "Alpine", "description": "Green power", "available": True}}},
                    "fr": {"name": "France", "hostings": {"two": {"name": "Maison", "available": False}}},
                },
            },
            "na": {"name": "North America", "zones": {"east": {"name": "East coast", "hostings": {
                "three": {"name": "Harbor", "available": True}}}}},
        }
    }  # fmt: skip
    FORM = {"username": "paul-k", "password": PASSWORD}

    def test_hostings(self, settings: Any) -> None:
        settings.HOSTINGS = self.PLACES
        page = Client().get("/register").content.decode()
        assert '<optgroup label="North America">' in page
        assert re.search(r'<option value="two"[^>]*disabled', page)
        assert "Your data stays in Switzerland" in page
        assert "stays in East coast" in text(Client().get("/register/place?hosting=three"))
        full = Client().post("/register", {**self.FORM, "hosting": "two"})
        assert "takes no new accounts" in text(full)
        assert Client().post("/register", {**self.FORM, "hosting": "three"}).status_code == 303

    def test_closed(self, settings: Any) -> None:
        settings.INVITATION_TOKENS = []
        page = Client().get("/register")
        assert (page.status_code, "by invitation here" in text(page)) == (403, True)

    def test_invitation(self, settings: Any) -> None:
        settings.INVITATION_TOKENS = ["welcome-in"]
        assert 'value="welcome-in"' in Client().get("/register?invitation=welcome-in").content.decode()
        wrong = Client().post("/register", {**self.FORM, "invitation": "guessed"})
        assert (wrong.status_code, "id_invitation_error" in wrong.content.decode()) == (422, True)
        assert Client().post("/register", {**self.FORM, "invitation": "welcome-in"}).status_code == 303
        assert Client().get("/register").status_code == 403

    @pytest.mark.parametrize(
        ("query", "name"),
        [
            ("?requestingAppId=my-health-app", "my-health-app"),
            ("?requestingAppId=x", "pryv-user-account"),
            ("?requestingAppId=<script>", "pryv-user-account"),
            ("", "pryv-user-account"),
        ],
    )
    def test_session_is_of_the_app_that_sent_the_visitor(self, query: str, name: str) -> None:
        """ui §0.4, also through the second step."""

        def newest() -> str:
            return Access.objects.filter(type="personal", device_name__gt="").latest("created").name

        assert Client().post(f"/register{query}", self.FORM).status_code == 303
        assert newest() == name
        Access.objects.all().delete()
        login = {"login": "paul-k", "password": PASSWORD}
        assert Client().post(f"/signin{query}", login).status_code == 303
        assert newest() == name
        endpoint = Api("paul-k").call(
            "POST",
            "auth/login",
            {"username": "paul-k", "password": PASSWORD, "appId": "test-app"},
            Origin="http://testserver",
        )
        secret, _ = turn_on(Api("paul-k", endpoint["token"]))
        Access.objects.exclude(device_name="").delete()
        client = Client()
        asked = client.post(f"/signin{query}", login).headers["Location"]
        assert client.post(asked, {"action": "verify", "code": next_code(secret)}).status_code == 303
        assert newest() == name

    def test_pending_request_goes_on(self) -> None:
        client = Client(headers={"Accept": "text/html"})
        question = ask(client)
        key = re.search(r"key=(\w+)", question)
        assert key
        answer = client.post(f"/register?key={key.group(1)}", self.FORM)
        assert answer.headers["Location"] == f"/auth?key={key.group(1)}"
        assert Access.objects.get(account__username="paul-k", type="personal").account.referer == "an-app"
        assert "Everything in Heart" in text(client.get(answer.headers["Location"]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/access/reset-password.html?x=y", "/reset-password?x=y"),
        ("/access/change-password", "/change-password"),
        ("/app-web/?username=Alice&domain=x", "/u/alice/"),
        ("/app-web/?username=//evil", "/"),
    ],
)
def test_more_old_addresses(db: None, old: str, new: str) -> None:
    response = Client().get(old)
    assert (response.status_code, response.headers["Location"]) == (308, new)


def test_names_are_masked(db: None) -> None:
    assert masked("alice") == "al••e"
    assert register("zoe-k").username == "zoe-k"


def test_rules_are_told_before_a_password_is_typed(alice: Api, settings: Any) -> None:
    settings.PASSWORD_MIN_LENGTH, settings.PASSWORD_MIN_CATEGORIES = 12, 3
    kinds = "lowercase letters, uppercase letters, digits, other characters"
    told = f"At least 12 characters; 3 kinds of: {kinds}."
    assert told in text(Client().get("/register"))
    assert told in text(signed_in().get("/change-password"))
