"""What is stored of a statement: its fields and signature, encrypted under the data key of its event."""

import json
from dataclasses import dataclass

from chain_service.kit.digests import from_hex, to_hex
from chain_service.kit.eip712 import Statement
from chain_service.partners.vault import DataKey

_PURPOSE = b"statement"


@dataclass(frozen=True, slots=True)
class Said:
    """A statement and its signature (65 bytes)."""

    statement: Statement
    signature: bytes

    def encrypted(self, key: DataKey) -> bytes:
        """Under its event's key."""
        plain = {"statement": self.statement.as_json(), "signature": to_hex(self.signature)}
        return key.encrypt(json.dumps(plain).encode(), _PURPOSE)

    @classmethod
    def of(cls, data: bytes, key: DataKey) -> "Said":
        """What was encrypted. Raises encryption.Undecryptable."""
        plain = json.loads(key.decrypt(data, _PURPOSE))
        return cls(Statement.from_json(plain["statement"]), from_hex(plain["signature"]))
