"""What capture refuses: each answer is a problem document that names the place, and nothing is stored."""

import json

import pytest
from sqlalchemy import func, select

from chain_service.db import reading
from chain_service.events.models import CaptureJob, Event
from tests.events.documents import bare, document, new_event
from tests.stage import CONTEXT, Stage

GOOD = document(new_event())
LIMIT = 10 * 1024 * 1024
PROCEED = {"GS1-Capture-Error-Behaviour": "proceed"}


def counts(stage: Stage) -> tuple[int, int]:
    with reading(stage.engine) as connection:
        return tuple(connection.execute(select(func.count()).select_from(t)).scalar_one() for t in (Event, CaptureJob))


def refused(stage: Stage, content: bytes, status: int, address: str = "/epcis/capture", **headers: str) -> dict:
    """The problem document of a refusal that leaves nothing behind."""
    before = counts(stage)
    answer = stage.client.post(address, content=content, headers=stage.headers(**headers))
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert {"type", "title", "detail"} <= problem.keys()
    assert counts(stage) == before
    return problem


DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000


@pytest.mark.parametrize("address", ["/epcis/capture", "/epcis/events"])
@pytest.mark.parametrize(
    ("content", "reason", "place"),
    [
        (b"", "Expecting value", "line 1, column 1"),
        (b"not JSON", "", "line 1, column 1"),
        (b'{"a": 1,\n "b": }', "Expecting value", "line 2, column 7"),
        (b"\xff\xfe{}", "UTF-8", "byte 0"),
        (b'{"a": "\xed\xa0\x80"}', "UTF-8", "byte 7"),
        (DEEP, "levels deep", "line 1, column 316"),
        (b"[" * 200_000, "levels deep", "line 1, column 64"),
        (b'{"a": 1, "a": 2}', "twice", "line 1, column 10"),
        (b'{"a": NaN}', "NaN", "line 1, column 7"),
        (b'{"a": -Infinity}', "Infinity", "line 1, column 7"),
        (b'{"a": 9007199254740993}', "9007199254740993", "line 1, column 7"),
        (b'{"a": 0.1000000000000000055}', "double", "line 1, column 7"),
        (b'{"a": [0, "\\ud800"]}', "surrogate", "/a/1"),
    ],
)
def test_what_is_no_acceptable_json_is_refused_with_its_place(
    shared_stage: Stage, address: str, content: bytes, reason: str, place: str
) -> None:
    problem = refused(shared_stage, content, 400, address)
    assert problem["type"] == "epcisException:ValidationException"
    (error,) = problem["errors"]
    assert reason in error["detail"]
    assert place in (error.get("place"), error.get("pointer"))


@pytest.mark.parametrize(
    "media_type", ["application/xml", "text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"]
)
def test_another_media_type_is_refused(shared_stage: Stage, media_type: str) -> None:
    problem = refused(shared_stage, GOOD, 415, **{"Content-Type": media_type})
    assert problem["type"] == "epcisException:UnsupportedMediaTypeException"


def test_a_compressed_document_is_refused(shared_stage: Stage) -> None:
    refused(shared_stage, GOOD, 415, **{"Content-Encoding": "gzip"})


@pytest.mark.parametrize("media_type", ["application/json", "Application/LD+JSON; charset=utf-8"])
def test_both_json_media_types_are_taken(shared_stage: Stage, media_type: str) -> None:
    assert shared_stage.capture(document(new_event()), **{"Content-Type": media_type})["success"]


def test_ten_megabytes_are_taken_and_one_byte_more_is_not(shared_stage: Stage) -> None:
    event = new_event(**{"https://example.com/padding": ""})
    padding = "x" * (LIMIT - len(document(event)))
    whole = document({**event, "https://example.com/padding": padding})
    assert len(whole) == LIMIT
    assert refused(shared_stage, whole + b" ", 413)["type"] == "epcisException:CaptureLimitExceededException"
    assert shared_stage.capture(whole)["success"]


def test_an_unknown_error_behaviour_is_refused(shared_stage: Stage) -> None:
    problem = refused(shared_stage, GOOD, 400, **{"GS1-Capture-Error-Behaviour": "ignore"})
    assert problem["errors"][0]["parameter"] == "GS1-Capture-Error-Behaviour"


@pytest.mark.parametrize(
    ("content", "pointers"),
    [
        (b"[]", {""}),
        (b"null", {""}),
        (b'"EPCISDocument"', {""}),
        (document(new_event(), type="EPCISQueryDocument"), {"/type"}),
        (document(new_event(), schemaVersion="1.2"), {"/schemaVersion"}),
        (document(new_event(), epcisBody={}), {"/epcisBody"}),
        (document(new_event(), epcisBody={"eventList": {}}), {"/epcisBody/eventList"}),
        (document(new_event(), **{"@context": "https://example.com/c.jsonld"}), {"/@context"}),
    ],
)
def test_a_fault_of_the_document_refuses_it_in_both_behaviours(
    shared_stage: Stage, content: bytes, pointers: set[str]
) -> None:
    for headers in ({}, PROCEED):
        problem = refused(shared_stage, content, 400, **headers)
        assert pointers <= {error["pointer"] for error in problem["errors"]}


def test_all_errors_are_told_at_once_each_with_a_pointer(shared_stage: Stage) -> None:
    events = [
        new_event(type="ObjektEvent"),
        new_event(bizStep="shiping", disposition="in_transitt"),
        new_event(),
        new_event(epcList=["https://id.gs1.org/01/09521234543210/21/A1"]),
        new_event(eventTime="2026-11-01T08:30:00"),
        new_event(colour="red"),
        new_event(eventID="not a URI", readPoint={"id": "urn:epc:id:sgln:9521321.00001"}),
        17,
    ]
    answer = shared_stage.client.post("/epcis/capture", content=document(*events), headers=shared_stage.headers())
    assert answer.status_code == 400
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert pointers == [
        "/epcisBody/eventList/0/type",
        "/epcisBody/eventList/1/bizStep",
        "/epcisBody/eventList/1/disposition",
        "/epcisBody/eventList/3/epcList/0",
        "/epcisBody/eventList/4/eventTime",
        "/epcisBody/eventList/5/colour",
        "/epcisBody/eventList/6/eventID",
        "/epcisBody/eventList/6/readPoint/id",
        "/epcisBody/eventList/7",
    ]


def test_one_bad_event_in_a_thousand_rolls_all_back_and_leaves_a_failed_job(shared_stage: Stage) -> None:
    events = [new_event() for _ in range(1000)]
    events[617]["bizStep"] = "shiping"
    before = counts(shared_stage)
    answer = shared_stage.client.post("/epcis/capture", content=document(*events), headers=shared_stage.headers())
    assert answer.status_code == 400
    assert counts(shared_stage) == (before[0], before[1] + 1)
    job = shared_stage.job(answer.headers["Location"])
    assert (job["running"], job["success"]) == (False, False)
    assert job["errors"] == answer.json()["errors"]
    (error,) = job["errors"]
    assert error["pointer"] == "/epcisBody/eventList/617/bizStep"
    assert "shiping" in error["detail"]


def test_one_bad_event_in_a_thousand_is_left_out_where_the_sender_proceeds(shared_stage: Stage) -> None:
    events = [new_event() for _ in range(1000)]
    events[617]["bizStep"] = "shiping"
    before = counts(shared_stage)
    job = shared_stage.capture(document(*events), **PROCEED)
    assert counts(shared_stage)[0] == before[0] + 999
    assert (job["success"], len(job["promise"]["statements"])) == (False, 999)
    assert [error["pointer"] for error in job["errors"]] == ["/epcisBody/eventList/617/bizStep"]
    assert shared_stage.client.get(f"/epcis/events/{events[617]['eventID']}").status_code == 404
    assert shared_stage.client.get(f"/epcis/events/{events[618]['eventID']}").status_code == 200


def test_a_document_of_one_bad_event_is_refused_also_where_the_sender_proceeds(shared_stage: Stage) -> None:
    answer = shared_stage.client.post(
        "/epcis/capture", content=document(new_event(action="ADDED")), headers=shared_stage.headers(**PROCEED)
    )
    assert answer.status_code == 400
    job = shared_stage.job(answer.headers["Location"])
    assert (job["running"], job["success"], job["captureErrorBehaviour"]) == (False, False, "proceed")
    assert [error["pointer"] for error in job["errors"]] == ["/epcisBody/eventList/0/action"]


@pytest.mark.parametrize(
    "change",
    [
        {"eventID": "urn:x:a\0b"},
        {"eventID": "urn:x:\x1b[2J"},
        {"epcList": ["urn:x:a\0b"]},
        {"epcList": ["https://id.gs1.org/01/09521234543213/21/A%00"]},
        {"bizStep": "https://example.com/\0"},
        {"disposition": "https://example.com/a b"},
        {"readPoint": {"id": "urn:x:\0"}},
        {"bizLocation": {"id": "https://id.gs1.org/414/9521321000018/254/%00"}},
    ],
)
def test_control_characters_in_names_are_refused_with_their_place(shared_stage: Stage, change: dict) -> None:
    problem = refused(shared_stage, bare(new_event(**change)), 400, "/epcis/events")
    assert next(iter(change)) in problem["errors"][0]["pointer"]


def test_millions_of_mistakes_get_a_short_answer(shared_stage: Stage) -> None:
    content = document().replace(b"[]}", b"[" + b",".join([b"{}"] * 300_000) + b"]}")
    assert content.count(b"{}") == 300_000
    problem = refused(shared_stage, content, 400, **PROCEED)
    assert len(problem["errors"]) == 10_001
    assert "10000" in problem["errors"][0]["detail"]


def test_millions_of_mistakes_in_one_event_get_a_short_answer(shared_stage: Stage) -> None:
    content = bare(new_event(epcList=[7])).replace(b"[7]", b"[" + b",".join([b"7"] * 300_000) + b"]")
    problem = refused(shared_stage, content, 400, "/epcis/events")
    assert len(problem["errors"]) == 10_001


def test_a_bare_event_without_context_and_a_document_as_event_are_refused(shared_stage: Stage) -> None:
    assert (
        "@context"
        in refused(shared_stage, json.dumps(new_event()).encode(), 400, "/epcis/events")["errors"][0]["detail"]
    )
    assert "/type" in {error["pointer"] for error in refused(shared_stage, GOOD, 400, "/epcis/events")["errors"]}


def test_a_bare_event_says_its_errors_with_pointers_into_itself(shared_stage: Stage) -> None:
    problem = refused(shared_stage, bare(new_event(bizStep="shiping", eventTime="now")), 400, "/epcis/events")
    assert {error["pointer"] for error in problem["errors"]} == {"/bizStep", "/eventTime"}


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}],
)
def test_writing_needs_a_good_token(shared_stage: Stage, headers: dict[str, str]) -> None:
    before = counts(shared_stage)
    for method, address in (
        ("POST", "/epcis/capture"),
        ("POST", "/epcis/events"),
        ("GET", "/epcis/capture"),
        ("PUT", "/v1/items/01/09521101100105"),
    ):
        body = {"json": {"kind": "product", "name": {"en": "A"}}} if method == "PUT" else {}
        answer = shared_stage.client.request(method, address, headers=headers, **body)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), address
        assert answer.headers["content-type"] == "application/problem+json"
    assert counts(shared_stage) == before


def test_a_step_that_the_roles_do_not_allow_is_refused_with_its_place(shared_stage: Stage) -> None:
    making = new_event(bizStep="commissioning", action="ADD")
    headers = shared_stage.headers(shared_stage.carrier)
    one = shared_stage.client.post("/epcis/events", content=bare(making), headers=headers)
    assert (one.status_code, one.json()["errors"][0]["pointer"]) == (403, "/bizStep")
    assert one.json()["type"] == "epcisException:SecurityException"
    assert "logistics" in one.json()["errors"][0]["detail"]
    both = document(new_event(), making)
    answer = shared_stage.client.post("/epcis/capture", content=both, headers=headers)
    assert answer.status_code == 403
    assert shared_stage.job(answer.headers["Location"], shared_stage.carrier)["errors"] == answer.json()["errors"]
    worse = document(making, new_event(bizStep="shiping"))
    answer = shared_stage.client.post("/epcis/capture", content=worse, headers=headers)
    places = ["/epcisBody/eventList/0/bizStep", "/epcisBody/eventList/1/bizStep"]
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, places)
    job = shared_stage.capture(both, shared_stage.carrier, **PROCEED)
    assert [error["pointer"] for error in job["errors"]] == ["/epcisBody/eventList/1/bizStep"]
    assert len(job["promise"]["statements"]) == 1


def test_no_refusal_shows_another_partners_event(shared_stage: Stage) -> None:
    event = new_event(**{"https://example.com/secret": "not for others"})
    shared_stage.capture(document(event))
    changed = {**event, "https://example.com/secret": "guess"}
    for partner in (shared_stage.brand, shared_stage.carrier):
        answer = shared_stage.client.post("/epcis/events", content=bare(changed), headers=shared_stage.headers(partner))
        assert "not for others" not in answer.text


def test_the_context_of_an_event_that_changes_a_gs1_term_is_refused(shared_stage: Stage) -> None:
    event = new_event(**{"@context": [CONTEXT, {"bizStep": "https://example.com/step"}]})
    answer = shared_stage.client.post("/epcis/capture", content=document(event), headers=shared_stage.headers())
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/epcisBody/eventList/0/@context/1/bizStep"
