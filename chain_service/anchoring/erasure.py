"""Erasure: what a reporter takes back is destroyed with its key; leaf hash, position and a notice remain.

The key goes last: a record whose key outlived a crash, or a vault that did not answer, is found again by `finish`,
which the service runs at its start and the worker every few minutes.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import SQLAlchemyError

from chain_service.anchoring.models import Statement
from chain_service.db import reading, writing
from chain_service.events import service as events
from chain_service.events.milestones import documents
from chain_service.events.models import Event
from chain_service.kit.digests import to_hex
from chain_service.partners.vault import Vault

log = logging.getLogger(__name__)
_AT_ONCE = 500


def erase(connection: Connection, vault: Vault, partner: str, event_id: str) -> list[str]:
    """Empties the records of an event and of its error declaration, in the caller's transaction; returns their leaf
    hashes (0x, lower case).

    Only those that this partner (DID) stated; none is returned where it stated no such event. Call `finish` once the
    transaction is committed.
    """
    rows = events.erase(connection, vault, partner, event_id)
    _empty_statements(connection, rows)
    leaves = select(Statement.leaf_hash).where(Statement.event.in_(rows)).order_by(Statement.id)
    return [to_hex(leaf) for leaf in connection.execute(leaves).scalars()]


def _empty_statements(connection: Connection, rows: Sequence[int]) -> None:
    emptied = {"content": None, "digest": None, "reporter": None}
    connection.execute(update(Statement).where(Statement.event.in_(rows)).values(emptied))


def repeat(engine: Engine, vault: Vault) -> None:
    """Erases again what a backup of before brought back: the vault, which is not part of it, knows what was erased."""
    keys = sorted(vault.erased())
    for start in range(0, len(keys), _AT_ONCE):
        back = select(Event.id).where(Event.key.in_(keys[start : start + _AT_ONCE]), Event.erased_at.is_(None))
        with writing(engine) as connection:
            rows = connection.execute(back).scalars().all()
            if rows:
                events.empty(connection, rows)
                _empty_statements(connection, rows)
                log.warning("%d records that came back were erased before, and are again", len(rows))
            documents.came_back(connection, keys[start : start + _AT_ONCE])


def finish(engine: Engine, vault: Vault) -> None:
    """Destroys the keys of all records that are erased, and of their documents."""
    while True:
        with reading(engine) as connection:
            left = select(Event.key).where(Event.erased_at.is_not(None), Event.key.is_not(None)).limit(_AT_ONCE)
            keys = [key for key in connection.execute(left).scalars() if key is not None]
            of_documents = documents.spent(connection, _AT_ONCE)
        if not keys and not of_documents:
            return
        vault.destroy([*keys, *of_documents], erased=True)
        with writing(engine) as connection:
            connection.execute(update(Event).where(Event.key.in_(keys)).values(key=None))
            documents.drop(connection, of_documents)
        if engine.dialect.name == "sqlite":  # what was emptied must not live on in the log file
            with engine.connect() as raw:
                raw.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def try_to_finish(engine: Engine, vault: Vault) -> None:
    """Does what `finish` does; what keeps it from that is logged, for it is tried again."""
    try:
        finish(engine, vault)
    except SQLAlchemyError as error:
        log.error("keys of erased records are not destroyed yet: %s", str(error)[:300])
