"""Deleting one's own account on the pages: password, name, grace, and keeping it after all."""

import re
import time
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts import leaving
from accounts.mail import flush
from accounts.models import Account
from tests.accesses.test_pages import text
from tests.accesses.test_password_pages import signed_in
from tests.cast import PASSWORD, Api, register

pytestmark = pytest.mark.django_db(transaction=True)
LEAVE = {"action": "leave", "username": "alice"}


def test_tells_what_disappears(alice: Api) -> None:
    alice.event("diary")
    alice.share({"streamId": "diary", "level": "read"}, type="app")
    assert "1 stream , and the access of 1 app" in text(signed_in().get("/account/data")).replace(
        "stream,", "stream ,"
    )


def test_needs_the_name(alice: Api) -> None:
    answer = signed_in().post("/account/data", {**LEAVE, "username": "alicia"})
    assert (answer.status_code, "not the username" in text(answer)) == (422, True)
    assert 'value="alicia"' in answer.content.decode()  # what was typed stays
    assert leaving.leaving_of(Account.objects.get().id) is None


def test_needs_the_password_again_after_a_while(alice: Api) -> None:
    client = signed_in()
    with time_machine.travel(time.time() + 700, tick=True):
        answer = client.post("/account/data", LEAVE)
        assert (answer.status_code, "not the password" in text(answer)) == (422, True)
        assert "scheduled for deletion" in text(client.post("/account/data", {**LEAVE, "step_up": PASSWORD}))


def test_grace_and_end(alice: Api) -> None:
    carol = register("carol")
    here, there = signed_in(), signed_in()
    assert "Account scheduled for deletion" in text(here.post("/account/data", LEAVE))
    assert there.get("/account/data").status_code == 303
    assert leaving.sweep() == 0
    with time_machine.travel(time.time() + 7 * 86400 + 60, tick=True):
        assert leaving.sweep() == 1
    assert not Account.objects.filter(username="alice").exists()
    assert carol.get("account").status == 200
    assert register("alice").get("events")["events"] is not None


def test_kept_by_signing_in(alice: Api) -> None:
    signed_in().post("/account/data", LEAVE)
    client = signed_in()
    assert "will be deleted" in text(client.get("/account/data"))
    client.post("/account/data", {"action": "stay"})
    with time_machine.travel(time.time() + 8 * 86400, tick=True):
        assert leaving.sweep() == 0


def test_kept_by_the_mail(alice: Api) -> None:
    signed_in().post("/account/data", LEAVE)
    flush()
    link = re.search(r"http://testserver(/auth/stay\S+)", str(mail.outbox[-1].body))
    assert link
    stranger = Client()
    assert stranger.get(link.group(1)).headers["Location"] == "/auth/stay"
    assert leaving.leaving_of(Account.objects.get().id) is not None
    assert "Your account stays" in text(stranger.post("/auth/stay"))
    assert leaving.leaving_of(Account.objects.get().id) is None
    assert stranger.get("/auth/stay").status_code == 410


def test_forged_links_keep_nothing(alice: Api) -> None:
    signed_in().post("/account/data", LEAVE)
    client = Client()
    client.get("/auth/stay?token=1:forged")
    assert client.post("/auth/stay").status_code == 410


def test_at_once_where_there_is_no_grace(alice: Api, settings: Any) -> None:
    settings.ACCOUNT_DELETION_GRACE_DAYS = 0
    assert "Account deleted" in text(signed_in().post("/account/data", LEAVE))
    assert not Account.objects.filter(username="alice").exists()


def test_only_the_operator(alice: Api, settings: Any) -> None:
    settings.ACCOUNT_DELETION_GRACE_DAYS = None
    client = signed_in()
    assert "Only the operator" in text(client.get("/account/data"))
    client.post("/account/data", LEAVE)
    assert leaving.leaving_of(Account.objects.get().id) is None
