"""What PartnerRegistry has logged: each change of the consortium, in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from web3 import Web3
from web3.types import LogReceipt

from chain_service.chain.client import Chain
from chain_service.chain.contracts import artifact
from chain_service.kit.digests import keccak256, to_hex


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """An event of the registry. `time`: Unix seconds of its block; `position`: its place among the block's logs.

    `name` and `arguments` are the contract's own words, such as KeyAdded and validTo, with bytes and addresses as lower
    case hex and times and codes as numbers. `did` is None where the event concerns no partner.
    """

    block: int
    position: int
    time: int
    transaction: str
    name: str
    did: str | None
    arguments: dict[str, Any]


class RegistryLog:
    """Reads the registry's events. DIDs once read are kept: the registry changes none."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._dids: dict[str, str] = {}

    def read(self, since: int, up_to: int, partner: bytes | None = None) -> list[RegistryChange]:
        """All changes from block `since` to block `up_to`, both included, or those of one partner (keccak-256 of its
        DID). Errors are web3's: call it where they are translated.
        """
        topics = [] if partner is None else [None, to_hex(partner)]
        found = [(log, named) for log in self._logs(since, up_to, topics) if (named := _named(log))]
        times: dict[str, int] = {}  # several changes often share a block
        changes = []
        for log, (name, arguments) in found:
            block = to_hex(log["blockHash"])
            if block not in times:
                times[block] = self._chain.web3.eth.get_block(log["blockHash"])["timestamp"]
            place = (log["blockNumber"], log["logIndex"], times[block], to_hex(log["transactionHash"]))
            changes.append(RegistryChange(*place, name, self._did(arguments, up_to), arguments))
        return sorted(changes, key=lambda change: (change.block, change.position))

    def _logs(self, since: int, up_to: int, topics: Sequence[str | None]) -> list[LogReceipt]:
        registry = self._chain.registry.address
        return list(
            self._chain.web3.eth.get_logs({"address": registry, "fromBlock": since, "toBlock": up_to, "topics": topics})
        )

    def _did(self, arguments: dict[str, Any], up_to: int) -> str | None:
        """The DID of the partner that a change concerns; the registry says it once, at admission."""
        partner = arguments.get("partner")
        if partner is None:
            return None
        if "did" in arguments:
            self._dids[partner] = arguments["did"]
        if partner not in self._dids:
            admission = to_hex(keccak256(b"PartnerAdmitted(bytes32,string,uint32)"))
            for log in self._logs(0, up_to, [admission]):
                if named := _named(log):
                    self._dids[named[1]["partner"]] = named[1]["did"]
        return self._dids[partner]


def _named(log: LogReceipt) -> tuple[str, dict[str, Any]] | None:
    """Name and arguments of an event, None for one that this version of the contract does not have."""
    event = _events().get(to_hex(log["topics"][0])) if log["topics"] else None
    if event is None:
        return None
    name, inputs = event
    indexed = iter(log["topics"][1:])
    rest = iter(Web3().codec.decode([type_ for _, type_, in_topic in inputs if not in_topic], log["data"]))
    values = {}
    for argument, type_, in_topic in inputs:
        value = Web3().codec.decode([type_], next(indexed))[0] if in_topic else next(rest)
        values[argument] = _plain(argument, value)
    return name, values


def _plain(argument: str, value: Any) -> Any:
    if argument == "did":
        # The contract takes any bytes: one that is no UTF-8 must not keep the others from being read.
        return value.decode(errors="replace")
    return to_hex(value) if isinstance(value, bytes) else value


@cache
def _events() -> dict[str, tuple[str, list[tuple[str, str, bool]]]]:
    """The registry's events by their topic: name, and of each argument name, type and whether it is a topic itself."""
    found = {}
    for entry in (entry for entry in artifact("PartnerRegistry")["abi"] if entry["type"] == "event"):
        signature = f"{entry['name']}({','.join(given['type'] for given in entry['inputs'])})"
        # A string is laid out as bytes are; read so, its bytes need not be UTF-8.
        inputs = [(i["name"], i["type"].replace("string", "bytes"), i["indexed"]) for i in entry["inputs"]]
        found[to_hex(keccak256(signature.encode()))] = (entry["name"], inputs)
    return found
