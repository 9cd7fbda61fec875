"""The sample journeys are what they seem: valid, complete, plausible, in both languages."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chain_service.anchoring.statement import derive
from chain_service.events.facts import facts, identifiers
from chain_service.events.validation import validate_document
from chain_service.kit import canonical
from chain_service.kit.clock import parse_time
from chain_service.kit.digital_link import canonical_name
from chain_service.partners.roles import from_names, may_say

SAMPLES = Path(__file__).parents[2] / "chain_service" / "samples"
Json = dict[str, Any]


def load(path: str) -> Any:
    return canonical.parse((SAMPLES / path).read_bytes())


PARTNERS: dict[str, Json] = {partner["did"]: partner for partner in load("partners.json")}
ITEMS: dict[str, Json] = {item["item"]: item for item in load("items.json")}
JOURNEYS: dict[str, Json] = {slug: load(f"journeys/{slug}.json") for slug in ("formula", "lettuce", "sneakers")}
LAST_MOMENT = parse_time("2026-11-20T00:00:00Z")
NOW = parse_time("2026-11-22T00:00:00Z")
KEY_DIGITS = {"01": 14, "00": 18, "414": 13, "8003": 14, "bt": 13}  # a GRAI's serial follows its check digit
TEXT_FIELDS = ("name", "brand", "description", "city")
each_journey = pytest.mark.parametrize("slug", JOURNEYS)


def statements(slug: str) -> list[tuple[str, Json]]:
    """(partner, event as stated) in the order of the captures."""
    return [
        (capture["partner"], {"@context": capture["document"]["@context"], **event})
        for capture in JOURNEYS[slug]["captures"]
        for event in capture["document"]["epcisBody"]["eventList"]
    ]


def values(node: Any, key: str) -> Iterator[Any]:
    """Every value that stands under `key`, at any depth."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from values(value, key)
    elif isinstance(node, list):
        for entry in node:
            yield from values(entry, key)


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, (dict, list)):
        for entry in node.values() if isinstance(node, dict) else node:
            yield from strings(entry)


def has_right_check_digit(digits: str) -> bool:
    """GS1 General Specifications section 7.9: weights 3 and 1 from the right, sum a multiple of ten."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))) % 10 == 0


@each_journey
def test_every_document_is_valid_and_yields_statements(slug: str) -> None:
    for capture in JOURNEYS[slug]["captures"]:
        assert validate_document(capture["document"]) == []
    assert all(derive(event, bytes(32)).step for _, event in statements(slug))


@each_journey
def test_every_partner_is_known_and_may_say_its_steps(slug: str) -> None:
    for partner, event in statements(slug):
        step = facts(event).step
        assert may_say(from_names(PARTNERS[partner]["roles"]), step), f"{partner} may not say {step}"


def test_the_first_partner_is_the_brand_of_the_formula() -> None:
    first = next(iter(PARTNERS.values()))
    assert first["roles"] == ["brand", "producer"]
    assert ITEMS[JOURNEYS["formula"]["scan"].partition("/21/")[0]]["partner"] == first["did"]


def test_all_check_digits_are_right() -> None:
    texts = {*strings(list(ITEMS.values())), *ITEMS, *strings(JOURNEYS), *mentioned()}
    keys = {
        digits[: KEY_DIGITS[ai]]
        for text in texts
        for ai, digits in re.findall(r"(?:/(?=\d)|urn:epcglobal:cbv:)(01|00|414|8003|bt)[/:](\d+)", text)
    }
    assert len(keys) > 80
    assert [key for key in keys if not has_right_check_digit(key)] == []


def mentioned() -> Iterator[str]:
    """Canonical names of all items and places of all journeys."""
    for slug, journey in JOURNEYS.items():
        yield journey["scan"]
        for _, event in statements(slug):
            known = facts(event)
            yield from (name for _, name in known.items)
            yield from (place for place in (known.read_point, known.biz_location) if place)


def test_every_product_and_place_has_a_name_in_both_languages() -> None:
    for name in mentioned():
        described = re.match(r"https://id\.gs1\.org/(?:01/\d{14}|414/\d{13})", name)
        assert described is None or described[0] in ITEMS, f"nothing is known of {name}"
    named = [*PARTNERS.values(), *ITEMS.values()]
    texts = [entry[field] for entry in named for field in TEXT_FIELDS if field in entry]
    texts += [{"en": text.get("cs:en"), "zh": text.get("cs:zh")} for text in values(JOURNEYS, "cs:name")]
    texts += [journey["title"] for journey in JOURNEYS.values()]
    assert all("name" in entry for entry in named)
    for text in texts:
        assert sorted(text) == ["en", "zh"]
        assert text["en"]
        assert text["en"].strip() == text["en"]
        assert re.search(r"[\u4e00-\u9fff]", text["zh"]) or text["zh"] == text["en"]


def test_master_data_is_canonical_and_of_known_partners() -> None:
    for name, item in ITEMS.items():
        assert canonical_name(name) == name
        assert item["partner"] in PARTNERS
        if item["kind"] == "place":
            assert {"city", "country", "geo"} <= item.keys()


def test_pictures_exist_are_small_and_load_nothing() -> None:
    pictures = {item["image"] for item in ITEMS.values() if "image" in item}
    assert pictures == {"/samples/formula.svg", "/samples/lettuce.svg", "/samples/sneakers.svg"}
    for picture in pictures:
        data = (SAMPLES / "pictures" / Path(picture).name).read_bytes()
        assert len(data) < 6 * 1024
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(data).iter()}
        assert {"title", "desc"} <= tags
        assert not tags & {"script", "style", "image", "use", "foreignObject", "a"}
        assert b"href" not in data
        assert b"url(" not in data


@each_journey
def test_events_happen_in_order_and_not_in_the_future(slug: str) -> None:
    times = [parse_time(event["eventTime"]) for _, event in statements(slug)]
    assert times == sorted(times)
    assert times[-1] < LAST_MOMENT
    for capture in JOURNEYS[slug]["captures"]:
        document = capture["document"]
        created = parse_time(document["creationDate"])
        assert max(parse_time(text) for text in values(document, "eventTime")) <= created < NOW
        for event in document["epcisBody"]["eventList"]:
            for key in ("time", "startTime", "endTime"):
                measured = [parse_time(text) for text in values(event.get("sensorElementList"), key)]
                assert all(moment <= parse_time(event["eventTime"]) for moment in measured)


def offset_at(country: str, when: int) -> str:
    """The legal offset from UTC in October and November 2026; Portugal's summer time ends on 25 October, 01:00 UTC."""
    summer_in_portugal = when < parse_time("2026-10-25T01:00:00Z")
    return {"NZ": "+13:00", "CN": "+08:00", "PT": "+01:00" if summer_in_portugal else "+00:00"}[country]


@each_journey
def test_events_are_told_in_the_time_of_their_place(slug: str) -> None:
    for _, event in statements(slug):
        place = ITEMS[facts(event).place]
        expected = "+00:00" if place["city"]["en"] == "At sea" else offset_at(place["country"], facts(event).event_time)
        assert event["eventTimeZoneOffset"] == expected
        assert event["eventTime"].endswith(expected)


@each_journey
def test_every_event_concerns_the_scanned_item(slug: str) -> None:
    leads_to: dict[str, set[str]] = {}
    for _, event in statements(slug):
        items = identifiers(event)
        for role, source in (("child", "parent"), ("output", "input")):
            for name in (name for at, name in items if at == role):
                leads_to.setdefault(name, set()).update(name for at, name in items if at == source)
        if event.get("action") == "ADD" and "cbvmda:lotNumber" in event.get("ilmd", {}):
            for name in (name for at, name in items if at == "epc"):
                lot = f"{name.partition('/21/')[0]}/10/{event['ilmd']['cbvmda:lotNumber']}"
                leads_to.setdefault(name, set()).add(lot)
    reached, waiting = set[str](), {JOURNEYS[slug]["scan"]}
    while waiting:
        reached |= waiting
        waiting = {name for start in waiting for name in leads_to.get(start, ())} - reached
    for _, event in statements(slug):
        assert reached & {name for _, name in identifiers(event)}, f"{event['eventID']} is about something else"


def test_measured_values_are_within_the_limits_that_they_carry() -> None:
    for report in (report for reports in values(JOURNEYS, "sensorReport") for report in reports):
        for field in ("value", "minValue", "meanValue", "maxValue"):
            if field in report:
                assert report.get("cs:lowerLimit", -1e9) <= report[field] <= report.get("cs:upperLimit", 1e9), report
        if "meanValue" in report:
            assert report["minValue"] <= report["meanValue"] <= report["maxValue"]


def test_the_formula_was_tested_for_fifty_values_in_one_laboratory_report() -> None:
    reports = [
        list(values(event, "sensorReport")) for _, event in statements("formula") if "certificationInfo" in event
    ]
    assert 50 in [sum(map(len, elements)) for elements in reports]


def test_raw_milk_travelled_between_two_and_six_degrees() -> None:
    reports = [
        report
        for partner, event in statements("formula")
        if partner == "did:web:coldtrace.example" and facts(event).event_time < parse_time("2026-10-04T00:00:00Z")
        for report in event["sensorElementList"][0]["sensorReport"]
    ]
    assert len([report for report in reports if "time" in report]) >= 10
    assert all(2 <= report.get("value", report.get("meanValue")) <= 6 for report in reports)


def test_the_journeys_use_all_event_types_and_both_spellings_of_identifiers() -> None:
    events = [event for slug in JOURNEYS for _, event in statements(slug)]
    kinds = {"ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent"}
    assert {event["type"] for event in events} == kinds
    for slug in JOURNEYS:
        spelled = set(strings([event for _, event in statements(slug)]))
        assert any(text.startswith("urn:epc:") for text in spelled)
        assert any(re.match(r"https://[a-z0-9.-]+/(01|00|414|8003)/", text) for text in spelled)
    ids = [event["eventID"] for event in events]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name) for name in ids)
