"""What the office of the console's tests holds: one operator, a few partners, people, credentials and an audit log."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
NOW = 1_793_700_000_000  # 3 November 2026
RIGHTS = ["state", "describe", "read", "manage", "administer"]
PASSWORD = "meadow lantern quiet river"
INVITATION = "invitation-0123456789"
TOKEN = "cs_aaaabbbbcc_" + "s" * 43
DAIRY = "did:web:waikato-dairy.example"
KEY = "0x" + "1a" * 20
OLD = "0x" + "2b" * 20
SEALER = "0x" + "3c" * 20
SPARE = "0x" + "4d" * 20
REGISTRY = "0x" + "5e" * 20
OPERATOR: Json = {
    "did": "did:web:operator.example",
    "name": {"en": "Harbour Records", "zh": "海港记录"},
    "roles": ["producer", "operator"],
}
ADMIN: Json = {"id": "p-1", "email": "ann@operator.example", "name": "Ann Marsh", "rights": RIGHTS}
ADMINISTRATION: Json = {
    "administration": {"admin": "0x" + "6f" * 20, "pendingAdmin": None, "guardian": "0x" + "70" * 20},
    "network": "demo-0011223344556677",
    "chainId": 31337,
    "contract": REGISTRY,
}


def people() -> list[Json]:
    """Three people: one active, one invited, one switched off."""
    bo = {"id": "p-2", "email": "bo@operator.example", "name": "Bo Reed", "rights": ["read"]}
    li = {"id": "p-3", "email": "li.wei@operator.example", "name": "李薇", "rights": ["state", "read"]}
    return [
        ADMIN | {"createdAt": NOW, "disabledAt": None, "invited": False},
        bo | {"createdAt": NOW, "disabledAt": None, "invited": True},
        li | {"createdAt": NOW, "disabledAt": NOW, "invited": False},
    ]


def credentials() -> list[Json]:
    """One good, one about to end, one revoked."""
    held = {"rights": ["state", "read"], "createdAt": NOW, "createdBy": "p-1", "revokedAt": None, "lastUsedAt": NOW}
    far = 4_000_000_000_000
    return [
        held | {"id": "k5j2m7q3xa", "name": "Warehouse 2", "expiresAt": far},
        held | {"id": "p4w8t1z6yb", "name": "Old gateway", "expiresAt": far, "revokedAt": NOW},
    ]


def key(address: str, status: str = "good", **more: Any) -> Json:
    """A key as GET /v1/partners/{did} shows it."""
    times = {"validFrom": 1_790_000_000, "validTo": None, "compromisedAt": None}
    return (
        {"address": address, "custody": "partner", "status": status, "rotatedTo": None, "operator": False}
        | times
        | more
    )


def change(name: str, block: int, **arguments: Any) -> Json:
    """An entry of a partner's history."""
    made = {"block": block, "time": 1_790_000_000 + block, "transaction": "0x" + f"{block:064x}"}
    return {"name": name, "arguments": arguments} | made


def partners() -> list[Json]:
    """The operator, a dairy with a key that ended, a carrier that is suspended."""
    dairy_history = [
        change("PartnerAdmitted", 12, did=DAIRY, roles=3),
        change("KeyAdded", 13, key=OLD, custody=1, validFrom=1_790_000_013, validTo=0),
        change("KeyEndPlanned", 40, key=OLD, validTo=1_790_500_000),
        change("KeyAdded", 41, key=KEY, custody=2, validFrom=1_790_000_041, validTo=0),
    ]
    dairy = {"did": DAIRY, "name": {"en": "Waikato Dairy", "zh": "怀卡托乳业"}, "roles": ["brand", "producer"]}
    carrier = {
        "did": "did:web:north-sea-carriers.example",
        "name": {"en": "North Sea Carriers"},
        "roles": ["logistics"],
    }
    ended = key(OLD, "ended", validTo=1_790_500_000)
    sealers = [key(SEALER, custody="operator", operator=True), key(SPARE, custody="operator", operator=True)]
    return [
        OPERATOR | {"suspended": False, "admitted": True, "keys": sealers, "history": []},
        dairy | {"suspended": False, "admitted": True, "keys": [ended, key(KEY)], "history": dairy_history},
        carrier | {"suspended": True, "admitted": True, "keys": [key("0x" + "8a" * 20, "suspended")], "history": []},
    ]


def counted(partner: Json) -> Json:
    """How many of a partner's keys are good."""
    return {"good": sum(each["status"] == "good" for each in partner["keys"]), "all": len(partner["keys"])}


def entries() -> list[Json]:
    """Four entries of the audit log, newest first."""
    actor = {"kind": "person", "id": "p-1", "partner": OPERATOR["did"]}
    done = ["credential.issued", "person.added", "session.begun", "registry.somethingNew"]
    return [
        {"id": 90 - i, "at": NOW - i * 60_000, "actor": actor, "action": action, "what": {"credential": "k5j2m7q3xa"}}
        for i, action in enumerate(done)
    ]


def days() -> list[Json]:
    """A day that is sealed and one that waits."""
    event = "urn:uuid:5f3c2a10-0000-4000-8000-000000000001"
    return [
        {"day": "2026-11-02", "count": 12, "root": "0x" + "11" * 32, "eventID": None, "sealed": False},
        {"day": "2026-11-01", "count": 7, "root": "0x" + "22" * 32, "eventID": event, "sealed": True},
    ]


def functions(body: Json) -> list[str]:
    """The contract's functions that an action needs, in order."""
    if body["action"] != "admitPartner":
        return [body["action"]]
    return ["admitPartner", "addKey"]


def step(function: str, body: Json, refusal: str | None, sender: str | None) -> Json:
    """A step of a plan."""
    says = {"en": f"Calls {function} for {body.get('did', body.get('key', ''))}.", "zh": f"调用 {function}。"}
    sent = {"to": REGISTRY, "data": "0x" + "9b" * 36, "from": sender or ADMINISTRATION["administration"]["admin"]}
    return {"function": f"{function}(…)", "says": says, "refusal": refusal, "gas": 90_000} | sent
