"""The OpenAPI document: complete, with examples that the product itself accepts and gives."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chain_service.db import writing
from chain_service.errors import MEDIA_TYPE
from chain_service.partners import service as partners
from tests.stage import Stage

METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}
# Pictures have no text to show.
WITHOUT_EXAMPLE = {"image/png"}


@pytest.fixture(scope="module")
def described(shared_stage: Stage) -> dict[str, Any]:
    return dict(shared_stage.client.get("/openapi.json").json())


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield f"{method.upper()} {path}", operation


def test_the_addresses_of_the_design_are_described(described: dict[str, Any]) -> None:
    assert {name for name, _ in operations(described)} >= {
        "POST /epcis/capture",
        "GET /epcis/capture",
        "GET /epcis/capture/{capture_id}",
        "POST /epcis/events",
        "GET /epcis/events",
        "GET /epcis/events/{event_id}",
        "GET /v1/labels/{digital_link_path}",
        "PUT /v1/items/{digital_link_path}",
        "GET /v1/items/{digital_link_path}",
        "GET /v1/receipts/{key}",
        "GET /v1/passports/{digital_link_path}",
        "GET /v1/network",
        "POST /rpc",
        "GET /v1/credentials",
        "POST /v1/credentials",
        "DELETE /v1/credentials/{credential_id}",
        "GET /v1/audit",
        "GET /v1/audit/days",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
    }


def test_every_operation_has_a_summary_a_description_and_a_tag(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        assert operation["summary"], name
        assert len(operation["description"]) > 15, name
        assert operation["tags"], name


def test_every_parameter_of_a_path_is_declared(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        declared = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"}
        assert declared == {part[1:-1] for part in name.split("/") if part.startswith("{")}, name


def test_every_response_has_an_example_or_no_body(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        assert "default" in operation["responses"], name
        for status, response in operation["responses"].items():
            assert response["description"], (name, status)
            for media_type, content in response.get("content", {}).items():
                assert "example" in content or media_type in WITHOUT_EXAMPLE, (name, status, media_type)
            if status == "default" or status.startswith("4"):
                problem = response["content"][MEDIA_TYPE]["example"]
                assert {"type", "title", "status"} <= problem.keys(), (name, status)
                assert status in ("default", str(problem["status"])), (name, status)


def test_what_needs_a_token_says_so(described: dict[str, Any]) -> None:
    guarded = {name for name, operation in operations(described) if operation.get("security")}
    assert guarded >= {
        "POST /epcis/capture",
        "GET /epcis/capture",
        "POST /epcis/events",
        "PUT /v1/items/{digital_link_path}",
    }
    assert guarded == {name for name, operation in operations(described) if "401" in operation["responses"]}
    schemes = described["components"]["securitySchemes"]
    assert (schemes["token"]["type"], schemes["token"]["scheme"]) == ("http", "bearer")
    assert (schemes["session"]["type"], schemes["session"]["in"]) == ("apiKey", "cookie")
    ways = described["paths"]["/epcis/capture"]["post"]["security"]
    assert ways == [{"token": ["state"]}, {"session": ["state"]}]


def test_the_documentation_names_the_right_that_is_needed(shared_stage: Stage) -> None:
    page = shared_stage.client.get("/docs").text
    assert "Needs a token or session with the right <code>state</code>." in page
    assert "with the right <code>read</code> or <code>state</code>." in page


def body_example(described: dict[str, Any], path: str, method: str) -> Any:
    content = described["paths"][path][method]["requestBody"]["content"]
    examples = [entry["example"] for entry in content.values()]
    assert all(example == examples[0] for example in examples)
    return examples[0]


def test_the_examples_of_captures_are_accepted(shared_stage: Stage, described: dict[str, Any]) -> None:
    job = shared_stage.capture(json.dumps(body_example(described, "/epcis/capture", "post")).encode())
    assert (job["success"], job["errors"]) == (True, [])
    event = body_example(described, "/epcis/events", "post")
    answer = shared_stage.client.post("/epcis/events", content=json.dumps(event), headers=shared_stage.headers())
    assert answer.status_code == 201, answer.text
    shown = described["paths"]["/epcis/events"]["post"]["responses"]["201"]["content"]["application/json"]["example"]
    assert answer.json()["eventID"] == shown["eventID"]
    assert shown["promise"].keys() == job["promise"].keys()
    listed = described["paths"]["/epcis/capture/{capture_id}"]["get"]["responses"]["200"]
    assert listed["content"]["application/json"]["example"].keys() == job.keys()


def test_the_example_of_a_description_is_accepted(shared_stage: Stage, described: dict[str, Any]) -> None:
    path = "/v1/items/{digital_link_path}"
    example = body_example(described, path, "put")
    headers = {"Authorization": f"Bearer {shared_stage.tokens[shared_stage.brand]}"}
    answer = shared_stage.client.put("/v1/items/01/09521101100105", json=example, headers=headers)
    assert answer.status_code == 201, answer.text
    shown = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert shared_stage.client.get("/v1/items/01/09521101100105").json().keys() == shown.keys()


def shown(described: dict[str, Any], path: str, method: str, status: str) -> Any:
    return described["paths"][path][method]["responses"][status]["content"]["application/json"]["example"]


def test_the_examples_of_credentials_and_of_the_log_are_what_is_answered(
    shared_stage: Stage, described: dict[str, Any]
) -> None:
    with writing(shared_stage.engine) as connection:
        token = partners.issue_token(connection, shared_stage.brand, rights=("manage", "state", "read"))
    headers = {"Authorization": f"Bearer {token}"}
    example = body_example(described, "/v1/credentials", "post")
    issued = shared_stage.client.post("/v1/credentials", json=example, headers=headers)
    assert issued.status_code == 201, issued.text
    assert issued.json().keys() == shown(described, "/v1/credentials", "post", "201").keys()
    listed = shared_stage.client.get("/v1/credentials", headers=headers).json()
    (entry,) = shown(described, "/v1/credentials", "get", "200")["credentials"]
    assert all(credential.keys() == entry.keys() for credential in listed["credentials"])
    log = shared_stage.client.get("/v1/audit", headers=headers).json()
    (entry,) = shown(described, "/v1/audit", "get", "200")["entries"]
    assert log["entries"][0].keys() == entry.keys()
    assert (log["entries"][0]["action"], log["entries"][0]["what"].keys()) == (entry["action"], entry["what"].keys())
    (day, *_) = shared_stage.client.get("/v1/audit/days", headers=headers).json()
    assert day.keys() == shown(described, "/v1/audit/days", "get", "200")[0].keys()


def test_the_example_of_a_chain_call_is_answered(shared_stage: Stage, described: dict[str, Any]) -> None:
    answer = shared_stage.client.post("/rpc", json=body_example(described, "/rpc", "post"))
    shown = described["paths"]["/rpc"]["post"]["responses"]["200"]["content"]["application/json"]["example"]
    assert answer.json().keys() == shown.keys()


def test_what_the_queries_show_is_what_they_answer(shared_stage: Stage, described: dict[str, Any]) -> None:
    shared_stage.capture(json.dumps(body_example(described, "/epcis/capture", "post")).encode())
    operation = described["paths"]["/epcis/events"]["get"]
    parameters = {p["name"]: p["example"] for p in operation["parameters"] if "example" in p}
    answer = shared_stage.client.get("/epcis/events", params=parameters)
    assert answer.status_code == 200, answer.text
    shown = operation["responses"]["200"]["content"]["application/ld+json"]["example"]
    assert answer.json().keys() == shown.keys()
    (event,) = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert event.keys() == shown["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0].keys()


def test_every_query_parameter_is_listed(described: dict[str, Any]) -> None:
    listed = {parameter["name"] for parameter in described["paths"]["/epcis/events"]["get"]["parameters"]}
    assert {
        "eventType",
        "EQ_bizStep",
        "MATCH_epc",
        "GE_eventTime",
        "LT_eventTime",
        "perPage",
        "nextPageToken",
    } <= listed


def test_the_documentation_is_read_without_any_third_party(shared_stage: Stage) -> None:
    page = shared_stage.client.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "//cdn" not in page.text
    for name in ("/epcis/capture", "/v1/passports/{digital_link_path}", "MATCH_epc", "GS1-Capture-Error-Behaviour"):
        assert name in page.text
