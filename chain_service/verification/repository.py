"""Reading what receipts are made of."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, select
from sqlalchemy.orm import aliased

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


def declarations_of(connection: Connection, events: Sequence[int]) -> list[Row[Any]]:
    """The error declarations about these events (`corrected`) by who stated them: their id and event_time."""
    about = aliased(Event)
    query = (
        select(Event.id, Event.event_time)
        .add_columns(about.id.label("corrected"))
        .join(about, (about.partner == Event.partner) & (about.event_id == Event.event_id))
        .where(about.id.in_(events), about.declaration.is_(False), Event.declaration.is_(True))
    )
    return list(connection.execute(query).all())


def by_event_id(
    connection: Connection, event_id: str, declaration: bool, partner: str | None = None
) -> Row[Any] | None:
    """The parts of the receipt of an eventID; where several partners stated it, of `partner`, else of the first.

    Who asks may know the partner only from a receipt that is not yet checked. So another partner's is the answer where
    this one stated nothing: a wrong name in a receipt must not hide a declaration.
    """
    query = _PARTS.where(Event.event_id == event_id, Event.declaration.is_(declaration))
    preferred = None if partner is None else _first(connection, query.where(Event.partner == partner))
    return _first(connection, query) if preferred is None else preferred


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
