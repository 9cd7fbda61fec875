"""PartnerRegistry for its administrator: who was admitted, with which keys, what changed, and the changes to make.

A change is planned first: the plan holds what a wallet signs, and says what the contract would answer. It is then sent
by that wallet, or here with a key that the server holds. What a verdict or a capture asks of the registry is in client.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from web3.contract.contract import ContractFunction
from web3.exceptions import ContractLogicError
from web3.types import TxParams

from chain_service.chain.client import Chain, Head, Refused, translated
from chain_service.chain.contracts import CUSTODY, STATUSES
from chain_service.chain.registry_calls import NOBODY, action, read_address
from chain_service.chain.registry_log import RegistryChange, RegistryLog
from chain_service.chain.sending import mined, sent
from chain_service.kit import clock
from chain_service.kit.digests import keccak256

_HOLDERS = {code: word for word, code in CUSTODY.items()}


@dataclass(frozen=True, slots=True)
class RegisteredPartner:
    """A partner as the registry has it now. `roles`: bits as in IPartnerRegistry.statusAt, kept while suspended."""

    did: str
    roles: int
    suspended: bool


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A key of a partner. `address` and `rotated_to`: lower-case hex; `custody`: partner or operator; times: Unix
    seconds, half-open, None for no end and for never. `status` now: good, not_yet_valid, ended, suspended, compromised.
    """

    address: str
    custody: str
    valid_from: int
    valid_to: int | None
    compromised_at: int | None
    status: str
    rotated_to: str | None
    is_operator: bool


@dataclass(frozen=True, slots=True)
class Administration:
    """Who holds the registry's powers, in lower-case hex; None where there is nobody."""

    admin: str
    pending_admin: str | None
    guardian: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A transaction to the registry from `sender`, as a wallet takes it: `to` and `data`, lower-case hex.

    `function`: the signature of what is called; `by`: who may call it, as members of Administration; `gas`: the node's
    estimate, None where it has none; `refusal`: the contract's own error where it would refuse, such as
    PartnerRegistry_NotAdmin(0x…), else None.
    """

    action: str
    sender: str
    by: tuple[str, ...]
    to: str
    data: str
    function: str
    gas: int | None
    refusal: str | None


class Registry:
    """The registry of one network. Every method but those that say otherwise raises ChainError only."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._contract = chain.registry
        self._log = RegistryLog(chain)

    def administration(self) -> Administration:
        """Who holds the powers now."""
        with translated():
            calls = self._contract.functions
            admin, pending = (str(call().call()).lower() for call in (calls.admin, calls.pendingAdmin))
            try:
                guardian = str(calls.guardian().call()).lower()
            except ContractLogicError:  # a registry is never upgraded: those of before the guardian have none
                guardian = NOBODY
        return Administration(admin, *(None if holder == NOBODY else holder for holder in (pending, guardian)))

    def partner(self, did: str) -> RegisteredPartner | None:
        """A partner as it is now, None where it was not admitted."""
        head = self._chain.head()
        with translated():
            asked = self._contract.functions.partnerAt(keccak256(did.encode()), _now(head))
            admitted, roles, suspended = asked.call(block_identifier=head.number)
        return RegisteredPartner(did, int(roles), bool(suspended)) if admitted else None

    def keys_of(self, did: str) -> list[RegisteredKey]:
        """A partner's keys in the order of their admission, those that ended included."""
        head = self._chain.head()
        keys: dict[str, dict[str, Any]] = {}
        with translated():
            for change in self._log.read(0, head.number, keccak256(did.encode())):
                _follow(keys, change)
            return [RegisteredKey(**key, **self._standing(key["address"], head)) for key in keys.values()]

    def _standing(self, address: str, head: Head) -> dict[str, Any]:
        key, calls = self._chain.web3.to_checksum_address(address), self._contract.functions
        *_, status = calls.statusAt(key, _now(head)).call(block_identifier=head.number)
        is_operator = calls.isOperator(key, _now(head)).call(block_identifier=head.number)
        return {"status": STATUSES[status], "is_operator": bool(is_operator)}

    def taken(self, key: str) -> str | None:
        """The contract's refusal to add a key that was added before, to whichever partner; None where it was not."""
        head = self._chain.head()
        with translated():
            asked = self._contract.functions.statusAt(self._chain.web3.to_checksum_address(key), _now(head))
            *_, status = asked.call(block_identifier=head.number)
        return f"PartnerRegistry_KeyExists({key.lower()})" if status else None

    def history(self, did: str) -> list[RegistryChange]:
        """All changes of a partner and its keys, in order."""
        head = self._chain.head()
        with translated():
            return self._log.read(0, head.number, keccak256(did.encode()))

    def changes(self, since_block: int, up_to: int | None = None) -> list[RegistryChange]:
        """All changes after a block (-1 for all there are), in order, those of admin and guardian included.

        `up_to`: the last block to read, such as the newest with enough confirmations; the newest where it is None.
        """
        last = self._chain.head().number if up_to is None else up_to
        if since_block >= last:  # nodes refuse a range that ends before it begins
            return []
        with translated():
            return self._log.read(since_block + 1, last)

    def plan(self, name: str, arguments: Mapping[str, Any], sender: str) -> Plan:
        """One of the actions of registry_calls as a transaction, tried from its sender on the newest block.

        Raises ValueError naming an argument that is malformed, missing or unknown, or the sender.
        """
        asked, sender = action(name), read_address("sender", sender)
        if sender == NOBODY:
            raise ValueError("sender is nobody: it would pass for a guardian where there is none")
        values = asked.values(arguments)
        with translated():
            call = self._contract.get_function_by_signature(asked.function)(*values)
            to, data = self._contract.address.lower(), str(self._contract.encode_abi(name, args=values))
            transaction: TxParams = {"from": self._chain.web3.to_checksum_address(sender)}
            refusal, gas = _tried(call, transaction)
        return Plan(name, sender, asked.by, to, data, asked.function, gas, refusal)

    def send(self, plan: Plan, secret: bytes) -> str:
        """Signs and broadcasts a plan with its sender's secret; returns the transaction's hash.

        Raises Refused, and sends nothing, where the plan says that the contract refuses; ValueError for the secret of
        another address. One account's sends are to follow one another.
        """
        account = Account.from_key(secret)
        if account.address.lower() != plan.sender:
            raise ValueError(f"the secret is not that of {plan.sender}")
        if plan.gas is None:
            raise Refused(plan.refusal or "the node can't say what this transaction would cost")
        to = self._chain.web3.to_checksum_address(plan.to)
        # A quarter more: what came in between may make it cost a slot more than when it was tried.
        transaction = {"to": to, "data": plan.data, "gas": plan.gas * 5 // 4, "chainId": self._chain.network.chainId}
        return sent(self._chain.web3, account, transaction)

    def wait(self, transaction: str, seconds: float) -> None:
        """Returns once a transaction is in a block and has done what it should.

        Raises Refused, with the contract's reason, where it failed, ChainUnreachable where `seconds` go by first.
        """
        mined(self._chain.web3, transaction, seconds)


def _now(head: Head) -> int:
    """A chain's clock may run ahead of ours, and an idle chain's newest block lies behind it."""
    return max(clock.now_s(), head.time)


def _tried(call: ContractFunction, transaction: TxParams) -> tuple[str | None, int | None]:
    """Why a call would be refused, and the gas it would take; one of them is None, both where no estimate is given."""
    try:
        with translated():
            call.call(transaction)
    except Refused as refused:
        return str(refused), None
    try:
        with translated():
            return None, int(call.estimate_gas(transaction))
    except Refused:
        return None, None


def _follow(keys: dict[str, dict[str, Any]], change: RegistryChange) -> None:
    """Enters what a change says of a key, by its address."""
    said = change.arguments
    if change.name == "KeyAdded":
        keys[said["key"]] = {
            "address": said["key"],
            "custody": _HOLDERS[said["custody"]],
            "valid_from": said["validFrom"],
            "valid_to": said["validTo"] or None,
            "compromised_at": None,
            "rotated_to": None,
        }
    elif change.name == "KeyEndPlanned":
        keys[said["key"]]["valid_to"] = said["validTo"]
    elif change.name == "KeyCompromised":
        keys[said["key"]]["compromised_at"] = said["compromisedAt"]
    elif change.name == "OperatorRotated":
        keys[said["key"]]["rotated_to"] = said["successor"]
