"""What an administrator does to the registry: planned in words first, then sent with the operator's key or a wallet.

The chain decides; what the service keeps of its partners follows it (`follow`), whoever sent the transactions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from chain_service.chain.registry import Plan, Registry
from chain_service.chain.registry_calls import action as action_of
from chain_service.kit import clock
from chain_service.partners import did_reading, roles
from chain_service.partners.did_errors import DidError
from chain_service.partners.models import Partner, PartnerKey
from chain_service.partners.said import says

WAIT_SECONDS = 60
_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+")  # DID Core 1.0 section 3.1, but for malformed percent-encoding
_LONGEST_DID = 255
_UNADMITTED = "PartnerRegistry_UnknownPartner"
# The body's names of what the registry's calls take by another name.
_RENAMED = {"validFrom": "valid_from", "validTo": "valid_to"}


@dataclass(frozen=True, slots=True)
class Step:
    """One call of the registry, and what it does in words by language."""

    plan: Plan
    words: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return {
            "function": self.plan.function,
            "to": self.plan.to,
            "data": self.plan.data,
            "from": self.plan.sender,
            "says": self.words,
            "refusal": self.plan.refusal,
            "gas": self.plan.gas,
        }


def calls(name: str, given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The registry's calls that an action takes, in order, with their arguments.

    Raises ValueError that begins with the name of the argument that is wrong.
    """
    said = {_RENAMED.get(key, key): value for key, value in given.items()}
    if "roles" in said:
        said["roles"] = _bits(said["roles"])
    if name == "addKey":
        return [(name, {"valid_from": None, "valid_to": None, **said})]
    if name != "admitPartner":
        return [(name, said)]
    if not is_keepable(str(said.get("did"))):
        raise ValueError(f"did is not a DID of at most {_LONGEST_DID} characters")
    key = {"key": said.pop("key", None), "custody": said.pop("custody", "partner")}
    made: list[tuple[str, dict[str, Any]]] = [(name, {"did": said.get("did"), "roles": said.get("roles")})]
    if key["key"] is not None:
        made.append(("addKey", {"did": said.get("did"), **key, "valid_from": None, "valid_to": None}))
    return made


def is_keepable(did: str) -> bool:
    """Whether a text has the form of a DID, and a length that the database takes; the contract admits any bytes."""
    return len(did) <= _LONGEST_DID and _DID.fullmatch(did) is not None


def _bits(names: Any) -> int:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("roles is a list of words")
    try:
        return int(roles.from_names(names))
    except ValueError as error:
        raise ValueError(f"roles: {error}") from None


def steps(registry: Registry, wanted: Sequence[tuple[str, dict[str, Any]]]) -> list[Step]:
    """Each call as the contract would take it from who may make it; nothing happens. Raises ValueError, ChainError."""
    holders = registry.administration()
    made: list[Step] = []
    for name, arguments in wanted:
        by = {"admin": holders.admin, "pending_admin": holders.pending_admin, "guardian": holders.guardian}
        sender = by[action_of(name).by[0]] or holders.admin
        plan = registry.plan(name, arguments, sender)
        if made and plan.refusal is not None and plan.refusal.startswith(_UNADMITTED):
            plan = _untried(plan)  # the call before it admits the partner
        made.append(Step(plan, says(name, arguments)))
    return made


def _untried(plan: Plan) -> Plan:
    return Plan(plan.action, plan.sender, plan.by, plan.to, plan.data, plan.function, None, None)


def send(registry: Registry, wanted: Sequence[tuple[str, dict[str, Any]]], sender: str, secret: bytes) -> Iterator[str]:
    """Makes the calls one after another with a key, each once the one before it is mined; yields each transaction as
    soon as it is sent.

    Raises ChainError at the first that fails; those before it stay.
    """
    for name, arguments in wanted:
        transaction = registry.send(registry.plan(name, arguments, sender), secret)
        yield transaction
        registry.wait(transaction, WAIT_SECONDS)


def checked_document(did: str, key: str | None, hosts: Mapping[str, str]) -> dict[str, Any]:
    """What the partner's own domain says of its DID and keys, as a check of a plan. It takes up to five seconds."""
    check = {"check": "did-document", "keys": []}
    if not did.startswith("did:web:"):
        return {**check, "outcome": "not-possible", "kind": "", "detail": "Only did:web documents are read here."}
    try:
        found = did_reading.read(did, overrides=hosts)
    except DidError as error:
        return {**check, "outcome": "failed", "kind": error.kind, "detail": str(error)}
    listed = {**check, "keys": found.addresses}
    if key is not None and key.lower() not in found.addresses:
        detail = f"The document at {found.url} does not list the key {key.lower()}."
        return {**listed, "outcome": "failed", "kind": "did-lacks-key", "detail": detail}
    return {**listed, "outcome": "passed", "kind": "", "detail": f"The document at {found.url} is that of {did}."}


def follow(connection: Connection, registered: Mapping[str, int], names: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Brings the partners kept here to what the registry holds (roles by DID); returns the DIDs that changed.

    `names`: of partners that are new here, by DID and language; one without a name is called by its DID. What was
    remembered of keys is asked anew. Who was admitted under what is no DID is passed over, and keeps nobody else out.
    """
    known = {row.did: row for row in connection.execute(select(Partner.__table__))}
    changed = []
    for did, bits in registered.items():
        name = dict(names.get(did, {})) or None
        if did not in known and not is_keepable(did):
            continue
        if did not in known:
            new = {"did": did, "name": name or {"en": did}, "roles": bits, "created_at": clock.now_ms()}
            connection.execute(insert(Partner).values(new))
        elif known[did].roles != bits or (name is not None and known[did].name != name):
            values = {"roles": bits, "name": name or known[did].name}
            connection.execute(update(Partner).where(Partner.did == did).values(values))
        else:
            continue
        changed.append(did)
    connection.execute(update(PartnerKey).values(checked_at=None))
    return changed
