"""Capture over HTTP, on both databases: what is accepted, once, whole, and proven."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, select, text

from chain_service.db import reading
from chain_service.events.models import Event
from chain_service.kit import eip712
from chain_service.kit.digests import from_hex
from chain_service.verification import receipt
from chain_service.verification.node import NodeReader
from chain_service.verification.outcome import Outcome
from chain_service.verification.trust import Trust
from chain_service.verification.verdict import check
from tests.events.documents import bare, declared_wrong, document, new_event, new_item
from tests.stage import CONTEXT, Stage

CAPTURE = "openepcis-test-resources/core/src/main/resources/2.0/EPCIS/JSON/Capture"


def stored(stage: Stage) -> int:
    with reading(stage.engine) as connection:
        return connection.execute(select(func.count()).select_from(Event)).scalar_one()


def test_every_valid_document_is_captured_sealed_and_verifies(stage: Stage, shared_data: Path) -> None:
    files = sorted((shared_data / CAPTURE / "Documents").glob("*.json"))
    assert len(files) == 24
    digests = []
    for file in files:
        job = stage.capture(file.read_bytes())
        assert job["success"], (file.name, job["errors"])
        digests += job["promise"]["statements"]
    stage.seal()
    receipts = [stage.receipt(digest) for digest in digests]
    trust = Trust.from_json(stage.network.model_dump())
    with NodeReader(trust) as chain:
        for receipt in receipts:
            verdict = check(receipt, trust, chain)
            outcomes = [made.outcome for made in verdict.checks]
            assert outcomes == [Outcome.PASSED] * 6 + [Outcome.NOT_POSSIBLE], [c.reason for c in verdict.checks]
    path = shared_data.parent / "check_receipt.py"
    if not path.exists():
        pytest.skip("the independent checker of ../shared is not on this machine; the rest of this test passed")
    independent: Any = SourceFileLoader("check_receipt", str(path)).load_module()
    for receipt in receipts:
        assert independent.check(receipt, stage.network.model_dump()) == []


def test_every_invalid_document_is_refused_with_the_place_and_nothing_is_stored(
    shared_stage: Stage, shared_data: Path
) -> None:
    files = sorted((shared_data / CAPTURE / "Invalid").glob("*.json"))
    assert len(files) == 10
    before = stored(shared_stage)
    for file in files:
        answer = shared_stage.client.post("/epcis/capture", content=file.read_bytes(), headers=shared_stage.headers())
        assert answer.status_code == 400, file.name
        assert answer.headers["content-type"] == "application/problem+json"
        assert all(error["detail"] and "pointer" in error for error in answer.json()["errors"]), file.name
    assert stored(shared_stage) == before


def test_an_empty_document_is_accepted_and_promises_nothing(shared_stage: Stage) -> None:
    job = shared_stage.capture(document())
    assert (job["success"], job["errors"], "promise" in job) == (True, [], False)


def test_the_same_document_again_stores_nothing_and_keeps_the_first_salt(shared_stage: Stage) -> None:
    event = new_event()
    first = shared_stage.capture(document(event))
    shared_stage.seal()
    receipt = shared_stage.receipt(event["eventID"])
    again = shared_stage.capture(document(event))
    assert again["success"]
    assert "promise" not in again
    answer = shared_stage.client.post("/epcis/events", content=bare(event), headers=shared_stage.headers())
    assert (answer.status_code, answer.json()["promise"]) == (201, None)
    assert shared_stage.receipt(event["eventID"])["salt"] == receipt["salt"]
    assert first["promise"]["statements"]


def test_member_order_and_record_time_do_not_make_another_event(shared_stage: Stage) -> None:
    event = new_event()
    shared_stage.capture(document(event))
    same = dict(reversed(event.items())) | {"recordTime": "2026-11-02T00:00:00.000Z"}
    assert "promise" not in shared_stage.capture(document(same))


def test_an_event_without_id_gets_one_from_its_content_so_that_it_stays_one_event(shared_stage: Stage) -> None:
    event = new_event(eventID=None)
    before = stored(shared_stage)
    answers = [
        shared_stage.client.post("/epcis/events", content=bare(event), headers=shared_stage.headers()) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["eventID"] == answers[1].json()["eventID"]
    shared_stage.capture(document(event, event))
    assert stored(shared_stage) == before + 1


def test_duplicates_inside_a_document_are_stored_once(shared_stage: Stage) -> None:
    event = new_event()
    job = shared_stage.capture(document(event, event))
    assert (job["success"], len(job["promise"]["statements"])) == (True, 1)


def test_another_content_under_the_same_id_is_a_conflict_that_says_so(shared_stage: Stage) -> None:
    event = new_event()
    shared_stage.capture(document(event))
    changed = {**event, "bizStep": "receiving"}
    answer = shared_stage.client.post("/epcis/events", content=bare(changed), headers=shared_stage.headers())
    assert (answer.status_code, answer.json()["errors"][0]["type"]) == (409, "conflict")
    assert "content is another" in answer.json()["detail"]
    other = new_event()
    job = shared_stage.capture(document(other, changed))
    assert not job["success"]
    assert job["errors"][0] | {"detail": ""} == {
        "pointer": "/epcisBody/eventList/1",
        "eventID": event["eventID"],
        "type": "conflict",
        "detail": "",
    }
    assert shared_stage.client.get(f"/v1/receipts/{other['eventID']}").status_code == 404  # rolled back
    job = shared_stage.capture(document(other, changed), **{"GS1-Capture-Error-Behaviour": "proceed"})
    assert (job["success"], len(job["errors"]), len(job["promise"]["statements"])) == (False, 1, 1)


def test_a_conflict_inside_one_document_is_told(shared_stage: Stage) -> None:
    event = new_event()
    job = shared_stage.capture(document(event, {**event, "disposition": "damaged"}))
    assert [error["pointer"] for error in job["errors"]] == ["/epcisBody/eventList/1"]


def test_two_partners_may_use_the_same_id(shared_stage: Stage) -> None:
    event = new_event()
    digests = [
        shared_stage.capture(document({**event, "action": action}), partner)["promise"]["statements"][0]
        for action, partner in (("OBSERVE", shared_stage.brand), ("ADD", shared_stage.carrier))
    ]
    shared_stage.seal()
    by_digest = [shared_stage.receipt(digest) for digest in digests]
    assert [receipt["event"]["action"] for receipt in by_digest] == ["OBSERVE", "ADD"]
    assert [receipt["reporter"]["partner"] for receipt in by_digest] == [shared_stage.brand, shared_stage.carrier]
    assert shared_stage.receipt(event["eventID"]) == by_digest[0]


def test_a_partner_declares_its_own_event_erroneous(shared_stage: Stage) -> None:
    event = new_event()
    shared_stage.capture(document(event))
    job = shared_stage.capture(document(declared_wrong(event)))
    assert job["success"], job["errors"]
    shared_stage.seal()
    assert shared_stage.receipt(event["eventID"])["statement"]["flags"] == 0
    declaration = shared_stage.receipt(event["eventID"], declaration=1)
    assert declaration["statement"]["flags"] == 2
    assert "errorDeclaration" in declaration["event"]
    assert "promise" not in shared_stage.capture(document(declared_wrong(event)))
    another = declared_wrong(event)
    another["errorDeclaration"]["reason"] = "did_not_occur"
    assert shared_stage.capture(document(another))["errors"][0]["type"] == "conflict"


def test_an_event_without_id_is_declared_erroneous_by_repeating_it(shared_stage: Stage) -> None:
    event = new_event(eventID=None)
    headers = shared_stage.headers()
    first = shared_stage.client.post("/epcis/events", content=bare(event), headers=headers)
    second = shared_stage.client.post("/epcis/events", content=bare(declared_wrong(event)), headers=headers)
    assert first.json()["eventID"] == second.json()["eventID"]
    assert second.json()["promise"] is not None
    assert "errorDeclaration" in shared_stage.client.get(second.headers["Location"]).json()


def test_nobody_else_declares_an_event_erroneous(shared_stage: Stage) -> None:
    event = new_event()
    shared_stage.capture(document(event))
    job = shared_stage.capture(document(declared_wrong(event)), shared_stage.carrier)
    assert [error["type"] for error in job["errors"]] == ["not-the-reporter"]
    headers = shared_stage.headers(shared_stage.carrier)
    answer = shared_stage.client.post("/epcis/events", content=bare(declared_wrong(event)), headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "not-the-reporter")
    assert shared_stage.client.get(f"/v1/receipts/{event['eventID']}?declaration=1").status_code == 404


def test_the_promise_is_signed_by_the_operator_and_covers_the_statements(shared_stage: Stage) -> None:
    job = shared_stage.capture(document(new_event(), new_event()))
    promise = job["promise"]
    digests = [from_hex(digest, 32) for digest in promise["statements"]]
    digest = eip712.promise_digest(digests, promise["sealBy"], shared_stage.network.network)
    assert eip712.recover(digest, from_hex(promise["signature"])) == promise["operator"] == shared_stage.operator
    shorter = eip712.promise_digest(digests[:1], promise["sealBy"], shared_stage.network.network)
    assert eip712.recover(shorter, from_hex(promise["signature"])) != shared_stage.operator


def test_one_event_is_stored_at_once_and_its_address_gives_it_back(shared_stage: Stage) -> None:
    event = new_event()
    answer = shared_stage.client.post("/epcis/events", content=bare(event), headers=shared_stage.headers())
    assert answer.status_code == 201
    assert answer.json()["promise"]["statements"]
    read = shared_stage.client.get(answer.headers["Location"])
    assert read.headers["content-type"].startswith("application/ld+json")
    assert read.json() == {"@context": [CONTEXT], **event, "recordTime": read.json()["recordTime"]}


@pytest.mark.parametrize(
    "event_id",
    [
        "https://example.com/a/b//c?x=1&y=2#z",
        "https://example.com/100%25/%2F%C3%A9",
        "urn:x:,+;='()*~!$@",
        "https://例子.example/事件/é",
        "https://example.com/events/",
    ],
)
def test_any_event_id_is_found_percent_encoded(shared_stage: Stage, event_id: str) -> None:
    event = new_event(eventID=event_id)
    answer = shared_stage.client.post("/epcis/events", content=bare(event), headers=shared_stage.headers())
    assert answer.status_code == 201, answer.text
    shared_stage.seal()
    encoded = quote(event_id, safe="")
    assert answer.headers["Location"] == f"/epcis/events/{encoded}"
    assert shared_stage.client.get(answer.headers["Location"]).json()["eventID"] == event_id
    assert shared_stage.client.get(f"/v1/receipts/{encoded}").json()["event"]["eventID"] == event_id
    found = shared_stage.client.get(f"/epcis/events?EQ_eventID={encoded}").json()
    assert [event["eventID"] for event in found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]] == [event_id]


def test_one_of_several_events_of_an_id_comes_with_a_link_to_all(shared_stage: Stage) -> None:
    event = new_event()
    shared_stage.capture(document(event, declared_wrong(event)))
    address = f"/epcis/events/{event['eventID']}"
    plain = shared_stage.client.get(address)
    assert "errorDeclaration" not in plain.json()
    assert "errorDeclaration" in shared_stage.client.get(f"{address}?declaration=1").json()
    link = plain.headers["Link"]
    assert link.endswith('>; rel="collection"')
    together = shared_stage.client.get(link[1 : link.index(">")]).json()
    assert len(together["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 2


def test_names_of_the_greatest_length_are_stored_and_longer_ones_refused(shared_stage: Stage) -> None:
    """Random hexadecimal digits: PostgreSQL compresses index entries before it measures them."""

    def long(prefix: str, length: int) -> str:
        return prefix + secrets.token_hex(length)[: length - len(prefix.encode())]

    fitting = new_event(
        eventID=long("urn:x:", 1024),
        epcList=[long("urn:y:", 1024)],
        bizStep=long("https://example.com/", 1024),
        disposition=long("https://example.com/", 1024),
        readPoint={"id": long("urn:z:", 1024)},
        bizLocation={"id": long("urn:z:", 1024)},
    )
    job = shared_stage.capture(document(fitting))
    assert job["success"], job["errors"]
    beyond = new_event(
        eventID=long("urn:x:", 1025),
        epcList=[long("urn:y:", 1025)],
        bizStep=long("https://example.com/", 1025),
        disposition=long("https://example.com/", 1025),
        readPoint={"id": long("urn:z:", 1025)},
        bizLocation={"id": long("urn:é:", 1024)[:-1] + "é"},
    )
    answer = shared_stage.client.post("/epcis/events", content=bare(beyond), headers=shared_stage.headers())
    assert answer.status_code == 400
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/eventID",
        "",
        "/bizStep",
        "/disposition",
        "/readPoint/id",
        "/bizLocation/id",
    }


def test_texts_with_nul_in_an_extension_are_kept_as_stated(shared_stage: Stage) -> None:
    event = new_event(**{"https://example.com/note": "a\0b\x1f\u2028"})
    job = shared_stage.capture(document(event))
    assert job["success"], job["errors"]
    read = shared_stage.client.get(f"/epcis/events/{event['eventID']}").json()
    assert read["https://example.com/note"] == "a\0b\x1f\u2028"


def test_one_event_may_name_more_products_than_a_statement_has_parameters(shared_stage: Stage) -> None:
    products = (_with_check_digit(f"{number:013}") for number in range(10**6, 10**6 + 66_000))
    epcs = [f"https://id.gs1.org/01/{product}/21/1" for product in products]
    answer = shared_stage.client.post(
        "/epcis/events", content=bare(new_event(epcList=epcs)), headers=shared_stage.headers()
    )
    assert answer.status_code == 201, answer.text


def _with_check_digit(body: str) -> str:
    return body + str(-sum(int(digit) * (1, 3)[place % 2 == 0] for place, digit in enumerate(reversed(body))) % 10)


def test_many_events_of_one_document_are_stored_together(shared_stage: Stage) -> None:
    before = stored(shared_stage)
    job = shared_stage.capture(document(*(new_event() for _ in range(1500))))
    assert len(job["promise"]["statements"]) == len(set(job["promise"]["statements"])) == 1500
    with reading(shared_stage.engine) as connection:
        unsigned = "SELECT count(*) FROM events e LEFT JOIN statements s ON s.event = e.id WHERE s.id IS NULL"
        assert connection.execute(text(unsigned)).scalar_one() == 0
    assert stored(shared_stage) == before + 1500


def test_the_same_event_from_many_at_the_same_moment_is_stored_once(shared_stage: Stage) -> None:
    event = new_event()
    contents = [event, {**event, "bizStep": "receiving"}] * 6

    def post(content: dict[str, Any]) -> int:
        return shared_stage.client.post(
            "/epcis/events", content=bare(content), headers=shared_stage.headers()
        ).status_code

    with ThreadPoolExecutor(len(contents)) as threads:
        statuses = list(threads.map(post, contents))
    assert sorted(statuses) == [201] * 6 + [409] * 6
    assert {statuses[0], statuses[1]} == {201, 409}
    with reading(shared_stage.engine) as connection:
        assert (
            len(
                connection.execute(
                    select(Event.id).where(Event.event_id == shared_stage.vault.fingerprint(event["eventID"]))
                ).all()
            )
            == 1
        )


def test_a_receipt_waits_for_its_seal_then_is_whole(stage: Stage) -> None:
    event = new_event(epcList=[new_item()])
    stage.capture(document(event))
    waiting = stage.client.get(f"/v1/receipts/{event['eventID']}")
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (202, "1")
    assert [waiting.json()[name] for name in ("batch", "index", "path", "anchor")] == [None] * 4
    stage.seal()
    sealed = stage.receipt(event["eventID"])
    assert {name: value for name, value in waiting.json().items() if value is not None}.items() <= sealed.items()
    assert sealed["anchor"]["contract"] == stage.network.contracts["AnchorLog"].lower()


def test_the_deepest_event_that_is_accepted_has_a_receipt_that_is_read(shared_stage: Stage) -> None:
    deepest: Any = 1
    for _ in range(62):
        deepest = [deepest]
    event = new_event(**{"https://ns.example/deep": deepest})
    headers = shared_stage.headers()
    answer = shared_stage.client.post("/epcis/events", content=bare(event), headers=headers)
    assert answer.status_code == 201, answer.text
    found = shared_stage.client.get(f"/v1/receipts/{event['eventID']}")
    assert receipt.read(found.content).event["eventID"] == event["eventID"]
    deeper = new_event(**{"https://ns.example/deep": [deepest]})
    assert shared_stage.client.post("/epcis/events", content=bare(deeper), headers=headers).status_code == 400
