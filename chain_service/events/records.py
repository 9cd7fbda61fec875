"""What is stored of an event: encrypted under a data key of its own, and read back with it."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from chain_service.events.models import Event
from chain_service.kit.digests import SALT_BYTES
from chain_service.kit.encryption import Undecryptable
from chain_service.partners.custody import KeyUnavailable
from chain_service.partners.vault import DataKey, Vault

log = logging.getLogger(__name__)
_PURPOSE = b"event"
_LENGTH_BYTES = 4
_IN_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Content:
    """An event's RFC 8785 form, the salt of its digest (32 bytes), and what was derived when it was stored.

    `items`: (role, canonical name) each; `read_point` and `biz_location`: canonical names, empty where absent.
    """

    document: bytes
    salt: bytes
    event_hash: str
    items: tuple[tuple[str, str], ...]
    read_point: str
    biz_location: str

    def encrypted(self, key: DataKey) -> bytes:
        """Under a key of its own."""
        head = json.dumps([self.event_hash, self.read_point, self.biz_location, *self.items]).encode()
        return key.encrypt(self.salt + len(head).to_bytes(_LENGTH_BYTES, "big") + head + self.document, _PURPOSE)

    @classmethod
    def of(cls, data: bytes, key: DataKey) -> "Content":
        """What was encrypted. Raises Undecryptable."""
        plain = key.decrypt(data, _PURPOSE)
        begin = SALT_BYTES + _LENGTH_BYTES
        end = begin + int.from_bytes(plain[SALT_BYTES:begin], "big")
        event_hash, read_point, biz_location, *items = json.loads(plain[begin:end])
        pairs = tuple((role, name) for role, name in items)
        return cls(plain[end:], plain[:SALT_BYTES], event_hash, pairs, read_point, biz_location)


def keys_of(connection: Connection, vault: Vault, events: Iterable[int]) -> dict[int, tuple[DataKey, bytes]]:
    """Key and encrypted content of these events; of those that are erased, nothing.

    Raises KeyUnavailable where the vault lacks a key that nobody destroyed.
    """
    wanted = sorted(set(events))
    rows: list[Row[Any]] = []
    for start in range(0, len(wanted), _IN_CHUNK):
        chunk = wanted[start : start + _IN_CHUNK]
        stored = select(Event.id, Event.key, Event.content).where(Event.id.in_(chunk), Event.content.is_not(None))
        rows += list(connection.execute(stored))
    keys = vault.keys(row.key for row in rows)
    missing = {row.key for row in rows} - keys.keys()
    if missing and missing - vault.erased(missing):
        raise KeyUnavailable(
            "the vault lacks the key of a record that was not erased: is it another vault, or an old one?"
        )
    return {row.id: (keys[row.key], row.content) for row in rows if row.key in keys}


def read(connection: Connection, vault: Vault, events: Iterable[int]) -> dict[int, Content]:
    """The contents of these events; of those that are erased or damaged, nothing."""
    found = {}
    for event, (key, data) in keys_of(connection, vault, events).items():
        try:
            found[event] = Content.of(data, key)
        except Undecryptable:
            log.error("the record of event %d is damaged", event)
    return found
