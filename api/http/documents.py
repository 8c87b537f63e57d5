"""The OpenAPI document: routes from FastAPI, records from the types that answer.

A route's function says which record it answers with (`-> Answer[Page[Contract]]`); its schema is
made of that type, its fields' meaning of the type's docstring. So the document cannot differ from
what is sent.
"""

import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.exports.columns import split_docstring
from api.http.problems import KINDS, MEDIA_TYPE, ProblemDetails

RECORD = "record:"
"""Begins a reference to a record of `Records`, until the document is made."""

_COMPONENTS = "#/components/schemas/{name}"


class Records:
    """The types that answers consist of, by number."""

    types: ClassVar[list[Any]] = [ProblemDetails]

    @classmethod
    def of(cls, endpoint: Callable[..., Any]) -> int | None:
        """Return the number of the type that a route's function answers with, None without."""
        returned = inspect.get_annotations(endpoint, eval_str=True).get("return")
        arguments = typing.get_args(returned)
        return cls.number(arguments[0]) if arguments else None

    @classmethod
    def number(cls, record: Any) -> int:
        """Return the number of a type."""
        if record not in cls.types:
            cls.types.append(record)
        return cls.types.index(record)


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `app`."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    schemas, components = msgspec.json.schema_components(Records.types, ref_template=_COMPONENTS)
    for name, schema in components.items():
        _describe(schema)
        document.setdefault("components", {}).setdefault("schemas", {})[name] = schema
    document["components"]["securitySchemes"] = {"session": _SESSION}
    document["security"] = [{}, {"session": []}]
    document.setdefault("components", {})["responses"] = _problems()
    for method, operation in _operations(document):
        responses = operation["responses"]
        if responses.get("422", {}).get("description") == _LIBRARYS:
            del responses["422"]  # ours are problems
        if method == "get":
            responses.setdefault("304", {"description": "What `If-None-Match` names still holds."})
        for status in _statuses(method):
            problem = {"$ref": f"#/components/responses/{_name(status)}"}
            responses.setdefault(str(status), problem)
    return typing.cast("dict[str, Any]", _resolve(document, list(schemas)))


_SESSION = {
    "type": "http",
    "scheme": "bearer",
    "description": "The token of a session (`POST /v1/sessions`). Everything public needs none.",
}

_LIBRARYS = "Validation Error"

_OF_BODIES = frozenset({408, 409, 415, 422})
"""Statuses of what is sent, which no question gets."""


def _statuses(method: str) -> list[int]:
    """Return the statuses of all problems that a request by `method` can meet."""
    every = {kind.status for kind in KINDS.values()}
    return sorted(every - _OF_BODIES if method == "get" else every)


def _problems() -> dict[str, Any]:
    """Return for each status what is answered: which codes there are, and what they say."""
    codes: dict[int, list[str]] = {}
    for code, kind in KINDS.items():
        codes.setdefault(kind.status, []).append(f"`{code}`: {kind.title}")
    content = {MEDIA_TYPE: {"schema": {"$ref": f"{RECORD}0"}}}
    return {
        _name(status): {"description": " ".join(told), "content": content}
        for status, told in codes.items()
    }


def _name(status: int) -> str:
    return f"Problem{status}"


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in document.get("paths", {}).values():
        yield from ((method, each) for method, each in path.items() if isinstance(each, dict))


def _resolve(value: Any, schemas: list[Any]) -> Any:
    """Return `value` with every reference to a record in its place."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference.startswith(RECORD):
            return schemas[int(reference.removeprefix(RECORD))]
        return {key: _resolve(each, schemas) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolve(each, schemas) for each in value]
    return value


def _describe(schema: dict[str, Any]) -> None:
    """Give each property its meaning, from the `Attributes:` of the record's docstring."""
    head, meanings = split_docstring(schema.get("description", ""))
    if not meanings:
        return
    schema["description"] = head
    for name, meaning in meanings.items():
        if name in schema.get("properties", {}):
            schema["properties"][name]["description"] = meaning
