"""The same milestone twice, from two phones or after an answer that was lost."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, exists, func, select
from sqlalchemy.orm import aliased

from chain_service.events import records
from chain_service.events.milestones.steps import word_of
from chain_service.events.models import Event, EventItem
from chain_service.events.service import Stated
from chain_service.partners.vault import Vault

WITHIN_MS = 15 * 60 * 1000
_MOST_READ = 20
_MOST_LOOKED_AT = 500  # of one item's events, the newest
_Declaration = aliased(Event)


def posted_before(connection: Connection, vault: Vault, partner: str, stated: Stated) -> str | None:
    """The eventID of what the same partner stated about the same items, at the same place, with the same word and
    within 15 minutes; None where there is none. Measurements are the same only where their values are.

    In a writing transaction: who asks for the same waits until it ends.
    """
    facts = stated.facts
    names = sorted({name for _, name in facts.items})
    if not names:
        return None
    if connection.dialect.name == "postgresql":
        said = vault.fingerprint(f"posted {partner} {facts.step} {facts.read_point} {names[0]} {len(names)}")
        connection.execute(select(func.pg_advisory_xact_lock(int.from_bytes(said[:8], "big", signed=True))))
    erroneous = exists().where(
        _Declaration.partner == Event.partner,
        _Declaration.event_id == Event.event_id,
        _Declaration.declaration.is_(True),
    )
    # Asked apart: joined to it, SQLite would go through every event of the step instead of those of the item.
    of_item = select(EventItem.event).where(EventItem.name == vault.fingerprint(names[0])).distinct()
    newest = connection.execute(of_item.order_by(EventItem.event.desc()).limit(_MOST_LOOKED_AT)).scalars().all()
    query = (
        select(Event.id)
        .where(Event.id.in_(newest), Event.partner == partner)
        .where(Event.step == vault.fingerprint(facts.step), Event.read_point == vault.fingerprint(facts.read_point))
        .where(Event.event_time.between(facts.event_time - WITHIN_MS, facts.event_time + WITHIN_MS))
        .where(Event.declaration.is_(False), ~erroneous)
        .order_by(Event.id.desc())
        .limit(_MOST_READ)
    )
    rows = list(connection.execute(query).scalars())
    for content in records.read(connection, vault, rows).values():
        event = json.loads(content.document)
        if set(content.items) == set(facts.items) and _same(event, stated.event):
            return str(event["eventID"])
    return None


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    same = word_of(one) == word_of(other)
    if "measured" in (word_of(one), word_of(other)):
        return same and _values(one) == _values(other)
    return same


def _values(event: Mapping[str, Any]) -> list[Any]:
    return [element.get("sensorReport") for element in event.get("sensorElementList", [])]
