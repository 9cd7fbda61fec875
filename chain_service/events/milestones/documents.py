"""Documents that events name by their SHA-256: kept encrypted, each under a data key of its own, as long as an event
that names it is, and seen by who may see such an event.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from chain_service.db import insert_rows
from chain_service.events.milestones.models import Document, EventDocument
from chain_service.events.models import Event
from chain_service.events.visibility import visible_to
from chain_service.kit import clock
from chain_service.kit.encryption import Undecryptable
from chain_service.partners.vault import Vault

MOST_BYTES = 10 * 1024 * 1024
MOST_OF_ONE = 1024 * 1024 * 1024  # bytes of all documents of one organisation
_PURPOSE = b"document"
_FIELD, _DIGEST = "cs:documents", "cs:sha256"
_IN_CHUNK = 500


class TooMuch(ValueError):
    """An organisation's documents would be more than MOST_OF_ONE bytes."""


def note(connection: Connection, vault: Vault, named: Mapping[int, Mapping[str, Any]]) -> None:
    """Notes which documents new events name; `named`: events as stated, by their rows."""
    rows = [
        {"event": row, "digest": _fingerprint(vault, digest)}
        for row, event in named.items()
        if _FIELD in event
        for digest in dict.fromkeys(_digests(event[_FIELD]))
    ]
    if rows:
        insert_rows(connection, EventDocument, rows)


def _digests(listed: Any) -> list[str]:
    entries = listed if isinstance(listed, list) else [listed]
    given = (entry.get(_DIGEST) for entry in entries if isinstance(entry, dict))
    return [digest.lower() for digest in given if isinstance(digest, str)]


def put(connection: Connection, vault: Vault, partner: str, digest: str, content: bytes) -> bool:
    """Keeps a document of an organisation under its SHA-256 (hexadecimal); returns whether it is new.

    Raises TooMuch.
    """
    fingerprint = _fingerprint(vault, digest)
    own = (Document.partner == partner, Document.digest.is_not(None))
    if connection.execute(select(Document.id).where(*own, Document.digest == fingerprint)).scalar() is not None:
        return False
    kept = connection.execute(select(func.coalesce(func.sum(Document.size), 0)).where(*own)).scalar_one()
    if kept + len(content) > MOST_OF_ONE:
        raise TooMuch(f"the documents of one organisation are at most {MOST_OF_ONE} bytes")
    (key,) = vault.new_keys(1)
    row = {"partner": partner, "digest": fingerprint, "key": key.id, "content": key.encrypt(content, _PURPOSE)}
    connection.execute(insert(Document).values(**row, size=len(content), created_at=clock.now_ms()))
    return True


def read(connection: Connection, vault: Vault, digest: str, reader: str | None) -> bytes | None:
    """A document that an organisation (its DID), or everybody, may see: its own, and what an event of its owner names
    that is shown to the reader. None where there is none, or its key is gone."""
    shown = exists().where(
        EventDocument.digest == Document.digest,
        Event.id == EventDocument.event,
        Event.partner == Document.partner,
        visible_to(reader),
    )
    wanted = select(Document.key, Document.content).where(Document.digest == _fingerprint(vault, digest))
    allowed = shown if reader is None else shown | (Document.partner == reader)
    for row in connection.execute(wanted.where(allowed)):
        key = vault.keys([row.key]).get(row.key)
        if key is not None and row.content is not None:
            try:
                return key.decrypt(row.content, _PURPOSE)
            except Undecryptable:
                continue
    return None


def remove(connection: Connection, vault: Vault, partner: str, digest: str) -> bool:
    """Empties a document of an organisation; returns whether there was one. Its key goes by `spent`, after this."""
    own = select(Document.id).where(Document.partner == partner, Document.digest == _fingerprint(vault, digest))
    rows = connection.execute(own).scalars().all()
    _empty(connection, rows)
    return bool(rows)


def forget(connection: Connection, events: Sequence[int]) -> None:
    """Empties the documents of these events, which are erased, unless another event of their owner names them too."""
    for start in range(0, len(events), _IN_CHUNK):
        chunk = events[start : start + _IN_CHUNK]
        named = select(EventDocument.digest, Event.partner).join(Event, Event.id == EventDocument.event)
        digests = connection.execute(named.where(EventDocument.event.in_(chunk)).distinct()).all()
        connection.execute(delete(EventDocument).where(EventDocument.event.in_(chunk)))
        for digest, partner in digests:
            left = exists().where(
                EventDocument.digest == digest, Event.id == EventDocument.event, Event.partner == partner
            )
            own = select(Document.id).where(Document.partner == partner, Document.digest == digest, ~left)
            _empty(connection, connection.execute(own).scalars().all())


def _empty(connection: Connection, rows: Sequence[int]) -> None:
    connection.execute(update(Document).where(Document.id.in_(rows)).values(digest=None, content=None))


def spent(connection: Connection, most: int) -> list[bytes]:
    """Keys of emptied documents, to be destroyed."""
    return list(connection.execute(select(Document.key).where(Document.digest.is_(None)).limit(most)).scalars())


def came_back(connection: Connection, keys: Sequence[bytes]) -> None:
    """Empties again what a backup of before brought back; `keys`: of what was erased since."""
    back = select(Document.id).where(Document.key.in_(keys), Document.digest.is_not(None))
    _empty(connection, connection.execute(back).scalars().all())


def drop(connection: Connection, keys: Sequence[bytes]) -> None:
    """Forgets emptied documents whose keys are destroyed."""
    connection.execute(delete(Document).where(Document.key.in_(keys), Document.digest.is_(None)))


def _fingerprint(vault: Vault, digest: str) -> bytes:
    return vault.fingerprint(f"sha256 {digest}")
