"""The API described as OpenAPI 3.1, made of the registry (spec api-data §1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import Any

import msgspec
from django.conf import settings

from pryvsite.api.contract import Bare, Contract, Errors
from pryvsite.api.registry import ROUTES, Method, Place, Route
from pryvsite.api.schemas import Json, Schemas, error_content, words
from pryvsite.kernel.errors import (
    ApiError,
    Forbidden,
    InvalidParameters,
    InvalidRequestStructure,
    InvalidToken,
    MissingHeader,
    MissingToken,
    TooManyRequests,
    UnknownResource,
    UnsupportedContentType,
)
from pryvsite.kernel.inputs import Nothing

INTRODUCTION = (
    "Everything is JSON in UTF-8; times are Unix seconds, durations seconds. Give the token of an access in "
    "the Authorization header, as user of Basic authentication or in the query parameter `auth`. Answers "
    "carry `meta`, errors carry `error` with an `id` to switch on. A trailing slash is optional; HEAD works "
    "where GET does. A form-encoded POST may give `_method`, `_auth` and `_json` for verb, header and body."
)
SECURITY: Json = {
    "token": {
        "type": "apiKey", "in": "header", "name": "Authorization",
        "description": "The token, maybe followed by a space and a name of the caller.",
    },
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic", "description": "The token as user; any password."},
    "query": {"type": "apiKey", "in": "query", "name": "auth"},
    "readToken": {
        "type": "apiKey", "in": "query", "name": "readToken",
        "description": "The read token of a file, as its event tells it.",
    },
}  # fmt: skip
HEADERS: Json = {
    name: {"description": text, "required": name in ("API-Version", "Retry-After"), "schema": {"type": kind}}
    for name, kind, text in (
        ("API-Version", "string", "The version of the API."),
        ("Pryv-Access-Id", "string", "The id of the access that the token is of."),
        ("Retry-After", "integer", "In how many seconds to try again."),
        ("ETag", "string", "Names these bytes: give it as If-None-Match to get them only when they changed."),
        ("Digest", "string", "The SHA-256 of the whole file."),
        ("Content-Disposition", "string", "The name of the file."),
        ("Content-Range", "string", "Which bytes these are, of how many."),
    )
}
WHO = {
    "open": "No token needed.",
    "token": "Any access whose permissions reach the streams concerned.",
    "member": "Personal and app accesses.",
    "personal": "Personal accesses only.",
    "operator": "The operator's key, in the Authorization header; for others this doesn't exist.",
}


@dataclass(frozen=True)
class Operation:
    """A route with its contract, ready to be described."""

    place: Place
    route: Route
    contract: Contract
    number: int  # counts the routes of one id

    @property
    def path(self) -> str:
        """As OpenAPI writes it."""
        segments = "/".join(segment.replace("*}", "}") for segment in self.route.segments)
        return f"/{{username}}/{segments}" if self.place == "account" else f"/{segments}"

    @property
    def path_names(self) -> list[str]:
        """Names of the parameters in the path."""
        own = [part[1:].partition("}")[0].rstrip("*") for part in self.route.segments if part[0] == "{"]
        return ["username", *own] if self.place == "account" else own

    @property
    def method(self) -> Method | None:
        """The method that the route leads to, if it isn't an HTTP-only view."""
        return self.route.method

    @property
    def has_body(self) -> bool:
        """Whether the verb takes parameters in a body."""
        return self.route.verb in ("POST", "PUT")

    @property
    def errors(self) -> Errors:
        """Declared errors and those that follow from the rest."""
        contract = self.contract
        found: list[type[ApiError]] = [InvalidRequestStructure, TooManyRequests, *contract.errors]
        takes = contract.query is not Nothing or contract.body not in (None, Nothing)
        if takes or self.has_body:
            found.append(InvalidParameters)
        if self.path_names:
            found.append(UnknownResource)
        if contract.allow == "operator":
            found += [UnknownResource, MissingHeader, UnsupportedContentType]
        elif contract.allow != "open":
            found += [Forbidden, InvalidToken]
            if not any(issubclass(error, MissingHeader) for error in found):
                found.append(MissingToken)
        return tuple(dict.fromkeys(found))


def contract_of(method: Method) -> Contract:
    """The contract of a method."""
    return Contract(
        method.id, method.run.__doc__ or "", method.allow, {method.status: method.result}, method.errors,
        method.input, method.input, files=method.multipart is not None,
    )  # fmt: skip


@cache
def operations() -> tuple[Operation, ...]:
    """All routes, those of accounts first; for use once everything is registered."""
    found: list[Operation] = []
    counts: dict[str, int] = {}
    places: tuple[Place, ...] = ("account", "platform")
    for place, route in chain.from_iterable(((p, route) for route in ROUTES[p]) for p in places):
        contract = contract_of(route.method) if route.method else route.contract
        if contract is not None:
            counts[contract.id] = counts.get(contract.id, 0) + 1
            found.append(Operation(place, route, contract, counts[contract.id]))
    return tuple(found)


@lru_cache(4)
def openapi_bytes(url: str, name: str = "") -> bytes:
    """The document as it is served."""
    return msgspec.json.encode(document(url, name))


def document(url: str, name: str = "") -> Json:
    """The whole description, for a platform at this URL; its name, else that of the settings."""
    schemas = Schemas([operation.contract for operation in operations()])
    paths: dict[str, Json] = {}
    for operation in operations():
        paths.setdefault(operation.path, {})[operation.route.verb.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{name or settings.PLATFORM_NAME} API",
            "version": settings.API_VERSION,
            "description": INTRODUCTION,
        },
        "servers": [{"url": url}],
        "paths": paths,
        "components": {"schemas": schemas.named, "securitySchemes": SECURITY, "headers": HEADERS},
    }


def _operation(operation: Operation, schemas: Schemas) -> Json:
    contract, number = operation.contract, operation.number
    wire: Json = {
        "operationId": contract.id if number == 1 else f"{contract.id}:{number}",
        "summary": words(contract.summary.partition("\n")[0]),
        "description": f"{words(contract.summary)} {WHO[contract.allow]}",
        "tags": [contract.id.partition(".")[0]],
        "parameters": [*_path_parameters(operation, schemas), *_query_parameters(operation, schemas)],
        "responses": responses(operation, schemas),
        "security": _security(contract),
    }
    if operation.has_body and (body := _body(operation, schemas)):
        wire["requestBody"] = body
    return wire | ({"deprecated": True} if contract.deprecated else {})


def _security(contract: Contract) -> list[Json]:
    if contract.allow == "open":
        return []
    if contract.allow == "operator":
        return [{"token": []}]
    last = "readToken" if contract.read_token else "query"
    return [{name: []} for name in ("token", "bearer", "basic", last)]


def _path_parameters(operation: Operation, schemas: Schemas) -> Iterator[Json]:
    known, _ = schemas.properties(operation.contract.query)
    for name in operation.path_names:
        schema = known.get(name, {"type": "string"})
        if name == "username":
            schema = {"description": "Whose account.", **schema}
        yield {"name": name, "in": "path", "required": True, "schema": {**schema, "minLength": 1}}


def _query_parameters(operation: Operation, schemas: Schemas) -> Iterator[Json]:
    if operation.has_body:
        return
    properties, required = schemas.properties(operation.contract.query)
    for name, schema in properties.items():
        if name not in operation.path_names:
            yield {"name": name, "in": "query", "required": name in required, "schema": _in_query(schema)}


def _in_query(schema: Json) -> Json:
    """The schema of a parameter in a query string, which has no null and may hold JSON as text."""
    told = {name: schema[name] for name in ("description",) if name in schema}
    if "x-query" in schema:
        return {**told, **schema["x-query"]}
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    return {**told, **options[0]} if len(options) == 1 else schema


def _body(operation: Operation, schemas: Schemas) -> Json:
    contract, method = operation.contract, operation.method
    if contract.body is None:
        return {}
    content: Json = {}
    if method and method.id == "callBatch":
        schema: Json = schemas.batch()[0]
    elif method and method.update:
        schema = schemas.properties(contract.body)[0]["update"]
    else:
        schema = _without(schemas.named[contract.body.__name__], operation.path_names)
    if contract.body is not Nothing:
        content["application/json"] = {"schema": schema}
    if contract.files:
        content["multipart/form-data"] = {"schema": _multipart(schema)}
    return {"content": content, "required": bool(schema.get("required"))} if content else {}


def _without(schema: Json, names: list[str]) -> Json:
    """A body without what stands in the path."""
    properties = {name: inner for name, inner in schema.get("properties", {}).items() if name not in names}
    required = [name for name in schema.get("required", ()) if name not in names]
    return {**schema, "properties": properties, "required": required}


def _multipart(event: Json) -> Json:
    text = {"type": "string", "contentMediaType": "application/json", "contentSchema": event}
    files = {"type": "array", "items": {"type": "string", "format": "binary"}}
    return {
        "type": "object",
        "description": "One text field, under any name, and any number of files.",
        "properties": {"event": text, "file": files},
    }


def responses(operation: Operation, schemas: Schemas) -> Json:
    """Every answer of an operation by its status."""
    found: dict[int, Json] = {}
    for status, answer in operation.contract.answers.items():
        description = words(answer.__doc__ if isinstance(answer, type) else answer.text)
        headers = () if isinstance(answer, type | Bare) else answer.headers
        found[status] = _response(operation, description, schemas.answer(answer), headers)
    if operation.method and operation.method.id == "callBatch":
        schema = found[200]["content"]["application/json"]["schema"]
        schema["properties"]["results"] = {"type": "array", "items": schemas.batch()[1]}
    for status, errors in _by_status(operation.errors).items():
        problem = error_content(errors)
        known = found.get(status)
        if known:
            legacy = known["content"]["application/json"]["schema"]
            known["content"]["application/json"]["schema"] = {"anyOf": [legacy, problem]}
        else:
            text = " ".join(f"`{error.id}`: {error.text}" for error in errors)
            wait = ("Retry-After",) if TooManyRequests in errors else ()
            found[status] = _response(operation, text, {"application/json": {"schema": problem}}, wait)
    if not operation.has_body:
        found[414] = {"description": "The URL is too long.", "content": {"text/html": {}}}
    return {str(status): found[status] for status in sorted(found)}


def _response(operation: Operation, text: str, content: Json, own: tuple[str, ...] = ()) -> Json:
    access = ("Pryv-Access-Id",) if operation.contract.allow not in ("open", "operator") else ()
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("API-Version", *access, *own)}
    return {"description": text, "headers": headers, "content": content}


def _by_status(errors: Errors) -> dict[int, Errors]:
    statuses = {error.status for error in errors}
    return {status: tuple(e for e in errors if e.status == status) for status in statuses}


def every_error(operation: Operation) -> list[dict[str, Any]]:
    """The errors of an operation for people: status, id and sentence."""
    listed = sorted(operation.errors, key=lambda error: (error.status, error.id))
    return [{"status": error.status, "id": error.id, "text": error.text} for error in listed]
