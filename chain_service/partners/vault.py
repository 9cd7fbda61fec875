"""The vault: a data key for each record, kept apart from the records, so that destroying a key erases its record.

The vault's database lies outside of the service's own and of its backups: whoever restores an old backup of the records
finds nothing that opens what was erased since. The keys in it are encrypted under the master key, a keystore file.
"""

import os
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Column, Engine, LargeBinary, MetaData, Table, delete, insert, select

from chain_service.db import connect, insert_rows, reading, writing
from chain_service.kit import encryption
from chain_service.kit.encryption import KEY_BYTES
from chain_service.partners.custody import Custody, KeyUnavailable, create_keystore

MASTER_KEYSTORE = "data.json"
DATABASE = "data-keys.db"
ID_BYTES = 16
_PURPOSE = b"data key"
_AHEAD = 256  # keys made at a time: one transaction for many records
_IN_CHUNK = 500
_TABLES = MetaData()
_KEYS = Table(
    "data_keys",
    _TABLES,
    Column("id", LargeBinary(ID_BYTES), primary_key=True),
    Column("encrypted", LargeBinary, nullable=False),
)
# Of erased records: an old backup of the records brings these back, without their keys.
_ERASED = Table("erased_records", _TABLES, Column("key", LargeBinary(ID_BYTES), primary_key=True))


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one record; `id` stands beside the record."""

    id: bytes
    secret: bytes = field(repr=False)

    def encrypt(self, plain: bytes, purpose: bytes) -> bytes:
        """A part of the record, encrypted."""
        return encryption.encrypt(self.secret, plain, purpose)

    def decrypt(self, data: bytes, purpose: bytes) -> bytes:
        """A part of the record. Raises encryption.Undecryptable."""
        return encryption.decrypt(self.secret, data, purpose)


class Vault:
    """Data keys by their ids, and the fingerprints under which records are found."""

    def __init__(self, engine: Engine, master: bytes) -> None:
        self._engine = engine
        self._wrapping = encryption.derive(master, "chain-service data keys")
        self._index = encryption.derive(master, "chain-service index")
        self._ahead: deque[DataKey] = deque()
        self._lock = threading.Lock()
        # The same few steps and places come with every record.
        self.fingerprint = lru_cache(maxsize=1 << 14)(self._fingerprint)

    def _fingerprint(self, text: str) -> bytes:
        return encryption.fingerprint(self._index, text)

    def new_keys(self, count: int) -> list[DataKey]:
        """So many new keys, which the vault holds before they are returned."""
        with self._lock:
            if len(self._ahead) < count:
                self._ahead.extend(self._make(count - len(self._ahead) + _AHEAD))
            return [self._ahead.popleft() for _ in range(count)]

    def _make(self, count: int) -> list[DataKey]:
        made = [DataKey(os.urandom(ID_BYTES), os.urandom(KEY_BYTES)) for _ in range(count)]
        rows = [
            {"id": key.id, "encrypted": encryption.encrypt(self._wrapping, key.secret, _PURPOSE + key.id)}
            for key in made
        ]
        with writing(self._engine) as connection:
            insert_rows(connection, _KEYS, rows)
        return made

    def keys(self, ids: Iterable[bytes]) -> dict[bytes, DataKey]:
        """The keys of these ids; those that were destroyed are left out."""
        wanted = sorted(set(ids))
        found: dict[bytes, DataKey] = {}
        with reading(self._engine) as connection:
            for start in range(0, len(wanted), _IN_CHUNK):
                chunk = select(_KEYS).where(_KEYS.c.id.in_(wanted[start : start + _IN_CHUNK]))
                for row in connection.execute(chunk):
                    secret = encryption.decrypt(self._wrapping, row.encrypted, _PURPOSE + row.id)
                    found[row.id] = DataKey(row.id, secret)
        return found

    def erased(self, ids: Iterable[bytes] | None = None) -> set[bytes]:
        """Which of these ids, or of all, were keys of records that were erased since."""
        with reading(self._engine) as connection:
            if ids is None:
                return set(connection.execute(select(_ERASED.c.key)).scalars())
            wanted = sorted(set(ids))
            chunks = (wanted[start : start + _IN_CHUNK] for start in range(0, len(wanted), _IN_CHUNK))
            found = (connection.execute(select(_ERASED.c.key).where(_ERASED.c.key.in_(chunk))) for chunk in chunks)
            return {key for rows in found for key in rows.scalars()}

    def destroy(self, ids: Sequence[bytes], erased: bool = False) -> None:
        """Destroys keys for good; those that are gone already do no harm. `erased`: their records are to stay erased,
        also where a backup brings them back."""
        new = sorted(set(ids) - self.erased(ids)) if erased else []
        with writing(self._engine) as connection:
            connection.execute(delete(_KEYS).where(_KEYS.c.id.in_(ids)))
            if new:
                connection.execute(insert(_ERASED), [{"key": key} for key in new])
        if self._engine.dialect.name == "sqlite":  # what was overwritten must not live on in the log file
            with self._engine.connect() as raw:
                raw.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Closes its connections."""
        self._engine.dispose()


def open_vault(folder: Path, password: str, url: str = "") -> Vault:
    """The vault of a keys folder, in the database at `url` or in that folder; a new one where there is none yet.

    Raises KeyUnavailable where a vault is there and its master key is not, or does not open.
    """
    folder.mkdir(parents=True, exist_ok=True)
    engine = connect(url or f"sqlite:///{(folder / DATABASE).absolute()}")
    _TABLES.create_all(engine)
    if not (folder / MASTER_KEYSTORE).exists():
        with reading(engine) as connection:
            if connection.execute(select(_KEYS.c.id).limit(1)).scalar() is not None:
                raise KeyUnavailable(f"keystore {MASTER_KEYSTORE}, which opens the vault, is not in {folder}")
        _create_master(folder, password)
    return Vault(engine, Custody(folder, password).secret(MASTER_KEYSTORE))


def _create_master(folder: Path, password: str) -> None:
    if not password:
        raise KeyUnavailable("the master key can't be made without CHAIN_SERVICE_KEYS_PASSWORD")
    try:
        create_keystore(folder, MASTER_KEYSTORE, password)
    except FileExistsError:  # another process has just made it
        return
