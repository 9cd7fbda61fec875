"""What an administrator asks of PartnerRegistry, by the names of its functions, as calls of the contract. Pure.

action              arguments                                   who may
admitPartner        did, roles                                  admin
setRoles            did, roles                                  admin
suspend             did                                         admin, guardian
reinstate           did                                         admin
addKey              did, key, custody, valid_from, valid_to     admin
endKey              key, valid_to                               admin
reportCompromised   key, since                                  admin
rotateOperator      key, successor                              admin
offerAdmin          successor                                   admin
acceptAdmin         (none)                                      pending_admin
setGuardian         guardian                                    admin

`did` is text; `roles` bits (IPartnerRegistry.statusAt); `custody` the word partner or operator; times are Unix seconds.
None stands for no guardian, no successor (which withdraws the offer), `valid_from` now and, with addKey, no end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from web3 import Web3

from chain_service.chain.contracts import CUSTODY
from chain_service.kit.digests import keccak256

ROLE_BITS = 0b1_1111_1111
NOBODY = "0x" + "00" * 20
_LATEST = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Action:
    """A function of the registry. `types` are its parameters', `by` who may call it, in the words of Administration."""

    name: str
    types: tuple[str, ...]
    parameters: tuple[tuple[str, Callable[[str, Any], Any]], ...]
    by: tuple[str, ...] = ("admin",)

    @property
    def function(self) -> str:
        """The signature, such as setRoles(bytes32,uint32)."""
        return f"{self.name}({','.join(self.types)})"

    def values(self, arguments: Mapping[str, Any]) -> list[Any]:
        """What the contract takes, in its order. Raises ValueError naming an argument malformed, missing or unknown."""
        names = [name for name, _ in self.parameters]
        for name in names:
            if name not in arguments:
                raise ValueError(f"{name} is missing")
        for name in arguments:
            if name not in names:
                raise ValueError(f"{name} is no argument of {self.name}")
        return [read(name, arguments[name]) for name, read in self.parameters]


def action(name: str) -> Action:
    """An action by its name. Raises ValueError for another word."""
    if name not in ACTIONS:
        raise ValueError(f"action is one of {', '.join(ACTIONS)}")
    return ACTIONS[name]


def read_address(name: str, value: Any) -> str:
    """An address in lower case, or in mixed case with its checksum (EIP-55), in lower case. Raises ValueError."""
    address = Web3.is_address(value) if isinstance(value, str) and value.startswith("0x") else False
    if not address or (value != value.lower() and not Web3.is_checksum_address(value)):
        raise ValueError(f"{name} is not an address: 0x and 40 hexadecimal digits, in lower case or with a checksum")
    return str(value.lower())


def _address(name: str, value: Any) -> str:
    return Web3.to_checksum_address(read_address(name, value))


def _address_or_none(name: str, value: Any) -> str:
    return NOBODY if value is None else _address(name, value)


def _did(name: str, value: Any) -> str:
    try:
        value.encode()
    except (AttributeError, UnicodeEncodeError):
        raise ValueError(f"{name} is not a text") from None
    return str(value)


def _partner(name: str, value: Any) -> bytes:
    return keccak256(_did(name, value).encode())


def _roles(name: str, value: Any) -> int:
    if type(value) is not int or value & ~ROLE_BITS:
        raise ValueError(f"{name} are bits from 0 to {ROLE_BITS}")
    return value


def _custody(name: str, value: Any) -> int:
    if not isinstance(value, str) or value not in CUSTODY:
        raise ValueError(f"{name} is partner or operator")
    return CUSTODY[value]


def _time(name: str, value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _LATEST:
        raise ValueError(f"{name} is not a time in whole Unix seconds")
    return value


def _time_or_none(name: str, value: Any) -> int:
    return 0 if value is None else _time(name, value)


_KEY = ("key", _address)
_OF_PARTNER = ("did", _partner)
_SUCCESSOR = ("successor", _address_or_none)
ACTIONS = {
    made.name: made
    for made in (
        Action("admitPartner", ("string", "uint32"), (("did", _did), ("roles", _roles))),
        Action("setRoles", ("bytes32", "uint32"), (_OF_PARTNER, ("roles", _roles))),
        Action("suspend", ("bytes32",), (_OF_PARTNER,), ("admin", "guardian")),
        Action("reinstate", ("bytes32",), (_OF_PARTNER,)),
        Action(
            "addKey",
            ("bytes32", "address", "uint8", "uint64", "uint64"),
            (_OF_PARTNER, _KEY, ("custody", _custody), ("valid_from", _time_or_none), ("valid_to", _time_or_none)),
        ),
        Action("endKey", ("address", "uint64"), (_KEY, ("valid_to", _time))),
        Action("reportCompromised", ("address", "uint64"), (_KEY, ("since", _time))),
        Action("rotateOperator", ("address", "address"), (_KEY, ("successor", _address))),
        Action("offerAdmin", ("address",), (_SUCCESSOR,)),
        Action("acceptAdmin", (), (), ("pending_admin",)),
        Action("setGuardian", ("address",), (("guardian", _address_or_none),)),
    )
}
