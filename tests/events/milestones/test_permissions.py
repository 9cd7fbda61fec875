"""Which partners may post which steps about a brand's products, whichever way they post."""

import json
from typing import Any

import pytest

from chain_service.partners.roles import Role
from tests.events.documents import bare, declared_wrong, document, new_event
from tests.events.milestones.posting import codes, describe, made, milestone, new_gtin, new_sscc, post
from tests.stage import Stage

ARRIVING = "https://ref.gs1.org/cbv/BizStep-arriving"


def allow(stage: Stage, rules: Any, brand: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {stage.tokens[brand or stage.brand]}"}
    return stage.client.put("/v1/posting", json={"rules": rules}, headers=headers)


def only(stage: Stage, *steps: str) -> None:
    answer = allow(stage, [{"partner": stage.carrier, "steps": list(steps)}])
    assert answer.status_code == 200, answer.text


def test_only_what_the_brand_lets_a_partner_post_is_posted(stage: Stage) -> None:
    item = made(stage)
    only(stage, "arrived", "cbv:BizStep-receiving")
    headers = {"Authorization": f"Bearer {stage.tokens[stage.brand]}"}
    (rule,) = stage.client.get("/v1/posting", headers=headers).json()["rules"]
    assert rule["steps"] == [ARRIVING, "https://ref.gs1.org/cbv/BizStep-receiving"]
    assert post(stage, milestone(item)).status_code == 202
    refused = post(stage, milestone(item, step="departed"))
    assert (refused.status_code, codes(refused)) == (403, [("/step", "not-permitted")])
    assert refused.json()["type"].endswith("/not-permitted")
    assert post(stage, milestone(item, step="departed"), stage.brand).status_code == 202
    only(stage, "*")
    assert post(stage, milestone(item, step="departed")).status_code == 202
    assert allow(stage, []).status_code == 200
    assert post(stage, milestone(item, step="loaded")).status_code == 403
    assert allow(stage, None).status_code == 200
    assert post(stage, milestone(item, step="loaded")).status_code == 202


def test_other_brands_products_are_not_concerned(stage: Stage) -> None:
    other = stage.add_partner(f"did:web:other-{new_gtin()}.example", Role.BRAND | Role.PRODUCER)
    describe(stage, gtin := new_gtin(), other)
    item = made(stage, gtin)
    assert allow(stage, []).status_code == 200
    assert post(stage, milestone(item)).status_code == 202
    assert allow(stage, [], other).status_code == 200
    assert post(stage, milestone(item, step="loaded")).status_code == 403


def test_a_shipment_is_its_contents_as_long_as_they_are_in_it(stage: Stage) -> None:
    item, sscc = made(stage), new_sscc()
    assert post(stage, milestone(item, step="packed", shipment=sscc), stage.brand).status_code == 202
    only(stage, "arrived")
    assert post(stage, milestone(sscc)).status_code == 202
    assert post(stage, milestone(sscc, step="departed")).status_code == 403


def test_a_capture_is_refused_too(stage: Stage) -> None:
    item = made(stage)
    only(stage, "arrived")
    good = new_event(epcList=[item], bizStep="arriving", disposition="in_progress")
    bad = new_event(epcList=[item])
    job = stage.capture(document(good, bad), stage.carrier)
    assert [(error["pointer"], error["type"]) for error in job["errors"]] == [
        ("/epcisBody/eventList/1", "not-permitted")
    ]
    assert not job["success"]
    assert stage.client.get(f"/epcis/events/{good['eventID']}").status_code == 404
    job = stage.capture(document(good, bad), stage.carrier, **{"GS1-Capture-Error-Behaviour": "proceed"})
    assert stage.client.get(f"/epcis/events/{good['eventID']}").status_code == 200
    assert stage.client.get(f"/epcis/events/{bad['eventID']}").status_code == 404
    answer = stage.client.post("/epcis/events", content=bare(bad), headers=stage.headers(stage.carrier))
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "not-permitted")


def test_what_was_posted_before_is_still_taken_back_by_who_posted_it(stage: Stage) -> None:
    item = made(stage)
    event = new_event(epcList=[item])
    assert stage.capture(document(event), stage.carrier)["success"]
    assert allow(stage, []).status_code == 200
    assert stage.capture(document(declared_wrong(event)), stage.carrier)["success"]
    assert not stage.capture(document(declared_wrong(new_event(epcList=[item]))), stage.carrier)["success"]


@pytest.mark.parametrize(
    ("rules", "pointer"),
    [
        ([{"partner": "did:web:nobody.example", "steps": ["*"]}], "/rules/0/partner"),
        ([{"partner": "did:web:\0", "steps": ["*"]}], "/rules/0/partner"),
        ([{"partner": "CARRIER", "steps": ["teleporting"]}], "/rules/0/steps/0"),
        ([{"partner": "CARRIER", "steps": ["*"]}, {"partner": "CARRIER", "steps": []}], "/rules/1/partner"),
        ([{"partner": "CARRIER"}], "/rules/0/steps"),
        ({}, "/rules"),
    ],
)
def test_rules_that_are_none_are_refused(shared_stage: Stage, rules: Any, pointer: str) -> None:
    given = json.loads(json.dumps(rules).replace("CARRIER", shared_stage.carrier))
    answer = allow(shared_stage, given)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
