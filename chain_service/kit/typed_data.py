"""The statement as wallets take it: the JSON of `eth_signTypedData_v4` (EIP-712, 'Specification of the JSON RPC')."""

from typing import Any

from chain_service.kit.digests import sha256, to_hex
from chain_service.kit.eip712 import DOMAIN_NAME, DOMAIN_VERSION, Statement

_DOMAIN = (("name", "string"), ("version", "string"), ("salt", "bytes32"))
_STATEMENT = (
    ("eventDigest", "bytes32"),
    ("subjects", "bytes32"),
    ("step", "string"),
    ("disposition", "string"),
    ("place", "string"),
    ("eventTime", "uint64"),
    ("flags", "uint32"),
)


def typed_data(statement: Statement, network: str) -> dict[str, Any]:
    """{"types", "domain", "primaryType", "message"}; a wallet that signs it signs statement_digest()."""
    return {
        "types": {"EIP712Domain": _members(_DOMAIN), "Statement": _members(_STATEMENT)},
        "domain": {"name": DOMAIN_NAME, "version": DOMAIN_VERSION, "salt": to_hex(sha256(network.encode()))},
        "primaryType": "Statement",
        "message": statement.as_json(),
    }


def _members(listed: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in listed]
