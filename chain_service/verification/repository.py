"""Reading what receipts are made of."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, select
from sqlalchemy.orm import aliased

from chain_service.anchoring import service as anchoring
from chain_service.anchoring.models import Batch, Statement
from chain_service.anchoring.records import Said
from chain_service.events.models import Event
from chain_service.events.records import Content, keys_of
from chain_service.events.visibility import visible_to
from chain_service.kit.digests import to_hex
from chain_service.kit.encryption import Undecryptable
from chain_service.partners.vault import Vault
from chain_service.settings import Network
from chain_service.verification import receipt

log = logging.getLogger(__name__)
_PARTS = (
    select(Statement.__table__)
    .add_columns(
        Event.partner,
        Event.erased_at,
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


@dataclass(frozen=True, slots=True)
class Parts:
    """A statement's row with its batch, and what it says; that is None where it is erased or damaged."""

    row: Row[Any]
    content: Content | None
    said: Said | None


def of_events(connection: Connection, vault: Vault, events: Sequence[int]) -> dict[int, Parts]:
    """The parts of the receipts of these events, by the event's row."""
    rows = connection.execute(_PARTS.where(Statement.event.in_(events))).all()
    return {parts.row.event: parts for parts in _read(connection, vault, rows)}


def _read(connection: Connection, vault: Vault, rows: Sequence[Row[Any]]) -> list[Parts]:
    keys = keys_of(connection, vault, [row.event for row in rows])
    made = []
    for row in rows:
        content = said = None
        if row.event in keys:
            key, encrypted = keys[row.event]
            try:
                content, said = Content.of(encrypted, key), Said.of(row.content, key)
            except (Undecryptable, TypeError):
                log.error("the record of event %d is damaged", row.event)
        made.append(Parts(row, content, said))
    return made


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
    connection: Connection,
    vault: Vault,
    event_id: str,
    declaration: bool,
    reader: str | None,
    partner: str | None = None,
) -> Parts | None:
    """The parts of the receipt of an eventID that `reader` may see; of several partners' that of `partner`, else the
    first.

    Who asks may know the partner only from a receipt that is not yet checked. So another partner's is the answer where
    this one stated nothing: a wrong name in a receipt must not hide a declaration.
    """
    named = (Event.event_id == vault.fingerprint(event_id), Event.declaration.is_(declaration), visible_to(reader))
    query = _PARTS.where(*named)
    preferred = None if partner is None else _first(connection, vault, query.where(Event.partner == partner))
    return _first(connection, vault, query) if preferred is None else preferred


def by_digest(connection: Connection, vault: Vault, digest: str, reader: str | None) -> Parts | None:
    """The parts of the receipt of a statement digest (0x, lower case) that `reader` may see."""
    return _first(connection, vault, _PARTS.where(Statement.digest == digest, visible_to(reader)))


def _first(connection: Connection, vault: Vault, query: Select[Any]) -> Parts | None:
    row = connection.execute(query.order_by(Statement.id).limit(1)).one_or_none()
    parts = _read(connection, vault, [row])[0] if row is not None else None
    return parts if parts is not None and parts.content is not None else None


def assemble(engine: Engine, network: Network, parts: Parts) -> dict[str, Any]:
    """The receipt's JSON; batch, index, path and anchor are null until the seal is final.

    Raises ValueError where the content is erased or damaged.
    """
    row, content, said = parts.row, parts.content, parts.said
    if content is None or said is None:
        raise ValueError("there is no receipt of what can't be read")
    return receipt.build(
        receipt.Receipt(
            network.network,
            json.loads(content.document),
            content.salt,
            content.event_hash,
            said.statement,
            receipt.Reporter(row.partner, row.reporter, said.signature, row.custody),
            _place(engine, network, row),
        )
    )


def sealed_leaf(engine: Engine, network: Network, parts: Parts) -> dict[str, Any]:
    """All that is told of a statement whose content is not: its leaf hash, and its place under a seal."""
    place = receipt.build_place(_place(engine, network, parts.row))
    return {"leafHash": to_hex(parts.row.leaf_hash), **place}


def _place(engine: Engine, network: Network, row: Row[Any]) -> receipt.Place | None:
    if not row.sealed:
        return None
    return receipt.Place(
        receipt.Batch(row.operator, row.number, row.first, row.size, row.root),
        row.position,
        tuple(anchoring.path(engine, row.batch, row.position)),
        receipt.Anchor(
            network.chainId, network.contracts["AnchorLog"].lower(), row.transaction, row.block, row.sealed_at
        ),
    )
