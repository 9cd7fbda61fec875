"""Receipts sealed on simulated chains: who signed what, which batch it went into, what the registry knows."""

from typing import Any

from events import EVENTS, at
from oracle import address, event_digest, hexed, high_s, kec, leaf_hash, path, raw, root, sha, sign, statement_digest
from oracle import subjects as subjects_of

NETWORK = "vectors-0123456789abcdef"
CHAIN_ID = 31337
LOG = "0x" + "a1" * 20
REGISTRY = "0x" + "b2" * 20
OPERATOR, RETIRED = address("operator"), address("retired operator")
PRODUCER, LOGISTICS, GATEWAY = 2, 4, 64
GOOD, NOT_YET, ENDED, SUSPENDED, COMPROMISED = 1, 2, 3, 4, 5
TRUST = {
    "network": NETWORK,
    "rpc": "http://127.0.0.1:1",
    "chainId": CHAIN_ID,
    "contracts": {"AnchorLog": LOG, "PartnerRegistry": REGISTRY},
}
FIRST_SEAL = at(2026, 10, 30)
SEALED = at(2026, 11, 1, 2)
LATER = at(2026, 11, 7)
# who signs: (roles, custody: 1 the partner, 2 the operator, state of the key)
SIGNERS = {
    "dairy": (PRODUCER, 2, GOOD),
    "carrier": (LOGISTICS, 1, GOOD),
    "gateway": (GATEWAY, 1, GOOD),
    "early": (PRODUCER, 1, NOT_YET),
    "ended": (PRODUCER, 1, ENDED),
    "suspended": (PRODUCER, 1, SUSPENDED),
    "compromised": (PRODUCER, 1, COMPROMISED),
}


def did(name: str) -> str:
    """The partner of a signer; the carrier's second key is the carrier's."""
    return f"did:web:{name.split()[0]}.example"


def unsealed(event_name: str, signer: str, **altered: Any) -> dict[str, Any]:
    """A receipt that waits for its seal; `altered` members of the statement are changed before it is signed."""
    event, follows = EVENTS[event_name]
    salt = hexed(sha(f"salt of {event_name}".encode()))
    statement = {
        "eventDigest": event_digest(salt, event),
        "subjects": subjects_of(follows["identifiers"]),
        **{name: follows[name] for name in ("step", "disposition", "place", "eventTime", "flags")},
        **altered,
    }
    _, custody, _ = SIGNERS.get(signer, (0, 1, 0))
    return {
        "type": "chain-service/receipt/1",
        "network": NETWORK,
        "event": event,
        "salt": salt,
        "eventHash": "ni:///sha-256;" + sha(event_name.encode()).hex() + "?ver=CBV2.0",
        "statement": statement,
        "reporter": {
            "partner": did(signer),
            "address": address(signer),
            "signature": sign(statement_digest(statement, NETWORK), signer),
            "custody": "operator" if custody == 2 else "partner",
        },
        "batch": None,
        "index": None,
        "path": None,
        "anchor": None,
    }


def leaf_data(receipt: dict[str, Any]) -> bytes:
    return statement_digest(receipt["statement"], NETWORK) + raw(receipt["reporter"]["signature"])


class Log:
    """One operator's log: seals batches and completes their receipts."""

    def __init__(self, operator: str) -> None:
        self.operator = operator
        self.next = 0
        self.seals: list[dict[str, Any]] = []

    def seal(self, receipts: list[dict[str, Any]], time: int) -> None:
        leaves = [leaf_hash(leaf_data(receipt)) for receipt in receipts]
        number = len(self.seals)
        batch = {
            "operator": self.operator,
            "number": number,
            "first": self.next,
            "count": len(leaves),
            "root": hexed(root(leaves)),
        }
        for index, receipt in enumerate(receipts):
            receipt["batch"] = batch
            receipt["index"] = index
            receipt["path"] = [hexed(sibling) for sibling in path(leaves, index)]
            receipt["anchor"] = {
                "chainId": CHAIN_ID,
                "contract": LOG,
                "transaction": hexed(sha(f"transaction {number}".encode())),
                "block": 100 + number,
                "sealedAt": time,
            }
        self.seals.append({**batch, "sealedAt": time})
        self.next += len(leaves)


def _signed_with(receipt: dict[str, Any], signature: str) -> dict[str, Any]:
    return {**receipt, "reporter": {**receipt["reporter"], "signature": signature}}


def _said_by(name: str, receipt: dict[str, Any]) -> dict[str, Any]:
    """The receipt with somebody else's name and address put on it."""
    return {**receipt, "reporter": {**receipt["reporter"], "partner": did(name), "address": address(name)}}


def everything() -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """All receipts by name, and the seals of the main chain."""
    regular = {
        "shipping": unsealed("shipping", "carrier"),
        "names": unsealed("names in their other forms", "dairy"),
        "packing": unsealed("packing", "dairy"),
        "transformation": unsealed("transformation", "dairy"),
        "association": unsealed("association", "carrier"),
        "transaction": unsealed("transaction", "dairy"),
        "alarm": unsealed("alarm", "gateway"),
        "nothing named": unsealed("nothing named", "gateway"),
        "words of others": unsealed("words of others", "carrier"),
    }
    other = {
        "declaration": unsealed("declaration", "carrier"),
        "declaration by second key": unsealed("declaration", "carrier two"),
        "declaration by another partner": unsealed("declaration", "dairy"),
        "declaration of another event": unsealed("declaration of another", "carrier"),
    }
    plain = unsealed("shipping", "dairy")
    zero = "0x" + "00" * 64 + "1b"
    v_of_old = plain["reporter"]["signature"][:-2] + ("00" if plain["reporter"]["signature"].endswith("1b") else "01")
    rogue = {
        "signed by a stranger": unsealed("shipping", "stranger"),
        "signed by a gateway": unsealed("of no role", "gateway"),
        "signed by an early key": unsealed("shipping", "early"),
        "signed by an ended key": unsealed("shipping", "ended"),
        "signed by a suspended partner": unsealed("shipping", "suspended"),
        "signed by a compromised key": unsealed("shipping", "compromised"),
        "step not of the event": unsealed("shipping", "dairy", step="https://ref.gs1.org/cbv/BizStep-destroying"),
        "subjects not of the event": unsealed("shipping", "dairy", subjects=subjects_of(["https://id.gs1.org/00/1"])),
        "time not of the event": unsealed("shipping", "dairy", eventTime=at(2026, 11, 1) * 1000),
        "digest not of the event": unsealed("shipping", "dairy", eventDigest="0x" + "77" * 32),
        "event with a wrong check digit": unsealed("underivable", "dairy"),
        "signature with high s": _signed_with(plain, high_s(plain["reporter"]["signature"])),
        "signature with v 0 or 1": _signed_with(plain, v_of_old),
        "signature of zeros": _signed_with(plain, zero),
    }
    log, retired = Log(OPERATOR), Log(RETIRED)
    first = {"first": unsealed("first", "dairy")}
    log.seal(list(first.values()), FIRST_SEAL)
    log.seal(list(regular.values()), SEALED)
    log.seal(list(rogue.values()), SEALED)
    log.seal(list(other.values()), LATER)
    under_retired = {"sealed by a retired operator": unsealed("shipping", "dairy")}
    retired.seal(list(under_retired.values()), SEALED)
    waiting = {
        "waiting": unsealed("shipping", "carrier"),
        "waiting declaration": unsealed("declaration", "carrier"),
        "forged declaration": _said_by("carrier", unsealed("declaration", "stranger")),
    }
    return {**first, **regular, **other, **rogue, **under_retired, **waiting}, log.seals + retired.seals


def key(name: str, roles: int, custody: int, status: int, since: int = at(2026, 10, 1)) -> dict[str, Any]:
    return {
        "address": address(name),
        "from": since,
        "until": None,
        "partner": hexed(kec(did(name).encode())),
        "roles": roles,
        "custody": custody,
        "status": status,
    }


def chains(seals: list[dict[str, Any]]) -> dict[str, Any]:
    """Simulated chains: `main`, and others that differ from it in one thing."""
    keys = [key(name, *what) for name, what in SIGNERS.items()]
    keys.append(key("carrier two", LOGISTICS, 1, GOOD))
    main = {
        "network": NETWORK,
        "chainId": CHAIN_ID,
        "seals": seals,
        "keys": keys,
        "operators": [
            {"address": OPERATOR, "from": at(2026, 10, 1), "until": None},
            {"address": RETIRED, "from": at(2026, 10, 1), "until": SEALED},
        ],
    }
    month = 30 * 24 * 3600
    return {
        "main": main,
        "other network": {**main, "network": "elsewhere-0123456789abcdef"},
        "other chain id": {**main, "chainId": 1},
        "moved by a minute": {**main, "seals": [{**seal, "sealedAt": seal["sealedAt"] + 60} for seal in seals]},
        "begun anew": {**main, "seals": [{**seal, "sealedAt": seal["sealedAt"] + month} for seal in seals]},
        "empty": {**main, "seals": []},
        "key good until the second of the seal": {
            **main,
            "keys": [{**held, "until": SEALED} if held["address"] == address("carrier") else held for held in keys],
        },
        "key good from the second of the seal": {
            **main,
            "keys": [{**held, "from": SEALED} if held["address"] == address("carrier") else held for held in keys],
        },
    }
