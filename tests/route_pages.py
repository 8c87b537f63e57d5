"""The page `docs/routes.md`: every route with its parameters and answers, as OpenAPI has them."""

from collections.abc import Iterator
from typing import Any

from api.application import described

HEAD = """\
# Routes

Addresses of the HTTP API. A list is a page: ask for the next with `after` set to `next`. An answer
from the read models says by `Sunledger-Position` how many events it reflects, and has an `ETag`;
who asks with `If-None-Match` and is up to date gets 304. Amounts are integers of the currency's
minor unit (fen). What every record consists of stands in `/openapi.json`, with each field's
meaning; [api.md](api.md) tells who reads what.

This page is made from the OpenAPI document by `python tests/pages.py`.

## Problems

Whatever cannot be answered is a problem (RFC 9457, `application/problem+json`); its `code` is one
of these, or for a statement a [refusal](refusals.md).

| status | codes |
|---|---|
"""


def routes() -> str:
    """Return `docs/routes.md`: a section an area, with a section a route."""
    document = described().openapi()
    problems = document["components"]["responses"]
    rows = [
        f"| {name.removeprefix('Problem')} | {_cell(each['description'])} |\n"
        for name, each in sorted(problems.items())
    ]
    return HEAD + "".join(rows) + "".join(_areas(document))


def _areas(document: dict[str, Any]) -> Iterator[str]:
    areas: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = operation.get("tags", ["others"])[0]
            areas.setdefault(tag, []).append((f"{method.upper()} {path}", operation))
    for tag, operations in sorted(areas.items()):
        yield f"\n## {tag[0].upper()}{tag[1:]}\n\n| route | for |\n|---|---|\n"
        for name, operation in operations:
            yield f"| `{name}` | {_cell(operation['summary'])} |\n"
        for name, operation in operations:
            yield from _route(name, operation)


def _route(name: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"\n### `{name}`\n\n{operation['description'].strip()}\n"
    parameters = operation.get("parameters", ())
    if parameters:
        yield "\n| parameter | in | meaning | example |\n|---|---|---|---|\n"
    for each in parameters:
        shown = "" if (found := example_of(each)) is None else f"`{found}`"
        yield f"| `{each['name']}` | {each['in']} | {_cell(each['description'])} | {shown} |\n"
    yield "\n"
    for status, answer in operation["responses"].items():
        if "$ref" not in answer:
            kinds = ", ".join(_kinds(answer))
            yield f"- {status}: {_cell(answer['description'])}{kinds and f' {kinds}'}\n"


def _kinds(answer: dict[str, Any]) -> Iterator[str]:
    for media_type, content in answer.get("content", {}).items():
        reference = content.get("schema", {}).get("$ref", "")
        record = reference.rsplit("/", 1)[-1].replace("_", " ").strip()
        yield f"`{media_type}`{record and f', {record}'}"


def example_of(parameter: dict[str, Any]) -> Any:
    """Return the first example of a parameter, or None."""
    schema = parameter["schema"]
    found = [*schema.get("examples", ())]
    for choice in schema.get("anyOf", ()):
        found += choice.get("examples", ())
    return next(iter(found), None)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
