"""The pages' signing module against the shared vectors, the independent design vectors, eth-account and Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from playwright.sync_api import Page

from chain_service.anchoring.statement import derive
from chain_service.events.service import as_stated
from chain_service.kit import canonical
from chain_service.kit.digests import from_hex, keccak256, to_hex
from chain_service.kit.eip712 import statement_digest
from tests.pages.ledger import NETWORK, SAMPLES
from tests.pages.site import Site

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vectors.json").read_text(encoding="utf-8"))
SALT = "0x" + "5a" * 32
EVENT = VECTORS["statements"][0]["event"]
Run = Callable[..., Any]


@pytest.fixture
def run(site: Site, open_page: Callable[..., Page]) -> Run:
    """Calls a function of harness.js inside a page."""
    page = open_page(f"{site.url}/console/")

    def call(function: str, *arguments: Any) -> Any:
        script = "async ([name, given]) => (await import('/tests/harness.js'))[name](...given)"
        return page.evaluate(script, [function, list(arguments)])

    return call


def test_signatures_of_the_shared_vectors_are_made_again_byte_by_byte(run: Run) -> None:
    keys = {key["address"]: key["privateKey"] for key in VECTORS["keys"]}
    known = [each for each in VECTORS["statements"] if each["address"] in keys]
    assert len(known) > 15
    assert run("signatures", known, keys) == []


def test_signatures_of_the_design_vectors_are_made_again_byte_by_byte(run: Run, shared_data: Path) -> None:
    vectors = json.loads((shared_data / "design-vectors.json").read_text(encoding="utf-8"))
    assert len(vectors["statements"]) > 3
    assert run("signatures", vectors["statements"], {}) == []


def test_typed_data_hashes_to_the_statement_digest_in_an_independent_implementation(run: Run) -> None:
    documents = [json.dumps(capture["document"]) for capture in _captures()]
    made = [each for document in documents for each in run("stated", document, NETWORK, SALT)]
    assert len(made) > 30
    for each in made:
        message = encode_typed_data(full_message=each["typed"])
        digest = keccak256(b"\x19" + message.version + message.header + message.body)
        assert digest == statement_digest(derive(each["event"], from_hex(SALT)), NETWORK)


def test_events_are_stated_as_python_states_them(run: Run, shared_data: Path) -> None:
    documents = [capture["document"] for capture in _captures()]
    documents += [found for file in sorted(shared_data.rglob("*.json*")) if (found := _document(file))]
    compared = 0
    for document in documents:
        due = [_as_python_states(event, document["@context"]) for event in document["epcisBody"]["eventList"]]
        if all(due):
            made = run("stated", json.dumps(document), NETWORK, SALT)
            assert [to_hex(canonical.dumps(each["event"])) for each in made] == [to_hex(each) for each in due if each]
            compared += len(due)
    assert compared > 100


def test_an_event_of_its_own_keeps_its_id_whatever_time_it_was_recorded_at(run: Run) -> None:
    event = {name: value for name, value in EVENT.items() if name != "eventID"}
    recorded = event | {"recordTime": "2026-11-02T00:00:00Z"}
    declared = event | {"errorDeclaration": {"declarationTime": "2026-11-02T00:00:00Z"}}
    ids = {
        run("stated", json.dumps(each), NETWORK, SALT)[0]["event"]["eventID"] for each in (event, recorded, declared)
    }
    assert ids == {as_stated(event, None, "").event_id}


def test_a_statement_that_does_not_follow_from_the_event_is_not_signed(run: Run) -> None:
    changes: list[dict[str, Any]] = [
        {"eventDigest": "0x" + "00" * 32},
        {"step": "https://ref.gs1.org/cbv/BizStep-shipping"},
        {"eventTime": 0},
        {"flags": 1},
        {"note": "more"},
    ]
    refused = [f"other-statement {name}" for change in changes for name in change]
    assert run("forged", EVENT, NETWORK, changes) == refused


def test_salts_are_random_and_32_bytes_long(run: Run) -> None:
    assert run("salts", EVENT, NETWORK, 50) == {"lengths": [32], "different": 50}


def test_a_wallet_of_another_make_would_make_the_same_signature(run: Run, shared_data: Path) -> None:
    vector = json.loads((shared_data / "design-vectors.json").read_text(encoding="utf-8"))["statements"][0]
    (made,) = run("stated", json.dumps(vector["event"]), vector["network"], vector["salt"])
    signature = Account.sign_typed_data(vector["privateKey"], full_message=made["typed"]).signature
    assert to_hex(bytes(signature)) == vector["signature"]


def _captures() -> list[dict[str, Any]]:
    files = sorted((SAMPLES / "journeys").glob("*.json"))
    return [capture for file in files for capture in json.loads(file.read_text(encoding="utf-8"))["captures"]]


def _document(file: Path) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = canonical.parse(file.read_bytes())
        events = document["epcisBody"]["eventList"]
    except (ValueError, KeyError, TypeError):
        return None
    usable = "@context" in document and events and all(isinstance(event, dict) for event in events)
    return document if usable else None


def _as_python_states(event: dict[str, Any], context: Any) -> bytes | None:
    try:
        return as_stated(event, context, "").document
    except (ValueError, KeyError, TypeError):
        return None
