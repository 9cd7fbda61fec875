"""The only door to a node: JSON-RPC through web3, with short time-outs and one family of errors.

ChainError              anything that keeps the chain from being used
├── ChainUnreachable    no answer, or no sensible one: try again later
├── WrongChain          the node answers for another chain, or our contracts are not on it
└── Refused             the contract or the node refuses the transaction, with its reason
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import requests
from eth_account import Account
from eth_typing import HexStr
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.exceptions import BlockNotFound, ContractLogicError, TransactionNotFound, Web3Exception
from web3.logs import DISCARD
from web3.types import EventData, RPCEndpoint, TxParams

from chain_service.chain.contracts import artifact
from chain_service.chain.transactions import Terms
from chain_service.kit.digests import keccak256, to_hex
from chain_service.settings import Network

TIMEOUT_SECONDS = 5
SEAL_GAS = 300_000  # a seal takes 85,000, the first of an operator somewhat more
OUTBID_MOST = 64  # times today's price: beyond that, paying more is not what helps
CONTRACTS = ("AnchorLog", "PartnerRegistry")


class ChainError(OSError):
    """Anything that keeps the chain from being used."""


class ChainUnreachable(ChainError):
    """No answer, or no sensible one: try again later."""


class WrongChain(ChainError):
    """The node answers for another chain, or our contracts are not on it."""


class Refused(ChainError):
    """The contract or the node refuses the transaction."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest block: number, hash, time (Unix seconds) and base fee in wei (None where there is no fee market)."""

    number: int
    hash: str
    time: int
    base_fee: int | None


@dataclass(frozen=True, slots=True)
class Seal:
    """What the chain holds of a batch. `sealed_at`: Unix seconds."""

    root: bytes
    first: int
    count: int
    sealed_at: int
    transaction: str
    block: int
    block_hash: str


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """What PartnerRegistry says of a key at a time: codes and bits as in IPartnerRegistry.statusAt.

    `partner`: keccak-256 of the partner's DID, zeros where the key is unknown.
    """

    partner: bytes
    roles: int
    custody: int
    status: int


class Chain:
    """One network's contracts behind one node. `web3` and `registry` (the contract) are for this room's own use."""

    def __init__(self, network: Network) -> None:
        self.network = network
        session = requests.Session()
        session.trust_env = False  # a node is named by its operator, not by proxy variables
        self.web3 = Web3(
            HTTPProvider(
                network.rpc,
                request_kwargs={"timeout": TIMEOUT_SECONDS},
                session=session,
                exception_retry_configuration=None,
            )
        )
        self._log = self._contract("AnchorLog")
        self.registry = self._contract("PartnerRegistry")

    def _contract(self, name: str) -> Contract:
        address = Web3.to_checksum_address(self.network.contracts[name])
        return self.web3.eth.contract(address=address, abi=artifact(name)["abi"])

    def check(self) -> None:
        """Raises WrongChain unless the node's chain is that of the network file and holds its contracts."""
        with translated():
            chain_id = self.web3.eth.chain_id
            if not isinstance(chain_id, int):
                raise ChainUnreachable("the node's chain id is not a number")
            if chain_id != self.network.chainId:
                raise WrongChain(f"the node is on chain {chain_id}, this network on {self.network.chainId}")
            for name, contract in (("AnchorLog", self._log), ("PartnerRegistry", self.registry)):
                if not self.web3.eth.get_code(contract.address):
                    raise WrongChain(f"there is no {name} at {contract.address} on this chain")
            name = self.registry.functions.network().call()
            if name != self.network.network:
                raise WrongChain(f"these contracts belong to the network {name!r}, not {self.network.network!r}")

    def head(self) -> Head:
        """The newest block."""
        with translated():
            block = self.web3.eth.get_block("latest")
            return Head(block["number"], to_hex(block["hash"]), block["timestamp"], block.get("baseFeePerGas"))

    def block_hash(self, number: int) -> str | None:
        """The hash of a block by its number, None where there is none."""
        with translated():
            try:
                return to_hex(self.web3.eth.get_block(number)["hash"])
            except BlockNotFound:
                return None

    def next(self, operator: str, block: int) -> int:
        """How many statements this operator has sealed as of a block."""
        with translated():
            return int(self._log.functions.next(Web3.to_checksum_address(operator)).call(block_identifier=block))

    def nonce(self, address: str, block: int) -> int:
        """How many transactions this address has sent as of a block."""
        with translated():
            return int(self.web3.eth.get_transaction_count(Web3.to_checksum_address(address), block))

    def seal(
        self, operator: str, number: int, up_to: int, since: int = 0, transactions: Sequence[str] = ()
    ) -> Seal | None:
        """What the chain holds of a batch as of block `up_to`, with the transaction that brought it.

        It is looked for among `transactions` first, then among the logs from block `since` on.
        """
        with translated():
            address = Web3.to_checksum_address(operator)
            root, first, count, sealed_at = self._log.functions.sealOf(address, number).call(block_identifier=up_to)
            if not sealed_at:
                return None
            entry = self._entry(address, number, up_to, transactions)
            if entry is None:
                filters = {"operator": address, "batch": number}
                logs = self._log.events.Anchored.get_logs(from_block=since, to_block=up_to, argument_filters=filters)
                if not logs:
                    raise ChainUnreachable(f"the node holds batch {number} but not its log")
                entry = logs[-1]
            transaction, block_hash = to_hex(entry["transactionHash"]), to_hex(entry["blockHash"])
            return Seal(bytes(root), first, count, sealed_at, transaction, entry["blockNumber"], block_hash)

    def _entry(self, operator: str, number: int, up_to: int, transactions: Sequence[str]) -> EventData | None:
        for transaction in transactions:
            try:
                receipt = self.web3.eth.get_transaction_receipt(HexStr(transaction))
            except TransactionNotFound:
                continue
            entry: EventData
            for entry in self._log.events.Anchored().process_receipt(receipt, errors=DISCARD):
                sought = (self._log.address, operator, number)
                found = (entry["address"], entry["args"]["operator"], entry["args"]["batch"])
                if found == sought and entry["blockNumber"] <= up_to:
                    return entry
        return None

    def is_operator(self, address: str, at: int) -> bool:
        """Whether an address is an operator at a time (Unix seconds)."""
        with translated():
            return bool(self.registry.functions.isOperator(Web3.to_checksum_address(address), at).call())

    def status_at(self, address: str, at: int) -> KeyStatus:
        """Whose key an address is at a time (Unix seconds), and whether it is good."""
        with translated():
            key = Web3.to_checksum_address(address)
            partner, roles, custody, status = self.registry.functions.statusAt(key, at).call()
            return KeyStatus(bytes(partner), int(roles), int(custody), int(status))

    def try_anchor(self, operator: str, first: int, count: int, root: bytes, block: int) -> None:
        """Raises Refused, with the contract's reason, where anchoring this batch after a block would fail."""
        with translated():
            sender: TxParams = {"from": Web3.to_checksum_address(operator)}
            self._log.functions.anchor(first, count, root).call(sender, block_identifier=block)

    def sign_anchor(
        self, secret: bytes, nonce: int, first: int, count: int, root: bytes, head: Head, outbid: Terms | None = None
    ) -> tuple[str, bytes]:
        """Hash and bytes of a signed transaction that anchors a batch, paying twice what `outbid` does at least."""
        with translated():
            data = self._log.encode_abi("anchor", args=[first, count, root])
            transaction: TxParams = {
                "to": self._log.address,
                "data": HexStr(data),
                "value": Web3.to_wei(0, "wei"),
                "gas": SEAL_GAS,
                "nonce": nonce,  # type: ignore[typeddict-item]
                "chainId": self.network.chainId,
                **self._fees(head, outbid),
            }
        signed = Account.sign_transaction(transaction, secret)
        return to_hex(signed.hash), bytes(signed.raw_transaction)

    def _fees(self, head: Head, outbid: Terms | None) -> TxParams:
        if head.base_fee is None:
            return {"gasPrice": self.web3.eth.gas_price}
        tip = int(self.web3.eth.max_priority_fee)
        most = head.base_fee * 4 + tip  # four times: the fee may double every six full blocks
        if outbid is not None and outbid.most <= most * OUTBID_MOST:
            tip, most = max(tip, outbid.tip * 2, 1), max(most, outbid.most * 2)
        return {"maxFeePerGas": Web3.to_wei(most, "wei"), "maxPriorityFeePerGas": Web3.to_wei(min(tip, most), "wei")}

    def terms_here(self, raw: bytes) -> Terms | None:
        """What a signed transaction pays, None where it is for another chain or another AnchorLog."""
        terms = Terms.of(raw)
        here = (self.network.chainId, self._log.address.lower())
        return terms if (terms.chain_id, terms.to) == here else None

    def knows(self, transaction: str) -> bool:
        """Whether the node has a transaction, waiting or mined."""
        with translated():
            try:
                self.web3.eth.get_transaction(HexStr(transaction))
            except TransactionNotFound:
                return False
            return True

    def send(self, raw: bytes) -> None:
        """Broadcasts signed bytes; those the node has already do no harm. Raises Refused with the node's reason."""
        try:
            with translated():
                self.web3.eth.send_raw_transaction(raw)
        except Refused as refused:
            if not any(
                word in str(refused).lower() for word in ("already known", "already imported", "known transaction")
            ):
                raise

    def request(self, method: str, parameters: list[Any]) -> Any:
        """A raw JSON-RPC answer, for the read-only /rpc that pages use."""
        with translated():
            return self.web3.provider.make_request(RPCEndpoint(method), parameters)


@contextmanager
def translated() -> Iterator[None]:
    """Every error of web3, of the connection and of strange answers becomes a ChainError."""
    try:
        yield
    except ChainError:
        raise
    except ContractLogicError as error:
        raise Refused(_reason(error)) from error
    except Web3Exception as error:
        message = str(error)
        kind = Refused if "message" in message and "code" in message else ChainUnreachable
        raise kind(message) from error
    except (requests.RequestException, OSError) as error:
        raise ChainUnreachable(f"the node at its address does not answer ({type(error).__name__})") from error
    except Exception as error:  # decoders of several libraries: whatever they stumble over, the node has said it
        raise ChainUnreachable(f"the node's answer makes no sense ({type(error).__name__}: {error})") from error


def _reason(error: ContractLogicError) -> str:
    """The name and arguments of a contract's own error, else what the node says."""
    data = error.data if isinstance(error.data, str) else ""
    name, types = _contract_errors().get(data[:10], ("", []))
    if not name:
        return str(error.message or error.data or error)
    values = Web3().codec.decode(types, bytes.fromhex(data[10:]))
    return f"{name}({', '.join(to_hex(value) if isinstance(value, bytes) else str(value) for value in values)})"


@cache
def _contract_errors() -> dict[str, tuple[str, list[str]]]:
    """The contracts' errors by selector: name and types of the arguments."""
    found = {}
    for entry in (entry for name in CONTRACTS for entry in artifact(name)["abi"] if entry["type"] == "error"):
        types = [given["type"] for given in entry["inputs"]]
        selector = keccak256(f"{entry['name']}({','.join(types)})".encode())[:4]
        found[to_hex(selector)] = (entry["name"], types)
    return found
