"""The API's description, arranged for reading; made of the same document that programs get."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import msgspec
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pryvsite.api.contract import Bare
from pryvsite.api.openapi import WHO, Operation, document, every_error, operations
from pryvsite.api.platform import public_url
from pryvsite.api.schemas import words
from pryvsite.kernel.results import Result
from pryvsite.reference import examples

TITLES = {
    "callBatch": "Batch",
    "getAccessInfo": "Accesses",
    "streams": "Streams",
    "events": "Events",
    "series": "Series",
    "accesses": "Accesses",
    "account": "Account",
    "profile": "Profile",
    "mfa": "Second step of sign-in",
    "auth": "Registration and sign-in",
    "access": "Asking for access",
    "service": "Service",
    "apps": "Service",
}
ORDER = list(dict.fromkeys(["Streams", "Events", "Series", "Batch", *TITLES.values()]))


@dataclass(frozen=True)
class Parameter:
    """Something to give."""

    name: str
    place: str  # path, query or body
    type: str
    required: bool
    text: SafeString
    value: str = ""  # what the form begins with

    @property
    def field(self) -> str:
        """Its name in the form."""
        return f"{self.place}:{self.name}"


@dataclass(frozen=True)
class Entry:
    """One operation."""

    id: str
    operation: Operation
    path: str
    summary: SafeString
    who: str
    parameters: tuple[Parameter, ...]
    body: str
    answers: tuple[tuple[int, SafeString], ...]
    errors: tuple[dict[str, Any], ...]
    retired: bool

    @property
    def verb(self) -> str:
        """The HTTP verb."""
        return self.operation.route.verb

    @property
    def slug(self) -> str:
        """Its id as an anchor."""
        return self.id.replace(".", "-")

    @property
    def changes(self) -> bool:
        """Whether it changes something."""
        method = self.operation.method
        reads = method is not None and not method.writes and method.allow != "open"
        return self.verb != "GET" and (not reads or self.id == "callBatch")

    @property
    def asked(self) -> list[Parameter]:
        """What the form asks for one by one; the body is one text."""
        return [p for p in self.parameters if p.place != "body" and p.name != "username"] + self.own_names

    @property
    def own_names(self) -> list[Parameter]:
        """A username in a path of the platform is asked for, that of the account is the visitor's own."""
        return [p for p in self.parameters if p.name == "username" and self.operation.place == "platform"]

    @property
    def runs(self) -> bool:
        """Whether the page can run it: JSON to read, or about the visitor's own account."""
        answers = self.operation.contract.answers.values()
        told = any(isinstance(a, Bare) or (isinstance(a, type) and issubclass(a, Result)) for a in answers)
        own = self.operation.place == "account" and self.operation.contract.allow != "open"
        return told and not self.retired and (own or self.verb == "GET")


@cache
def entries(url: str) -> dict[str, Entry]:
    """All operations by their id, each by its first route."""
    described = document(url)
    named = described["components"]["schemas"]
    found: dict[str, Entry] = {}
    for operation in operations():
        if operation.number == 1:
            wire = described["paths"][operation.path][operation.route.verb.lower()]
            found[operation.contract.id] = _entry(operation, wire, named)
    return found


def typed(entry: Entry, form: Mapping[str, str]) -> Entry:
    """The operation with what somebody typed into its form."""
    given = tuple(replace(one, value=form.get(one.field, "")) for one in entry.parameters)
    return replace(entry, parameters=given, body=form.get("body", "") if entry.body else "")


def groups(ran: Entry | None = None) -> list[tuple[str, list[Entry]]]:
    """Operations by subject; `ran` as it was typed."""
    found: dict[str, list[Entry]] = {}
    for known in entries(public_url()).values():
        entry = ran if ran and ran.id == known.id else known
        tag = entry.id.partition(".")[0]
        found.setdefault(TITLES.get(tag, tag.capitalize()), []).append(entry)
    first = [title for title in ORDER if title in found]
    return [(title, found[title]) for title in dict.fromkeys([*first, *found])]


def _entry(operation: Operation, wire: Mapping[str, Any], named: Mapping[str, Any]) -> Entry:
    contract = operation.contract
    body = wire.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Entry(
        id=contract.id,
        operation=operation,
        path=operation.path,
        summary=marked(words(contract.summary)),
        who=WHO[contract.allow],
        parameters=(*_given(contract.id, wire["parameters"]), *_in_body(body, named)),
        body=_example(contract.id, body, named) if body else "",
        answers=tuple(
            (int(s), marked(a["description"])) for s, a in wire["responses"].items() if int(s) < 400
        ),
        errors=tuple(every_error(operation)),
        retired=contract.deprecated,
    )


def _given(operation_id: str, parameters: list[dict[str, Any]]) -> Iterator[Parameter]:
    begins = {"path": examples.PATHS.get(operation_id, {}), "query": examples.QUERIES.get(operation_id, {})}
    for one in parameters:
        schema, name, place = one["schema"], one["name"], one["in"]
        text = marked(schema.get("description", ""))
        yield Parameter(name, place, type_words(schema), one["required"], text, begins[place].get(name, ""))


def _in_body(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Iterator[Parameter]:
    whole = named[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema
    for name, inner in whole.get("properties", {}).items():
        required = name in whole.get("required", ())
        yield Parameter(name, "body", type_words(inner), required, marked(inner.get("description", "")))


def _example(operation_id: str, schema: Mapping[str, Any], named: Mapping[str, Any]) -> str:
    if operation_id in examples.BODIES:
        value = examples.BODIES[operation_id]
    else:
        value = examples.minimal(schema, named)
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def marked(text: str) -> SafeString:
    """A text with the `names` in it as code."""
    parts = enumerate(text.split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if odd % 2 else part,) for odd, part in parts)
    )


def type_words(schema: Mapping[str, Any]) -> str:
    """A type in plain words."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " or ".join(type_words(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(msgspec.json.encode(value).decode() for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_words(schema.get('items', {}))}"
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
