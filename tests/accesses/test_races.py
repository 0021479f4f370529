"""Accesses at the same time; needs an engine that lets transactions run side by side."""

import pytest
from django.db import connection
from django.test import Client

from accesses.models import Access, AccessVersion
from tests.cast import PASSWORD, Answer, Api
from tests.events.test_races import at_once, statuses

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's writers wait for each other"),
]
READ = {"streamId": "diary", "level": "read"}
MANAGE = {"streamId": "diary", "level": "manage"}
BODY = {
    "requestingAppId": "racing-app",
    "requestedPermissions": [{"streamId": "heart", "defaultName": "Heart", "level": "manage"}],
}
public = Api("")


def signed_in() -> Client:
    browser = Client()
    assert browser.post("/signin", {"login": "alice", "password": PASSWORD}).status_code == 303
    return browser


def begin() -> str:
    return str(public.call("POST", "/reg/access", BODY)["key"])


def app(alice: Api) -> tuple[Api, str]:
    made = alice.post("accesses", {"name": "an-app", "type": "app", "permissions": [MANAGE]})["access"]
    return Api("alice", made["token"]), made["id"]


def test_two_accept_one_request(alice: Api) -> None:
    browsers = [signed_in() for _ in range(3)]
    for _ in range(3):
        Access.objects.filter(type="app").delete()
        key = begin()
        answers = at_once(3, lambda n, key=key: browsers[n].post(f"/auth?key={key}", {"action": "accept"}))  # type: ignore[misc]
        assert all(answer.status_code < 400 for answer in answers)
        made = Access.objects.get(type="app", deleted=None)
        token = public.get(f"/reg/access/{key}")["token"]
        assert Api("alice", token).get("access-info")["id"] == made.id


def test_one_accepts_one_refuses(alice: Api) -> None:
    browser = signed_in()
    for _ in range(5):
        Access.objects.filter(type="app").delete()
        key = begin()

        def act(number: int, key: str = key) -> object:
            if number == 0:
                return browser.post(f"/auth?key={key}", {"action": "accept"})
            return public.call("POST", f"/reg/access/{key}", {"status": "REFUSED"})

        at_once(2, act)
        state = public.get(f"/reg/access/{key}")
        accepted = state["status"] == "ACCEPTED"
        assert state["status"] in ("ACCEPTED", "REFUSED")
        assert Access.objects.filter(type="app", deleted=None).exists() is accepted


def test_two_answers_by_the_api(db: None) -> None:
    key = begin()
    answers = at_once(
        4,
        lambda n: public.call(
            "POST", f"/reg/access/{key}", {"status": "ACCEPTED", "username": "alice", "token": f"t{n}"}
        ),
    )
    assert statuses(answers) == [200, 400, 400, 400]


def test_two_updates_of_one_access(alice: Api) -> None:
    _, access_id = app(alice)
    answers = at_once(
        5, lambda n: Api("alice", alice.token).put(f"accesses/{access_id}", {"name": f"name-{n}"})
    )
    assert statuses(answers) == [200] + [409] * 4
    assert {answer.error for answer in answers if answer.status == 409} == {"stale-resource"}
    head = Access.objects.get(id=access_id)
    (won,) = [answer for answer in answers if answer.status == 200]
    assert (head.serial, head.name) == (1, won["access"]["name"])
    assert AccessVersion.objects.filter(access_id=access_id).count() == 1


def test_one_name_for_many(alice: Api) -> None:
    body = {"name": "same", "permissions": [READ]}
    assert (
        statuses(at_once(5, lambda _: Api("alice", alice.token).post("accesses", body))) == [201] + [409] * 4
    )


def test_nothing_is_handed_out_while_the_app_is_deleted(alice: Api) -> None:
    for _ in range(4):
        helper, app_id = app(alice)

        def act(number: int, helper: Api = helper, app_id: str = app_id) -> Answer:
            if number == 0:
                return Api("alice", alice.token).delete(f"accesses/{app_id}")
            body = {"name": f"child {number}", "permissions": [READ]}
            return Api("alice", helper.token).post("accesses", body)

        deleted, *made = at_once(4, act)
        assert deleted.status == 200
        assert all(answer.status == 201 or answer.error == "invalid-access-token" for answer in made)
        assert not Access.objects.filter(creator_id=app_id, deleted=None).exists()


def test_nothing_wider_is_handed_out_while_the_app_is_narrowed(alice: Api) -> None:
    helper, app_id = app(alice)

    def act(number: int) -> Answer:
        if number == 0:
            return Api("alice", alice.token).put(f"accesses/{app_id}", {"permissions": [READ]})
        return Api("alice", helper.token).post("accesses", {"name": "child", "permissions": [MANAGE]})

    narrowed, made = at_once(2, act)
    assert (narrowed.status, made.status) in ((200, 403), (400, 201))


def test_update_against_delete(alice: Api) -> None:
    _, access_id = app(alice)

    def act(number: int) -> Answer:
        api = Api("alice", alice.token)
        return (
            api.delete(f"accesses/{access_id}") if number else api.put(f"accesses/{access_id}", {"name": "b"})
        )

    updated, deleted = at_once(2, act)
    assert (updated.status, deleted.status) in ((200, 409), (404, 200))
    assert (Access.objects.get(id=access_id).deleted is None) is (deleted.status == 409)


def test_delete_against_use(alice: Api) -> None:
    helper, access_id = app(alice)
    note = {"streamIds": ["diary"], "type": "note/txt", "content": "x"}

    def act(number: int) -> Answer:
        if number == 0:
            return Api("alice", alice.token).delete(f"accesses/{access_id}")
        return Api("alice", helper.token).post("events", note)

    deleted, *used = at_once(5, act)
    assert deleted.status == 200
    assert all(answer.status == 201 or answer.error == "invalid-access-token" for answer in used)
    assert helper.post("events", note).error == "invalid-access-token"
    assert len(alice.events()) == sum(answer.status == 201 for answer in used)


def test_self_revocation_happens_once(alice: Api) -> None:
    helper, access_id = app(alice)
    answers = at_once(4, lambda _: Api("alice", helper.token).delete(f"accesses/{access_id}"))
    done = [answer for answer in answers if answer.status == 200]
    assert len(done) == 1
    assert all(answer.status in (200, 403, 404) for answer in answers)
