"""Queries over captured events, on both databases."""

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.events.documents import declared_wrong, document, new_event
from tests.stage import Stage

GTIN = "09521234543213"
SAME_TIME = "2026-11-03T08:30:00.000Z"


@pytest.fixture(scope="module")
def shelf(shared_stage: Stage) -> tuple[Stage, str, dict[str, Any]]:
    """A stage with seven events about one serial number: name, then the events by what is special in them."""
    serial = f"Q{uuid.uuid4().hex[:8]}"
    item = f"https://id.gs1.org/01/{GTIN}/21/{serial}"
    same = {"epcList": [item], "eventTime": SAME_TIME, "eventTimeZoneOffset": "+00:00"}
    events = {
        "shipping": new_event(**same),
        "receiving": new_event(**same, bizStep="receiving", disposition="in_progress"),
        "urn": new_event(**{**same, "epcList": [f"urn:epc:id:sgtin:9521234.054321.{serial}"]}, bizStep="storing"),
        "own": new_event(**same, bizStep="https://brand.example/steps/polishing"),
        "packed": {
            **new_event(**{**same, "epcList": None}, bizStep="packing", action="ADD"),
            "type": "AggregationEvent",
            "parentID": "https://id.gs1.org/00/095212340000000013",
            "childEPCs": [item],
        },
        "early": new_event(epcList=[item], eventTime="2026-11-02T08:30:00.000Z", eventTimeZoneOffset="+00:00"),
        "late": new_event(epcList=[item], eventTime="2026-11-04T08:30:00.000Z", eventTimeZoneOffset="+00:00"),
    }
    job = shared_stage.capture(document(*events.values(), declared_wrong(events["late"])))
    assert job["success"], job["errors"]
    return shared_stage, item, {name: event["eventID"] for name, event in events.items()}


def ids(stage: Stage, query: str) -> list[str]:
    answer = stage.client.get(f"/epcis/events?{query}")
    assert answer.status_code == 200, answer.text
    whole = answer.json()
    assert whole["type"] == "EPCISQueryDocument"
    return [event["eventID"] for event in whole["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]


def names(shelf: tuple[Stage, str, dict[str, Any]], query: str) -> set[str]:
    """Which of the shelf's events a query finds, among those of its item."""
    stage, item, events = shelf
    found = set(ids(stage, f"MATCH_epc={quote(item, safe='')}&perPage=1000&{query}"))
    return {name for name, event_id in events.items() if event_id in found}


ALL = {"shipping", "receiving", "urn", "own", "packed", "early", "late"}
SHIPPED = {"shipping", "early", "late"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ALL),
        ("eventType=ObjectEvent", ALL - {"packed"}),
        ("eventType=AggregationEvent", {"packed"}),
        ("eventType=AggregationEvent,ObjectEvent", ALL),
        ("eventType=AggregationEvent%2CObjectEvent", ALL),
        ("eventType=AggregationEvent|ObjectEvent", ALL),
        ("eventType=AggregationEvent&eventType=ObjectEvent", ALL),
        ("eventType=TransformationEvent", set()),
        ("EQ_bizStep=shipping", SHIPPED),
        ("EQ_bizStep=cbv:BizStep-shipping", SHIPPED),
        ("EQ_bizStep=urn:epcglobal:cbv:bizstep:shipping", SHIPPED),
        ("EQ_bizStep=https%3A%2F%2Fref.gs1.org%2Fcbv%2FBizStep-shipping", SHIPPED),
        ("EQ_bizStep=shipping,receiving", {*SHIPPED, "receiving"}),
        ("EQ_bizStep=https://brand.example/steps/polishing", {"own"}),
        ("EQ_disposition=in_progress", {"receiving"}),
        ("EQ_action=ADD", {"packed"}),
        ("EQ_action=ADD,OBSERVE", ALL),
        ("EQ_readPoint=urn:epc:id:sgln:9521321.00001.0", ALL),
        ("EQ_bizLocation=urn:epc:id:sgln:9521321.00001.0", set()),
        ("GE_eventTime=2026-11-03T08:30:00Z", ALL - {"early"}),
        ("GE_eventTime=2026-11-03T08:30:00.001Z", {"late"}),
        ("LT_eventTime=2026-11-03T08:30:00Z", {"early"}),
        ("GE_eventTime=2026-11-02T16:30:00%2B08:00&LT_eventTime=2026-11-03T16:30:00+08:00", {"early"}),
        ("GE_recordTime=2099-01-01T00:00:00Z", set()),
        ("LT_recordTime=2099-01-01T00:00:00Z", ALL),
        ("EXISTS_errorDeclaration=true", {"late"}),
        ("MATCH_parentID=https://id.gs1.org/00/095212340000000013", {"packed"}),
        ("MATCH_parentID=urn:epc:id:sscc:9521234.0000000001", {"packed"}),
        ("MATCH_anyEPC=urn:epc:id:sscc:9521234.0000000001", {"packed"}),
        ("MATCH_inputEPC=urn:epc:id:sscc:9521234.0000000001", set()),
    ],
)
def test_a_query_finds_what_it_says(shelf: tuple[Stage, str, dict[str, Any]], query: str, found: set[str]) -> None:
    assert names(shelf, query) == found


def test_every_form_of_an_identifier_finds_the_same(shelf: tuple[Stage, str, dict[str, Any]]) -> None:
    stage, item, events = shelf
    serial = item.rpartition("/")[2]
    for form in (
        item,
        f"urn:epc:id:sgtin:9521234.054321.{serial}",
        f"https://brand.example/en/01/{GTIN}/21/{serial}?17=271231",
        f"https://id.gs1.org/01/{GTIN}/10/LOT/21/{serial}",
        f"https://id.gs1.org/gtin/9521234543213/ser/{serial}",
    ):
        for query in (f"MATCH_epc={quote(form, safe='')}", f"MATCH_epc=urn:x:none,{quote(form, safe='')}"):
            assert set(ids(stage, query)) == set(events.values()), form


def test_a_comma_inside_an_identifier_is_percent_encoded(shared_stage: Stage) -> None:
    tail = uuid.uuid4().hex[:6]
    comma, plain = (
        new_event(epcList=[f"urn:epc:id:sgtin:9521234.054321.C,{tail}"]),
        new_event(epcList=[f"urn:x:{tail}"]),
    )
    shared_stage.capture(document(comma, plain))
    encoded = quote(comma["epcList"][0], safe="")
    assert ids(shared_stage, f"MATCH_epc={encoded}") == [comma["eventID"]]
    assert set(ids(shared_stage, f"MATCH_epc={encoded},urn:x:{tail}")) == {comma["eventID"], plain["eventID"]}
    assert len(_pages(shared_stage, f"MATCH_epc={encoded},urn:x:{tail}&perPage=1")) == 2


def _pages(stage: Stage, query: str) -> list[str]:
    """The eventIDs of all pages, in order."""
    return list(_all(stage, f"/epcis/events?{query}"))


def _all(stage: Stage, address: str) -> Iterator[str]:
    while address:
        answer = stage.client.get(address)
        assert answer.status_code == 200, answer.text
        for event in answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]:
            yield event["eventID"]
        link = answer.headers.get("Link", "")
        address = link[1 : link.index(">")] if link else ""


@pytest.mark.parametrize("order", ["", "&orderBy=eventTime", "&orderBy=recordTime&orderDirection=ASC"])
@pytest.mark.parametrize("size", [1, 7, 25])
def test_pages_hold_every_event_once_also_where_times_are_equal(shared_stage: Stage, order: str, size: int) -> None:
    item = f"https://id.gs1.org/01/{GTIN}/21/P{uuid.uuid4().hex[:8]}"
    events = [new_event(epcList=[item], eventTime=SAME_TIME) for _ in range(25)]
    shared_stage.capture(document(*events))
    seen = _pages(shared_stage, f"MATCH_epc={quote(item, safe='')}&perPage={size}{order}")
    assert len(seen) == 25
    assert set(seen) == {event["eventID"] for event in events}


def test_a_page_is_not_disturbed_by_events_that_come_between(shared_stage: Stage) -> None:
    item = f"https://id.gs1.org/01/{GTIN}/21/B{uuid.uuid4().hex[:8]}"
    events = [new_event(epcList=[item], eventTime=SAME_TIME) for _ in range(4)]
    shared_stage.capture(document(*events))
    pages = _all(shared_stage, f"/epcis/events?MATCH_epc={quote(item, safe='')}&perPage=2")
    seen = [next(pages), next(pages)]
    late = new_event(epcList=[item], eventTime="2026-11-01T00:00:00Z")
    shared_stage.capture(document(late))
    assert [*seen, *pages] == [event["eventID"] for event in events]


def test_events_come_in_the_order_that_is_asked_for(shelf: tuple[Stage, str, dict[str, Any]]) -> None:
    stage, item, events = shelf
    query = f"MATCH_epc={quote(item, safe='')}&EXISTS_errorDeclaration=false"
    upwards = ids(stage, f"{query}&orderBy=eventTime&orderDirection=ASC")
    assert (upwards[0], upwards[-1]) == (events["early"], events["late"])
    assert ids(stage, f"{query}&orderBy=eventTime") == upwards[::-1]
    assert ids(stage, query) == upwards


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("colour=red", "colour"),
        ("EQ_bizstep=shipping", "EQ_bizstep"),
        ("EQ_bizStep=shiping", "EQ_bizStep"),
        ("EQ_disposition=gone", "EQ_disposition"),
        ("eventType=Object", "eventType"),
        ("EQ_action=add", "EQ_action"),
        ("MATCH_epc=https://id.gs1.org/01/09521234543210/21/A1", "MATCH_epc"),
        ("MATCH_epc=urn:epc:idpat:sgtin:9521234.054321.*", "MATCH_epc"),
        ("MATCH_epc=urn:x:%00", "MATCH_epc"),
        ("EQ_eventID=%00", "EQ_eventID"),
        ("GE_eventTime=yesterday", "GE_eventTime"),
        ("GE_eventTime=2026-11-03T08:30:00", "GE_eventTime"),
        ("GE_eventTime=2026-11-03T08:30:00Z&GE_eventTime=2026-11-04T08:30:00Z", "GE_eventTime"),
        ("perPage=0", "perPage"),
        ("perPage=1001", "perPage"),
        ("perPage=%D9%A3", "perPage"),
        ("perPage=30,40", "perPage"),
        ("nextPageToken=zzz", "nextPageToken"),
        ("nextPageToken=MTAwIGFi", "nextPageToken"),
        ("nextPageToken=OTk5OTk5OTk5OTk5OTk5OSA5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk", "nextPageToken"),
        ("orderBy=colour", "orderBy"),
        ("orderDirection=up", "orderDirection"),
        ("EXISTS_errorDeclaration=yes", "EXISTS_errorDeclaration"),
    ],
)
def test_an_unknown_or_ill_formed_parameter_is_refused_by_name(shared_stage: Stage, query: str, parameter: str) -> None:
    answer = shared_stage.client.get(f"/epcis/events?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), answer.text
    assert answer.json()["type"] == "epcisException:QueryParameterException"
    assert answer.json()["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize("event_id", ["urn:x:none", "%00", "%FF", "", "x" * 5000])
def test_an_event_that_is_not_known_is_not_found(shared_stage: Stage, event_id: str) -> None:
    answer = shared_stage.client.get(f"/epcis/events/{event_id}")
    assert (answer.status_code, answer.json()["type"]) == (404, "epcisException:NoSuchResourceException")


def test_reading_needs_no_token_and_tells_the_versions(shared_stage: Stage) -> None:
    answer = shared_stage.client.get("/epcis/events?perPage=1")
    assert (answer.status_code, answer.headers["GS1-EPCIS-Version"]) == (200, "2.0.0")
    options = shared_stage.client.options("/epcis/capture")
    assert (options.status_code, options.headers["GS1-EPCIS-Capture-File-Size-Limit"]) == (204, str(10 * 1024 * 1024))
