"""Transactions are kept, signed, before they are sent: after a crash the same bytes are sent again."""

from collections.abc import Mapping

from sqlalchemy import Connection, Row, delete, insert, select, update

from chain_service.chain.models import Lease, Outgoing
from chain_service.kit import clock


def newest_of(connection: Connection, batches: list[int]) -> Mapping[int, Row[tuple[str, int, int, bytes, int]]]:
    """The newest signed transaction of each batch, by the batch's row."""
    table = Outgoing.__table__
    query = select(table).where(Outgoing.batch.in_(batches)).order_by(Outgoing.created_at)
    return {row.batch: row for row in connection.execute(query)}


def hashes_of(connection: Connection, batch: int) -> list[str]:
    """Every transaction kept of a batch, the newest first."""
    query = select(Outgoing.hash).where(Outgoing.batch == batch).order_by(Outgoing.created_at.desc())
    return list(connection.execute(query).scalars())


def keep(connection: Connection, batch: int, nonce: int, transaction: str, raw: bytes) -> None:
    """Keeps signed bytes; the same bytes again are not kept twice."""
    if connection.execute(select(Outgoing.hash).where(Outgoing.hash == transaction)).scalar() is None:
        values = {"hash": transaction, "batch": batch, "nonce": nonce, "raw": raw, "created_at": clock.now_ms()}
        connection.execute(insert(Outgoing).values(values))


def forget(connection: Connection, batch: int) -> None:
    """Drops the transactions of a batch that the chain holds."""
    connection.execute(delete(Outgoing).where(Outgoing.batch == batch))


def take_lease(connection: Connection, operator: str, holder: str, seconds: float) -> bool:
    """Whether this holder is the operator's one active worker for the next `seconds`."""
    now = clock.now_ms()
    table = Lease.__table__
    current = connection.execute(select(table).where(Lease.operator == operator).with_for_update()).one_or_none()
    until = now + int(seconds * 1000)
    if current is None:
        connection.execute(insert(Lease).values(operator=operator, holder=holder, until=until))
        return True
    if current.holder != holder and current.until > now:
        return False
    connection.execute(update(Lease).where(Lease.operator == operator).values(holder=holder, until=until))
    return True


def release_lease(connection: Connection, operator: str, holder: str) -> None:
    """Lets another worker take over at once."""
    connection.execute(delete(Lease).where(Lease.operator == operator, Lease.holder == holder))
