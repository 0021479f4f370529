"""The description of the API (`GET /openapi.json`) is complete and consistent."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from pryvsite.api.openapi import operations
from pryvsite.api.registry import METHODS, ROUTES
from pryvsite.kernel.errors import ApiError, UnexpectedError
from pryvsite.kernel.results import Result
from pryvsite.wiring import wire
from tests.cast import Api
from tests.contract import description

wire()


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """All objects within a value."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def test_it_is_served_to_everybody(db: None) -> None:
    answer = Api("nobody").get("/openapi.json")
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer["openapi"] == "3.1.0"
    assert answer["servers"] == [{"url": "http://testserver"}]


def test_every_route_is_in_it() -> None:
    described = {(verb.upper(), path) for path, verbs in description()["paths"].items() for verb in verbs}
    assert described == {(operation.route.verb, operation.path) for operation in operations()}
    assert len(operations()) == sum(len(routes) for routes in ROUTES.values())


def test_operation_ids_are_unique_and_name_every_method() -> None:
    ids = [one["operationId"] for verbs in description()["paths"].values() for one in verbs.values()]
    assert len(ids) == len(set(ids))
    assert METHODS.keys() <= set(ids)


def test_every_reference_leads_somewhere() -> None:
    known = {
        f"#/components/{kind}/{name}" for kind, named in description()["components"].items() for name in named
    }
    assert {node["$ref"] for node in nodes(description()) if "$ref" in node} <= known


def test_every_schema_is_one() -> None:
    for name, schema in description()["components"]["schemas"].items():
        whole = {**schema, "components": description()["components"]}
        assert jsonschema_rs.Draft202012Validator(whole), name


def test_every_parameter_of_a_path_is_described() -> None:
    for path, verbs in description()["paths"].items():
        names = {part.partition("}")[0] for part in path.split("{")[1:]}
        for described in verbs.values():
            assert {p["name"] for p in described["parameters"] if p["in"] == "path"} == names, path


def test_texts_are_for_people() -> None:
    for node in nodes(description()):
        text = node.get("description", "")
        if isinstance(text, str):
            assert "(spec" not in text and "corrections §" not in text, text
    assert all(op.contract.summary.strip() for op in operations())


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())
def test_results_are_closed(method: Any) -> None:
    assert issubclass(method.result, Result)
    # Operators may add what they like to service information.
    open_ended = method.id == "service.info"
    assert method.result.__struct_config__.forbid_unknown_fields is not open_ended


def test_answers_and_errors_of_an_operation() -> None:
    create = description()["paths"]["/{username}/streams"]["post"]
    assert create["responses"].keys() == {"201", "400", "401", "403", "404", "409", "429"}
    schema = create["responses"]["201"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["stream", "meta"]
    error = create["responses"]["400"]["content"]["application/json"]["schema"]["properties"]["error"]
    assert "invalid-item-id" in error["properties"]["id"]["enum"]


def test_a_batch_knows_its_methods() -> None:
    batch = description()["paths"]["/{username}/"]["post"]
    calls = batch["requestBody"]["content"]["application/json"]["schema"]["items"]["anyOf"]
    listed = {call["properties"]["method"]["const"] for call in calls}
    assert {"events.create", "streams.get", "accesses.delete"} <= listed
    assert not {"callBatch", "auth.register"} & listed


def test_files_go_as_multipart_and_open_with_a_read_token() -> None:
    paths = description()["paths"]
    assert "multipart/form-data" in paths["/{username}/events"]["post"]["requestBody"]["content"]
    download = paths["/{username}/events/{id}/{fileId}"]["get"]
    assert {"readToken": []} in download["security"]
    assert {"query": []} not in download["security"]


def test_every_parameter_of_a_query_is_told_and_has_no_null() -> None:
    for path, verbs in description()["paths"].items():
        if not path.startswith(("/{username}/events", "/{username}/streams")):
            continue
        for described in verbs.values():
            for parameter in described["parameters"]:
                if parameter["in"] == "query":
                    assert parameter["schema"].get("description"), (path, parameter["name"])
                    assert {"type": "null"} not in nodes(parameter["schema"]), (path, parameter["name"])


def test_errors_are_told_in_their_own_words() -> None:
    for operation in operations():
        for error in operation.errors:
            assert error is UnexpectedError or error.text != ApiError.text, error.id


def test_headers_of_answers() -> None:
    path = description()["paths"]["/{username}/events/{id}/{fileId}"]["get"]["responses"]
    assert {"API-Version", "Pryv-Access-Id", "Digest", "ETag"} <= path["200"]["headers"].keys()
    assert "Content-Range" in path["206"]["headers"]
    assert "Retry-After" in path["429"]["headers"]
    assert "headers" not in path["414"]
