"""The consent page: what it says, what an owner may change of it, guards, receipts, mails."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.test import Client

from accesses.guards import looks_official
from accesses.markdown import safe_markdown
from accesses.models import ConsentReceipt
from accesses.sentences import WORDS, lines, lower_levels
from accounts.mail import flush
from accounts.models import Account, RegisteredApp
from pryvsite.caching import forget_all
from pryvsite.kernel.permissions import Level
from streams.tree import load_tree
from tests.accesses.test_pages import HEART, ask, browser_of_alice, state, text
from tests.cast import PASSWORD, Api

__all__ = ["browser_of_alice"]


def apps(api: Api) -> list[dict[str, Any]]:
    return [a for a in api.get("accesses")["accesses"] if a["type"] == "app"]


NOTE = {"type": "note/txt", "content": "x"}


def shares_its_own(api: Api) -> bool:
    """Whether an app can hand out what it may do itself."""
    own = [p for p in api.get("access-info")["permissions"] if p["streamId"] in ("health", "*")]
    return api.post("accesses", {"name": "child", "permissions": own}).status == 201


def deletes(api: Api, stream_id: str) -> bool:
    """Whether an app can put a stream into the trash and delete it for ever."""
    ways = [api.delete(f"streams/{stream_id}?mergeEventsWithParent=false") for _ in range(2)]
    return all(way.status == 200 for way in ways)


# What the sentences speak of, as calls.
ABILITIES = {
    "see": lambda api: bool(api.get("events?streams=[%22health%22]").body.get("events")),
    "add": lambda api: api.post("events", {"streamIds": ["health"], **NOTE}).status == 201,
    "edit": lambda api: api.put("events/keeeeeeeeeeeeeeeeeeeeeee", {"description": "x"}).status == 200,
    "delete": lambda api: api.delete("events/gooooooooooooooooooooooo").status == 200,
    "folders": lambda api: (
        api.post("streams", {"id": "new", "name": "New", "parentId": "health"}).status == 201
        and api.put("streams/new", {"parentId": "heart", "name": "Moved"}).status == 200
        and deletes(api, "new")
    ),
    "rename": lambda api: api.put("streams/health", {"name": "Renamed"}).status == 200,
    "share": shares_its_own,
    "outside": lambda api: api.post("events", {"streamIds": ["diary"], **NOTE}).status == 201,
    "end": lambda api: deletes(api, "health"),
}
SAID = {
    Level.READ: {"see", "share"},
    Level.CONTRIBUTE: {"see", "add", "edit", "delete", "share"},
    Level.MANAGE: {"see", "add", "edit", "delete", "folders", "rename", "share", "end"},
    Level.CREATE_ONLY: {"add"},
}
IN_WORDS = {
    "see": r"\bsee\b|everything in", "add": r"\badd\b|everything in", "edit": r"\bedit\b|everything in",
    "delete": r"\bdelete\b|everything in", "folders": r"creating, renaming, moving and deleting what is",
    "share": r"let others do the same or less", "rename": r"\brenaming and deleting it\b",
    "end": r"\brenaming and deleting it\b",
}  # fmt: skip


@pytest.mark.parametrize("level", SAID)
def test_the_api_does_what_the_sentence_says(alice: Api, level: Level) -> None:
    alice.stream("health")
    alice.stream("heart", parent="health")
    for event_id in ("keeeeeeeeeeeeeeeeeeeeeee", "gooooooooooooooooooooooo"):
        alice.event("health", id=event_id)
    app = alice.share({"streamId": "health", "level": level.wire}, type="app", name="an-app")
    assert {name for name, able in ABILITIES.items() if able(app)} == SAID[level]
    (line,) = lines([{"streamId": "health", "level": level.wire}], load_tree(account_id(alice)))
    can = f"{line.sentence} {line.more}".replace("sees stream names only", "").lower()
    assert {name for name, words in IN_WORDS.items() if re.search(words, can)} == SAID[level]
    assert line.cannot == WORDS[level].cannot


@pytest.mark.parametrize("level", SAID)
def test_all_data_in_words(alice: Api, level: Level) -> None:
    entry = {"streamId": "*", "level": level.wire}
    alice.stream("health")
    (line,) = lines([entry], load_tree(account_id(alice)))
    assert line.sentence.endswith("all your data, including streams you create later")
    app = alice.share(entry, type="app", name="an-app")
    assert shares_its_own(app) == ("let others do the same or less" in line.more)
    assert (app.post("streams", {"name": "Top"}).status == 201) == (line.cannot == "")


@pytest.mark.parametrize("level", [Level.READ, Level.CONTRIBUTE, Level.MANAGE])
def test_others_can_only_while_the_app_can(alice: Api, level: Level) -> None:
    """It can share “the same or less, while it can itself”."""
    alice.stream("health")
    own = {"streamId": "health", "level": level.wire}
    app = alice.share(own, type="app", name="an-app", expireAfter=600)
    more = [{"streamId": "*", "level": "read"}, {"streamId": "health", "level": "manage"}]
    for entry in more[: 1 if level is Level.MANAGE else 2]:
        assert app.post("accesses", {"name": "wider", "permissions": [entry]}).status == 403
    later = {"name": "later", "permissions": [own], "expireAfter": 6000}
    assert app.post("accesses", later).status == 400
    child = app.share(own, name="child")
    assert child.get("access-info").status == 200
    alice.delete(f"accesses/{app.get('access-info')['id']}")
    assert child.get("access-info").status == 403


def account_id(api: Api) -> int:
    return Account.objects.get(username=api.username).id


def test_lower_levels() -> None:
    lower = {level: [name for name, _ in lower_levels(level)] for level in ("manage", "contribute", "read")}
    assert lower == {
        "manage": ["contribute", "create-only", "read"],
        "contribute": ["create-only", "read"],
        "read": [],
    }
    assert lower_levels("create-only") == []


def test_tells_what_streams_hold(alice: Api, browser_of_alice: Client) -> None:
    alice.stream("heart", name="Heart")
    alice.stream("rest", parent="heart")
    alice.event("heart", time=1500000000)
    alice.event("rest", type="mass/kg", content=70)
    page = text(browser_of_alice.get(ask(browser_of_alice)))
    assert "2 entries since 2017, 1 sub-stream, for instance" in page
    everything = text(browser_of_alice.get(ask(browser_of_alice, [{"streamId": "*", "level": "read"}])))
    assert "2 entries since 2017" in everything


def test_events_far_off_the_calendar(alice: Api, browser_of_alice: Client) -> None:
    alice.stream("heart")
    alice.event("heart", time=-1e15)
    assert "1 entry" in text(browser_of_alice.get(ask(browser_of_alice)))


def test_taken_names_are_told(alice: Api, browser_of_alice: Client) -> None:
    alice.stream("other", name="Heart")
    page = text(browser_of_alice.get(ask(browser_of_alice)))
    assert "already have a stream called Heart ; the new one will be called Heart (1)" in page


def test_new_streams_can_be_renamed(alice: Api, browser_of_alice: Client) -> None:
    path = ask(browser_of_alice)
    browser_of_alice.post(path, {"action": "accept", "name_0": "My heart"})
    assert {tree["name"] for tree in alice.trees()} == {"Diary", "My heart"}


class TestChoice:
    ASKED = [
        {"streamId": "heart", "defaultName": "Heart", "level": "manage"},
        {"streamId": "diary", "defaultName": "Diary", "level": "read"},
    ]

    @pytest.mark.parametrize(
        ("given", "granted"),
        [
            ({"level_0": "read"}, {"heart": "read", "diary": "read"}),
            ({"level_0": ""}, {"diary": "read"}),
            ({"level_0": "create-only", "level_1": ""}, {"heart": "create-only"}),
            ({"level_1": "manage"}, {"heart": "manage", "diary": "read"}),  # never more than asked
            ({"level_0": "own", "level_7": ""}, {"heart": "manage", "diary": "read"}),
        ],
    )
    def test_less(
        self, alice: Api, browser_of_alice: Client, given: dict[str, str], granted: dict[str, str]
    ) -> None:
        path = ask(browser_of_alice, self.ASKED)
        assert "Allow less" in text(browser_of_alice.get(path))
        browser_of_alice.post(path, {"action": "accept", **given})
        (app,) = apps(alice)
        assert {p["streamId"]: p["level"] for p in app["permissions"]} == granted

    def test_nothing_left(self, alice: Api, browser_of_alice: Client) -> None:
        path = ask(browser_of_alice, self.ASKED)
        answer = browser_of_alice.post(path, {"action": "accept", "level_0": "", "level_1": ""})
        assert (answer.status_code, "Leave one permission on" in text(answer)) == (422, True)
        assert apps(alice) == []

    def test_full_control_is_confirmed_whatever_else_is_less(
        self, alice: Api, browser_of_alice: Client
    ) -> None:
        asked = [{"streamId": "*", "level": "manage"}, self.ASKED[1]]
        path = ask(browser_of_alice, asked)
        assert browser_of_alice.post(path, {"action": "accept", "level_1": ""}).status_code == 422
        assert apps(alice) == []
        assert browser_of_alice.post(path, {"action": "accept", "level_0": "read"}).status_code == 200

    def test_exceptions_stay(self, alice: Api, browser_of_alice: Client) -> None:
        asked = [
            {"streamId": "*", "level": "read"},
            {"streamId": "diary", "defaultName": "D", "level": "none"},
        ]
        browser_of_alice.post(ask(browser_of_alice, asked), {"action": "accept", "level_1": ""})
        assert {"streamId": "diary", "level": "none"} in apps(alice)[0]["permissions"]

    def test_shorter(self, alice: Api, browser_of_alice: Client) -> None:
        path = ask(browser_of_alice, expireAfter=40 * 86400)
        assert "For 1 year" not in text(browser_of_alice.get(path))
        browser_of_alice.post(path, {"action": "accept", "expiry": "86400"})
        (app,) = apps(alice)
        assert app["expires"] == pytest.approx(app["created"] + 86400, abs=5)

    def test_never_longer(self, alice: Api, browser_of_alice: Client) -> None:
        path = ask(browser_of_alice, expireAfter=3600)
        browser_of_alice.post(path, {"action": "accept", "expiry": "31536000"})
        assert apps(alice)[0]["expires"] < apps(alice)[0]["created"] + 7200

    def test_operator_may_forbid_it(self, alice: Api, browser_of_alice: Client, settings: Any) -> None:
        settings.CONSENT_CHOICE = False
        path = ask(browser_of_alice, [{**HEART[0], "level": "manage"}])
        assert "As asked" not in text(browser_of_alice.get(path))
        browser_of_alice.post(path, {"action": "accept", "level_0": "read", "expiry": "86400"})
        (app,) = apps(alice)
        assert (app["permissions"][0]["level"], "expires" in app) == ("manage", False)


class TestReplacing:
    def test_in_place(self, alice: Api, browser_of_alice: Client) -> None:
        browser_of_alice.post(ask(browser_of_alice), {"action": "accept"})
        (before,) = apps(alice)
        path = ask(browser_of_alice, [{"streamId": "diary", "defaultName": "D", "level": "read"}])
        page = text(browser_of_alice.get(path))
        assert "Heart Everything, folders too Nothing" in page
        assert "Diary Nothing Only see entries" in page
        assert "old token stops" not in page
        browser_of_alice.post(path, {"action": "accept"})
        (after,) = apps(alice)
        assert after["token"] == before["token"] == state(browser_of_alice, path)["token"]
        assert after["id"] == f"{before['id']}:1"
        assert after["permissions"] == [{"streamId": "diary", "level": "read"}]

    def test_new_streams_are_made(self, alice: Api, browser_of_alice: Client) -> None:
        browser_of_alice.post(ask(browser_of_alice), {"action": "accept"})
        more = [*HEART, {"streamId": "lungs", "defaultName": "Lungs", "level": "read"}]
        browser_of_alice.post(ask(browser_of_alice, more), {"action": "accept"})
        assert "lungs" in {tree["id"] for tree in alice.trees()}

    def test_with_a_new_token_where_client_data_shrinks(self, alice: Api, browser_of_alice: Client) -> None:
        browser_of_alice.post(ask(browser_of_alice, clientData={"a": 1}), {"action": "accept"})
        (before,) = apps(alice)
        path = ask(browser_of_alice, clientData={"b": 2})
        assert "old token stops working" in text(browser_of_alice.get(path))
        browser_of_alice.post(path, {"action": "accept"})
        (after,) = apps(alice)
        assert after["clientData"] == {"b": 2}
        assert after["token"] != before["token"]

    def test_keeping_the_current_one(self, alice: Api, browser_of_alice: Client) -> None:
        browser_of_alice.post(ask(browser_of_alice), {"action": "accept"})
        before = apps(alice)
        path = ask(browser_of_alice, [{**HEART[0], "level": "read"}])
        assert "Keep the current one" in text(browser_of_alice.get(path))
        browser_of_alice.post(path, {"action": "refuse"})
        assert apps(alice) == before


class TestGuards:
    def test_what_was_shown_is_what_is_granted(self, alice: Api, browser_of_alice: Client) -> None:
        path = ask(browser_of_alice)
        shown = browser_of_alice.get(path).content.decode()
        mark = re.search(r'name="mark" value="(\w+)"', shown)
        assert mark
        alice.stream("heart", name="Something else")
        answer = browser_of_alice.post(path, {"action": "accept", "mark": mark.group(1)})
        assert (answer.status_code, "Something changed" in text(answer)) == (409, True)
        assert apps(alice) == []

    @pytest.mark.parametrize(
        ("app_id", "official"),
        [("pryvsite-backup", True), ("system-check", True), ("b\u0430nk-app", True), ("support", True),
         ("heart-notebook", False), ("app-web-access-test", False), ("ecosystem", False)],
    )  # fmt: skip
    def test_look_alikes(self, db: None, app_id: str, official: bool) -> None:
        assert looks_official(app_id) is official

    def test_are_told(self, browser_of_alice: Client) -> None:
        path = ask(browser_of_alice, requestingAppId="pryvsite-security")
        assert "named like a part of Pryvsite" in text(browser_of_alice.get(path))

    def test_registered_apps(self, browser_of_alice: Client) -> None:
        home = "https://notes.example.org"
        app = RegisteredApp(id="an-app", name="Heart Notes", publisher="Notes Ltd", verified=True)
        app.origins, app.privacy = home, f"{home}/privacy"
        app.icon.save("icon.png", ContentFile(b"\x89PNG\r\n"), save=True)
        page = browser_of_alice.get(ask(browser_of_alice))
        assert "Heart Notes" in text(page)
        assert "Verified publisher: Notes Ltd" in text(page)
        assert browser_of_alice.get("/auth/icon/an-app").status_code == 200
        assert browser_of_alice.get("/apps").json()["apps"][0]["displayName"] == "Heart Notes"
        assert browser_of_alice.get("/apps/an-app").json()["app"]["publisher"] == "Notes Ltd"
        body = {"requestingAppId": "an-app", "requestedPermissions": HEART}
        made = browser_of_alice.post(
            "/reg/access",
            body,
            content_type="application/json",
            headers={"Origin": "https://evil.example.org"},
        ).json()
        stranger = text(browser_of_alice.get(made["authUrl"].removeprefix("http://testserver")))
        assert "which is not where Heart Notes runs" in stranger
        assert "Not verified by" in stranger
        assert "origin" not in browser_of_alice.get(made["poll"].removeprefix("http://testserver")).json()

    def test_host_of_an_unknown_app_is_told(self, browser_of_alice: Client) -> None:
        body = {"requestingAppId": "an-app", "requestedPermissions": HEART}
        made = browser_of_alice.post(
            "/reg/access", body, content_type="application/json", headers={"Origin": "https://a.example.org"}
        ).json()
        page = text(browser_of_alice.get(made["authUrl"].removeprefix("http://testserver")))
        assert "Asked by a.example.org" in page

    def test_ended_session_is_told(self, alice: Api, browser_of_alice: Client) -> None:
        for access in alice.get("accesses")["accesses"]:
            if access["name"] == "pryv-user-account":
                alice.delete(f"accesses/{access['id']}")
        assert "Your previous session ended" in text(browser_of_alice.get(ask(browser_of_alice)))

    def test_refusing_a_malformed_request(self, browser_of_alice: Client) -> None:
        path = ask(browser_of_alice, [{"streamId": "x", "level": "own"}])
        assert "Refuse and go back" in text(browser_of_alice.get(path))
        browser_of_alice.post(path, {"action": "refuse"})
        assert state(browser_of_alice, path)["status"] == "REFUSED"


def test_again_can_be_reviewed_and_stopped(alice: Api, browser_of_alice: Client) -> None:
    browser_of_alice.post(ask(browser_of_alice), {"action": "accept"})
    path = ask(browser_of_alice)
    assert "Everything in Heart" in text(browser_of_alice.get(f"{path}&review=1"))
    browser_of_alice.post(path, {"action": "refuse"})
    assert state(browser_of_alice, path)["status"] == "REFUSED"
    assert len(apps(alice)) == 1


def test_receipts(alice: Api, browser_of_alice: Client) -> None:
    browser_of_alice.post(ask(browser_of_alice, deviceName="phone"), {"action": "accept", "level_0": "read"})
    browser_of_alice.post(ask(browser_of_alice, [{"streamId": "*", "level": "read"}]), {"action": "refuse"})
    accepted, refused = ConsentReceipt.objects.order_by("created")
    assert (accepted.outcome, accepted.access_id, accepted.keep_until) == (
        "accepted",
        apps(alice)[0]["id"],
        None,
    )
    assert accepted.content["requestedPermissions"] == HEART
    assert accepted.content["grantedPermissions"][0]["level"] == "read"
    assert accepted.content["sentences"][0]["can"] == "Everything in Heart"
    assert refused.outcome == "refused"
    assert refused.keep_until is not None
    assert refused.keep_until > refused.created + 29 * 86400


@pytest.mark.django_db(transaction=True)
def test_mail_ends_the_access(alice: Api) -> None:
    client = Client(headers={"Accept": "text/html"})
    client.post("/signin", {"login": "alice", "password": "correct-horse"})
    client.post(ask(client), {"action": "accept"})
    flush()
    letter = next(m for m in mail.outbox if "an-app got access" in m.subject)
    assert "Everything in Heart" in str(letter.body)
    link = re.search(r"http://testserver(/auth/revoke\S+)", str(letter.body))
    assert link
    stranger = Client()
    moved = stranger.get(link.group(1))
    assert moved.headers["Location"] == "/auth/revoke"
    assert "loses its access" in text(stranger.get("/auth/revoke"))
    assert len(apps(alice)) == 1
    assert "Access ended" in text(stranger.post("/auth/revoke"))
    assert apps(alice) == []
    assert stranger.get("/auth/revoke?token=forged").status_code == 303
    assert stranger.get("/auth/revoke").status_code == 410


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("# Hi\n- a\n- **b**", "<p><strong>Hi</strong></p><ul><li>a</li><li><strong>b</strong></li></ul>"),
        ("[x](https://a.org/b)", '<p><a href="https://a.org/b" target="_blank" '
         'rel="noopener noreferrer nofollow">x</a></p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ('[x](https://a.org/"onmouseover="alert(1))', None),
        ("![i](https://a.org/i.png)", None),
    ],
)  # fmt: skip
def test_messages_of_apps(given: str, made: str | None) -> None:
    html = safe_markdown(given)
    assert made is None or html == made
    assert "<img" not in html
    assert '" onmouseover' not in html and '"onmouseover' not in html


class TestBoxes:
    """Requests that let their user choose (ui §3.5)."""

    ASKED = [
        {"streamId": "heart", "defaultName": "Heart", "level": "read", "mandatory": True},
        {"streamId": "diary", "defaultName": "Diary", "level": "read"},
        {"streamId": "food", "defaultName": "Food", "level": "contribute"},
    ]
    FREE = [{**entry, "mandatory": False} for entry in ASKED]

    def boxes(self, page: Any) -> list[str]:
        return re.findall(r'<input class="check" type="checkbox"[^>]*>', page.content.decode())

    def test_each_permission_has_one(self, browser_of_alice: Client) -> None:
        page = browser_of_alice.get(ask(browser_of_alice, self.ASKED, allowUserChoice=True))
        wide, locked, narrow = self.boxes(page)  # the wider ones first
        assert "disabled" in locked
        assert "(required by this app)" in text(page)
        assert ('name="keep_2"' in wide, 'name="keep_1"' in narrow) == (True, True)
        assert all(" checked" in box and "disabled" not in box for box in (wide, narrow))
        assert 'name="level_0"' not in page.content.decode()  # nor can it be lowered

    @pytest.mark.parametrize("choice", [True, False])
    def test_what_is_unticked_is_not_granted(
        self, alice: Api, browser_of_alice: Client, settings: Any, choice: bool
    ) -> None:
        settings.CONSENT_CHOICE = choice
        path = ask(browser_of_alice, self.ASKED, allowUserChoice=True)
        browser_of_alice.post(path, {"action": "accept", "ticked": "1", "keep_2": "on", "level_0": ""})
        (app,) = apps(alice)
        granted = {p["streamId"]: p["level"] for p in app["permissions"]}
        assert granted == {"heart": "read", "food": "contribute"}
        assert state(browser_of_alice, path)["status"] == "ACCEPTED"

    def test_one_must_stay(self, alice: Api, browser_of_alice: Client) -> None:
        path = ask(browser_of_alice, self.FREE, allowUserChoice=True)
        answer = browser_of_alice.post(path, {"action": "accept", "ticked": "1"})
        assert (answer.status_code, "Leave one permission on, or refuse." in text(answer)) == (422, True)
        assert not any(" checked" in box for box in self.boxes(answer))  # as it was left
        assert apps(alice) == []

    def test_only_where_the_app_says_so(self, alice: Api, browser_of_alice: Client) -> None:
        path = ask(browser_of_alice, self.ASKED)
        assert self.boxes(browser_of_alice.get(path)) == []
        browser_of_alice.post(path, {"action": "accept", "ticked": "1"})
        (app,) = apps(alice)
        assert len([p for p in app["permissions"] if "streamId" in p]) == 3
        assert not any("mandatory" in p for p in app["permissions"])

    @pytest.mark.parametrize(
        "wrong", [{"allowUserChoice": "yes"}, {"requestedPermissions": [{**ASKED[1], "mandatory": 1}]}]
    )
    def test_wrong_values(self, db: None, wrong: dict[str, Any]) -> None:
        body = {"requestingAppId": "an-app", "requestedPermissions": self.ASKED, **wrong}
        made = Client().post("/reg/access", body, content_type="application/json")
        assert made.status_code == 400


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://app.example.org/x?", "app.example.org"),
        ("https://app.example.org:8443/#", "app.example.org:8443"),
        ("https://münchen.example/", "xn--mnchen-3ya.example"),  # letters that look alike are told apart
        ("https://bank.example@evil.example/", ""),
        ("https://evil.example\\@bank.example/", ""),
        ("https://bank.example:x/", ""),
        ("https:evil.example", ""),
        ("javascript:alert(1)", ""),
        ("//evil.example/", ""),
    ],
)
def test_only_plain_addresses_are_returned_to(browser_of_alice: Client, given: str, shown: str) -> None:
    path = ask(browser_of_alice, returnURL=given)
    page = text(browser_of_alice.get(path))
    assert (f"Returns to {shown} " in page) if shown else ("Returns to" not in page)
    done = browser_of_alice.post(path, {"action": "refuse"})
    assert done.status_code == (303 if shown else 200)


class TestAgain:
    """What was granted before is granted again, after a moment in which it can be stopped."""

    @pytest.mark.parametrize("more", ["go=1", "cli=1", "go="])
    def test_no_link_skips_the_moment(self, browser_of_alice: Client, more: str) -> None:
        browser_of_alice.post(ask(browser_of_alice), {"action": "accept"})
        path = ask(browser_of_alice)
        page = browser_of_alice.get(f"{path}&{more}")
        assert "You already allowed this" in text(page)
        assert state(browser_of_alice, path)["status"] == "NEED_SIGNIN"

    def test_an_address_of_another_session_skips_nothing(self, browser_of_alice: Client) -> None:
        browser_of_alice.post(ask(browser_of_alice), {"action": "accept"})
        path = ask(browser_of_alice)
        address = browser_of_alice.get(path).context["go"]
        other = Client()
        other.post("/signin", {"login": "alice", "password": PASSWORD})
        assert "You already allowed this" in text(other.get(address))
        assert browser_of_alice.get(address).status_code == 200
        assert state(browser_of_alice, path)["status"] == "ACCEPTED"

    def test_a_doubtful_app_is_asked_about_again(self, browser_of_alice: Client) -> None:
        """Who uses the id of a known app elsewhere doesn't get its access by itself."""
        browser_of_alice.post(ask(browser_of_alice), {"action": "accept"})
        RegisteredApp.objects.create(id="an-app", name="An app", origins="https://app.example.org")
        forget_all()
        body = {"requestingAppId": "an-app", "requestedPermissions": HEART}
        headers = {"Origin": "https://evil.example.org"}
        made = browser_of_alice.post(
            "/reg/access", body, content_type="application/json", headers=headers
        ).json()
        page = text(browser_of_alice.get(f"/auth?key={made['key']}"))
        assert "which is not where An app runs" in page
        assert "You already allowed this" not in page


def test_new_streams_have_fields_of_their_own_names(browser_of_alice: Client) -> None:
    wanted = [{"streamId": name.lower(), "defaultName": name, "level": "read"} for name in ("Heart", "Sleep")]
    page = text(browser_of_alice.get(ask(browser_of_alice, wanted)))
    assert "Name of the new stream “Heart”" in page
    assert "Name of the new stream “Sleep”" in page
