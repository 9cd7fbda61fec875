"""Reading what receipts are made of."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, select

from chain_service.anchoring import service as anchoring
from chain_service.anchoring.models import Batch, Statement
from chain_service.events.models import Event
from chain_service.kit import eip712
from chain_service.settings import Network
from chain_service.verification import receipt

_PARTS = (
    select(Statement.__table__)
    .add_columns(
        Event.partner,
        Event.event_id,
        Event.declaration,
        Event.read_point,
        Event.biz_location,
        Event.document,
        Event.salt,
        Event.event_hash,
        Batch.operator,
        Batch.number,
        Batch.first,
        Batch.size,
        Batch.root,
        Batch.sealed,
        Batch.transaction,
        Batch.block,
        Batch.sealed_at,
    )
    .join(Event, Event.id == Statement.event)
    .outerjoin(Batch, Batch.id == Statement.batch)
)


def of_events(connection: Connection, events: Sequence[int]) -> dict[int, Row[Any]]:
    """The parts of the receipts of these events, by the event's row."""
    return {row.event: row for row in connection.execute(_PARTS.where(Statement.event.in_(events)))}


def by_event_id(connection: Connection, event_id: str, declaration: bool) -> Row[Any] | None:
    """The parts of the receipt of an eventID; where several partners stated it, of the first."""
    return _first(connection, _PARTS.where(Event.event_id == event_id, Event.declaration.is_(declaration)))


def by_digest(connection: Connection, digest: str) -> Row[Any] | None:
    """The parts of the receipt of a statement digest (0x, lower case)."""
    return _first(connection, _PARTS.where(Statement.digest == digest))


def _first(connection: Connection, query: Select[Any]) -> Row[Any] | None:
    return connection.execute(query.order_by(Statement.id).limit(1)).one_or_none()


def assemble(engine: Engine, network: Network, row: Row[Any]) -> dict[str, Any]:
    """The receipt's JSON; batch, index, path and anchor are null until the seal is final."""
    place = None
    if row.sealed:
        place = receipt.Place(
            receipt.Batch(row.operator, row.number, row.first, row.size, row.root),
            row.position,
            tuple(anchoring.path(engine, row.batch, row.position)),
            receipt.Anchor(
                network.chainId, network.contracts["AnchorLog"].lower(), row.transaction, row.block, row.sealed_at
            ),
        )
    statement = eip712.Statement(
        row.event_digest, row.subjects, row.step, row.disposition, row.place, row.event_time, row.flags
    )
    return receipt.build(
        receipt.Receipt(
            network.network,
            json.loads(row.document),
            row.salt,
            row.event_hash,
            statement,
            receipt.Reporter(row.partner, row.reporter, row.signature, row.custody),
            place,
        )
    )
