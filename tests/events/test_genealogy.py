"""Journeys that someone made long or tangled on purpose, and events that were declared erroneous."""

import time
from typing import Any

from chain_service.db import reading
from chain_service.events import genealogy
from tests.events.documents import declared_wrong, document, new_event, new_item
from tests.stage import Stage


def journey(stage: Stage, name: str) -> genealogy.Journey:
    with reading(stage.engine) as connection:
        return genealogy.journey(connection, stage.vault, name)


def capture(stage: Stage, *events: dict[str, Any]) -> None:
    job = stage.capture(document(*events))
    assert job["success"], job["errors"]


def at(hour: int, **fields: Any) -> dict[str, Any]:
    return new_event(eventTime=f"2026-11-05T{hour:02}:00:00Z", eventTimeZoneOffset="+00:00", **fields)


def transformation(inputs: list[str], outputs: list[str], **fields: Any) -> dict[str, Any]:
    event = new_event(epcList=None, action=None, bizStep="commissioning", disposition="active", **fields)
    return {**event, "type": "TransformationEvent", "inputEPCList": inputs, "outputEPCList": outputs}


def packing(hour: int, action: str, crate: str, *children: str) -> dict[str, Any]:
    event = at(hour, epcList=None, action=action, bizStep="packing")
    return {**event, "type": "AggregationEvent", "parentID": crate, "childEPCs": list(children)}


def relations(stage: Stage, name: str) -> list[str]:
    return [step.relation for step in journey(stage, name).steps]


def test_transformations_of_all_items_into_all_of_them_end_soon(shared_stage: Stage) -> None:
    items = [new_item() for _ in range(60)]
    events = [transformation(items, items, eventTime=f"2026-11-05T08:{n:02}:00Z") for n in range(60)]
    capture(shared_stage, *events)
    began = time.monotonic()
    found = journey(shared_stage, items[0])
    assert time.monotonic() - began < 5
    assert len(found.steps) == 60
    assert not found.truncated


def test_there_are_only_so_many_visits_and_the_rest_is_said_to_be_missing(
    shared_stage: Stage, monkeypatch: Any
) -> None:
    monkeypatch.setattr(genealogy, "MAX_VISITS", 5)
    cake, *parts = (new_item() for _ in range(11))
    capture(shared_stage, transformation(parts, [cake]), *(new_event(epcList=[part]) for part in parts))
    found = journey(shared_stage, cake)
    assert (len(found.steps), found.truncated) == (5, True)


def test_an_item_twice_in_one_crate_shares_only_what_befell_it_inside(shared_stage: Stage) -> None:
    item, crate = new_item(), f"urn:x:crate:{time.monotonic_ns()}"
    moved = [at(hour, epcList=[crate]) for hour in (2, 5, 8)]
    packed = [packing(hour, action, crate, item) for hour, action in ((1, "ADD"), (3, "DELETE"), (7, "ADD"))]
    capture(shared_stage, *moved, *packed, packing(9, "DELETE", crate, item))
    assert relations(shared_stage, item) == ["self", "container", "self", "self", "container", "self"]


def test_events_of_long_ago_push_nothing_out(shared_stage: Stage) -> None:
    item = new_item()
    wrong = new_event(epcList=[item])
    old = {"eventTime": "1970-01-02T00:00:00Z", "epcList": [item]}
    capture(shared_stage, wrong, declared_wrong(wrong))
    for _ in range(4):
        capture(shared_stage, *(new_event(**old) for _ in range(100)))
    recall = new_event(epcList=[item], bizStep="holding", disposition="recalled")
    capture(shared_stage, recall)
    found = journey(shared_stage, item)
    assert found.truncated
    assert len(found.steps) == genealogy.MAX_STEPS + 1  # the declaration is counted apart
    recorded = sorted(step.event for step in found.steps)
    # At the same time: the declaration, recorded first of all that is shown, and the recall, recorded last.
    assert [step.event for step in found.steps[-2:]] == [recorded[0], recorded[-1]]


def test_a_transformation_declared_erroneous_leads_to_no_ingredients(shared_stage: Stage) -> None:
    milk, cheese = new_item(), new_item()
    made = transformation([milk], [cheese])
    capture(shared_stage, new_event(epcList=[milk], eventTime="2026-10-01T00:00:00Z"), made)
    assert relations(shared_stage, cheese) == ["ingredient", "self"]
    capture(shared_stage, declared_wrong(made))
    assert relations(shared_stage, cheese) == ["self", "self"]


def test_packing_and_unpacking_declared_erroneous_lead_nowhere(shared_stage: Stage) -> None:
    item, crate = new_item(), f"urn:x:crate:{time.monotonic_ns()}"
    packed, unpacked, emptied = (
        packing(1, "ADD", crate, item),
        packing(2, "DELETE", crate, item),
        packing(3, "DELETE", crate),
    )
    capture(shared_stage, packed, unpacked, emptied, at(4, epcList=[crate]))
    assert relations(shared_stage, item) == ["self", "self"]
    capture(shared_stage, declared_wrong(unpacked))
    assert relations(shared_stage, item).count("container") == 0
    capture(shared_stage, declared_wrong(emptied))
    assert relations(shared_stage, item).count("container") == 1
    capture(shared_stage, declared_wrong(packed))
    assert set(relations(shared_stage, item)) == {"self"}
