"""The statement as EIP-712 typed data: its digest, its signature, the address that signed (DESIGN section 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from coincurve import PrivateKey, PublicKey

from chain_service.kit.digests import from_hex, keccak256, sha256, to_hex

DOMAIN_NAME = "chain-service"
DOMAIN_VERSION = "1"
DOMAIN_TYPE = b"EIP712Domain(string name,string version,bytes32 salt)"
STATEMENT_TYPE = (
    b"Statement(bytes32 eventDigest,bytes32 subjects,string step,string disposition,"
    b"string place,uint64 eventTime,uint32 flags)"
)
UINT32_MAX = 2**32 - 1
UINT64_MAX = 2**64 - 1
PROMISE_TYPE = b"Promise(bytes32[] statements,uint64 sealBy)"
_PROMISE_TYPE_HASH = keccak256(PROMISE_TYPE)
_STATEMENT_TYPE_HASH = keccak256(STATEMENT_TYPE)
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


@dataclass(frozen=True, slots=True)
class Statement:
    """What a partner signs about one event.

    `event_digest`, `subjects`: 32 bytes; `step`, `disposition`, `place`: URIs or empty;
    `event_time`: Unix milliseconds; `flags`: bits as in DESIGN section 4.
    """

    event_digest: bytes
    subjects: bytes
    step: str
    disposition: str
    place: str
    event_time: int
    flags: int

    def as_json(self) -> dict[str, Any]:
        """The `statement` member of a receipt."""
        return {
            "eventDigest": to_hex(self.event_digest),
            "subjects": to_hex(self.subjects),
            "step": self.step,
            "disposition": self.disposition,
            "place": self.place,
            "eventTime": self.event_time,
            "flags": self.flags,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Statement":
        """The statement that a receipt's member denotes. Raises ValueError or KeyError when it is ill-formed."""
        return cls(
            from_hex(value["eventDigest"], 32),
            from_hex(value["subjects"], 32),
            value["step"],
            value["disposition"],
            value["place"],
            value["eventTime"],
            value["flags"],
        )


@lru_cache(maxsize=64)
def domain_separator(network: str) -> bytes:
    """hashStruct of the domain: the network's name stands in the salt, no chain id and no contract (EIP-712)."""
    return keccak256(
        keccak256(DOMAIN_TYPE)
        + keccak256(DOMAIN_NAME.encode())
        + keccak256(DOMAIN_VERSION.encode())
        + sha256(network.encode())
    )


@lru_cache(maxsize=4096)
def _string_hash(text: str) -> bytes:
    return keccak256(text.encode())


def statement_digest(statement: Statement, network: str) -> bytes:
    """The 32 bytes that are signed. Raises ValueError when a field is outside its type's range."""
    if not (0 <= statement.event_time <= UINT64_MAX and 0 <= statement.flags <= UINT32_MAX):
        raise ValueError("eventTime or flags outside the range of its type")
    if len(statement.event_digest) != 32 or len(statement.subjects) != 32:
        raise ValueError("eventDigest and subjects have 32 bytes")
    struct = keccak256(
        _STATEMENT_TYPE_HASH
        + statement.event_digest
        + statement.subjects
        + _string_hash(statement.step)
        + _string_hash(statement.disposition)
        + _string_hash(statement.place)
        + statement.event_time.to_bytes(32, "big")
        + statement.flags.to_bytes(32, "big")
    )
    return keccak256(b"\x19\x01" + domain_separator(network) + struct)


def promise_digest(statements: Sequence[bytes], seal_by: int, network: str) -> bytes:
    """The 32 bytes an operator signs when it accepts statements (their digests): sealed by `seal_by`, Unix seconds."""
    if not 0 <= seal_by <= UINT64_MAX:
        raise ValueError("sealBy is outside the range of its type")
    struct = keccak256(_PROMISE_TYPE_HASH + keccak256(b"".join(statements)) + seal_by.to_bytes(32, "big"))
    return keccak256(b"\x19\x01" + domain_separator(network) + struct)


class Signer:
    """A secp256k1 key ready to sign many digests."""

    def __init__(self, private_key: bytes) -> None:
        self._key = PrivateKey(private_key)
        self.address = _address(self._key.public_key)

    def sign(self, digest: bytes) -> bytes:
        """65 bytes r ‖ s ‖ v with low s and v 27 or 28."""
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes([signature[64] + 27])


def sign(digest: bytes, private_key: bytes) -> bytes:
    """As Signer.sign, for a key used once."""
    return Signer(private_key).sign(digest)


def recover(digest: bytes, signature: bytes) -> str:
    """The lower-case address whose key signed. Raises ValueError when the signature's form is not the one allowed."""
    if len(signature) != 65:
        raise ValueError(f"a signature has 65 bytes, this one {len(signature)}")
    if signature[64] not in (27, 28):
        raise ValueError("the last byte of a signature is 27 or 28")
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise ValueError("s is in the upper half of the curve's order")
    try:
        key = PublicKey.from_signature_and_message(signature[:64] + bytes([signature[64] - 27]), digest, hasher=None)
    except Exception as error:  # coincurve raises bare Exception for points that do not exist
        raise ValueError("no key can have made this signature") from error
    return _address(key)


def _address(key: PublicKey) -> str:
    return to_hex(keccak256(key.format(compressed=False)[1:])[12:])
