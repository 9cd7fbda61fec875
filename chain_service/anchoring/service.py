"""Statements and batches: signing what was captured, closing batches, and what the chain holds of them."""

import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, func, insert, select, update

from chain_service.anchoring.models import Batch, Statement
from chain_service.anchoring.records import Said
from chain_service.anchoring.statement import from_facts
from chain_service.chain.client import Seal
from chain_service.db import insert_rows
from chain_service.events.service import Stored
from chain_service.kit import clock, eip712
from chain_service.kit.digests import sha256, to_hex
from chain_service.kit.eip712 import promise_digest, statement_digest
from chain_service.kit.merkle import Tree, leaf_hash
from chain_service.partners.custody import Custody

log = logging.getLogger(__name__)


class Stating:
    """Makes signed statements of stored events with the keys in custody, and the operator's promises."""

    def __init__(self, network: str, custody: Custody, promise_seconds: int) -> None:
        self._network = network
        self.custody = custody
        self._promise_seconds = promise_seconds

    def state(self, connection: Connection, partner: str, stored: Sequence[Stored]) -> list[str]:
        """Signs and stores a statement for each event, in the caller's transaction; returns their digests."""
        signer = self.custody.of(connection, partner)
        holder = "partner" if signer.address == self.custody.operator().address else "operator"
        now = clock.now_ms()
        rows = []
        for event in stored:
            statement = from_facts(event.stated.facts, sha256(event.salt + event.stated.document))
            digest = statement_digest(statement, self._network)
            signature = signer.sign(digest)
            rows.append(statement_row(event, statement, digest, signer.address, holder, signature, now))
        insert_rows(connection, Statement, rows)
        return [str(row["digest"]) for row in rows]

    def sealed(self, connection: Connection, events: Sequence[int]) -> set[int]:
        """Which of these events (rows) have a statement whose batch is sealed."""
        query = select(Statement.event).join(Batch, Batch.id == Statement.batch)
        return set(connection.execute(query.where(Statement.event.in_(events), Batch.sealed.is_(True))).scalars())

    def promise(self, digests: Sequence[str]) -> dict[str, Any]:
        """The operator's signed word that these statements are sealed by a time (Unix seconds, EIP-712)."""
        operator = self.custody.operator()
        seal_by = clock.now_s() + self._promise_seconds
        digest = promise_digest([bytes.fromhex(d[2:]) for d in digests], seal_by, self._network)
        return {
            "operator": operator.address,
            "statements": list(digests),
            "sealBy": seal_by,
            "signature": to_hex(operator.sign(digest)),
        }


def statement_row(
    event: Stored, statement: eip712.Statement, digest: bytes, reporter: str, custody: str, signature: bytes, now: int
) -> dict[str, Any]:
    """The row of a signed statement about a stored event. `now`: Unix milliseconds."""
    return {
        "event": event.row,
        "digest": to_hex(digest),
        "content": Said(statement, signature).encrypted(event.key),
        "reporter": reporter,
        "custody": custody,
        "leaf_hash": leaf_hash(digest + signature),
        "accepted_at": now,
    }


def waiting_since(connection: Connection) -> tuple[int, int | None]:
    """How many statements wait for a batch, and since when the first does (Unix milliseconds)."""
    query = select(func.count(), func.min(Statement.accepted_at)).where(Statement.batch.is_(None))
    count, since = connection.execute(query).one()
    return count, since


def close_batch(connection: Connection, operator: str, most: int) -> Row[Any] | None:
    """Puts the statements that wait, at most so many, into the operator's next batch. None where none waits.

    Their rows are locked: a second worker that wakes up late finds them taken and can't put them into its own batch.
    """
    queue = select(Statement.id, Statement.leaf_hash).where(Statement.batch.is_(None)).order_by(Statement.id)
    waiting = connection.execute(queue.limit(most).with_for_update()).all()
    if not waiting:
        return None
    last = connection.execute(
        select(Batch.number, Batch.first, Batch.size)
        .where(Batch.operator == operator)
        .order_by(Batch.number.desc())
        .limit(1)
    ).one_or_none()
    values = {
        "operator": operator,
        "number": last.number + 1 if last else 0,
        "first": last.first + last.size if last else 0,
        "size": len(waiting),
        "root": Tree([row.leaf_hash for row in waiting]).root,
        "closed_at": clock.now_ms(),
        "sealed": False,
    }
    batch = connection.execute(insert(Batch).values(values).returning(Batch.__table__)).one()
    connection.execute(
        update(Statement.__table__)  # type: ignore[arg-type]
        .where(Statement.id == bindparam("row"))
        .values(batch=batch.id, position=bindparam("at")),
        [{"row": row.id, "at": position} for position, row in enumerate(waiting)],
    )
    return batch


def unsealed(connection: Connection, operator: str, most: int) -> list[Row[Any]]:
    """The oldest batches without a final seal, in order."""
    query = select(Batch.__table__).where(Batch.operator == operator, Batch.sealed.is_(False))
    return list(connection.execute(query.order_by(Batch.number).limit(most)).all())


def last_sealed(connection: Connection, operator: str) -> Row[Any] | None:
    """The newest batch with a seal; those below it have theirs."""
    query = select(Batch.__table__).where(Batch.operator == operator, Batch.sealed.is_(True))
    return connection.execute(query.order_by(Batch.number.desc()).limit(1)).one_or_none()


def batch_of(connection: Connection, operator: str, number: int) -> Row[Any]:
    """An operator's batch by its number, which there is."""
    return connection.execute(select(Batch.__table__).where(Batch.operator == operator, Batch.number == number)).one()


def note_seal(connection: Connection, batch: int, seal: Seal) -> None:
    """Notes where the chain holds a batch."""
    connection.execute(
        update(Batch)
        .where(Batch.id == batch)
        .values(
            sealed=True,
            transaction=seal.transaction,
            block=seal.block,
            block_hash=seal.block_hash,
            sealed_at=seal.sealed_at,
        )
    )


def unseal_from(connection: Connection, operator: str, number: int) -> int:
    """Forgets the seals of a batch and of all after it: the chain no longer holds them there. Returns how many."""
    gone = update(Batch).where(Batch.operator == operator, Batch.number >= number, Batch.sealed.is_(True))
    empty = {"transaction": None, "block": None, "block_hash": None, "sealed_at": None}
    return connection.execute(gone.values(sealed=False, **empty)).rowcount


@lru_cache(maxsize=64)
def _tree(engine: Engine, batch: int) -> Tree:
    with engine.connect() as connection:
        query = select(Statement.leaf_hash).where(Statement.batch == batch).order_by(Statement.position)
        return Tree(connection.execute(query).scalars().all())


def path(engine: Engine, batch: int, position: int) -> list[bytes]:
    """The path of a statement of a closed batch; a batch's leaves never change, so its tree is kept."""
    return _tree(engine, batch).path(position)
