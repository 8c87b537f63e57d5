"""The OpenAPI document says what is answered."""

from typing import Any

from starlette.testclient import TestClient


def test_every_answer_is_described_by_its_record(client: TestClient) -> None:
    """The schema of an answer is the record's, each field with its meaning."""
    document: dict[str, Any] = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    answer = document["paths"]["/v1/contracts"]["get"]["responses"]["200"]
    page = answer["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    contract = schemas[page]["properties"]["items"]["items"]["$ref"].rsplit("/", 1)[1]
    properties = schemas[contract]["properties"]
    assert properties["value_minor"]["description"].startswith("the most it may cost")
    for path in document["paths"].values():
        for operation in path.values():
            problem = operation["responses"]["default"]["content"]["application/problem+json"]
            assert problem["schema"]["$ref"].endswith("/ProblemDetails")
            assert "422" not in operation["responses"]


def test_no_reference_in_the_document_leads_nowhere(client: TestClient) -> None:
    """Every `$ref` names a schema that is there."""
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]

    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [each for inner in value.values() for each in references(inner)]
        if isinstance(value, list):
            return [each for inner in value for each in references(inner)]
        return []

    found = references(document)
    assert found
    assert {each.removeprefix("#/components/schemas/") for each in found} <= set(schemas)
