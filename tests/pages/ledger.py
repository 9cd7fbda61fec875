"""A small world for page tests: partners, a sealed log, a registry, and the JSON-RPC that a node would answer.

The real chain is used by the end-to-end tests; here are the states that a real one cannot be brought into at will.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chain_service.anchoring.statement import derive
from chain_service.events.facts import identifiers
from chain_service.kit import merkle
from chain_service.kit.digests import from_hex, keccak256, sha256, to_hex
from chain_service.kit.eip712 import Signer, statement_digest
from chain_service.partners.roles import from_names

NETWORK = "demo-00112233445566ff"
CHAIN_ID = 31337
ANCHOR_LOG = "0x" + "a1" * 20
REGISTRY = "0x" + "b2" * 20
SAMPLES = Path(__file__).resolve().parents[2] / "chain_service" / "samples"
SEALED_AT = 1_793_700_000  # 3 November 2026
CUSTODY = {"partner": 1, "operator": 2}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """An item with a passport."""

    level: str
    keys: dict[str, str]

    @property
    def path(self) -> str:
        """The path of its Digital Link."""
        return "".join(f"/{ai}/{value}" for ai, value in self.keys.items())

    @property
    def name(self) -> str:
        """Its canonical name."""
        return f"https://id.gs1.org{self.path}"


FORMULA = Item("instance", {"01": "09521101100105", "21": "7K3M0Q"})


def key_of(name: str) -> Signer:
    """A key that follows from a name."""
    return Signer(sha256(b"key of " + name.encode()))


class Ledger:
    """Partners and seals, and the answers of a node about them."""

    def __init__(self) -> None:
        self.operator = key_of("operator").address
        self.keys: dict[str, tuple[str, int, int, int]] = {}  # address: DID, roles, custody, status
        self.seals: list[tuple[bytes, int, int, int]] = []
        self.network, self.chain_id, self.answering = NETWORK, CHAIN_ID, True
        for partner in json.loads((SAMPLES / "partners.json").read_text(encoding="utf-8")):
            self.admit(partner["did"], partner["roles"])

    def admit(self, did: str, roles: list[str], custody: str = "operator", status: int = 1) -> None:
        """Enter a partner's key in the registry."""
        self.keys[key_of(did).address] = (did, int(from_names(roles)), CUSTODY[custody], status)

    def receipts(self, statements: Sequence[tuple[str, Json]], sealed: bool = True, at: int = SEALED_AT) -> list[Json]:
        """Receipts of events, each `(did, event)`, sealed together in one batch (or waiting for it)."""
        found, leaves = [], []
        for did, event in statements:
            salt = sha256(b"salt" + json.dumps(event, sort_keys=True).encode())
            statement = derive(event, salt)
            signature = key_of(did).sign(digest := statement_digest(statement, NETWORK))
            leaves.append(merkle.leaf_hash(digest + signature))
            found.append(
                {
                    "type": "chain-service/receipt/1",
                    "network": NETWORK,
                    "event": event,
                    "salt": to_hex(salt),
                    "eventHash": "ni:///sha-256;" + sha256(digest).hex() + "?ver=CBV2.0",
                    "statement": statement.as_json(),
                    "reporter": {
                        "partner": did,
                        "address": key_of(did).address,
                        "signature": to_hex(signature),
                        "custody": "operator",
                    },
                    "batch": None,
                    "index": None,
                    "path": None,
                    "anchor": None,
                }
            )
        if sealed:
            self.seal(found, leaves, at)
        return found

    def seal(self, receipts: list[Json], leaves: list[bytes], at: int = SEALED_AT) -> None:
        """Put the leaves under one seal and say so in the receipts."""
        number, first = len(self.seals), sum(count for _, _, count, _ in self.seals)
        root = merkle.root(leaves)
        self.seals.append((root, first, len(leaves), at))
        for index, receipt in enumerate(receipts):
            receipt["batch"] = {
                "operator": self.operator,
                "number": number,
                "first": first,
                "count": len(leaves),
                "root": to_hex(root),
            }
            receipt["index"] = index
            receipt["path"] = [to_hex(sibling) for sibling in merkle.path(leaves, index)]
            receipt["anchor"] = {
                "chainId": CHAIN_ID,
                "contract": ANCHOR_LOG,
                "transaction": to_hex(sha256(root)),
                "block": 7 + number,
                "sealedAt": at,
            }

    def answer(self, request: Json) -> Json:
        """The JSON-RPC answer to one request."""
        reply: Json = {"jsonrpc": "2.0", "id": request["id"]}
        if request["method"] == "eth_chainId":
            return reply | {"result": hex(self.chain_id)}
        return reply | {"result": to_hex(self._call(from_hex(request["params"][0]["data"])))}

    def _call(self, data: bytes) -> bytes:
        selector, words = data[:4], [data[i : i + 32] for i in range(4, len(data), 32)]
        if selector == keccak256(b"network()")[:4]:
            name = self.network.encode()
            return _words(32, len(name)) + name.ljust(-len(name) % 32 + len(name), b"\0")
        address, number = to_hex(words[0][12:]), int.from_bytes(words[1], "big")
        if selector == keccak256(b"isOperator(address,uint64)")[:4]:
            return _words(int(address == self.operator))
        if selector == keccak256(b"sealOf(address,uint64)")[:4]:
            known = address == self.operator and number < len(self.seals)
            root, *rest = self.seals[number] if known else (bytes(32), 0, 0, 0)
            return root + _words(*rest)
        did, roles, custody, status = self.keys.get(address, ("", 0, 0, 0))
        return (keccak256(did.encode()) if did else bytes(32)) + _words(roles, custody, status)


def _words(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(32, "big") for number in numbers)


def sample_statements(journey: str) -> list[tuple[str, Json]]:
    """`(did, event as stated)` of a sample journey, in the order in which things happened."""
    captures = json.loads((SAMPLES / "journeys" / f"{journey}.json").read_text(encoding="utf-8"))["captures"]
    return [
        (capture["partner"], {"@context": capture["document"]["@context"]} | event)
        for capture in captures
        for event in capture["document"]["epcisBody"]["eventList"]
    ]


def passport(item: Item, receipts: Sequence[Json]) -> Json:
    """The answer of /v1/passports for an item whose journey these receipts are."""
    partners = json.loads((SAMPLES / "partners.json").read_text(encoding="utf-8"))
    described = json.loads((SAMPLES / "items.json").read_text(encoding="utf-8"))
    said = {name for receipt in receipts for name in _mentioned(receipt)} | {item.name}
    said |= {f"https://id.gs1.org/01/{name.split('/')[4]}" for name in said if "/01/" in name}
    return {
        "type": "chain-service/passport/1",
        "network": NETWORK,
        "item": {"name": item.name, "level": item.level, "keys": item.keys},
        "names": {e["item"]: {k: v for k, v in e.items() if k != "item"} for e in described if e["item"] in said},
        "partners": {
            partner["did"]: {"name": partner["name"], "roles": partner["roles"]}
            for partner in partners
            if partner["did"] in {receipt["reporter"]["partner"] for receipt in receipts}
        },
        "steps": [_step(item.name, receipt) for receipt in receipts],
    }


def _mentioned(receipt: Json) -> set[str]:
    return {receipt["statement"]["place"], *(name for _, name in identifiers(receipt["event"]))}


def _step(item: str, receipt: Json) -> Json:
    found = [name for _, name in identifiers(receipt["event"])]
    if item in found:
        return {"relation": "self", "of": item, "receipt": receipt}
    if lot := next((name for name in found if name.startswith("https://id.gs1.org/01/09521101100105/10/")), None):
        return {"relation": "lot", "of": lot, "receipt": receipt}
    relation = "container" if "/00/" in found[0] or "/8003/" in found[0] else "ingredient"
    return {"relation": relation, "of": found[0], "receipt": receipt}


def network_file(rpc: list[str]) -> Json:
    """The answer of /v1/network."""
    return {
        "network": NETWORK,
        "chainId": CHAIN_ID,
        "contracts": {"AnchorLog": ANCHOR_LOG, "PartnerRegistry": REGISTRY},
        "rpc": rpc,
        "operator": {
            "partner": "did:web:operator.example",
            "name": {"en": "Journey Demo", "zh": "旅程演示"},
            "address": key_of("operator").address,
        },
        "members": [{"name": {"en": "Second Member", "zh": "第二成员"}, "verify": "https://member.example/verify"}],
    }
