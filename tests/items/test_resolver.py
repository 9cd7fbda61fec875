"""The Digital Link resolver: a page, links or data, as the client asks; and what is no link or was never issued."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from chain_service.items.resolver import preferred
from tests.events.documents import document, new_event, new_item
from tests.stage import Stage

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
LINKSET = "application/linkset+json"
MALFORMED = "/01/09521234543210/21/A1"
BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def path(shared_stage: Stage) -> str:
    """The path of an item with one event."""
    item = new_item()
    shared_stage.capture(document(new_event(epcList=[item])))
    return item.removeprefix("https://id.gs1.org")


def ask(stage: Stage, path: str, accept: str | None = BROWSER, method: str = "GET") -> Any:
    request = stage.client.build_request(method, path)
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    return stage.client.send(request, follow_redirects=False)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        (BROWSER, "text/html"),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/json;q=0.5, text/html;q=0.9", "text/html"),
        ("application/json;q=0.9, text/html;q=0.5", "application/json"),
        ("text/html;q=0, */*", "application/json"),
        (LINKSET, LINKSET),
        (f"{LINKSET}, application/json;q=0.9", LINKSET),
        ("application/*", "application/json"),
        ("image/png", "text/html"),
        ("application/json;q=loud", "text/html"),
        (";;,,=q", "text/html"),
    ],
)
def test_the_accept_header_decides(accept: str, kind: str) -> None:
    assert preferred(accept) == kind


@pytest.mark.parametrize("accept", [BROWSER, None, "*/*"])
def test_a_person_gets_the_page_with_a_strict_policy(shared_stage: Stage, path: str, accept: str | None) -> None:
    answer = ask(shared_stage, path, accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert answer.headers["vary"].startswith("Accept")
    assert f"<{BASE}{path}?linkType=linkset>" in answer.headers["link"]


@pytest.mark.parametrize("query", ["", "?linkType=linkset", "?linkType=all"])
def test_a_machine_gets_the_links(shared_stage: Stage, path: str, query: str, shared_data: Path) -> None:
    answer = ask(shared_stage, path + query, BROWSER if query else LINKSET)
    assert (answer.status_code, answer.headers["content-type"]) == (200, LINKSET)
    assert answer.headers["access-control-allow-origin"] == "*" if "origin" in answer.request.headers else True
    schema = json.loads((shared_data / "gs1-linkset" / "gs1-linkset-schema.json").read_text())
    assert list(jsonschema_rs.validator_for(schema).iter_errors(answer.json())) == []
    (links,) = answer.json()["linkset"]
    assert links["anchor"] == BASE + path
    assert links["https://ref.gs1.org/voc/defaultLink"][0]["href"] == BASE + path
    assert links["https://ref.gs1.org/voc/traceability"][1]["href"] == f"{BASE}/v1/passports{path}"


def test_who_wants_data_is_led_to_the_passport_with_its_query(shared_stage: Stage, path: str) -> None:
    answer = ask(shared_stage, f"{path}?17=271231&linkType=gs1:pip", "application/json")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{BASE}/v1/passports{path}?17=271231")
    assert "linkset" in answer.headers["link"]
    assert ask(shared_stage, path, "application/json").headers["location"] == f"{BASE}/v1/passports{path}"


@pytest.mark.parametrize(
    "link_type", ["gs1:pip", "https://ref.gs1.org/voc/traceability", "gs1:defaultLink", "gs1:traceability"]
)
def test_the_link_types_that_we_have_lead_to_the_page(shared_stage: Stage, path: str, link_type: str) -> None:
    assert ask(shared_stage, f"{path}?linkType={link_type}").status_code == 200


@pytest.mark.parametrize("link_type", ["gs1:recipeInfo", "", "%00", "x" * 5000])
def test_a_link_type_that_we_lack_is_not_found(shared_stage: Stage, path: str, link_type: str) -> None:
    answer = ask(shared_stage, f"{path}?linkType={link_type}")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "no-such-link")


@pytest.mark.parametrize(
    ("where", "status"),
    [(MALFORMED, 400), ("/01/09521234543213/99/x", 400), ("/01/09521234543213/21/NEVER", 404), ("/00/x", 400)],
)
def test_a_malformed_or_unknown_code_gets_a_page_or_a_problem(shared_stage: Stage, where: str, status: int) -> None:
    page = ask(shared_stage, where)
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    problem = ask(shared_stage, where, "application/json")
    assert (problem.status_code, problem.headers["content-type"]) == (status, "application/problem+json")
    assert "Accept" in problem.headers["vary"]


def test_an_unknown_code_answers_alike_whatever_exists_beside_it(shared_stage: Stage, path: str) -> None:
    beside, nowhere = ask(shared_stage, path + "9"), ask(shared_stage, "/01/09521101109993/21/X")
    assert beside.status_code == nowhere.status_code == 404
    assert beside.content == nowhere.content
    for kind in ("application/json", LINKSET):
        assert ask(shared_stage, path + "9", kind).json() == ask(shared_stage, "/01/09521101109993/21/X", kind).json()


@pytest.mark.parametrize("ending", ["", "/", "?17=271231"])
def test_a_trailing_slash_and_attributes_do_no_harm(shared_stage: Stage, path: str, ending: str) -> None:
    assert ask(shared_stage, path + ending).status_code == 200
    assert ask(shared_stage, path.replace("/21/", "/10/L1/21/") + ending).status_code == 200


@pytest.mark.parametrize("accept", [BROWSER, "application/json", LINKSET])
def test_head_answers_as_get_without_a_body(shared_stage: Stage, path: str, accept: str) -> None:
    for where in (path, MALFORMED):
        get, head = ask(shared_stage, where, accept), ask(shared_stage, where, accept, "HEAD")
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers == get.headers


def test_the_resolver_describes_itself(shared_stage: Stage) -> None:
    answer = shared_stage.client.get("/.well-known/gs1resolver", headers={"Origin": "https://other.example"})
    assert answer.json()["resolverRoot"] == BASE
    assert {"00", "01", "414", "8003"} <= set(answer.json()["supportedPrimaryKeys"])
    assert answer.headers["access-control-allow-origin"] == "*"


def test_options_and_other_origins_are_answered(shared_stage: Stage, path: str) -> None:
    plain = shared_stage.client.options(path)
    assert (plain.status_code, plain.headers["allow"]) == (204, "OPTIONS, GET, HEAD")
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    assert shared_stage.client.options(path, headers=asked).headers["access-control-allow-origin"] == "*"
    assert shared_stage.client.post(path).status_code == 405
