"""What clients may rely on: which answers a route gives. OpenAPI is made of it (spec api-data §1.9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pryvsite.kernel.errors import ApiError
from pryvsite.kernel.inputs import Input, Nothing
from pryvsite.kernel.results import Result

Allow = Literal["open", "token", "member", "personal", "operator"]


@dataclass(frozen=True, slots=True)
class Bare:
    """A JSON answer without `meta`; any type that has a JSON schema."""

    schema: Any
    text: str = "Done."


@dataclass(frozen=True, slots=True)
class Media:
    """An answer that isn't JSON, and headers of its own."""

    type: str
    text: str = "Done."
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Empty:
    """An answer without body, and headers of its own."""

    text: str = "Done."
    headers: tuple[str, ...] = ()


Answer = type[Result] | Bare | Media | Empty
Answers = Mapping[int, Answer]
Errors = tuple[type[ApiError], ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """How one route is called and what it answers.

    `answers`: what each status holds; a `Result` comes with `meta`. `errors`: those beyond the ones that
    follow from the rest (token, format of parameters, unknown user). `query`, `body`: the parameters in the
    query string and in the JSON body. `files`: whether a multipart body is taken too.
    `read_token`: whether a file's read token opens it rather than a token in the query.
    """

    id: str
    summary: str
    allow: Allow
    answers: Answers
    errors: Errors = ()
    query: type[Input] = Nothing
    body: type[Input] | None = None
    files: bool = False
    read_token: bool = False
    deprecated: bool = False
