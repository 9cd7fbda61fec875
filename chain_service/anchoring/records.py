"""What is stored of a statement: its fields and signature, encrypted under the data key of its event."""

import json
import struct
from dataclasses import dataclass

from chain_service.kit.eip712 import Statement
from chain_service.partners.vault import DataKey

_PURPOSE = b"statement"
_FIXED = struct.Struct(">32s32sQI65s")  # event digest, subjects, time, flags, signature


@dataclass(frozen=True, slots=True)
class Said:
    """A statement and its signature (65 bytes)."""

    statement: Statement
    signature: bytes

    def encrypted(self, key: DataKey) -> bytes:
        """Under its event's key."""
        said = self.statement
        words = json.dumps([said.step, said.disposition, said.place]).encode()
        numbers = said.event_time, said.flags
        return key.encrypt(_FIXED.pack(said.event_digest, said.subjects, *numbers, self.signature) + words, _PURPOSE)

    @classmethod
    def of(cls, data: bytes, key: DataKey) -> "Said":
        """What was encrypted. Raises encryption.Undecryptable."""
        plain = key.decrypt(data, _PURPOSE)
        event_digest, subjects, event_time, flags, signature = _FIXED.unpack_from(plain)
        step, disposition, place = json.loads(plain[_FIXED.size :])
        return cls(Statement(event_digest, subjects, step, disposition, place, event_time, flags), signature)
