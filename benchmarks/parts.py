"""The parts by themselves, for information: what a change in one of them costs."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks.documents import LARGE, documents, kind
from benchmarks.figures import Figure
from chain_service.anchoring.statement import from_facts
from chain_service.events import document
from chain_service.events.event_hash import event_hash
from chain_service.events.facts import facts
from chain_service.kit import canonical
from chain_service.kit.digests import sha256, to_hex
from chain_service.kit.digital_link import canonical_name, parse
from chain_service.kit.eip712 import Signer, statement_digest
from chain_service.kit.merkle import leaf_hash, root
from chain_service.partners.roles import Role
from chain_service.verification.verdict import check

NETWORK = "bench-0000000000000000"
EVENTS = 200
LEAVES = 10_000
TURNS = 5


def run() -> Iterator[Figure]:
    """Verdicts, names, a tree, reading and hashing events."""
    data = next(documents(kind("large", LARGE), EVENTS))
    events = [stated.event for stated in document.read(data, int(Role.BRAND)).events]
    receipts = [_receipt(event) for event in events]
    yield _rate("Verdicts in Python, without a chain", "receipts/s", EVENTS, lambda: [check(it) for it in receipts])
    yield _rate("Strict reading and validation", "events/s", EVENTS, lambda: document.read(data, int(Role.BRAND)))
    yield _rate("CBV event hashes", "events/s", EVENTS, lambda: [event_hash(event) for event in events])
    urns = [f"urn:epc:id:sgtin:9521301.010420.SF1-{number}" for number in range(LEAVES)]
    yield _rate("Canonical names of new identifiers", "names/s", LEAVES, lambda: [parse(urn) for urn in urns])
    for urn in urns:
        canonical_name(urn)
    yield _rate("Canonical names met before", "names/s", LEAVES, lambda: [canonical_name(urn) for urn in urns])
    leaves = [secrets.token_bytes(32) for _ in range(LEAVES)]
    yield Figure(f"Merkle root of {LEAVES:,} leaves", _fastest(lambda: root(leaves)) * 1000, "ms")


def _receipt(event: Mapping[str, Any]) -> dict[str, object]:
    """A receipt of an event, signed with a new key and alone in its batch."""
    salt, signer = secrets.token_bytes(32), Signer(secrets.token_bytes(32))
    statement = from_facts(facts(event), sha256(salt + canonical.dumps(event)))
    digest = statement_digest(statement, NETWORK)
    signature = signer.sign(digest)
    leaf = leaf_hash(digest + signature)
    address = "0x" + "11" * 20
    return {
        "type": "chain-service/receipt/1",
        "network": NETWORK,
        "event": event,
        "salt": to_hex(salt),
        "eventHash": event_hash(event),
        "statement": statement.as_json(),
        "reporter": {
            "partner": "did:web:benchmark.example",
            "address": signer.address,
            "signature": to_hex(signature),
            "custody": "operator",
        },
        "batch": {
            "operator": address,
            "number": 0,
            "first": 0,
            "count": 1,
            "root": to_hex(leaf),
        },
        "index": 0,
        "path": [],
        "anchor": {"chainId": 31337, "contract": address, "transaction": "0x" + "22" * 32, "block": 1, "sealedAt": 1},
    }


def _rate(title: str, unit: str, count: int, work: Callable[[], object]) -> Figure:
    return Figure(title, count / _fastest(work), unit)


def _fastest(work: Callable[[], object]) -> float:
    """Seconds of the fastest of a few turns."""
    took = []
    for _ in range(TURNS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)
