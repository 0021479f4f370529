"""The streams query language (spec api-data §3.4; edge cases 92–103)."""

import json
import random
from typing import Any
from urllib.parse import quote

import pytest

from tests.cast import Answer, Api

# A holds B and C; D holds E and F; G is in the trash, below A.
TREE = {"A": None, "B": "A", "C": "A", "D": None, "E": "D", "F": "D", "G": "A"}
TRASHED = {"G"}


@pytest.fixture
def app(alice: Api) -> Api:
    """An app that manages everything, on the tree above with an event in each stream and some in two."""
    for stream_id, parent in TREE.items():
        alice.stream(stream_id, parent)
    for streams in ("A", "B", "C", "D", "E", "F", "G", "AE", "BE", "CD", "AB", "GE"):
        alice.event(*streams, description=streams)
    alice.delete("streams/G")
    return alice.share({"streamId": "*", "level": "manage"}, type="app")


def ask(api: Api, query: Any, **more: Any) -> Answer:
    params = "".join(f"&{name}={value}" for name, value in more.items())
    return api.get(f"events?limit=100&streams={quote(json.dumps(query))}{params}")


def found(api: Api, query: Any, **more: Any) -> set[str]:
    answer = ask(api, query, **more)
    assert answer.status == 200, answer.body
    return {event["description"] for event in answer["events"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (["A"], {"A", "B", "C", "AE", "BE", "CD", "AB"}),
        (["A!"], {"A", "AE", "AB"}),
        ({"any": ["A"], "all": ["E"]}, {"AE", "BE"}),
        ({"any": ["A"], "not": ["B"]}, {"A", "C", "AE", "CD"}),
        ({"any": ["A"], "not": ["D!"]}, {"A", "B", "C", "AE", "BE", "AB"}),
        ([{"any": ["B"]}, {"any": ["D"], "not": ["E"]}], {"B", "BE", "AB", "D", "F", "CD"}),
        ({"any": ["B"], "not": ["A"]}, {"B", "BE"}),
        ({"any": ["*"], "not": ["A"]}, {"D", "E", "F", "GE"}),
        ({"any": ["A", "D"], "all": ["A", "D"]}, {"AE", "BE", "CD"}),
        ({"any": ["A"], "all": ["unknown"]}, {"A", "B", "C", "AE", "BE", "CD", "AB"}),
        ({"any": ["B"], "not": ["unknown"]}, {"B", "BE", "AB"}),
        ({"any": ["B"], "all": [], "not": []}, {"B", "BE", "AB"}),
        (["G"], set()),
        ([], set()),
    ],
)
def test_edge_093_to_101_meaning(app: Api, query: Any, expected: set[str]) -> None:
    assert found(app, query) == expected
    batch = [{"method": "events.get", "params": {"streams": query, "limit": 100}}]
    (result,) = app.post("/alice/", batch)["results"]
    assert {event["description"] for event in result["events"]} == expected


def test_trash_is_searched_where_asked(app: Api) -> None:
    assert found(app, ["G"], state="all") == {"G", "GE"}
    assert found(app, {"any": ["A"], "not": ["A!"]}, state="all") >= {"G", "GE"}
    assert found(app, ["G"], state="trashed") == set()


def test_edge_102_stringified_in_a_batch(app: Api) -> None:
    batch = [{"method": "events.get", "params": {"streams": '{"any":["B!"]}'}}]
    (result,) = app.post("/alice/", batch)["results"]
    assert {event["description"] for event in result["events"]} == {"B", "BE", "AB"}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"all": ["A"]},
        {"any": []},
        {"any": "A"},
        {"any": ["A"], "none": ["B"]},
        {"any": [1]},
        {"any": ["A"], "all": None},
        {"any": ["A"], "not": [["B"]]},
        ["A", {"any": ["B"]}],
        ["A", None],
        [True],
        [["A"]],
        {"any": ["*"], "all": ["D"]},
        {"any": ["*", "D"]},
        {"any": ["A"], "not": ["*"]},
        {"any": ["A"], "all": ["*"]},
        {"any": ["*!"]},
        ["*", "A"],
        ["#*"],
        [""],
        ["!"],
        ["a'b"],
        ["a\nb"],
        {"any": ["A"], "not": [":_audit:x"]},
        {"any": ["A", ":_audit:x"]},
    ],
)
def test_edge_095_to_097_103_malformed(app: Api, query: Any) -> None:
    answer = ask(app, query)
    assert (answer.status, answer.error) == (400, "invalid-request-structure")
    batch = [{"method": "events.get", "params": {"streams": query}}]
    (result,) = app.post("/alice/", batch)["results"]
    assert result["error"]["id"] == "invalid-request-structure"


def test_edge_094_spelled_in_brackets(app: Api) -> None:
    assert app.get("events?streams[any]=A").error == "invalid-request-structure"


@pytest.mark.parametrize("text", ['{"any":', '["A"', '{"any":["\\ud800"]}', "[" * 5000])
def test_broken_json(app: Api, text: str) -> None:
    answer = app.get("events?streams=" + quote(text))
    assert (answer.status, answer.error) == (400, "invalid-request-structure")


def test_edge_092_named_streams_are_readable_then_exist(app: Api) -> None:
    answer = ask(app, {"any": ["nowhere", "A"]})
    assert (answer.error, answer.data) == ("unknown-referenced-resource", {"streams": ["nowhere"]})
    limited = app.share({"streamId": "B", "level": "read"})
    assert ask(limited, ["nowhere"]).error == "forbidden"
    assert ask(limited, {"any": ["A"]}).error == "forbidden"
    assert found(limited, {"any": ["B"]}) == {"B", "BE", "AB"}
    assert found(limited, {"any": ["*"]}) == {"B", "BE", "AB"}


def test_unreadable_streams_in_any_match_nothing(app: Api) -> None:
    """A star without anything readable doesn't fall back to `not` alone (spec api-data §3.4, item 5)."""
    drop = app.share({"streamId": "A", "level": "create-only"})
    assert found(drop, {"any": ["*"], "not": ["D"]}) == set()


def test_ten_thousand_streams(app: Api) -> None:
    known = [f"s{number}" for number in range(10_000)]
    assert ask_in_batch(app, known)["error"]["id"] == "unknown-referenced-resource"
    assert {e["description"] for e in ask_in_batch(app, {"any": ["B"], "not": known})["events"]} == {
        "B",
        "BE",
        "AB",
    }


def ask_in_batch(api: Api, query: Any) -> Any:
    (result,) = api.post("/alice/", [{"method": "events.get", "params": {"streams": query}}])["results"]
    return result


def test_more_streams_than_are_read_one_by_one(app: Api) -> None:
    ids = [f"many-{number}" for number in range(120)]
    batch: list[Any] = [{"method": "streams.create", "params": {"id": sid, "name": sid}} for sid in ids]
    app.post("/alice/", batch)
    app.event("many-3", "many-119", description="x")
    assert found(app, ids) == {"x"}
    assert found(app, [{"any": ids}, {"any": ["B!"], "not": ["A!"]}]) == {"x", "B", "BE"}


def below(stream_id: str) -> set[str]:
    return {stream_id} | {sid for child in TREE if TREE[child] == stream_id for sid in below(child)}


def expand(asked: str, trash: bool) -> set[str]:
    ids = {asked[:-1]} if asked.endswith("!") else below(asked)
    return ids if trash else ids - TRASHED


def oracle(query: dict[str, list[str]], streams: set[str], trash: bool) -> bool:
    """One item of a query as the specification words it."""
    listed = {sid.rstrip("!") for sid in query["any"]}
    any_ = {sid for asked in query["any"] for sid in expand(asked, trash)}
    not_ = {sid for asked in query["not"] for sid in expand(asked, trash)}
    # An id listed in `any` is not excluded again, nor what it brings unless that is named itself.
    kept: set[str] = set()
    for asked in query["any"]:
        stack = [asked.rstrip("!")] if expand(asked, trash) & {asked.rstrip("!")} else []
        while stack:
            sid = stack.pop()
            kept.add(sid)
            if not asked.endswith("!"):
                stack += [
                    child
                    for child in TREE
                    if TREE[child] == sid and child not in query["not"] and (trash or child not in TRASHED)
                ]
    kept -= {sid.rstrip("!") for sid in query["not"] if sid.endswith("!")} - listed
    return (
        bool(streams & any_ & kept)
        and all(streams & expand(asked, trash) for asked in query["all"] if expand(asked, trash))
        and not streams & (not_ - kept)
    )


@pytest.mark.parametrize("seed", range(4))
def test_random_queries(app: Api, seed: int) -> None:
    dice = random.Random(seed)
    names = [*TREE, "B!", "A!", "D!", "E!"]
    events = {event["description"]: event for event in app.get("events?limit=100&state=all")["events"]}
    for _ in range(40):
        items = [
            {
                "any": dice.sample(names, dice.randint(1, 2)),
                "all": dice.sample(names, dice.choice([0, 0, 1])),
                "not": dice.sample(names, dice.choice([0, 0, 1, 2])),
            }
            for _ in range(dice.choice([1, 1, 2]))
        ]
        state = dice.choice(["default", "all"])
        expected = {
            name
            for name, event in events.items()
            if any(oracle(item, set(event["streamIds"]), state == "all") for item in items)
        }
        assert found(app, items, state=state) == expected, (items, state)
