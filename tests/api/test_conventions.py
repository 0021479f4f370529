"""Conventions of the API: roots, tokens, envelope, headers, form override, batch (data A, access A)."""

import base64
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import get_resolver

from accounts.operations import is_reserved
from pryvsite.kernel.ids import USERNAME
from tests.cast import Answer, Api, answer_of, register


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_a01_root_greets_programs(client: Client) -> None:
    answer = answer_of(client.get("/", headers={"Accept": "application/json"}))
    assert answer.status == 200
    assert {"cheersFrom", "learnMoreAt", "meta"} <= answer.body.keys()


def test_a02_root_greets_people(client: Client, db: None) -> None:
    response = client.get("/", headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert "Pryv API" in response.content.decode()


def test_a02_root_of_an_account_greets(alice: Api) -> None:
    assert "Pryv API" in alice.http.get("/alice/", headers={"Accept": "text/html"}).content.decode()
    assert alice.get("/alice/", Accept="application/json")["cheersFrom"]


@pytest.mark.django_db
def test_a03_unknown_user_comes_before_the_token() -> None:
    assert Api("nobody42").get("events").status == 404
    assert Api("nobody42", "token").get("events").error == "unknown-resource"


def test_a04_headers_and_meta_of_a_success(alice: Api) -> None:
    answer = alice.get("access-info", Origin="https://app.example.org")
    assert answer.headers["API-Version"] == answer["meta"]["apiVersion"]
    assert answer.headers["Pryv-Access-Id"] == answer["id"]
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Access-Control-Max-Age"] == "31536000"
    assert answer["meta"].keys() == {"apiVersion", "serverTime", "serial"}


@pytest.mark.parametrize("path", ["events/unknown", "nothing/here", "events?limit=x"])
def test_a05_errors_have_meta(alice: Api, path: str) -> None:
    answer = alice.get(path)
    assert answer.error
    assert answer["meta"]["serial"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer["error"]["message"]


@pytest.mark.parametrize(("host", "routed"), [("alice.data.test", True), ("al.data.test", False)])
def test_a06_subdomain(alice: Api, settings: Any, host: str, routed: bool) -> None:
    settings.USER_DOMAIN, settings.ALLOWED_HOSTS = "data.test", ["*"]
    response = alice.http.get("/access-info", headers={"Host": host, "Authorization": alice.token or ""})
    assert ("token" in response.json()) is routed


def test_edge_007_subdomain_of_digits(db: None, settings: Any) -> None:
    user = register("12345")
    settings.USER_DOMAIN, settings.ALLOWED_HOSTS = "data.test", ["*"]
    headers = {"Host": "12345.data.test", "Authorization": user.token or ""}
    assert user.http.get("/access-info", headers=headers).json()["user"]["username"] == "12345"


@pytest.mark.parametrize("label", ["al", "alice-", "reg", "a.alice"])
def test_edge_008_labels_that_are_no_usernames(alice: Api, settings: Any, label: str) -> None:
    settings.USER_DOMAIN, settings.ALLOWED_HOSTS = "data.test", ["*"]
    headers = {"Host": f"{label}.data.test", "Authorization": alice.token or ""}
    # The path is not prefixed: its first word is looked up as an account.
    asked = alice.http.get("/streams/x", headers=headers).json()
    assert asked["error"]["message"] == 'Unknown user "streams".'
    assert alice.http.get("/alice/access-info", headers=headers).status_code == 200


@pytest.mark.parametrize("make", [str, lambda t: f"Bearer {t}", lambda t: f"bearer {t}", basic,
                                  lambda t: basic(f"{t}:"), lambda t: basic(f"{t}:whatever")])  # fmt: skip
def test_a15_ways_to_send_a_token(alice: Api, make: Any) -> None:
    assert alice.get("access-info", Authorization=make(alice.token)).status == 200


def test_a16_caller_id(alice: Api) -> None:
    event = {"streamIds": ["diary"], "type": "note/txt", "content": "x"}
    made = alice.post("events", event, Authorization=f"{alice.token} my-device")["event"]
    assert made["createdBy"] == made["modifiedBy"] == f"{alice.get('access-info')['id']} my-device"


@pytest.mark.parametrize(
    ("header", "status"),
    [("", 401), (basic(""), 401), (basic(":token"), 403), ("Basic !", 403), ("wrong", 403)],
)
def test_a18_missing_and_wrong_tokens(alice: Api, header: str, status: int) -> None:
    answer = Api("alice").get("events", Authorization=header)
    assert (answer.status, answer.error) == (status, "invalid-access-token")
    assert "Pryv-Access-Id" not in answer.headers


@pytest.mark.parametrize("user", ["{}", "{}:", "{}:whatever"])
def test_edge_017_token_as_user_of_the_url(alice: Api, user: str) -> None:
    header = basic(user.format(alice.token))
    assert Api("alice").get("access-info", Authorization=header)["type"] == "personal"


def test_edge_019_token_as_password_of_the_url(alice: Api) -> None:
    answer = Api("alice").get("access-info", Authorization=basic(f":{alice.token}"))
    assert (answer.status, answer.error) == (403, "invalid-access-token")


def test_edge_023_unknown_token(alice: Api) -> None:
    answer = Api("alice", "unknown-token").get("events")
    assert (answer.status, answer.error) == (403, "invalid-access-token")
    assert "Pryv-Access-Id" not in answer.headers


def test_a20_token_in_the_query(alice: Api) -> None:
    assert Api("alice").get(f"events?auth={alice.token}").status == 200


def test_a21_header_wins(alice: Api) -> None:
    assert alice.get("events?auth=wrong").status == 200
    assert Api("alice", "wrong").get(f"events?auth={alice.token}").status == 403


def test_a22_expired_access(alice: Api) -> None:
    guest = alice.share({"streamId": "diary", "level": "read"}, expireAfter=0)
    answer = guest.get("events")
    assert (answer.status, answer.error) == (403, "forbidden")
    assert answer.headers["Pryv-Access-Id"]


def test_a25_usage_is_counted(alice: Api) -> None:
    alice.get("events")
    alice.post("", [{"method": "events.get", "params": {}}, {"method": "streams.get", "params": {}}])
    info = alice.get("access-info")
    assert info["calls"] == {"events:get": 2, "streams:get": 1, "callBatch": 1}


def test_a26_batch_goes_on_after_a_failure(alice: Api) -> None:
    note = {"streamIds": ["diary"], "type": "note/txt", "content": "x"}
    calls = [
        {"method": "events.create", "params": note},
        {"method": "events.create", "params": {**note, "streamIds": ["none"]}},
        {"method": "no.such", "params": {}},
        {"method": "streams.update", "params": {"id": "diary", "update": {"name": "Journal"}}},
    ]
    results = alice.post("", calls)["results"]
    assert results[0]["event"]
    assert results[1]["error"]["id"] == "unknown-referenced-resource"
    assert results[2]["error"]["id"] == "invalid-method"
    assert results[3]["stream"]["name"] == "Journal"
    assert all("meta" not in result for result in results)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("events.get", {"streams": None, "types": None, "state": None, "limit": 5, "sortAscending": None}),
        ("events.get", {"skip": None, "running": None, "includeDeletions": None, "content": None}),
        ("streams.get", {"parentId": None, "id": None, "state": None, "includeDeletionsSince": None}),
        ("streams.delete", {"id": "diary", "mergeEventsWithParent": None}),
    ],
)
def test_null_means_absent(alice: Api, method: str, params: dict[str, Any]) -> None:
    (result,) = alice.post("", [{"method": method, "params": params}])["results"]
    assert "error" not in result


@pytest.mark.parametrize("limit", ["1", "1.0", "1e0"])
def test_whole_numbers_in_any_spelling(alice: Api, limit: str) -> None:
    assert len(alice.get(f"events?limit={limit}")["events"]) == 1
    batch = f'[{{"method": "events.get", "params": {{"limit": {limit}}}}}]'
    assert len(alice.post("/alice", batch)["results"][0]["events"]) == 1


def test_edge_028_results_of_a_batch_have_no_meta(alice: Api) -> None:
    methods = ("streams.get", "events.get", "getAccessInfo", "accesses.get", "no.such")
    answer = alice.post("", [{"method": name, "params": {}} for name in methods])
    assert len(answer["results"]) == len(methods)
    assert not [result for result in answer["results"] if "meta" in result]
    assert answer["meta"]["serial"]


def test_a27_batch_with_deletions(alice: Api) -> None:
    params = {"modifiedSince": 0, "includeDeletions": True}
    result = alice.post("", [{"method": "events.get", "params": params}])["results"][0]
    assert result["eventDeletions"] == []


@pytest.mark.parametrize("body", [{}, [{"params": {}}], [{"method": "events.get"}], ["x"]])
def test_a29_malformed_batch(alice: Api, body: Any) -> None:
    answer = alice.post("", body)
    assert (answer.status, answer.error) == (400, "invalid-parameters-format")


@pytest.mark.parametrize("path", ["/alice/events", "/alice/events/x/series", "/reg/access/x", "/users"])
def test_a31_options(alice: Api, path: str) -> None:
    answer = Api("alice").call("OPTIONS", path, Access_Control_Request_Method="PUT")
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Methods"] == "PUT"


def test_a32_injected_permission(alice: Api) -> None:
    permissions = alice.guest("read").get("access-info")["permissions"]
    assert permissions[0] == {"streamId": ":_system:account", "level": "none"}


def form(alice: Api, path: str, body: str) -> Answer:
    kind = "application/x-www-form-urlencoded"
    return answer_of(alice.http.post(f"/alice/{path}", data=body, content_type=kind))


def urlencoded(**fields: str) -> str:
    return urlencode(fields)


def test_a09_form_override(alice: Api) -> None:
    body = urlencoded(_json=json.dumps({"id": "weight", "name": "Weight"}), _auth=alice.token or "")
    assert form(alice, "streams", body).status == 201


def test_a10_form_put_and_delete(alice: Api) -> None:
    auth = alice.token or ""
    put = urlencoded(_method="PUT", _auth=auth, _json='{"name": "Journal"}')
    assert form(alice, "streams/diary", put)["stream"]["name"] == "Journal"
    assert form(alice, "streams/diary", urlencoded(_method="DELETE", _auth=auth))["stream"]["trashed"]


def test_edge_011_form_delete(alice: Api) -> None:
    event = alice.event("diary")
    deleting = urlencoded(_method="DELETE", _auth=alice.token or "")
    assert form(alice, f"events/{event['id']}", deleting)["event"]["trashed"] is True
    assert form(alice, f"events/{event['id']}", deleting)["eventDeletion"] == {"id": event["id"]}


def test_a12_form_with_bad_json(alice: Api) -> None:
    answer = form(alice, "streams", urlencoded(_json="{", _auth=alice.token or ""))
    assert answer.error == "invalid-request-structure"


@pytest.mark.parametrize(
    "body", ["{", "3", '"text"', '{"name": "\\u0000"}', '{"a": 1e400}', "[" * 20000, '{"a":"\\ud800"}']
)
def test_a13_malformed_json(alice: Api, body: str) -> None:
    assert (alice.post("streams", body).status, alice.post("streams", body).error) == (
        400,
        "invalid-request-structure",
    )


def test_a14_array_as_event(alice: Api) -> None:
    assert alice.post("events", []).error == "invalid-parameters-format"


def test_trailing_slash_and_case_do_not_matter(alice: Api) -> None:
    assert alice.get("EVENTS/").status == 200
    assert alice.get("/ALICE/streams/").status == 200


def test_head_has_no_body(alice: Api) -> None:
    answer = alice.call("HEAD", "streams")
    assert (answer.status, answer.body) == (200, b"")


def test_unknown_route_without_token_asks_for_one(alice: Api) -> None:
    assert Api("alice").get("nothing").status == 401
    assert alice.get("nothing").error == "unknown-resource"


def test_streaming_clients_find_their_keys(alice: Api) -> None:
    alice.event("diary")
    headers = {"Authorization": alice.token or ""}
    response = alice.http.get("/alice/events?modifiedSince=0&includeDeletions=true", headers=headers)
    text = b"".join(response.streaming_content).decode()  # type: ignore[arg-type]
    assert text.startswith('{"events":[{')
    assert '"eventDeletions":[' in text
    assert list(json.loads(text)) == ["events", "eventDeletions", "meta"]


def test_a15_username_that_begins_like_a_route(db: None) -> None:
    user = register("systemuser")
    assert user.get("access-info").status == 200


@pytest.mark.parametrize("path", ["/alice/events%00", "/alice/events/%00", "/%00lice/events"])
def test_nul_in_the_path(alice: Api, path: str) -> None:
    assert alice.get(path).status == 404


def test_pages_begin_with_words_that_nobody_can_be_called() -> None:
    """What looks like a username goes to the API before any page is looked up."""
    words = set()
    for pattern in get_resolver().url_patterns:
        inner = getattr(pattern, "url_patterns", [])
        paths = [f"{pattern.pattern}{one.pattern}" for one in inner] or [str(pattern.pattern)]
        words |= {path.partition("/")[0] for path in paths}
    plain = {word for word in words if re.fullmatch(r"[a-z-]+", word)}
    assert {"register", "access-token", "signin"} <= plain
    assert [word for word in plain if USERNAME.fullmatch(word) and not is_reserved(word)] == []


def test_answers_forbid_browsers_everything(alice: Api) -> None:
    answer = alice.get("streams")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert int(answer.headers["Content-Length"]) > 0


def test_foreign_hosts_are_refused(alice: Api) -> None:
    assert alice.http.get("/alice/streams", headers={"Host": "evil.example"}).status_code == 400
