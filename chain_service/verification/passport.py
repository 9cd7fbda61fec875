"""The passport of an item: all that may be shown of it, each step with its receipt."""

from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from chain_service.db import reading
from chain_service.events import genealogy
from chain_service.events.models import EventItem
from chain_service.items import service as items
from chain_service.kit.digital_link import Item, parse
from chain_service.partners.models import Partner
from chain_service.partners.roles import to_names
from chain_service.settings import Network
from chain_service.verification import repository

TYPE = "chain-service/passport/1"
MOST_NAMES = 500


def assemble(engine: Engine, network: Network, item: Item) -> dict[str, Any] | None:
    """The passport's JSON, or None for an item of which nothing is known here."""
    with reading(engine) as connection:
        if not exists(connection, item.name):
            return None
        journey = genealogy.journey(connection, item.name)
        steps = _with_corrections(connection, journey.steps)
        rows = repository.of_events(connection, [step.event for step in steps])
        names = items.descriptions(connection, _mentioned(connection, item.name, rows, steps))
        partners = _partners(connection, {row.partner for row in rows.values()})
    # Outside of the transaction: a path may need a connection of its own, and waiting for one while holding another
    # could block all.
    receipts = [
        {"relation": step.relation, "of": step.of, "receipt": repository.assemble(engine, network, rows[step.event])}
        for step in steps
        if step.event in rows
    ]
    made = {
        "type": TYPE,
        "network": network.network,
        "item": {"name": item.name, "level": item.level, "keys": item.keys},
        "names": names,
        "partners": partners,
        "steps": receipts,
    }
    return {**made, "truncated": True} if journey.truncated else made


def _with_corrections(connection: Connection, steps: list[genealogy.Step]) -> list[genealogy.Step]:
    """The steps and every declaration that one of them was an error, whatever items the declaration itself names."""
    by_event = {step.event: step for step in steps}
    for declaration in repository.declarations_of(connection, list(by_event)):
        corrected = by_event[declaration.corrected]
        by_event.setdefault(
            declaration.id,
            genealogy.Step(declaration.id, declaration.event_time, corrected.relation, corrected.of),
        )
    return sorted(by_event.values(), key=lambda step: (step.time, step.event))


def exists(connection: Connection, name: str) -> bool:
    """Whether anything is known of this very item: a description or an event that names it."""
    named = select(EventItem.event).where(EventItem.name == name).limit(1)
    return items.known(connection, name) or connection.execute(named).scalar() is not None


def _mentioned(connection: Connection, name: str, rows: dict[int, Row[Any]], steps: list[genealogy.Step]) -> set[str]:
    """Every item, product class and place that the passport speaks of."""
    names = {name, *(step.of for step in steps)}
    for row in rows.values():
        names |= {row.read_point, row.biz_location}
    named = select(EventItem.name).where(EventItem.event.in_(rows)).distinct().limit(MOST_NAMES)
    names.update(connection.execute(named).scalars())
    return names | {product for name in names if (product := product_of(name))}


def product_of(name: str) -> str | None:
    """The class (/01/GTIN) that an instance or a lot belongs to."""
    item = parse(name) if name.startswith("https://id.gs1.org/01/") else None
    return f"https://id.gs1.org/01/{item.keys['01']}" if item and "01" in item.keys else None


def _partners(connection: Connection, dids: set[str]) -> dict[str, Any]:
    query = select(Partner.did, Partner.name, Partner.roles).where(Partner.did.in_(dids))
    return {row.did: {"name": row.name, "roles": to_names(row.roles)} for row in connection.execute(query)}
