"""The stream of an account's addresses (spec api-access §2.10)."""

import pytest

from tests.cast import Api

NAMED = "events?streams=:_emails:"


def test_an_owner_reads_the_addresses_by_name(alice: Api) -> None:
    (event,) = alice.get(NAMED)["events"]
    assert (event["id"], event["streamIds"], event["type"]) == (
        ":_emails:addresses",
        [":_emails:"],
        "email/multiple",
    )
    (entry,) = event["content"]
    assert (entry["value"], entry["primary"]) == ("alice@example.org", True)
    assert alice.get("account")["account"]["emails"] == event["content"]
    assert alice.get("events/:_emails:addresses")["event"] == event


def test_owners_see_the_stream_where_they_name_it(alice: Api) -> None:
    assert ":_emails:" not in [tree["id"] for tree in alice.get("streams")["streams"]]
    assert [tree["id"] for tree in alice.get("streams?id=:_emails:")["streams"]] == [":_emails:"]
    guest = alice.share({"streamId": "*", "level": "manage"})
    assert guest.get("streams?id=:_emails:").status in (400, 403)


def test_nothing_else_brings_them(alice: Api) -> None:
    for query in ("events", 'events?streams={"any":["*"]}', "events?limit=1000"):
        assert ":_emails:addresses" not in [event["id"] for event in alice.get(query)["events"]]


@pytest.mark.parametrize("query", ["&types=mass/*", "&state=trashed", "&running=true", "&toTime=1"])
def test_filters_count(alice: Api, query: str) -> None:
    assert alice.get(NAMED + query)["events"] == []
    assert len(alice.get(NAMED + "&types=email/*")["events"]) == 1


def test_guests_read_nothing(alice: Api) -> None:
    guest = alice.share({"streamId": "*", "level": "manage"})
    assert guest.get(NAMED).error == "forbidden"
    assert guest.get("events/:_emails:addresses").error == "forbidden"
    assert alice.get("events?streams=:_emails:more").error == "unknown-referenced-resource"
    assert alice.get("events/:_emails:more").error == "unknown-resource"


def test_an_account_without_addresses(carol: Api) -> None:
    assert carol.get(NAMED)["events"] == []
    assert carol.get("events/:_emails:addresses").error == "unknown-resource"


def test_they_are_not_written_here(alice: Api) -> None:
    for answer in (
        alice.put("events/:_emails:addresses", {"content": []}),
        alice.delete("events/:_emails:addresses"),
        alice.post("events", {"streamIds": [":_emails:"], "type": "email/multiple", "content": []}),
    ):
        assert (answer.error, answer.data) == ("invalid-operation", {"id": "emails-reserved-stream"})
