"""Content queries (spec api-data §3.5; edge cases 117–120)."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.query.conditions import parse_conditions
from tests.cast import Answer, Api

CONTENTS: dict[str, Any] = {
    "true": True,
    "one": 1,
    "float": 1.5,
    "text": "1",
    "hello": "hello",
    "object": {"a": {"b": 2, "n": None}, "s": "xyz", "l": [1]},
    "list": [1, 2],
}


@pytest.fixture
def app(alice: Api) -> Api:
    for name, content in CONTENTS.items():
        alice.event("diary", type="test/any", content=content, description=name, clientData={"name": name})
    alice.event("diary", type="test/any", content=None, description="nothing")
    return alice.share({"streamId": "*", "level": "read"}, type="app")


def ask(api: Api, conditions: Any, param: str = "content", more: str = "") -> Answer:
    return api.get(f"events?limit=50{more}&{param}={quote(json.dumps(conditions))}")


def found(api: Api, *conditions: Any, param: str = "content", more: str = "") -> set[str]:
    answer = ask(api, conditions, param, more)
    assert answer.status == 200, answer.body
    return {event["description"] for event in answer["events"]}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"path": "$", "eq": True}, {"true"}),
        ({"path": "$", "eq": 1}, {"one"}),
        ({"path": "$", "eq": "1"}, {"text"}),
        ({"path": "$", "neq": 1}, {"true", "float", "text", "hello", "object", "list"}),
        ({"path": "$", "in": [1, "hello"]}, {"one", "hello"}),
        ({"path": "$", "gte": 1}, {"one", "float"}),
        ({"path": "$", "gt": 1}, {"float"}),
        ({"path": "$", "lt": 1.5}, {"one"}),
        ({"path": "$", "lte": 1.5}, {"one", "float"}),
        ({"path": "$", "prefix": "he"}, {"hello"}),
        ({"path": "$", "exists": False}, {"nothing"}),
        ({"path": "a.b", "eq": 2}, {"object"}),
        ({"path": "a.n", "exists": True}, {"object"}),
        ({"path": "a.n", "neq": 1}, {"object"}),
        ({"path": "a.c", "neq": 1}, set()),
        ({"path": "l", "eq": 1}, set()),
        ({"path": "a", "exists": False}, {"true", "one", "float", "text", "hello", "list", "nothing"}),
    ],
)
def test_edge_117_to_119_meaning(app: Api, condition: dict[str, Any], expected: set[str]) -> None:
    assert found(app, condition) == expected


def test_conditions_are_joined_and_combined(app: Api) -> None:
    assert found(app, {"path": "a.b", "gt": 1}, {"path": "s", "prefix": "xy"}) == {"object"}
    assert found(app, {"path": "name", "eq": "one"}, param="clientData") == {"one"}
    both = '&clientData=[{"path":"name","eq":"one"}]'
    assert found(app, {"path": "$", "gte": 1}, more=both) == {"one"}
    page = ask(app, [{"path": "$", "exists": True}], more="&skip=1&sortAscending=true")["events"]
    assert [event["description"] for event in page] == list(CONTENTS)[1:]
    limited = app.get('events?limit=2&skip=1&content=[{"path":"$","gte":0}]')["events"]
    assert [event["description"] for event in limited] == ["one"]


def test_native_in_a_batch(app: Api) -> None:
    batch = [{"method": "events.get", "params": {"content": [{"path": "$", "eq": 1}]}}]
    (result,) = app.post("/alice/", batch)["results"]
    assert [event["description"] for event in result["events"]] == ["one"]


@pytest.mark.parametrize(
    "conditions",
    [
        {"path": "$", "eq": 1},
        [{"eq": 1}],
        [{"path": "$"}],
        [{"path": "$", "eq": 1, "gt": 0}],
        [{"path": "$", "like": "x"}],
        [{"path": "a b", "eq": 1}],
        [{"path": "", "eq": 1}],
        [{"path": "a.", "eq": 1}],
        [{"path": 1, "eq": 1}],
        [{"path": "$", "eq": None}],
        [{"path": "$", "eq": [1]}],
        [{"path": "$", "in": []}],
        [{"path": "$", "in": [None]}],
        [{"path": "$", "in": list(range(101))}],
        [{"path": "$", "exists": "yes"}],
        [{"path": "$", "gt": "a"}],
        [{"path": "$", "gt": True}],
        [{"path": "$", "prefix": ""}],
        [{"path": "$", "prefix": 1}],
        [{"path": "$", "eq": 1}] * 11,
        ["$"],
        "no JSON",
    ],
)
@pytest.mark.parametrize("param", ["content", "clientData"])
def test_edge_120_malformed(app: Api, conditions: Any, param: str) -> None:
    text = conditions if isinstance(conditions, str) else json.dumps(conditions)
    answer = app.get(f"events?{param}={quote(text)}")
    assert (answer.status, answer.error, answer.data) == (400, "invalid-parameters-format", param)


def test_the_wrong_condition_is_named(app: Api) -> None:
    answer = ask(app, [{"path": "$", "eq": 1}, {"path": "$", "eq": None}])
    assert "condition 2" in answer.body["error"]["message"]


def test_it_is_advertised(alice: Api) -> None:
    assert alice.get("/reg/service/info")["features"]["contentQueries"] is True


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)
SCALARS = st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text("ab", max_size=2)


@given(JSON, SCALARS, st.sampled_from(["$", "a", "a.b", "b.a"]))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_eq_and_neq_against_json(value: Any, wanted: Any, path: str) -> None:
    """Two values are equal when their JSON spells the same kind of scalar."""
    there, at = True, value
    for segment in [] if path == "$" else path.split("."):
        there = there and isinstance(at, dict) and segment in at
        at = at[segment] if there else None
    same = there and json_kind(at) == json_kind(wanted) != "other" and at == wanted
    (eq,) = parse_conditions("content", [{"path": path, "eq": wanted}])
    (neq,) = parse_conditions("content", [{"path": path, "neq": wanted}])
    (exists,) = parse_conditions("content", [{"path": path, "exists": True}])
    assert eq.matches(value) == same
    assert neq.matches(value) == (there and not same)
    assert exists.matches(value) == there


def json_kind(value: Any) -> str:
    text = json.dumps(value)
    if text in ("true", "false"):
        return "boolean"
    if text.startswith('"'):
        return "string"
    return "number" if text[0] in "-0123456789" else "other"
