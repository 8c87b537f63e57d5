"""The OpenAPI document says what is answered."""

from typing import Any

from route_pages import example_of
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
            name = operation["responses"]["404"]["$ref"].rsplit("/", 1)[1]
            problem = document["components"]["responses"][name]["content"]
            schema = problem["application/problem+json"]["schema"]
            assert schema["$ref"].endswith("/ProblemDetails")
            assert "default" not in operation["responses"]


def test_no_reference_in_the_document_leads_nowhere(client: TestClient) -> None:
    """Every `$ref` names a schema that is there."""
    document = client.get("/openapi.json").json()
    components = {
        f"#/components/{kind}/{name}"
        for kind, named in document["components"].items()
        for name in named
    }

    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [each for inner in value.values() for each in references(inner)]
        if isinstance(value, list):
            return [each for inner in value for each in references(inner)]
        return []

    found = references(document)
    assert found
    assert set(found) <= components


NOT_FOR_ALL = {
    "/v1/flags/cases",
    "/v1/flags/cases/{flagged}",
    "/v1/beneficiaries",
    "/v1/beneficiaries/{token}",
    "/v1/approvers",
    "/v1/exports/pain001",
    "/v1/exports/pain001.xml",
    "/v1/contracts/{name}/history-proof",
}
"""Routes whose examples are not for the public: it is told that there is nothing."""
NOT_THERE = {"/v1/flags/{flag}", "/v1/drafts/{draft}"}
"""Routes of what the demo city does not have: a raised flag, a draft."""
NOT_SIGNED_IN = {"/v1/sessions/mine", "/v1/drafts"}
"""Routes that need a session."""


def test_everything_has_a_summary_and_every_parameter_its_meaning(client: TestClient) -> None:
    """And an example, wherever a path has to be filled in."""
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert operation["description"], path
            for parameter in operation.get("parameters", ()):
                assert parameter["description"], (path, parameter["name"])
                if parameter["in"] == "path":
                    assert example_of(parameter) is not None, (path, parameter["name"])


def test_every_example_is_answered_by_the_demo_city(client: TestClient) -> None:
    """Each path with its examples, and with each example of a query parameter in turn."""
    document = client.get("/openapi.json").json()
    asked = 0
    for path, methods in document["paths"].items():
        if "get" not in methods:
            continue
        parameters = methods["get"].get("parameters", ())
        address = path
        for each in parameters:
            if each["in"] == "path":
                address = address.replace(f"{{{each['name']}}}", str(example_of(each)))
        needed = {
            each["name"]: example_of(each)
            for each in parameters
            if each["in"] == "query" and each["required"]
        }
        queries = [needed] + [
            {**needed, each["name"]: example_of(each)}
            for each in parameters
            if each["in"] == "query" and example_of(each) is not None
        ]
        expected = 404 if path in NOT_FOR_ALL | NOT_THERE else 200
        for query in queries:
            answer = client.get(address, params=query)
            status = 401 if path in NOT_SIGNED_IN else expected
            assert answer.status_code == status, (address, query, answer.text)
            asked += 1
    assert asked > len(document["paths"])
