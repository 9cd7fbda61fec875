"""Statements that partners sign themselves, over HTTP and on both databases: what is taken, and what is refused how."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from sqlalchemy import func, select

from chain_service.anchoring.models import Statement
from chain_service.anchoring.statement import derive
from chain_service.db import reading
from chain_service.events.models import Event
from chain_service.kit.digests import from_hex, to_hex
from chain_service.kit.eip712 import promise_digest, recover, statement_digest
from chain_service.partners.roles import Role
from chain_service.verification.node import NodeReader
from chain_service.verification.outcome import Outcome
from chain_service.verification.receipt import parse
from chain_service.verification.trust import Trust
from chain_service.verification.verdict import check
from tests.anchoring.signing import Json, bare_event, post, prepare, statement
from tests.events.documents import declared_wrong, document, new_event
from tests.partners.registry import OwnKey
from tests.stage import Stage

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture
def own(shared_stage: Stage) -> OwnKey:
    """A brand with a key in its own hands."""
    return OwnKey(shared_stage, "own")


def count(stage: Stage) -> tuple[int, int]:
    with reading(stage.engine) as connection:
        events = connection.execute(select(func.count()).select_from(Event)).scalar_one()
        return events, connection.execute(select(func.count()).select_from(Statement)).scalar_one()


def refused(stage: Stage, partner: str, content: Any) -> tuple[int, str, list[str]]:
    """Status, last word of the type and pointers of a refusal that stored nothing."""
    before = count(stage)
    answer = post(stage, partner, content)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert count(stage) == before, "nothing is stored"
    problem = answer.json()
    kind = problem["type"].rpartition("/")[2].rpartition(":")[2]
    return answer.status_code, kind, [error.get("pointer", "") for error in problem.get("errors", [])]


def test_what_a_partner_signs_is_sealed_as_signed_and_every_check_agrees(shared_stage: Stage, own: OwnKey) -> None:
    entries = [statement(bare_event(), own.signer, shared_stage.network.network) for _ in range(3)]
    answer = post(shared_stage, own.did, entries)
    assert answer.status_code == 202, answer.text
    ids = [entry["event"]["eventID"] for entry in entries]
    assert answer.json()["eventIDs"] == ids
    promise = answer.json()["promise"]
    digest = promise_digest(
        [from_hex(one) for one in promise["statements"]], promise["sealBy"], shared_stage.network.network
    )
    assert recover(digest, from_hex(promise["signature"])) == shared_stage.operator
    shared_stage.seal()
    trust = Trust.from_json(shared_stage.network.model_dump())
    path = SHARED / "check_receipt.py"
    independent: Any = SourceFileLoader("check_receipt", str(path)).load_module() if path.exists() else None
    with NodeReader(trust) as chain:
        for entry in entries:
            receipt = shared_stage.receipt(entry["event"]["eventID"])
            assert {name: receipt[name] for name in ("event", "salt", "statement")} == {
                name: entry[name] for name in ("event", "salt", "statement")
            }
            assert receipt["reporter"] == {
                "partner": own.did,
                "address": own.signer.address,
                "signature": entry["signature"],
                "custody": "partner",
            }
            verdict = check(receipt, trust, chain)
            outcomes = [made.outcome for made in verdict.checks]
            assert outcomes == [Outcome.PASSED] * 6 + [Outcome.NOT_POSSIBLE], [c.reason for c in verdict.checks]
            if independent is not None:
                assert independent.check(receipt, shared_stage.network.model_dump()) == []


def test_a_single_statement_needs_no_list(shared_stage: Stage, own: OwnKey) -> None:
    entry = statement(bare_event(), own.signer, shared_stage.network.network)
    answer = post(shared_stage, own.did, entry)
    assert (answer.status_code, answer.json()["eventIDs"]) == (202, [entry["event"]["eventID"]])
    waiting = shared_stage.client.get(f"/v1/receipts/{entry['event']['eventID']}")
    assert waiting.status_code == 202
    parse(waiting.json())


def test_a_key_that_the_operator_holds_stays_visible_as_such(shared_stage: Stage) -> None:
    held = OwnKey(shared_stage, "held", custody=2)
    entry = statement(bare_event(), held.signer, shared_stage.network.network)
    assert post(shared_stage, held.did, entry).status_code == 202
    waiting = shared_stage.client.get(f"/v1/receipts/{entry['event']['eventID']}").json()
    assert waiting["reporter"]["custody"] == "operator"


def test_the_same_event_again_is_harmless_and_keeps_its_first_salt(shared_stage: Stage, own: OwnKey) -> None:
    event, network = bare_event(), shared_stage.network.network
    first = statement(event, own.signer, network)
    assert post(shared_stage, own.did, first).status_code == 202
    before = count(shared_stage)
    for again in (first, statement(event, own.signer, network), [first, first]):
        answer = post(shared_stage, own.did, again)
        assert (answer.status_code, answer.json()["promise"]) == (202, None)
    assert count(shared_stage) == before
    assert shared_stage.client.get(f"/v1/receipts/{event['eventID']}").json()["salt"] == first["salt"]


def test_the_same_event_twice_in_one_request_is_stored_once(shared_stage: Stage, own: OwnKey) -> None:
    event, network = bare_event(), shared_stage.network.network
    entries = [statement(event, own.signer, network), statement(event, own.signer, network)]
    answer = post(shared_stage, own.did, entries)
    assert (answer.status_code, len(answer.json()["promise"]["statements"])) == (202, 1)
    assert shared_stage.client.get(f"/v1/receipts/{event['eventID']}").json()["salt"] == entries[0]["salt"]


def test_many_at_once_store_each_event_once(shared_stage: Stage, own: OwnKey) -> None:
    entry = statement(bare_event(), own.signer, shared_stage.network.network)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: post(shared_stage, own.did, entry), range(8)))
    assert [answer.status_code for answer in answers] == [202] * 8, [answer.text for answer in answers]
    assert sum(answer.json()["promise"] is not None for answer in answers) == 1


def test_another_content_under_the_event_id_is_a_conflict_that_stores_nothing(shared_stage: Stage, own: OwnKey) -> None:
    event, network = bare_event(), shared_stage.network.network
    assert post(shared_stage, own.did, statement(event, own.signer, network)).status_code == 202
    entries = [statement(e, own.signer, network) for e in (bare_event(), {**event, "disposition": "damaged"})]
    assert refused(shared_stage, own.did, entries) == (409, "conflict", ["/1/event"])


def test_an_error_is_declared_only_by_who_stated_the_event(shared_stage: Stage, own: OwnKey) -> None:
    event, network = bare_event(), shared_stage.network.network
    assert post(shared_stage, own.did, statement(event, own.signer, network)).status_code == 202
    other = OwnKey(shared_stage, "other")
    wrong = statement(declared_wrong(event), other.signer, network)
    assert refused(shared_stage, other.did, wrong) == (403, "not-the-reporter", ["/event"])
    assert post(shared_stage, own.did, statement(declared_wrong(event), own.signer, network)).status_code == 202
    receipt = shared_stage.client.get(f"/v1/receipts/{event['eventID']}", params={"declaration": 1}).json()
    assert receipt["statement"]["flags"] == 2


def test_who_copies_anothers_event_and_salt_has_to_take_a_salt_of_its_own(shared_stage: Stage, own: OwnKey) -> None:
    event, network = bare_event(), shared_stage.network.network
    first = statement(event, own.signer, network)
    assert post(shared_stage, own.did, first).status_code == 202
    other = OwnKey(shared_stage, "copying")
    copied = statement(event, other.signer, network, from_hex(first["salt"]))
    assert refused(shared_stage, other.did, [copied]) == (409, "salt-taken", ["/0/salt"])
    assert post(shared_stage, other.did, statement(event, other.signer, network)).status_code == 202


# ------------------------------------------------------------------ statements that do not follow


def altered(entry: Json, pointer: str, value: Any) -> Json:
    changed = copy.deepcopy(entry)
    *parents, last = pointer.split("/")[1:]
    place = changed
    for name in parents:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return changed


@pytest.mark.parametrize(
    ("pointer", "value", "found"),
    [
        ("/salt", None, "/salt"),
        ("/salt", "0x" + "11" * 31, "/salt"),
        ("/salt", "0x" + "AB" * 32, "/salt"),
        ("/salt", 7, "/salt"),
        ("/salt", "0x" + "11" * 32, "/statement/eventDigest"),
        ("/signature", None, "/signature"),
        ("/signature", "0x" + "11" * 64, "/signature"),
        ("/signature", [], "/signature"),
        ("/statement", None, "/statement"),
        ("/statement", "0x", "/statement"),
        ("/statement/flags", 1, "/statement/flags"),
        ("/statement/flags", False, "/statement/flags"),
        ("/statement/flags", "0", "/statement/flags"),
        ("/statement/eventTime", 1, "/statement/eventTime"),
        ("/statement/step", "https://ref.gs1.org/cbv/BizStep-receiving", "/statement/step"),
        ("/statement/place", None, "/statement/place"),
        ("/statement/subjects", "0x" + "00" * 32, "/statement/subjects"),
        ("/statement/more", 1, "/statement"),
        ("/more", 1, ""),
        ("/event/disposition", "damaged", "/statement/eventDigest"),
        ("/event/eventID", None, "/event"),
        ("/event/recordTime", "2026-11-01T08:30:00.000Z", "/event"),
    ],
)
def test_what_does_not_follow_from_the_event_is_refused_with_its_place(
    shared_stage: Stage, own: OwnKey, pointer: str, value: Any, found: str
) -> None:
    entry = altered(statement(bare_event(), own.signer, shared_stage.network.network), pointer, value)
    status, kind, places = refused(shared_stage, own.did, entry)
    assert (status, kind) == (422, "invalid-statement")
    assert found in places


def test_every_differing_field_of_every_statement_is_named(shared_stage: Stage, own: OwnKey) -> None:
    good = [statement(bare_event(), own.signer, shared_stage.network.network) for _ in range(3)]
    good[1]["statement"] |= {"flags": 4, "step": ""}
    good[2]["statement"]["eventTime"] += 1
    places = ["/1/statement/step", "/1/statement/flags", "/2/statement/eventTime"]
    assert refused(shared_stage, own.did, good) == (422, "invalid-statement", places)


@pytest.mark.parametrize("content", [[], {}, "x", 7, None, [7], [[]]])
def test_what_is_no_statement_is_refused(shared_stage: Stage, own: OwnKey, content: Any) -> None:
    assert refused(shared_stage, own.did, content)[:2] == (422, "invalid-statement")


def test_more_than_a_thousand_at_once_are_refused(shared_stage: Stage, own: OwnKey) -> None:
    entry = statement(bare_event(), own.signer, shared_stage.network.network)
    assert refused(shared_stage, own.did, [entry] * 1001) == (422, "invalid-statement", [""])


@pytest.mark.parametrize("field", [{"bizStep": "shiping"}, {"eventTime": "yesterday"}, {"epcList": 5}, {"type": None}])
def test_an_invalid_event_is_refused_as_in_a_capture(shared_stage: Stage, own: OwnKey, field: Json) -> None:
    entry = statement(bare_event(), own.signer, shared_stage.network.network)
    status, kind, places = refused(shared_stage, own.did, [altered(entry, f"/event/{n}", v) for n, v in field.items()])
    assert (status, kind) == (400, "ValidationException")
    assert all(place.startswith("/0/event") for place in places)


@pytest.mark.parametrize("body", [b"", b"{", b'{"event":1,"event":2}', b'{"salt":NaN}', b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(shared_stage: Stage, own: OwnKey, body: bytes) -> None:
    headers = shared_stage.headers(own.did) | {"Content-Type": "application/json"}
    for path in ("/v1/statements", "/v1/statements/prepare"):
        answer = shared_stage.client.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "invalid-json")


def test_other_media_types_and_requests_without_a_token_are_refused(shared_stage: Stage, own: OwnKey) -> None:
    content = json.dumps(statement(bare_event(), own.signer, shared_stage.network.network))
    for path in ("/v1/statements", "/v1/statements/prepare"):
        text = shared_stage.client.post(path, content=content, headers=shared_stage.headers(own.did))
        assert text.status_code == 415
        assert shared_stage.client.post(path, content=content).status_code == 401


# ------------------------------------------------------------------ signatures and keys


def high_s(signature: bytes) -> bytes:
    """The other signature of the same key over the same digest, which is refused (EIP-2)."""
    s = ORDER - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


def test_a_high_s_signature_is_refused(shared_stage: Stage, own: OwnKey) -> None:
    entry = statement(bare_event(), own.signer, shared_stage.network.network)
    twin = {**entry, "signature": to_hex(high_s(from_hex(entry["signature"])))}
    assert refused(shared_stage, own.did, twin) == (422, "invalid-statement", ["/signature"])


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_v_is_27_or_28(shared_stage: Stage, own: OwnKey, v: int) -> None:
    entry = statement(bare_event(), own.signer, shared_stage.network.network)
    entry["signature"] = entry["signature"][:-2] + f"{v:02x}"
    assert refused(shared_stage, own.did, entry) == (422, "invalid-statement", ["/signature"])


@pytest.mark.parametrize("r", ["00" * 32, "ff" * 32])
def test_a_signature_that_no_key_can_have_made_is_refused(shared_stage: Stage, own: OwnKey, r: str) -> None:
    entry = statement(bare_event(), own.signer, shared_stage.network.network)
    entry["signature"] = "0x" + r + entry["signature"][66:]
    assert refused(shared_stage, own.did, entry) == (422, "invalid-statement", ["/signature"])


def test_a_signature_made_for_another_network_leads_to_no_known_key(shared_stage: Stage, own: OwnKey) -> None:
    entry = statement(bare_event(), own.signer, "test-ffffffffffffffff")
    assert refused(shared_stage, own.did, entry) == (403, "unknown-key", ["/signature"])


def test_a_signature_over_another_event_leads_to_no_known_key(shared_stage: Stage, own: OwnKey) -> None:
    network = shared_stage.network.network
    one, two = (statement(bare_event(), own.signer, network) for _ in range(2))
    assert refused(shared_stage, own.did, one | {"signature": two["signature"]}) == (403, "unknown-key", ["/signature"])


def test_a_replayed_statement_needs_the_token_of_whose_key_it_is(shared_stage: Stage, own: OwnKey) -> None:
    entry = statement(bare_event(), own.signer, shared_stage.network.network)
    other = OwnKey(shared_stage, "replaying")
    for token in (other.did, shared_stage.brand):
        assert refused(shared_stage, token, [entry]) == (403, "not-your-key", ["/0/signature"])
    assert post(shared_stage, own.did, entry).status_code == 202
    assert refused(shared_stage, other.did, [entry]) == (403, "not-your-key", ["/0/signature"])


def test_one_bad_key_refuses_the_whole_list(shared_stage: Stage, own: OwnKey) -> None:
    network = shared_stage.network.network
    stranger = OwnKey(shared_stage, "stranger", valid=None)
    entries = [statement(bare_event(), signer, network) for signer in (own.signer, stranger.signer)]
    assert refused(shared_stage, own.did, entries) == (403, "unknown-key", ["/1/signature"])


def test_roles_on_the_chain_decide_which_steps_a_partner_may_state(shared_stage: Stage) -> None:
    network = shared_stage.network.network
    carrier = OwnKey(shared_stage, "own-carrier", Role.LOGISTICS)
    entry = statement(bare_event(bizStep="commissioning"), carrier.signer, network)
    assert refused(shared_stage, carrier.did, entry) == (403, "role-may-not-state", ["/event/bizStep"])
    assert post(shared_stage, carrier.did, statement(bare_event(), carrier.signer, network)).status_code == 202
    carrier.tell("setRoles", carrier.partner, int(Role.CUSTOMS))
    carrier.forget()
    entry = statement(bare_event(), carrier.signer, network)
    assert refused(shared_stage, carrier.did, entry) == (403, "role-may-not-state", ["/event/bizStep"])


# ------------------------------------------------------------------ custody, and what to sign


def test_who_signs_itself_is_told_so_when_it_captures(shared_stage: Stage, own: OwnKey) -> None:
    for path, content in (("/epcis/capture", document(new_event())), ("/epcis/events", json.dumps(bare_event()))):
        answer = shared_stage.client.post(path, content=content, headers=shared_stage.headers(own.did))
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "no-key-in-custody")
        assert "capture FILE --key" in answer.json()["detail"]


def test_an_own_signature_does_not_make_the_operator_sign(shared_stage: Stage, own: OwnKey) -> None:
    entry = statement(bare_event(), own.signer, shared_stage.network.network)
    assert post(shared_stage, own.did, entry).status_code == 202  # the key is remembered from now on
    headers = shared_stage.headers(own.did)
    answer = shared_stage.client.post("/epcis/capture", content=document(new_event()), headers=headers)
    assert answer.status_code == 409


def test_what_is_prepared_is_what_a_wallet_signs_and_what_follows_from_the_event(
    shared_stage: Stage, own: OwnKey
) -> None:
    event = bare_event(eventID=None, recordTime="2026-11-01T08:30:00.000Z")
    before = count(shared_stage)
    answer = prepare(shared_stage, own.did, {"event": event})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert count(shared_stage) == before
    made = answer.json()
    assert made.keys() == {"event", "salt", "statement", "digest", "typedData"}
    assert made["event"].keys() == event.keys() - {"recordTime"} | {"eventID"}
    derived = derive(made["event"], from_hex(made["salt"], 32))
    assert made["statement"] == derived.as_json() == made["typedData"]["message"]
    assert made["digest"] == to_hex(statement_digest(derived, shared_stage.network.network))
    # eth-account stands for the wallet: another implementation of EIP-712 than ours
    signed = Account.sign_message(encode_typed_data(full_message=made["typedData"]), own.account.key)
    assert to_hex(bytes(signed.message_hash)) == made["digest"]
    entry = {name: made[name] for name in ("event", "salt", "statement")} | {"signature": to_hex(signed.signature)}
    assert post(shared_stage, own.did, entry).status_code == 202


def test_a_given_salt_is_used_and_none_is_given_twice(shared_stage: Stage, own: OwnKey) -> None:
    event, salt = bare_event(), "0x" + "5a" * 32
    assert prepare(shared_stage, own.did, {"event": event, "salt": salt}).json()["salt"] == salt
    made = {prepare(shared_stage, own.did, {"event": event}).json()["salt"] for _ in range(3)}
    assert len(made) == 3


@pytest.mark.parametrize(
    ("content", "status", "pointer"),
    [
        ({}, 422, "/event"),
        ([], 422, ""),
        ({"event": {}, "more": 1}, 422, ""),
        ({"event": bare_event(), "salt": "0x00"}, 422, "/salt"),
        ({"event": bare_event(), "salt": None}, 422, "/salt"),
        ({"event": bare_event(bizStep="shiping")}, 400, "/event/bizStep"),
        ({"event": new_event()}, 400, "/event"),
        ({"event": 7}, 400, "/event"),
        ({"event": bare_event(eventID="urn:x:" + "y" * 2000)}, 400, "/event/eventID"),
    ],
)
def test_what_cannot_be_prepared_is_refused_with_its_place(
    shared_stage: Stage, own: OwnKey, content: Any, status: int, pointer: str
) -> None:
    answer = prepare(shared_stage, own.did, content)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer), answer.text
