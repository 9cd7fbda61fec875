"""Passports over HTTP, on both databases: waiting, sealed, and the journeys of the samples."""

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from chain_service.db import writing
from chain_service.events import genealogy
from chain_service.partners import service as partners
from chain_service.partners.custody import create_keystore
from chain_service.partners.roles import from_names
from chain_service.verification.kept import Passports
from chain_service.verification.receipt import parse
from tests.events.documents import declared_wrong, document, new_event, new_item
from tests.stage import WORK, Stage

SAMPLES = Path(__file__).parents[2] / "chain_service" / "samples"
JOURNEYS = {"formula": 36, "lettuce": 25, "sneakers": 21}


def path_of(name: str) -> str:
    return name.removeprefix("https://id.gs1.org")


def passport(stage: Stage, name: str, status: int = 200) -> Any:
    """The passport of a canonical name, made anew."""
    stage.client.app.state.passports = Passports()
    answer = stage.client.get(f"/v1/passports{path_of(name)}")
    assert answer.status_code == status, answer.text
    return answer.json()


def describe(stage: Stage, name: str, partner: str, content: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {stage.tokens[partner]}"}
    answer = stage.client.put(f"/v1/items{path_of(name)}", json=content, headers=headers)
    assert answer.status_code in (201, 204), answer.text


@pytest.fixture(scope="module")
def sampled(shared_stage: Stage) -> Stage:
    """The stage with all three sample journeys captured."""
    for number, partner in enumerate(json.loads((SAMPLES / "partners.json").read_text())):
        file_name = f"sample-{number}.json"
        settings = shared_stage.settings
        address = create_keystore(settings.keys_dir, file_name, settings.keys_password, work=WORK)
        shared_stage._admit(partner["did"], from_names(partner["roles"]), {address: "operator"})
        with writing(shared_stage.engine) as connection:
            partners.admit(connection, partner["did"], partner["name"], from_names(partner["roles"]))
            partners.hold_key(connection, partner["did"], address, file_name)
            shared_stage.tokens[partner["did"]] = partners.issue_token(connection, partner["did"])
    for item in json.loads((SAMPLES / "items.json").read_text()):
        describe(shared_stage, item.pop("item"), item.pop("partner"), item)
    for name in JOURNEYS:
        for capture in json.loads((SAMPLES / "journeys" / f"{name}.json").read_text())["captures"]:
            job = shared_stage.capture(json.dumps(capture["document"]).encode(), capture["partner"])
            assert job["success"], job["errors"]
    shared_stage.seal()
    return shared_stage


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_sample_shows_its_whole_journey_and_nothing_of_the_others(sampled: Stage, name: str) -> None:
    journey = json.loads((SAMPLES / "journeys" / f"{name}.json").read_text())
    found = passport(sampled, journey["scan"])
    expected = {event["eventID"] for c in journey["captures"] for event in c["document"]["epcisBody"]["eventList"]}
    assert len(expected) == JOURNEYS[name]
    assert [step["receipt"]["event"]["eventID"] for step in found["steps"]] == list(
        dict.fromkeys(step["receipt"]["event"]["eventID"] for step in found["steps"])
    )
    assert {step["receipt"]["event"]["eventID"] for step in found["steps"]} == expected
    times = [step["receipt"]["statement"]["eventTime"] for step in found["steps"]]
    assert times == sorted(times)
    for step in found["steps"]:
        parse(step["receipt"])
        assert step["receipt"]["anchor"] is not None
    assert {step["relation"] for step in found["steps"]} <= {"self", "container", "ingredient", "lot"}
    assert found["item"]["name"] == journey["scan"]
    assert set(found["partners"]) == {step["receipt"]["reporter"]["partner"] for step in found["steps"]}
    product = f"https://id.gs1.org/01/{found['item']['keys']['01']}"
    assert found["names"][product]["name"]["zh"]
    places = {step["receipt"]["statement"]["place"] for step in found["steps"]} - {""}
    assert places <= found["names"].keys()


def test_a_passport_waits_then_is_sealed(shared_stage: Stage) -> None:
    item = new_item()
    shared_stage.capture(document(new_event(epcList=[item])))
    (step,) = passport(shared_stage, item)["steps"]
    assert (step["relation"], step["of"], step["receipt"]["batch"]) == ("self", item, None)
    shared_stage.seal()
    (step,) = passport(shared_stage, item)["steps"]
    assert step["receipt"]["anchor"]["chainId"] == shared_stage.network.chainId


def test_an_error_declaration_stands_in_the_passport_beside_its_event(shared_stage: Stage) -> None:
    item = new_item()
    event = new_event(epcList=[item])
    shared_stage.capture(document(event, declared_wrong(event)))
    steps = passport(shared_stage, item)["steps"]
    assert [step["receipt"]["statement"]["flags"] for step in steps] == [0, 2]


def test_an_error_declaration_that_names_other_items_stands_beside_its_event(shared_stage: Stage) -> None:
    item = new_item()
    event = new_event(epcList=[item])
    shared_stage.capture(document(event, {**declared_wrong(event), "epcList": [new_item()]}))
    steps = passport(shared_stage, item)["steps"]
    assert [step["receipt"]["statement"]["flags"] for step in steps] == [0, 2]
    assert [(step["relation"], step["of"]) for step in steps] == [("self", item)] * 2


def test_a_passport_says_when_it_does_not_show_all(shared_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    item = new_item()
    shared_stage.capture(document(*(new_event(epcList=[item]) for _ in range(3))))
    assert "truncated" not in passport(shared_stage, item)
    monkeypatch.setattr(genealogy, "MAX_STEPS", 2)
    found = passport(shared_stage, item)
    assert (len(found["steps"]), found["truncated"]) == (2, True)


def test_a_serial_number_with_a_slash_has_its_passport(shared_stage: Stage) -> None:
    item = new_item() + "%2F%25%3F"
    shared_stage.capture(document(new_event(epcList=[item])))
    found = passport(shared_stage, item)
    assert found["item"]["name"] == item
    assert found["item"]["keys"]["21"].endswith("/%?")
    shorter = item.removesuffix("%2F%25%3F")
    assert passport(shared_stage, shorter, 404)["type"].endswith("/never-issued")


def test_an_item_that_is_only_described_has_a_passport_without_steps(shared_stage: Stage) -> None:
    item = new_item()
    assert passport(shared_stage, item, 404)["status"] == 404
    describe(shared_stage, item, shared_stage.brand, {"kind": "product", "name": {"en": "Lamp"}})
    found = passport(shared_stage, item)
    assert (found["steps"], found["names"][item]["name"]["en"]) == ([], "Lamp")
    assert found["names"][item]["partner"] == shared_stage.brand


def test_what_happened_to_a_container_while_the_item_was_inside_is_its_story(shared_stage: Stage) -> None:
    item, other, crate = new_item(), new_item(), f"urn:x:crate:{time.monotonic_ns()}"

    def at(hour: int, **fields: Any) -> dict[str, Any]:
        return new_event(eventTime=f"2026-11-05T{hour:02}:00:00Z", eventTimeZoneOffset="+00:00", **fields)

    def packing(hour: int, action: str, *children: str) -> dict[str, Any]:
        event = at(hour, epcList=None, action=action, bizStep="packing")
        return {**event, "type": "AggregationEvent", "parentID": crate, "childEPCs": list(children)}

    moved = [at(hour, epcList=[crate]) for hour in (1, 3, 5, 7)]
    packed, added, unpacked = packing(2, "ADD", item), packing(4, "ADD", other), packing(6, "DELETE", item)
    shared_stage.capture(document(*moved, packed, added, unpacked))
    steps = passport(shared_stage, item)["steps"]
    told = [(step["receipt"]["event"]["eventID"], step["relation"]) for step in steps]
    expected = [(packed, "self"), (moved[1], "container"), (moved[2], "container"), (unpacked, "self")]
    assert told == [(event["eventID"], relation) for event, relation in expected]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/01/09521234543210/21/A1", "check digit"),
        ("/01/095212/21/A1", "14"),
        ("/01/09521234543213/99/A1", "qualifier"),
        ("/98/1", "GS1 key"),
        ("/01/09521234543213/21/" + "A" * 21, "20"),
        ("/01/09521234543213/21/%00", ""),
        ("/01/09521234543213/21/%zz", "hexadecimal"),
        ("/01", ""),
        ("/", ""),
    ],
)
def test_a_malformed_link_is_refused_with_the_reason(shared_stage: Stage, path: str, reason: str) -> None:
    answer = shared_stage.client.get(f"/v1/passports{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert reason in answer.json()["detail"]


def test_what_was_never_issued_answers_alike_whatever_exists_beside_it(shared_stage: Stage) -> None:
    item = new_item()
    shared_stage.capture(document(new_event(epcList=[item])))
    unknown = passport(shared_stage, new_item(), 404)
    beside = passport(shared_stage, item + "9", 404)
    assert beside == unknown
    assert passport(shared_stage, "https://id.gs1.org/01/09521101109993", 404) == unknown


def test_a_passport_is_compressed_where_the_client_takes_it(shared_stage: Stage) -> None:
    item = new_item()
    shared_stage.capture(document(new_event(epcList=[item])))
    plain = shared_stage.client.get(f"/v1/passports{path_of(item)}", headers={"Accept-Encoding": "identity"})
    packed = shared_stage.client.get(f"/v1/passports{path_of(item)}", headers={"Accept-Encoding": "gzip"})
    assert ("content-encoding" in plain.headers, packed.headers["content-encoding"]) == (False, "gzip")
    assert plain.json() == packed.json()
    assert "Accept-Encoding" in plain.headers["vary"]


def test_every_answer_may_be_read_from_other_origins_kept_or_not(shared_stage: Stage) -> None:
    item = new_item()
    shared_stage.capture(document(new_event(epcList=[item])))
    for _ in range(3):
        answer = shared_stage.client.get(f"/v1/passports{path_of(item)}", headers={"Origin": "https://other.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert shared_stage.client.head(f"/v1/passports{path_of(item)}").content == b""


def test_what_is_kept_for_a_second_never_hides_a_change_for_longer(shared_stage: Stage) -> None:
    item = new_item()
    address = f"/v1/passports{quote(path_of(item))}"
    shared_stage.capture(document(new_event(epcList=[item])))
    assert len(shared_stage.client.get(address).json()["steps"]) == 1
    shared_stage.capture(document(new_event(epcList=[item])))
    time.sleep(Passports.SECONDS)
    assert len(shared_stage.client.get(address).json()["steps"]) == 2
