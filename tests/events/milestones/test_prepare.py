"""Many forms at once become events that EPCIS accepts; what is wrong is named at its place."""

from typing import Any

import pytest

from chain_service.db import reading
from chain_service.events.milestones import forms, service
from chain_service.events.milestones.steps import STEPS, word_of
from chain_service.events.validation import validate
from chain_service.partners.models import Partner
from chain_service.partners.roles import Role
from tests.events.milestones.posting import PLACE, describe, made, milestone, new_gtin, new_sscc
from tests.stage import Stage


def partner(stage: Stage, did: str | None = None, roles: int = Role.LOGISTICS) -> Partner:
    return Partner(did=did or stage.carrier, name={}, roles=int(roles), created_at=0)


def prepared(stage: Stage, *contents: Any, who: Partner | None = None) -> tuple[list[Any], list[Any]]:
    """Each form's event, and what is wrong."""
    read = [forms.read(content, f"/{number}") for number, content in enumerate(contents)]
    wrong = [error for _, errors in read for error in errors]
    good = [(number, form) for number, (form, _) in enumerate(read) if form]
    with reading(stage.engine) as connection:
        examined = service.examine(
            connection,
            stage.vault,
            who or partner(stage),
            [form for _, form in good],
            [None] * len(good),
            pointers=[f"/{number}" for number, _ in good],
        )
    return [each.event if each else None for each in examined.stated], wrong + examined.errors


@pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))
def test_every_step_becomes_a_valid_event_of_its_words(shared_stage: Stage, step: Any) -> None:
    everything = Role.BRAND | Role.PRODUCER
    sscc = f"(00){new_sscc()}"
    item = made(shared_stage)
    if step.word == "unpacked":
        sscc = item  # known already
    form = milestone(item, step=step.word, **({"shipment": sscc} if step.needs_shipment else {}))
    events, errors = prepared(shared_stage, form, who=partner(shared_stage, shared_stage.brand, everything))
    assert errors == []
    (event,) = events
    assert validate(event, "") == []
    assert (event["bizStep"], event.get("disposition", ""), event["action"]) == (
        step.biz_step,
        step.disposition,
        step.action,
    )
    assert word_of(event) == step.word
    assert event["readPoint"] == {"id": PLACE}
    assert ("bizLocation" in event) == step.kept


def test_all_that_a_form_says_stands_in_its_event(shared_stage: Stage) -> None:
    gtin = new_gtin()
    describe(shared_stage, gtin, limits={"Temperature": {"max": 8, "uom": "CEL"}})
    item = made(shared_stage, gtin)
    form = milestone(
        item,
        time="2026-11-20T08:00:00.000+08:00",
        measurements=[
            {"type": "Temperature", "value": 4.2, "uom": "CEL"},
            {"type": "gs1:Mass", "value": 3, "uom": "KGM"},
        ],
        documents=[{"name": "CMR 4711", "sha256": "AB" * 32}],
        note="Seal intact",
        expected={"step": "delivered", "place": "geo:47.4,8.5", "by": "2026-11-27T18:00:00+08:00"},
    )
    late = {**form, "measurements": [{"type": "Temperature", "value": 8.1, "uom": "CEL"}]}
    (event, warm), errors = prepared(shared_stage, form, late)
    assert errors == []
    assert (event["eventTime"], event["eventTimeZoneOffset"]) == ("2026-11-20T08:00:00.000+08:00", "+08:00")
    assert event["epcList"] == [item]
    (element,) = event["sensorElementList"]
    assert element["sensorReport"] == [
        {"type": "Temperature", "value": 4.2, "uom": "CEL"},
        {"type": "Mass", "value": 3, "uom": "KGM"},
    ]
    assert event["cs:documents"] == [{"cs:name": "CMR 4711", "cs:sha256": "ab" * 32}]
    assert event["cs:note"] == "Seal intact"
    assert event["cs:expected"] == {
        "cs:step": "https://ref.gs1.org/cbv/BizStep-accepting",
        "cs:place": "geo:47.4,8.5",
        "cs:by": "2026-11-27T18:00:00+08:00",
    }
    (report,) = warm["sensorElementList"][0]["sensorReport"]
    assert report["exception"] == "ALARM_CONDITION"
    assert validate(event, "") == validate(warm, "") == []


@pytest.mark.parametrize(("value", "breach"), [(46.4, False), (46.6, True), (35.5, True)])
def test_limits_hold_whichever_unit_a_measurement_is_told_in(shared_stage: Stage, value: float, breach: bool) -> None:
    gtin = new_gtin()
    describe(shared_stage, gtin, limits={"Temperature": {"min": 2, "max": 8, "uom": "CEL"}})
    form = milestone(made(shared_stage, gtin), measurements=[{"type": "Temperature", "value": value, "uom": "FAH"}])
    (event,), errors = prepared(shared_stage, form)
    assert errors == []
    (report,) = event["sensorElementList"][0]["sensorReport"]
    assert (report["value"], report["uom"]) == (value, "FAH")
    assert ("exception" in report) == breach
