"""What a verifier brings of its own: the network it trusts, and a reader of that network's chain.

A receipt's own network, chain id and contract are compared with these and never used to find anything.

ChainUnreachable      the chain could not be read, whatever the reason
InvalidTrust          (ValueError) not a network file
"""

from dataclasses import dataclass
from typing import Protocol

from chain_service.kit.digests import from_hex


class ChainUnreachable(Exception):
    """The chain could not be read: no answer, an error, or an answer that is not one. The text says which."""


class InvalidTrust(ValueError):
    """Not a network file."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The verifier's own network file. Addresses are lower-case hex; `rpc` is where its node answers."""

    network: str
    rpc: str
    chain_id: int
    anchor_log: str
    partner_registry: str

    @classmethod
    def from_json(cls, value: object) -> "Trust":
        """Of a network file's JSON (DESIGN section 5), whose other members are left alone. Raises InvalidTrust."""
        if not isinstance(value, dict):
            raise InvalidTrust("a network file holds a JSON object")
        network, rpc, chain_id, contracts = (value.get(name) for name in ("network", "rpc", "chainId", "contracts"))
        if not isinstance(network, str) or not isinstance(rpc, str) or type(chain_id) is not int:
            raise InvalidTrust("a network file holds the strings 'network' and 'rpc' and the integer 'chainId'")
        if not isinstance(contracts, dict):
            raise InvalidTrust("a network file holds the object 'contracts'")
        return cls(network, rpc, chain_id, _address(contracts, "AnchorLog"), _address(contracts, "PartnerRegistry"))


def _address(contracts: dict[str, object], name: str) -> str:
    held = contracts.get(name)
    try:
        if not isinstance(held, str):
            raise ValueError("missing")
        # People copy addresses in the mixed case of EIP-55.
        address = held.lower()
        from_hex(address, 20)
    except ValueError as error:
        raise InvalidTrust(f"the network file's {name} is no address: {error}") from None
    return address


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as AnchorLog holds it; `sealed_at` in Unix seconds."""

    root: bytes
    first: int
    count: int
    sealed_at: int


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """PartnerRegistry.statusAt. `partner` = keccak-256 of the DID; custody and status as the contract numbers them."""

    partner: bytes
    roles: int
    custody: int
    status: int


class ChainReader(Protocol):
    """Reads of one network's contracts. Addresses are lower-case hex, times Unix seconds.

    Every method raises ChainUnreachable, and nothing else, when it has no answer.
    """

    def chain_id(self) -> int:
        """The chain id that the node says it serves."""

    def network(self) -> str:
        """The network's name in PartnerRegistry."""

    def seal_of(self, operator: str, number: int) -> Seal | None:
        """The seal of an operator's batch, None where there is none."""

    def status_at(self, address: str, at: int) -> KeyStatus:
        """Whose key it was at a time, in which roles, and whether it was good."""

    def is_operator(self, address: str, at: int) -> bool:
        """Whether the key could seal at a time."""
