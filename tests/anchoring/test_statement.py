"""What follows from an event, against the design's own vectors and by its rules."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_service.anchoring.statement import derive, subjects
from chain_service.events.facts import ALARM, DELETION, ERROR_DECLARATION, flags, identifiers
from chain_service.kit import merkle
from chain_service.kit.digests import to_hex

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "design-vectors.json"
needs_vectors = pytest.mark.skipif(not VECTORS.exists(), reason=f"{VECTORS} is not here")
SALT = b"\x01" * 32
CONTEXT = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"own": "https://own.example/"}]
ID = "https://id.gs1.org"


def event(**fields):
    return {"@context": CONTEXT, "type": "ObjectEvent", "eventTime": "2026-11-01T08:30:00.000+08:00"} | fields


@needs_vectors
def test_statements_are_those_of_the_design_vectors():
    for vector in json.loads(VECTORS.read_text())["statements"]:
        statement = derive(vector["event"], bytes.fromhex(vector["salt"][2:]))
        assert statement.as_json() == vector["statement"]
        names = [name for _, name in identifiers(vector["event"])]
        assert list(dict.fromkeys(names)) == vector["identifiers"]


@needs_vectors
def test_subjects_are_those_of_the_design_vectors():
    for vector in json.loads(VECTORS.read_text())["subjects"]:
        assert to_hex(subjects(vector["identifiers"])) == vector["root"]
        assert subjects([*reversed(vector["identifiers"]), *vector["identifiers"]]) == subjects(vector["identifiers"])


def test_identifiers_of_the_whole_what_dimension_with_their_roles():
    sgtin, lot = "urn:epc:id:sgtin:9521234.054321.{}", "urn:epc:class:lgtin:9521234.054321.{}"
    stated = event(
        epcList=[sgtin.format("E")],
        quantityList=[{"epcClass": lot.format("Q"), "quantity": 2}],
        parentID="https://brand.example/00/195212340000000010",
        childEPCs=[sgtin.format("C")],
        childQuantityList=[{"epcClass": lot.format("CQ")}],
        inputEPCList=[sgtin.format("I")],
        inputQuantityList=[{"epcClass": lot.format("IQ")}],
        outputEPCList=["https://brand.example/shop/01/9521234543213/10/L/21/O?x=y"],
        outputQuantityList=[{"epcClass": "own:flour"}],
    )
    item, batch = f"{ID}/01/09521234543213/21/", f"{ID}/01/09521234543213/10/"
    assert identifiers(stated) == [
        ("parent", f"{ID}/00/195212340000000010"),
        ("epc", item + "E"),
        ("class", batch + "Q"),
        ("child", item + "C"),
        ("child", batch + "CQ"),
        ("input", item + "I"),
        ("input", batch + "IQ"),
        ("output", item + "O"),
        ("output", "https://own.example/flour"),
    ]


def test_places_transactions_and_sensors_are_no_subjects():
    bare = event(
        readPoint={"id": "urn:epc:id:sgln:9521321.00001.0"},
        bizTransactionList=[{"type": "po", "bizTransaction": "urn:epc:id:gdti:0614141.00001.1618034"}],
        sourceList=[{"type": "location", "source": "urn:epc:id:sgln:9521321.00001.0"}],
        sensorElementList=[{"sensorReport": [{"type": "Temperature", "deviceID": "urn:epc:id:giai:4000001.111"}]}],
    )
    assert identifiers(bare) == []
    assert derive(bare, SALT).subjects == merkle.EMPTY_ROOT


def test_place_is_the_business_location_before_the_read_point():
    read_point = {"id": "urn:epc:id:sgln:9521321.00001.7"}
    location = {"id": "urn:epc:id:sgln:9521321.00001.0"}
    assert derive(event(readPoint=read_point, bizLocation=location), SALT).place == f"{ID}/414/9521321000018"
    assert derive(event(readPoint=read_point), SALT).place == f"{ID}/414/9521321000018/254/7"
    assert derive(event(), SALT).place == ""


def test_step_and_disposition_are_full_uris_in_whatever_form_they_come():
    for step in ("shipping", "cbv:BizStep-shipping", "urn:epcglobal:cbv:bizstep:shipping"):
        assert derive(event(bizStep=step), SALT).step == "https://ref.gs1.org/cbv/BizStep-shipping"
    assert derive(event(bizStep="own:brewing"), SALT).step == "https://own.example/brewing"
    assert derive(event(disposition="in_transit"), SALT).disposition == "https://ref.gs1.org/cbv/Disp-in_transit"
    assert (derive(event(), SALT).step, derive(event(), SALT).disposition) == ("", "")


@pytest.mark.parametrize("word", ["ALARM_CONDITION", "gs1:ALARM_CONDITION", "https://gs1.org/voc/ALARM_CONDITION"])
def test_any_report_with_an_alarm_sets_the_alarm_flag(word):
    reports = [{"type": "Temperature"}, {"exception": "ERROR_CONDITION"}, {"exception": word}]
    elements = [{"sensorReport": [{"type": "Speed"}]}, {"sensorReport": reports}]
    assert flags(event(sensorElementList=elements)) == ALARM
    assert flags(event(sensorElementList=[{"sensorReport": reports[:2]}])) == 0


def test_error_declaration_and_deletion_set_their_flags():
    declaration = {"declarationTime": "2026-11-02T00:00:00Z"}
    assert flags(event(errorDeclaration=declaration)) == ERROR_DECLARATION
    assert flags(event(action="DELETE")) == DELETION
    assert flags(event(action="ADD", errorDeclaration=declaration)) == ERROR_DECLARATION
    assert flags(event(action="DELETE", errorDeclaration=declaration)) == ERROR_DECLARATION | DELETION


def test_event_time_is_truncated_to_milliseconds():
    assert derive(event(eventTime="2026-11-01T08:30:00.1239999+08:00"), SALT).event_time == 1793493000123


@pytest.mark.parametrize(
    "fields",
    [
        {"eventTime": None},
        {"eventTime": "2026-11-01T08:30:00"},
        {"bizStep": "transforming"},
        {"bizStep": ["shipping"]},
        {"epcList": "https://id.gs1.org/01/09521234543213/21/A1"},
        {"epcList": [7]},
        {"epcList": ["https://id.gs1.org/01/09521234543214/21/A1"]},
        {"quantityList": ["x"]},
        {"quantityList": [{}]},
        {"parentID": None},
        {"readPoint": "x"},
        {"readPoint": {}},
        {"sensorElementList": [{"sensorReport": [{"exception": "no such alert"}]}]},
        {"sensorElementList": {"sensorReport": []}},
        {"sensorElementList": [{"sensorReport": "x"}]},
        {"sensorElementList": [{"sensorReport": [{"exception": 1}]}]},
        {"own:x": float("nan")},
    ],
)
def test_an_event_from_which_no_statement_follows_raises_value_error(fields):
    with pytest.raises(ValueError, match=r"."):
        derive(event(**fields), SALT)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["@context", "eventTime", "bizStep", "disposition", "readPoint", "bizLocation", "epcList", "quantityList",
     "parentID", "childEPCs", "sensorElementList", "errorDeclaration", "action"]
)  # fmt: skip


@given(st.dictionaries(FIELDS, JSON, max_size=4))
def test_nothing_but_value_error_is_ever_raised(fields):
    try:
        derive(event(**fields), SALT)
    except ValueError:
        return
