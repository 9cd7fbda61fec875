"""What an administrator does to the registry: planned in words first, then sent with the operator's key or a wallet.

The chain decides; what the service keeps of its partners follows it (following.py), whoever sent the transactions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chain_service.chain.contracts import CUSTODY
from chain_service.chain.registry import Plan, Registry
from chain_service.chain.registry_calls import action as action_of
from chain_service.partners import roles
from chain_service.partners.did import reading as did_reading
from chain_service.partners.did.document import is_did
from chain_service.partners.did.errors import DidError
from chain_service.partners.registry.said import NEW_KEY, says

WAIT_SECONDS = 60
_ONLY_WEB = "Only documents of did:web are read here."
_UNADMITTED = "PartnerRegistry_UnknownPartner"
# What the registry's calls take, by the name that a body has for it.
ASKED_AS = {"valid_from": "validFrom", "valid_to": "validTo"}
_RENAMED = {asked: name for name, asked in ASKED_AS.items()}


@dataclass(frozen=True, slots=True)
class Step:
    """One call of the registry, and what it does in words by language.

    `is_drawn_up`: whether its data is what will be sent; not where a key is in it that is only made then.
    """

    plan: Plan
    words: dict[str, str]
    is_drawn_up: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "function": self.plan.function,
            "to": self.plan.to,
            "data": self.plan.data if self.is_drawn_up else None,
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
    if "did" in said and not is_did(str(said["did"])):
        raise ValueError("did is no DID, such as did:web:dairy.example")
    key, custody = said.pop("key", None), said.pop("custody", "partner")
    if custody not in CUSTODY:
        raise ValueError("custody is partner or operator")
    made = [(name, said)]
    if key is not None:
        added = {"did": said.get("did"), "key": key, "custody": custody, "valid_from": None, "valid_to": None}
        made.append(("addKey", added))
    return made


def _bits(names: Any) -> int:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("roles is a list of words")
    try:
        return int(roles.from_names(names))
    except ValueError as error:
        raise ValueError(f"roles: {error}") from None


def steps(
    registry: Registry, wanted: Sequence[tuple[str, dict[str, Any]]], held: str | None, unmade: str | None = None
) -> list[Step]:
    """Each call as the contract would take it from who may make it; nothing happens. Raises ValueError, ChainError.

    `held`: the address whose key this service holds: where that one may, it is the one; `unmade`: the address that
    stands for a key that will only be made.
    """
    holders = registry.administration()
    by = {"admin": holders.admin, "pending_admin": holders.pending_admin, "guardian": holders.guardian}
    made: list[Step] = []
    for name, arguments in wanted:
        may = [by[holder] for holder in action_of(name).by]
        sender = held if held in may else may[0]
        plan = registry.plan(name, arguments, sender or holders.admin)
        if made and plan.refusal is not None and plan.refusal.startswith(_UNADMITTED):
            # The call before it admits the partner; whose the key is can be told already.
            plan = replace(plan, refusal=registry.taken(arguments["key"]))
        is_unmade = unmade is not None and arguments.get("key") == unmade
        words = says(name, {**arguments, "key": NEW_KEY} if is_unmade else arguments)
        made.append(Step(plan, words, not is_unmade))
    return made


def send(registry: Registry, wanted: Sequence[tuple[str, dict[str, Any]]], sender: str, secret: bytes) -> Iterator[str]:
    """Makes the calls with a key, each once the one before it is mined; gives each transaction as soon as it is sent.

    Raises ChainError at the first that fails; those before it stay.
    """
    for name, arguments in wanted:
        transaction = registry.send(registry.plan(name, arguments, sender), secret)
        yield transaction
        registry.wait(transaction, WAIT_SECONDS)


def checked_document(did: str, key: str | None, hosts: Mapping[str, str]) -> dict[str, Any]:
    """What the partner's own domain says of its DID and keys, as a check of a plan. It takes up to five seconds.

    `kind`: a stable word for programs, DidError's own where the document can't be read.
    """
    check = {"check": "did-document", "keys": []}
    if not did.startswith("did:web:"):
        return {**check, "outcome": "not-possible", "kind": "did-other-method", "detail": _ONLY_WEB}
    try:
        found = did_reading.read(did, overrides=hosts)
    except DidError as error:
        return {**check, "outcome": "failed", "kind": error.kind, "detail": str(error)}
    listed = {**check, "keys": found.addresses}
    if key is not None and key.lower() not in found.addresses:
        detail = f"The document at {found.url} does not list the key {key.lower()}."
        return {**listed, "outcome": "failed", "kind": "did-lacks-key", "detail": detail}
    kind = "did-names-key" if key is not None else "did-is-there"
    return {**listed, "outcome": "passed", "kind": kind, "detail": f"The document at {found.url} is that of {did}."}
