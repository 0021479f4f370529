"""The account area as plain forms: profile, security, connected apps, single accesses."""

import re
import time
from typing import Any

import pyotp
import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accesses.models import Access
from accounts.mail import flush
from events import contents
from tests.accesses.test_pages import HEART, ask, browser_of_alice, text
from tests.accesses.test_password_pages import next_code, signed_in, turn_on
from tests.cast import PASSWORD, Api, register

__all__ = ["browser_of_alice"]
PAGES = ["/account/profile", "/account/security", "/account/apps", "/account/data"]
LATER = 700  # seconds after which the password is asked again


@pytest.mark.parametrize("path", PAGES)
def test_needs_a_session(db: None, path: str) -> None:
    assert Client().get(path).headers["Location"] == f"/signin?next={path}"


@pytest.mark.parametrize("path", PAGES)
def test_has_tabs(browser_of_alice: Client, path: str) -> None:
    page = browser_of_alice.get(path)
    assert page.status_code == 200
    assert page.content.decode().count('aria-current="page"') == 1
    assert "no-store" in page.headers["Cache-Control"]


class TestProfile:
    @pytest.mark.django_db(transaction=True)
    def test_addresses(self, alice: Api) -> None:
        client = signed_in()
        given = {"action": "email:add", "email": "Second@example.org"}
        assert client.post("/account/profile", given).status_code == 303
        page = text(client.get("/account/profile"))
        assert "second@example.org Waiting for confirmation" in page
        flush()
        link = re.search(r"http://testserver(/verify-email\S+)", str(mail.outbox[-1].body))
        assert link
        client.get(link.group(1))
        client.post("/verify-email")
        done = client.post("/account/profile", {"action": "email:setPrimary", "email": "second@example.org"})
        assert done.status_code == 303
        assert alice.get("account")["account"]["email"] == "second@example.org"
        client.post("/account/profile", {"action": "email:remove", "email": "alice@example.org"})
        assert len(alice.get("account")["account"]["emails"]) == 1

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"action": "email:add", "email": "alice@example.org"}, "one of the account"),
            ({"action": "email:add", "email": "carol@example.org"}, "An account already uses this address."),
            ({"action": "email:remove", "email": "alice@example.org"}, "primary address"),
            ({"action": "email:add", "email": ""}, "An address is needed."),
        ],
    )
    def test_refusals(self, browser_of_alice: Client, given: dict[str, str], said: str) -> None:
        register("carol", email="carol@example.org")
        answer = browser_of_alice.post("/account/profile", given)
        assert (answer.status_code, said in text(answer)) == (422, True), text(answer)

    def test_password_is_asked_again_after_a_while(self, alice: Api, browser_of_alice: Client) -> None:
        given = {"action": "email:add", "email": "new@example.org"}
        with time_machine.travel(time.time() + LATER, tick=True):
            assert "to be sure that it’s you" in text(browser_of_alice.get("/account/profile"))
            refused = browser_of_alice.post("/account/profile", given)
            assert (refused.status_code, "not the password" in text(refused)) == (422, True)
            assert (
                browser_of_alice.post("/account/profile", {**given, "step_up": PASSWORD}).status_code == 303
            )

    def test_username(self, alice: Api, browser_of_alice: Client) -> None:
        given = {"action": "username", "username": "alice-two", "again": "other"}
        assert "The two names differ." in text(browser_of_alice.post("/account/profile", given))
        browser_of_alice.post("/account/profile", {**given, "again": "alice-two"})
        assert "alice-two" in text(browser_of_alice.get("/account/profile"))
        assert "1 change left" in text(browser_of_alice.get("/account/profile"))

    def test_language(self, alice: Api, browser_of_alice: Client) -> None:
        browser_of_alice.post("/account/profile", {"action": "language", "language": "fr"})
        assert alice.get("account")["account"]["language"] == "fr"
        assert (
            browser_of_alice.post("/account/profile", {"action": "language", "language": "x" * 9}).status_code
            == 422
        )


@pytest.mark.django_db(transaction=True)
class TestSecurity:
    def test_second_step(self, alice: Api) -> None:
        client = signed_in()
        client.post("/account/security", {"action": "mfa-begin"})
        page = client.get("/account/security").content.decode()
        assert "<svg" in page and 'class="qr"' in page
        assert "style=" not in page
        key = re.search(r'class="code">([A-Z2-7 ]+)<', page)
        assert key
        code = pyotp.TOTP(key.group(1).replace(" ", ""))
        wrong = client.post("/account/security", {"action": "mfa-confirm", "code": "000000"})
        assert (wrong.status_code, "Check the clock" in text(wrong)) == (422, True)
        done = client.post("/account/security", {"action": "mfa-confirm", "code": code.now()})
        codes = re.findall(r"<li>([0-9a-f-]{36})</li>", done.content.decode())
        assert len(codes) == 10
        after = client.get("/account/security")
        assert codes[0] not in after.content.decode()
        assert "10 recovery codes left" in text(after)
        renewed = client.post("/account/security", {"action": "mfa-codes"})
        fresh = re.findall(r"<li>([0-9a-f-]{36})</li>", renewed.content.decode())
        assert len(set(fresh) & set(codes)) == 0
        client.post("/account/security", {"action": "mfa-off"})
        assert "Set up with an authenticator app" in text(client.get("/account/security"))

    def test_turning_off_asks_for_the_password(self, alice: Api) -> None:
        secret, _ = turn_on(alice)
        client = Client(headers={"Accept": "text/html"})
        client.post("/signin", {"login": "alice", "password": PASSWORD})
        client.post("/mfa-challenge", {"action": "verify", "code": next_code(secret)})
        with time_machine.travel(time.time() + LATER, tick=True):
            client.post("/account/security", {"action": "mfa-off"})
            assert "second step is off" not in text(client.get("/account/security"))
            client.post("/account/security", {"action": "mfa-off", "step_up": PASSWORD})
            assert "Set up with an authenticator app" in text(client.get("/account/security"))

    def test_cancel(self, alice: Api) -> None:
        client = signed_in()
        client.post("/account/security", {"action": "mfa-begin"})
        client.post("/account/security", {"action": "mfa-cancel"})
        assert "Set up with" in text(client.get("/account/security"))

    def test_not_available(self, alice: Api, settings: Any) -> None:
        settings.MFA_MODE = "disabled"
        assert "Not available on this platform" in text(signed_in().get("/account/security"))

    def test_password(self, alice: Api) -> None:
        client = signed_in()
        wrong = client.post(
            "/account/security", {"action": "password", "current": "x", "password": "another-one"}
        )
        assert (wrong.status_code, "Not right." in text(wrong)) == (422, True)
        given = {"action": "password", "current": PASSWORD, "password": "another-one"}
        assert client.post("/account/security", given).status_code == 303
        signed_in(password="another-one")

    def test_sessions(self, alice: Api) -> None:
        here, there = signed_in(), signed_in()
        page = here.get("/account/security")
        assert text(page).count("This session") == 1
        other = Access.objects.get(id=re.findall(r'name="session" value="(\w+)"', page.content.decode())[1])
        if not other.device_name:
            other = Access.objects.exclude(id=other.id).filter(name="pryv-user-account").latest("created")
        here.post("/account/security", {"action": "end", "session": other.id})
        assert there.get("/account/profile").status_code == 303
        third = signed_in()
        here.post("/account/security", {"action": "end-others"})
        assert third.get("/account/profile").status_code == 303
        assert alice.get("account").error == "invalid-access-token"
        assert here.get("/account/profile").status_code == 200

    def test_own_session_signs_out(self, alice: Api) -> None:
        client = signed_in()
        own = client.session["access_id"]
        answer = client.post("/account/security", {"action": "end", "session": own})
        assert answer.headers["Location"].startswith("/signin")
        assert client.get("/account/profile").status_code == 303

    def test_of_others_stay(self, alice: Api) -> None:
        carol = register("carol")
        theirs = Access.objects.get(account__username="carol")
        signed_in().post("/account/security", {"action": "end", "session": theirs.id})
        assert carol.get("account").status == 200


class TestApps:
    def test_empty(self, browser_of_alice: Client) -> None:
        assert "No app has access to your data" in text(browser_of_alice.get("/account/apps"))

    def test_rows_in_words(self, alice: Api, browser_of_alice: Client) -> None:
        alice.stream("heart", name="Heart")
        app = alice.share({"streamId": "heart", "level": "manage"}, {"streamId": "diary", "level": "read"},
                          type="app", name="heart-notes", deviceName="phone")  # fmt: skip
        app.get("events")
        alice.share({"streamId": "*", "level": "manage"}, type="app", name="backup")
        alice.share({"streamId": "diary", "level": "create-only"}, name="For Tom", expireAfter=86400)
        page = text(browser_of_alice.get("/account/apps"))
        assert "Everything in Heart , Sees Diary" in page  # names are parted from the words around
        assert "phone · given" in page
        assert "For Tom Expires in 1 day" in page
        assert "Full access" in page

    @pytest.mark.parametrize(
        ("query", "names"),
        [("q=heart", ["heart-notes"]), ("q=HEART", ["heart-notes"]), ("f=full", ["backup"]),
         ("sort=wide", ["backup", "heart-notes"]), ("sort=name", ["backup", "heart-notes"]),
         ("q=nothing-like-it", []), ("sort=bad&f=bad", ["heart-notes", "backup"])],
    )  # fmt: skip
    def test_search(self, alice: Api, browser_of_alice: Client, query: str, names: list[str]) -> None:
        alice.share({"streamId": "diary", "level": "read"}, type="app", name="heart-notes").get("events")
        alice.share({"streamId": "*", "level": "manage"}, type="app", name="backup")
        page = browser_of_alice.get(f"/account/apps?{query}").content.decode()
        found = re.findall(r'aria-label="Select ([\w-]+)"', page)
        assert sorted(found) == sorted(names) if query.startswith("sort=bad") else found == names

    def test_queries_do_not_grow(self, alice: Api, browser_of_alice: Client) -> None:
        counts = []
        for _ in range(2):
            for _ in range(3):
                alice.share({"streamId": "diary", "level": "read"}, type="app", name=f"app {time.time()}")
            browser_of_alice.get("/account/apps")
            with CaptureQueriesContext(
                connection,
            ) as seen:
                browser_of_alice.get("/account/apps")
            counts.append(len(seen))
        assert counts[0] == counts[1]

    @pytest.mark.django_db(transaction=True)
    def test_revoke_and_undo(self, alice: Api) -> None:
        client = signed_in()
        app = alice.share({"streamId": "diary", "level": "read"}, type="app", name="an-app")
        child = app.share({"streamId": "diary", "level": "read"}, name="child")
        (wire,) = [a for a in alice.get("accesses")["accesses"] if a["name"] == "an-app"]
        client.post("/account/apps", {"revoke": wire["id"]})
        assert app.get("access-info").status == child.get("access-info").status == 403
        assert "an-app revoked" in text(client.get("/account/apps"))
        client.post("/account/apps", {"undo": wire["id"]})
        assert app.get("access-info").status == child.get("access-info").status == 200
        assert alice.get("accesses?includeDeletions=true")["accessDeletions"] == []

    @pytest.mark.django_db(transaction=True)
    def test_undo_when_a_new_one_exists(self, alice: Api) -> None:
        client = signed_in()
        alice.share({"streamId": "diary", "level": "read"}, type="app", name="an-app")
        (wire,) = [a for a in alice.get("accesses")["accesses"] if a["name"] == "an-app"]
        client.post("/account/apps", {"revoke": wire["id"]})
        alice.share({"streamId": "diary", "level": "read"}, type="app", name="an-app")
        client.post("/account/apps", {"undo": wire["id"]})
        assert "can’t be taken back" in text(client.get("/account/apps"))

    @pytest.mark.django_db(transaction=True)
    def test_undo_is_over_after_a_while(self, alice: Api) -> None:
        client = signed_in()
        app = alice.share({"streamId": "diary", "level": "read"}, type="app", name="an-app")
        (wire,) = [a for a in alice.get("accesses")["accesses"] if a["name"] == "an-app"]
        client.post("/account/apps", {"revoke": wire["id"]})
        with time_machine.travel(time.time() + 601, tick=True):
            client.post("/account/apps", {"undo": wire["id"]})
        assert app.get("access-info").status == 403

    def test_several_at_once(self, alice: Api, browser_of_alice: Client) -> None:
        for name in ("one", "two", "three"):
            alice.share({"streamId": "diary", "level": "read"}, type="app", name=name)
        ids = [a["id"] for a in alice.get("accesses")["accesses"] if a["name"] in ("one", "two")]
        browser_of_alice.post("/account/apps", {"bulk": "revoke", "id": ids})
        page = text(browser_of_alice.get("/account/apps"))
        assert "2 accesses revoked" in page
        assert [a["name"] for a in alice.get("accesses")["accesses"] if a["type"] == "app"] == ["three"]

    def test_of_others_stay(self, alice: Api, browser_of_alice: Client) -> None:
        carol = register("carol")
        theirs = carol.share({"streamId": "diary", "level": "read"}, type="app", name="an-app")
        (wire,) = [a for a in carol.get("accesses")["accesses"] if a["name"] == "an-app"]
        browser_of_alice.post("/account/apps", {"revoke": wire["id"]})
        assert theirs.get("access-info").status == 200
        assert browser_of_alice.get(f"/account/audit-access/{wire['id']}").status_code == 404


class TestAccess:
    @pytest.fixture
    def wire(self, alice: Api, browser_of_alice: Client) -> dict[str, Any]:
        browser_of_alice.post(ask(browser_of_alice), {"action": "accept"})
        (found,) = [a for a in alice.get("accesses")["accesses"] if a["type"] == "app"]
        return dict(found)

    def now(self, alice: Api) -> dict[str, Any]:
        return next(a for a in alice.get("accesses")["accesses"] if a["type"] == "app")

    def test_tells_all(self, alice: Api, browser_of_alice: Client, wire: dict[str, Any]) -> None:
        Api("alice", wire["token"]).get("events")
        page = text(browser_of_alice.get(f"/account/audit-access/{wire['id']}"))
        assert "Everything in Heart" in page
        assert "Read events 1" in page
        assert "you accepted what it asked" in page

    def test_reduce(self, alice: Api, browser_of_alice: Client, wire: dict[str, Any]) -> None:
        path = f"/account/audit-access/{wire['id']}"
        browser_of_alice.post(path, {"action": "levels", "id": wire["id"], "level_0": "read"})
        assert self.now(alice)["permissions"] == [
            {**{k: HEART[0][k] for k in ("streamId",)}, "level": "read"}
        ]
        page = text(browser_of_alice.get(path))
        assert "Until it was changed: Everything in Heart" in page

    def test_never_raises(self, alice: Api, browser_of_alice: Client, wire: dict[str, Any]) -> None:
        path = f"/account/audit-access/{wire['id']}"
        browser_of_alice.post(path, {"action": "levels", "id": wire["id"], "level_0": "read"})
        answer = browser_of_alice.post(path, {"action": "levels", "level_0": "manage"})
        assert "Nothing was changed" in text(answer)
        assert self.now(alice)["permissions"][0]["level"] == "read"

    def test_changed_meanwhile(self, alice: Api, browser_of_alice: Client, wire: dict[str, Any]) -> None:
        path = f"/account/audit-access/{wire['id']}"
        alice.put(f"accesses/{wire['id']}", {"deviceName": "elsewhere"})
        answer = browser_of_alice.post(path, {"action": "expiry", "id": wire["id"], "expiry": "7"})
        assert (answer.status_code, "changed meanwhile" in text(answer)) == (409, True)

    def test_end_and_name(self, alice: Api, browser_of_alice: Client, wire: dict[str, Any]) -> None:
        path = f"/account/audit-access/{wire['id']}"
        browser_of_alice.post(path, {"action": "expiry", "expiry": "7"})
        assert self.now(alice)["expires"] == pytest.approx(time.time() + 7 * 86400, abs=60)
        browser_of_alice.post(path, {"action": "expiry", "expiry": "never"})
        assert "expires" not in self.now(alice)
        browser_of_alice.post(path, {"action": "name", "name": "Phone of Alice"})
        assert self.now(alice)["deviceName"] == "Phone of Alice"

    def test_share_can_be_renamed(self, alice: Api, browser_of_alice: Client) -> None:
        alice.share({"streamId": "diary", "level": "read"}, name="For Tom")
        (share,) = [a for a in alice.get("accesses")["accesses"] if a["type"] == "shared"]
        browser_of_alice.post(
            f"/account/audit-access/{share['id']}", {"action": "name", "name": "For Doctor Tom"}
        )
        assert "For Doctor Tom" in text(browser_of_alice.get("/account/apps"))

    def test_revoke_keeps_the_receipt(
        self, alice: Api, browser_of_alice: Client, wire: dict[str, Any]
    ) -> None:
        path = f"/account/audit-access/{wire['id']}"
        receipt = re.search(r"/account/receipt/\w+", browser_of_alice.get(path).content.decode())
        assert receipt
        assert browser_of_alice.post(path, {"action": "revoke"}).headers["Location"] == "/account/apps"
        gone = browser_of_alice.get(path)
        assert (gone.status_code, "This access is gone" in text(gone)) == (404, True)
        assert "you accepted what an-app asked" in text(browser_of_alice.get(receipt.group()))
        told = browser_of_alice.get(f"{receipt.group()}?format=json").json()
        assert (told["outcome"], told["account"], told["requestedPermissions"]) == (
            "accepted",
            "alice",
            HEART,
        )
        stranger = signed_in(register("carol").username)
        assert stranger.get(receipt.group()).status_code == 404

    def test_personal_ones_lead_to_security(self, alice: Api, browser_of_alice: Client) -> None:
        (own,) = [a for a in alice.get("accesses")["accesses"] if a["name"] == "pryv-user-account"]
        assert (
            browser_of_alice.get(f"/account/audit-access/{own['id']}").headers["Location"]
            == "/account/security"
        )


class TestWhatAnAccessWrote:
    """ui §1.12, block 6."""

    def told(self, client: Client, access_id: str) -> str:
        page = text(client.get(f"/account/audit-access/{access_id}"))
        return page.partition("Entries it wrote")[2][:200]

    def test_counts(self, alice: Api, browser_of_alice: Client) -> None:
        app = alice.share({"streamId": "diary", "level": "contribute"}, type="app", name="writer")
        access_id = app.get("access-info")["id"]
        assert "None that are there now." in self.told(browser_of_alice, access_id)
        mine = alice.event("diary", content='"createdBy":"x","modified":1,"modifiedBy":"x"}')
        for _ in range(3):
            app.event("diary")
        app.put(f"events/{mine['id']}", {"content": "changed by it"})
        made = app.event("diary")
        alice.put(f"events/{made['id']}", {"content": "still made by it"})
        assert "Created 4 Created by others, changed by it last 1" in self.told(browser_of_alice, access_id)

    def test_versions_and_callers_are_the_same_access(self, alice: Api, browser_of_alice: Client) -> None:
        app = alice.share({"streamId": "diary", "level": "contribute"}, type="app", name="writer")
        access_id = app.get("access-info")["id"].partition(":")[0]
        app.event("diary")
        alice.put(f"accesses/{access_id}", {"deviceName": "phone"})
        app.token += ' some"caller'
        app.event("diary")
        assert "Created 2" in self.told(browser_of_alice, access_id)

    def test_cost_is_bounded(
        self, alice: Api, browser_of_alice: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = alice.share({"streamId": "diary", "level": "contribute"}, type="app", name="writer")
        access_id = app.get("access-info")["id"]
        for _ in range(4):
            app.event("diary")
        monkeypatch.setattr(contents, "MOST_SEEN", 3)
        told = self.told(browser_of_alice, access_id)
        assert "Created 3" in told
        assert "Only the 3 entries that changed last were looked at; there may be more." in told
        with CaptureQueriesContext(connection) as queries:
            self.told(browser_of_alice, access_id)
        (query,) = [q["sql"] for q in queries if "events_event" in q["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN '}{query}")
            plan = str(cursor.fetchall())
        assert "event_by_change" in plan or connection.vendor == "postgresql"
