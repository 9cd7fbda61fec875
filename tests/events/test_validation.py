"""Which EPCIS 2.0 documents may be captured, against valid and invalid documents of several projects, and by the
standard's rules one by one."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_service.events.validation import Problem, validate, validate_document

DATA = Path(__file__).parents[3] / "shared" / "data"
CAPTURE = (
    DATA / "openepcis-test-resources" / "core" / "src" / "main" / "resources" / "2.0" / "EPCIS" / "JSON" / "Capture"
)
needs_data = pytest.mark.skipif(not CAPTURE.exists(), reason=f"{CAPTURE} is not here")
CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
EVENT = "/epcisBody/eventList/0"


def read(path):
    return json.loads(path.read_text(encoding="utf-8-sig"))


def resolves(pointer, document):
    """Whether an RFC 6901 pointer leads to something in a document."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        try:
            document = document[int(name)] if isinstance(document, list) else document[name]
        except (KeyError, IndexError, ValueError, TypeError):
            return False
    return True


# --- documents of others


@needs_data
def test_all_24_valid_capture_documents_pass():
    """SensorData_with_combined_events.json included, which the official schema refuses: it names bizRules in a
    sensorReport, where XML has it too, the measurement type Molar_concentration, a term of GS1's own examples
    (tests/kit/test_vocabulary.py), and an identifier that resembles a GRAI but is a URI of its own
    (tests/kit/test_digital_link.py)."""
    documents = sorted((CAPTURE / "Documents").glob("*.json"))
    assert len(documents) == 24
    assert {path.name: validate_document(read(path)) for path in documents} == {path.name: [] for path in documents}


@needs_data
def test_bare_events_pass():
    events = sorted((CAPTURE / "Events").glob("*.json"))
    assert events
    assert [validate(read(path), "") for path in events] == [[] for _ in events]


INVALID = {
    "Combination_of_events_with_missing_mandatory_fields": [
        (EVENT, "action"),
        ("/epcisBody/eventList/1", "eventTimeZoneOffset"),
        ("/epcisBody/eventList/1", "action"),
    ],
    "Combination_of_non_standard_bizStep_and_disposition": [
        (f"{EVENT}/bizStep", "transforming"),
        ("/epcisBody/eventList/1/disposition", "in_transport"),
    ],
    "ObjectEvent_with_ilmd_field_without_namespace": [(f"{EVENT}/ilmd/materialType", "namespace")],
    "ObjectEvent_with_invalid_action": [(f"{EVENT}/action", "CREATE")],
    "ObjectEvent_with_invalid_certificationInfo": [
        (f"{EVENT}/certificationInfo/0", "URI"),
        (f"{EVENT}/certificationInfo/1", "URI"),
        (f"{EVENT}/certificationInfo/1/gs1:CertificationDetails/gs1:certificationAuditDate", "wrong date format"),
    ],
    "ObjectEvent_with_invalid_eventTime_format": [(f"{EVENT}/eventTime", "22-07-2026")],
    "ObjectEvent_with_non_standard_bizStep": [(f"{EVENT}/bizStep", "transforming")],
    "ObjectEvent_with_quantity_as_text": [(f"{EVENT}/quantityList/0/quantity", "twenty")],
    "ObjectEvent_without_action_and_eventTime": [
        (EVENT, "eventTime,"),
        (EVENT, "eventTimeZoneOffset"),
        (EVENT, "action"),
    ],
    "ObjectEvent_without_identifier_list": [(EVENT, "epcList or quantityList")],
}


@needs_data
def test_the_table_of_invalid_documents_is_complete():
    assert {path.stem for path in (CAPTURE / "Invalid").glob("*.json")} == INVALID.keys()


@needs_data
@pytest.mark.parametrize("name", INVALID)
def test_invalid_capture_documents_are_refused_at_the_right_place(name):
    document = read(CAPTURE / "Invalid" / f"{name}.json")
    problems = validate_document(document)
    assert [problem.pointer for problem in problems] == [pointer for pointer, _ in INVALID[name]]
    for problem, (_, said) in zip(problems, INVALID[name], strict=True):
        assert said in problem.reason
        assert resolves(problem.pointer, document)


@needs_data
def test_json_documents_of_the_event_hash_project_pass():
    for folder in ("epcis-event-hash-generator/tests/examples", "epcis-event-hash-generator-2026/documents"):
        for path in sorted((DATA / folder).glob("*.jsonld")):
            problems = validate_document(read(path))
            if path.name == "epcisQueryDocument.jsonld":  # an answer, not a capture
                assert problems[0].pointer == "/type"
            else:
                assert problems == [], path.name


SENTRY_EXAMPLES = "openepcis-event-sentry/examples/epcis-events/ACME_ES_SCE_0dot1_"
OTHERS = {
    # Certificates and dispositions that are no URIs and no words, a type beside sensorReport.
    "fastnt-epcis/tests/FasTnT.Host.Tests/Features/v2_0/Communication/Resources/Requests/"
    "Request_ObjectEvent_WithMasterdata.json": ["certificationInfo", "sensorElementList/0/type", "set/1", "set/2"],
    # AI 8003 on id.gs1.org without its filling 0.
    SENTRY_EXAMPLES + "InspectingEventDocument1.json": ["epcList/0"],
    SENTRY_EXAMPLES + "ReplacementEventDocument1.json": ["parentID"],
    SENTRY_EXAMPLES + "ShippingEventDocument1.json": [],
    SENTRY_EXAMPLES + "XEventDocument1.json": [],
}


@needs_data
@pytest.mark.parametrize("name", OTHERS)
def test_documents_of_other_projects(name):
    problems = validate_document(read(DATA / name))
    assert len(problems) == len(OTHERS[name])
    for problem, end in zip(problems, OTHERS[name], strict=True):
        assert problem.pointer == f"{EVENT}/{end}" or problem.pointer.endswith(end)


BARE = {
    SENTRY_EXAMPLES + "ShippingEvent1.json": [],
    # A wrong check digit in an event that a profile calls valid: the profile checks its own rules only.
    "openepcis-event-sentry/test/data/events/valid-event.json": ["/epcList/0"],
    # Valid EPCIS that breaks a profile's own rules.
    "openepcis-event-sentry/test/data/events/invalid-event.json": [],
    "openepcis-event-sentry/test/data/schema/FSMA-204/FSMA-1-Harvesting-Invalid-Event.json": [],
    "openepcis-event-sentry/test/data/schema/FSMA-204/FSMA-1-Harvesting-Valid-Event-with-DL.json": [],
    "openepcis-event-sentry/test/data/schema/FSMA-204/FSMA-1-Harvesting-Valid-Event-with-URN.json": [],
    **{
        f"fastnt-epcis/tests/FasTnT.Host.Tests/Features/v2_0/Communication/Resources/Events/ObjectEvent_{name}.json": []
        for name in ("Full", "StringCertificationInfo", "StringCertificationInfoArray")
    },
}


@needs_data
@pytest.mark.parametrize("name", BARE)
def test_bare_events_of_other_projects(name):
    assert [problem.pointer for problem in validate(read(DATA / name), "")] == BARE[name]


@needs_data
def test_product_passport_events_are_refused_for_their_remote_contexts():
    """They refer to contexts at foreign addresses, whose content may change after signing (DESIGN section 4), and
    hold members such as _comment without a namespace. Nothing else would stop most of them."""
    documents = sorted((DATA / "openepcis-dpp-ready").glob("**/epcis/*.jsonld"))
    assert documents
    for path in documents:
        pointers = [problem.pointer for problem in validate_document(read(path))]
        assert "/@context/1" in pointers
        assert any(pointer.startswith("/_comment") for pointer in pointers)


# --- rule by rule


def event(**fields):
    return {
        "@context": [CONTEXT, {"own": "https://own.example/"}],
        "type": "ObjectEvent",
        "eventTime": "2026-11-01T08:30:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ["https://id.gs1.org/01/09521234543213/21/A1"],
        "action": "OBSERVE",
    } | fields


def without(original, *names):
    return {name: value for name, value in original.items() if name not in names}


SGTIN = "urn:epc:id:sgtin:9521234.054321.{}".format
LOT = {"epcClass": "urn:epc:class:lgtin:9521234.054321.L1", "quantity": 2.5, "uom": "KGM"}
AGGREGATION = without(
    event(type="AggregationEvent", parentID="urn:epc:id:sscc:9521234.0000000001", childEPCs=[SGTIN(1)]), "epcList"
)
ASSOCIATION = AGGREGATION | {"type": "AssociationEvent"}
TRANSACTION = event(
    type="TransactionEvent", bizTransactionList=[{"type": "po", "bizTransaction": "https://x.example/1"}]
)
TRANSFORMATION = without(
    event(type="TransformationEvent", inputQuantityList=[LOT], outputEPCList=[SGTIN(1)]), "epcList", "action"
)
REPORT = {"type": "Temperature", "value": 4.2, "uom": "CEL"}
FULL = event(
    eventID="urn:uuid:2a6e1c1e-1111-4222-8333-444455556666",
    recordTime="2026-11-01T00:31:00Z",
    action="ADD",
    quantityList=[LOT, {"epcClass": "https://id.gs1.org/01/09521234543213"}],
    bizStep="commissioning",
    disposition="https://own.example/disposition/fresh",
    persistentDisposition={"set": ["completeness_verified"], "unset": ["cbv:Disp-completeness_inferred"]},
    readPoint={"id": "urn:epc:id:sgln:9521321.00001.0", "own:gate": "7"},
    bizLocation={"id": "geo:31.2,121.4"},
    bizTransactionList=[{"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:9521321000018:1"}],
    sourceList=[{"type": "owning_party", "source": "urn:epc:id:pgln:9521321.00001"}],
    destinationList=[{"type": "location", "destination": "https://id.gs1.org/414/9521321000018"}],
    sensorElementList=[
        {
            "sensorMetadata": {
                "time": "2026-11-01T00:00:00Z",
                "bizRules": "https://x.example/",
                "own:calibrated": "yes",
            },
            "sensorReport": [
                REPORT | {"component": "x", "minValue": 1, "maxValue": 5, "sDev": 0.1, "percRank": 50, "own:cv": "1"},
                {"type": "own:Smell", "stringValue": "none", "booleanValue": False, "hexBinaryValue": "f0F0"},
                {"exception": "ALARM_CONDITION", "uriValue": "https://x.example/E1"},
            ],
            "own:more": {"anything": {"goes": ["here", 1, None]}},
        }
    ],
    certificationInfo=["https://cert.example/1", "urn:example:cert:2"],
    errorDeclaration={
        "declarationTime": "2026-11-02T00:00:00Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:1"],
        "own:clerk": "7",
    },
    ilmd={"cbvmda:lotNumber": "L1", "own:grade": {"A": 1}},
    **{"own:extension": {"moreExtensions": 1}, "https://other.example/name": [1], "rdfs:comment": "full"},
)


@pytest.mark.parametrize(
    "valid",
    [
        event(),
        FULL,
        AGGREGATION,
        ASSOCIATION,
        TRANSACTION,
        TRANSFORMATION,
        event(epcList=[], quantityList=[LOT]),
        event(epcList=[], readPoint={"id": "geo:1,2"}, sensorElementList=[{"sensorReport": [REPORT]}]),
        without(event(readPoint={"id": "geo:1,2"}, sensorElementList=[{"sensorReport": [REPORT]}]), "epcList"),
        without(AGGREGATION, "parentID"),
        without(AGGREGATION | {"action": "DELETE"}, "childEPCs"),
        without(ASSOCIATION | {"action": "DELETE", "childQuantityList": []}, "childEPCs"),
        without(TRANSACTION | {"action": "DELETE"}, "epcList"),
        without(TRANSFORMATION | {"transformationID": "urn:uuid:1"}, "outputEPCList"),
        without(TRANSFORMATION | {"transformationID": "urn:uuid:1"}, "inputQuantityList"),
        TRANSFORMATION | {"ilmd": {"own:x": 1}},
        event(bizTransactionList=[{"bizTransaction": "urn:epc:po:123"}]),
        event(epcList=["own:things/1", "urn:uuid:1", "https://example.com/pallet/7"]),
        event(**{"@context": CONTEXT}),
        event(**{"@context": [{"own": {"@id": "https://own.example/", "@prefix": True}}, CONTEXT]}),
        event(**{"@context": [CONTEXT, {"rdfs": "http://www.w3.org/2000/01/rdf-schema#", "@version": 1.1}]}),
    ],
)
def test_valid_events_pass(valid):
    assert validate(valid, "") == []


def problem_of(broken):
    """The pointer and reason of the one problem of an event."""
    problems = validate(broken, "")
    assert len(problems) == 1, problems
    return problems[0]


@pytest.mark.parametrize(
    ("broken", "pointer", "said"),
    [
        # type, action, times
        (without(event(), "type"), "", "lacks type"),
        (event(type="QuantityEvent"), "/type", "ObjectEvent"),
        (event(type=["ObjectEvent"]), "/type", "a list"),
        (without(event(), "action"), "", "lacks action"),
        (event(action="observe"), "/action", "OBSERVE"),
        (TRANSFORMATION | {"action": "ADD"}, "/action", "no field"),
        (without(event(), "eventTime"), "", "lacks eventTime,"),
        (event(eventTime="2026-11-01T08:30:00"), "/eventTime", "with a zone"),
        (event(eventTime="2026-11-01"), "/eventTime", "with a zone"),
        (event(eventTime="2026-11-01T08:30:60Z"), "/eventTime", "eventTime"),
        (event(eventTime="2026-11-01T24:00:00Z"), "/eventTime", "eventTime"),
        (event(eventTime="2026-02-30T08:30:00Z"), "/eventTime", "eventTime"),
        (event(eventTime="1969-12-31T23:59:59Z"), "/eventTime", "1970"),
        (event(eventTime=1793493000000), "/eventTime", "date and time"),
        (event(eventTime="2026-11-01T08:30:00." + "0" * 99 + "Z"), "/eventTime", "with a zone"),
        (event(recordTime="yesterday"), "/recordTime", "with a zone"),
        (without(event(), "eventTimeZoneOffset"), "", "lacks eventTimeZoneOffset"),
        (event(eventTimeZoneOffset="Z"), "/eventTimeZoneOffset", "+08:00"),
        (event(eventTimeZoneOffset="+15:00"), "/eventTimeZoneOffset", "+08:00"),
        (event(eventTimeZoneOffset="+08:60"), "/eventTimeZoneOffset", "+08:00"),
        # which items
        (without(event(), "epcList"), "", "epcList or quantityList"),
        (event(epcList=[]), "", "epcList or quantityList"),
        (event(epcList=[], sensorElementList=[{"sensorReport": [REPORT]}]), "", "readPoint"),
        (event(epcList="urn:uuid:1"), "/epcList", "a list is due"),
        (event(epcList=[7]), "/epcList/0", "identifier"),
        (event(epcList=["urn:x:" + "1" * 2048]), "/epcList/0", "identifier"),
        (event(epcList=["A1"]), "/epcList/0", "identifier"),
        (event(epcList=["https://id.gs1.org/01/09521234543214/21/A1"]), "/epcList/0", "3 would be right"),
        (event(epcList=["https://brand.example/01/09521234543214/21/A1"]), "/epcList/0", "3 would be right"),
        (event(epcList=["https://id.gs1.org/00/195212340000000011"]), "/epcList/0", "0 would be right"),
        (event(epcList=["urn:epc:id:sgtin:9521234.05432.1"]), "/epcList/0", "13 digits"),
        (event(quantityList=[{"quantity": 1}]), "/quantityList/0", "lacks epcClass"),
        (event(quantityList=[LOT | {"quantity": "2"}]), "/quantityList/0/quantity", "number"),
        (event(quantityList=[LOT | {"quantity": True}]), "/quantityList/0/quantity", "true"),
        (event(quantityList=[LOT | {"uom": "kg"}]), "/quantityList/0/uom", "KGM"),
        (event(quantityList=[LOT | {"own:x": 1}]), "/quantityList/0/own:x", "no field"),
        (event(quantityList=[{"epcClass": "urn:epc:class:lgtin:9521234.05.1"}]), "/quantityList/0/epcClass", "13"),
        (AGGREGATION | {"action": "ADD", "childEPCs": []}, "", "childEPCs or childQuantityList"),
        (without(AGGREGATION | {"action": "ADD"}, "parentID"), "", "lacks parentID"),
        (without(AGGREGATION | {"action": "DELETE"}, "parentID"), "", "lacks parentID"),
        (AGGREGATION | {"epcList": [SGTIN(1)]}, "/epcList", "no field"),
        (without(ASSOCIATION, "parentID"), "", "lacks parentID"),
        (without(ASSOCIATION, "childEPCs"), "", "childEPCs or childQuantityList"),
        (without(TRANSACTION, "bizTransactionList"), "", "lacks bizTransactionList"),
        (TRANSACTION | {"bizTransactionList": []}, "/bizTransactionList", "at least 1"),
        (TRANSACTION | {"epcList": []}, "", "epcList or quantityList"),
        (TRANSFORMATION | {"inputQuantityList": []}, "", "lacks inputs"),
        (without(TRANSFORMATION, "outputEPCList"), "", "lacks outputs"),
        (
            without(TRANSFORMATION | {"transformationID": "urn:uuid:1"}, "outputEPCList", "inputQuantityList"),
            "",
            "at least one input or output",
        ),
        # words
        (event(bizStep="transforming"), "/bizStep", "transforming"),
        (event(bizStep="in_transit"), "/bizStep", "business step"),
        (event(bizStep="https://ref.gs1.org/cbv/BizStep-new"), "/bizStep", "business step"),
        (event(bizStep=["shipping"]), "/bizStep", "a list"),
        (event(disposition="urn:epcglobal:cbv:disp:sold"), "/disposition", "disposition"),
        (event(persistentDisposition={}), "/persistentDisposition", "set or unset"),
        (event(persistentDisposition={"set": ["new"]}), "/persistentDisposition/set/0", "disposition"),
        (event(persistentDisposition={"set": []}), "/persistentDisposition/set", "at least 1"),
        (event(bizTransactionList=[{"type": "po"}]), "/bizTransactionList/0", "lacks bizTransaction"),
        (
            event(bizTransactionList=[{"type": "order", "bizTransaction": "urn:x:1"}]),
            "/bizTransactionList/0/type",
            "business transaction type",
        ),
        (event(sourceList=[{"source": "urn:x:1"}]), "/sourceList/0", "lacks type"),
        (event(sourceList=[{"type": "location", "destination": "urn:x:1", "source": "urn:x:1"}]),
         "/sourceList/0/destination", "no field"),
        (event(destinationList=[{"type": "owner", "destination": "urn:x:1"}]), "/destinationList/0/type", "owner"),
        # places
        (event(readPoint={}), "/readPoint", "lacks id"),
        (event(readPoint="urn:epc:id:sgln:9521321.00001.0"), "/readPoint", "object"),
        (event(bizLocation={"id": "https://id.gs1.org/414/9521321000017"}), "/bizLocation/id", "8 would be right"),
        # sensors
        (event(sensorElementList=[{}]), "/sensorElementList/0", "lacks sensorReport"),
        (event(sensorElementList=[{"sensorReport": []}]), "/sensorElementList/0/sensorReport", "at least 1"),
        (event(sensorElementList=[{"sensorReport": [{"value": 1}]}]),
         "/sensorElementList/0/sensorReport/0", "exception"),
        (event(sensorElementList=[{"sensorReport": [REPORT | {"value": "4.2"}]}]),
         "/sensorElementList/0/sensorReport/0/value", "number"),
        (event(sensorElementList=[{"sensorReport": [REPORT | {"type": "Warmth"}]}]),
         "/sensorElementList/0/sensorReport/0/type", "sensor measurement type"),
        (event(sensorElementList=[{"sensorReport": [REPORT | {"exception": "ALARM"}]}]),
         "/sensorElementList/0/sensorReport/0/exception", "sensor alert type"),
        (event(sensorElementList=[{"sensorReport": [REPORT | {"booleanValue": "true"}]}]),
         "/sensorElementList/0/sensorReport/0/booleanValue", "true or false"),
        (event(sensorElementList=[{"sensorReport": [REPORT | {"hexBinaryValue": "f0f"}]}]),
         "/sensorElementList/0/sensorReport/0/hexBinaryValue", "hexadecimal"),
        (event(sensorElementList=[{"sensorReport": [REPORT | {"component": "w"}]}]),
         "/sensorElementList/0/sensorReport/0/component", "component"),
        (event(sensorElementList=[{"sensorReport": [REPORT | {"time": "now"}]}]),
         "/sensorElementList/0/sensorReport/0/time", "with a zone"),
        (event(sensorElementList=[{"sensorMetadata": {"endTime": ""}, "sensorReport": [REPORT]}]),
         "/sensorElementList/0/sensorMetadata/endTime", "with a zone"),
        # certificates, declarations, identifiers
        (event(certificationInfo="none"), "/certificationInfo", "URI"),
        (event(certificationInfo=[]), "/certificationInfo", "at least 1"),
        (event(errorDeclaration={}), "/errorDeclaration", "lacks declarationTime"),
        (event(errorDeclaration={"declarationTime": "2026-11-02T00:00:00Z", "reason": "oops"}),
         "/errorDeclaration/reason", "error reason"),
        (event(errorDeclaration={"declarationTime": "2026-11-02T00:00:00Z", "correctiveEventIDs": ["1"]}),
         "/errorDeclaration/correctiveEventIDs/0", "URI"),
        (event(eventID="1"), "/eventID", "URI"),
        (event(eventID=None), "/eventID", "null"),
        # extensions, at each point that allows them
        (event(extra=1), "/extra", "namespace"),
        (event(**{"other:x": 1}), "/other:x", "not declared"),
        (event(**{"epcis:eventTime": 1}), "/epcis:eventTime", "stand alone"),
        (event(**{"https://ref.gs1.org/epcis/eventTime": 1}), "/https:~1~1ref.gs1.org~1epcis~1eventTime", "alone"),
        (event(**{"own:": 1}), "/own:", "namespace"),
        (event(**{"a/b~c": 1}), "/a~1b~0c", "namespace"),
        (event(action="ADD", ilmd={"lot": 1}), "/ilmd/lot", "namespace"),
        (event(ilmd={"own:lot": 1}), "/ilmd", "ADD"),
        (AGGREGATION | {"ilmd": {"own:lot": 1}}, "/ilmd", "no field"),
        (event(readPoint={"id": "urn:x:1", "gate": 1}), "/readPoint/gate", "namespace"),
        (event(bizLocation={"id": "urn:x:1", "gate": 1}), "/bizLocation/gate", "namespace"),
        (event(sensorElementList=[{"sensorReport": [REPORT], "x": 1}]), "/sensorElementList/0/x", "namespace"),
        (event(sensorElementList=[{"sensorReport": [REPORT | {"x": 1}]}]),
         "/sensorElementList/0/sensorReport/0/x", "namespace"),
        (event(sensorElementList=[{"sensorMetadata": {"x": 1}, "sensorReport": [REPORT]}]),
         "/sensorElementList/0/sensorMetadata/x", "namespace"),
        (event(errorDeclaration={"declarationTime": "2026-11-02T00:00:00Z", "x": 1}), "/errorDeclaration/x", "names"),
        (event(**{"own:x": [{"y": {"@context": {"a": "urn:x:"}}}]}), "/own:x/0/y/@context", "document or the event"),
    ],
)  # fmt: skip
def test_each_breach_is_told_once_and_in_its_place(broken, pointer, said):
    problem = problem_of(broken)
    assert problem.pointer == pointer
    assert said in problem.reason
    assert resolves(problem.pointer, broken)


@pytest.mark.parametrize(
    ("context", "pointer", "said"),
    [
        (None, "/@context", "null"),
        (7, "/@context", "where a URL or an object is due"),
        ([], "/@context", "does not name GS1's context"),
        ({"own": "https://own.example/"}, "/@context", "does not name GS1's context"),
        ([CONTEXT, "https://ref.openepcis.io/extensions/dpp-core-context.jsonld"], "/@context/1", "inline"),
        ([CONTEXT, CONTEXT + "?x"], "/@context/1", "inline"),
        ([CONTEXT, [{"own": "https://own.example/"}]], "/@context/1", "a list"),
        ([CONTEXT, {"bizStep": "https://evil.example/"}], "/@context/1/bizStep", "may not be redefined"),
        ([CONTEXT, {"shipping": "https://evil.example/"}], "/@context/1/shipping", "may not be redefined"),
        ([CONTEXT, {"cbv:BizStep-shipping": "https://evil.example/"}], "/@context/1/cbv:BizStep-shipping", "redefined"),
        ([CONTEXT, {"cbv": "https://evil.example/"}], "/@context/1/cbv", "https://ref.gs1.org/cbv/"),
        ([CONTEXT, {"cbvmda": "urn:epcglobal:cbv:mda"}], "/@context/1/cbvmda", "urn:epcglobal:cbv:mda:"),
        ([CONTEXT, {"urn": "https://evil.example/"}], "/@context/1/urn", "scheme"),
        ([CONTEXT, {"@vocab": "https://evil.example/"}], "/@context/1/@vocab", "keyword"),
        ([CONTEXT, {"@base": "https://evil.example/"}], "/@context/1/@base", "keyword"),
        ([CONTEXT, {"@import": "https://evil.example/"}], "/@context/1/@import", "keyword"),
        ([CONTEXT, {"@version": 2}], "/@context/1/@version", "keyword"),
        ([CONTEXT, {"own": "@type"}], "/@context/1/own", "full URI"),
        ([CONTEXT, {"own": {"@id": "https://own.example/", "@context": {}}}], "/@context/1/own", "may hold only"),
        ([CONTEXT, {"own": {"@reverse": "https://own.example/"}}], "/@context/1/own", "may hold only"),
        ([CONTEXT, {"own": None}], "/@context/1/own", "full URI"),
    ],
)
def test_contexts_that_could_change_an_events_meaning_are_refused(context, pointer, said):
    problems = validate(event(**{"@context": context}), "")
    assert Problem(pointer, problems[0].reason) == problems[0]
    assert any(said in problem.reason for problem in problems)


def test_an_event_alone_brings_its_own_context():
    assert problem_of(without(event(), "@context")).reason.startswith("the event lacks @context")


def document(*events, **fields):
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-01T08:30:00Z",
        "epcisBody": {"eventList": list(events)},
    } | fields


def test_prefixes_of_the_document_and_of_the_event_both_count():
    inner = without(event(**{"own:x": 1, "two:y": 1}), "@context") | {"@context": {"two": "https://two.example/"}}
    outer = [CONTEXT, {"own": "https://own.example/"}]
    assert validate_document(document(inner, **{"@context": outer})) == []
    assert [p.pointer for p in validate_document(document(inner))] == [f"{EVENT}/own:x"]


def test_all_errors_of_all_events_at_once():
    broken = event(
        bizStep="x", disposition="y", eventTime="z", epcList=["https://id.gs1.org/01/09521234543214"], extra=1
    )
    pointers = [problem.pointer for problem in validate_document(document(event(), broken, 7, sender=7))]
    place = "/epcisBody/eventList/1"
    assert sorted(pointers) == sorted(
        ["/sender", "/epcisBody/eventList/2"]
        + [f"{place}/{name}" for name in ("bizStep", "disposition", "eventTime", "epcList/0", "extra")]
    )


@pytest.mark.parametrize(
    ("broken", "pointer"),
    [
        (without(document(), "@context"), ""),
        (without(document(), "type"), ""),
        (without(document(), "schemaVersion"), ""),
        (without(document(), "creationDate"), ""),
        (without(document(), "epcisBody"), ""),
        (document(type="EPCISQueryDocument"), "/type"),
        (document(schemaVersion="1.2"), "/schemaVersion"),
        (document(schemaVersion=2), "/schemaVersion"),
        (document(creationDate="2026-11-01"), "/creationDate"),
        (document(epcisBody=[]), "/epcisBody"),
        (document(epcisBody={}), "/epcisBody"),
        (document(epcisBody={"eventList": {}}), "/epcisBody/eventList"),
        (document(epcisHeader=1), "/epcisHeader"),
        (document(eventList=[]), "/eventList"),
        (document(**{"@context": ["https://x.example/"]}), "/@context/0"),
        ([], ""),
        (None, ""),
        ("EPCISDocument", ""),
    ],
)
def test_broken_documents_are_refused_at_the_right_place(broken, pointer):
    assert validate_document(broken)[0].pointer == pointer


# --- whatever comes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("https://id.gs1.org/01/1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.just("id"), inner, max_size=3),
    max_leaves=8,
)


def places(value, path=()):
    """Every place inside a JSON value."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in children:
        yield from places(child, (*path, name))


PLACES = [path for path in places(FULL) if path]


def test_nothing_is_wrong_before_the_damage():
    assert validate(FULL, "") == []


@settings(max_examples=300)
@given(st.sampled_from(PLACES), JSON)
def test_any_value_in_any_place_is_valid_or_told_and_never_an_exception(path, value):
    damaged = copy.deepcopy(FULL)
    parent = damaged
    for name in path[:-1]:
        parent = parent[name]
    parent[path[-1]] = value
    for problem in [*validate(damaged, ""), *validate_document(document(damaged))]:
        assert problem.reason
    for problem in validate(damaged, ""):
        assert resolves(problem.pointer, damaged)


@given(JSON)
def test_any_json_value_is_no_exception(value):
    assert isinstance(validate(value, "/x"), list)
    assert validate_document(value)
    assert isinstance(validate_document(document(value, **{"@context": value})), list)
