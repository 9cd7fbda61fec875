"""Sites: a driver names the gate in words, and the event carries its GLN or position."""

from typing import Any

import pytest

from chain_service.db import writing
from chain_service.partners import service as partners
from tests.events.milestones.posting import GLN, PLACE, codes, made, milestone, post
from tests.stage import Stage


def put(stage: Stage, site: str, content: Any, partner: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {stage.tokens[partner or stage.carrier]}"}
    return stage.client.put(f"/v1/sites/{site}", json=content, headers=headers)


def sites(stage: Stage, partner: str | None = None) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {stage.tokens[partner or stage.carrier]}"}
    return list(stage.client.get("/v1/sites", headers=headers).json()["sites"])


def place_of(stage: Stage, answer: Any) -> Any:
    assert answer.status_code == 202, answer.text
    (event_id,) = answer.json()["eventIDs"]
    return stage.client.get(f"/epcis/events/{event_id}").json()["readPoint"]["id"]


def test_a_site_is_named_by_its_words_or_its_id(stage: Stage) -> None:
    item = made(stage)
    assert put(stage, "gate-4", {"name": "Gate 4", "gln": GLN, "city": "Shanghai", "country": "CN"}).status_code == 201
    assert put(stage, "yard", {"name": "The Yard", "geo": [31.2, 121.5]}).status_code == 201
    assert put(stage, "shed", {"name": "棚子"}).status_code == 201
    listed = {site["id"]: site for site in sites(stage)}
    assert listed["gate-4"] == {
        "id": "gate-4",
        "name": "Gate 4",
        "gln": GLN,
        "geo": None,
        "place": PLACE,
        "city": "Shanghai",
        "country": "CN",
    }
    assert listed["yard"]["place"] == "geo:31.2,121.5"
    assert listed["shed"]["place"].startswith("urn:uuid:")
    assert place_of(stage, post(stage, milestone(item, place="  gate   4 "))) == PLACE
    assert place_of(stage, post(stage, milestone(item, step="unloaded", place=None, site="yard"))) == "geo:31.2,121.5"
    shed = place_of(stage, post(stage, milestone(item, step="stored", place="棚子")))
    assert shed == listed["shed"]["place"]
    headers = {"Authorization": f"Bearer {stage.tokens[stage.carrier]}"}
    posted = stage.client.get("/v1/milestones", headers=headers, params={"q": "the yard"}).json()["milestones"]
    assert [(row["site"], row["step"]) for row in posted] == [("The Yard", "unloaded")]
    due = {"step": "delivered", "place": "Gate 4", "by": "2027-01-01T00:00:00Z"}
    (prepared,) = post(stage, milestone(item, expected=due), address="/prepare").json()["events"]
    assert prepared["cs:expected"]["cs:place"] == PLACE


def test_a_site_is_replaced_and_removed(stage: Stage) -> None:
    assert put(stage, "gate-4", {"name": "Gate 4"}).status_code == 201
    assert put(stage, "gate-4", {"name": "Gate 5", "gln": GLN}).status_code == 204
    (site,) = sites(stage)
    assert (site["name"], site["place"]) == ("Gate 5", PLACE)
    headers = {"Authorization": f"Bearer {stage.tokens[stage.carrier]}"}
    assert stage.client.delete("/v1/sites/gate-4", headers=headers).status_code == 204
    assert stage.client.delete("/v1/sites/gate-4", headers=headers).status_code == 404
    assert sites(stage) == []


def test_sites_are_each_organisations_own(stage: Stage) -> None:
    assert put(stage, "gate-4", {"name": "Gate 4", "gln": GLN}).status_code == 201
    assert sites(stage, stage.brand) == []
    answer = post(stage, milestone(made(stage), place="Gate 4", step="stored"), stage.brand)
    assert codes(answer) == [("/place", "unknown-place")]


@pytest.mark.parametrize(
    ("site", "content", "status"),
    [
        ("gate-4", {"name": "Gate 4", "gln": "9521321000019"}, 422),
        ("gate-4", {"name": "Gate 4", "gln": "12"}, 422),
        ("gate-4", {"name": "Gate 4", "geo": [91, 0]}, 422),
        ("gate-4", {"name": ""}, 422),
        ("gate-4", {"name": "x" * 201}, 422),
        ("gate-4", {"name": "Gate 4", "colour": "red"}, 422),
        ("gate-4", {"name": "Gate 4", "country": "China"}, 422),
        ("gate-4", [], 422),
        ("a b", {"name": "Gate 4"}, 400),
    ],
)
def test_a_site_that_is_none_is_refused(shared_stage: Stage, site: str, content: Any, status: int) -> None:
    answer = put(shared_stage, site, content)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["errors"]


def test_two_sites_have_two_names(shared_stage: Stage) -> None:
    assert put(shared_stage, "one", {"name": "Dock"}, shared_stage.brand).status_code == 201
    answer = put(shared_stage, "two", {"name": "DOCK"}, shared_stage.brand)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/name")


def test_who_may_only_read_changes_no_sites(shared_stage: Stage) -> None:
    with writing(shared_stage.engine) as connection:
        token = partners.issue_token(connection, shared_stage.carrier, rights=["read"])
    headers = {"Authorization": f"Bearer {token}"}
    answer = shared_stage.client.put("/v1/sites/x", json={"name": "X"}, headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "right-missing")
