"""The passport of an item: all that may be shown of it, each step with its receipt."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, select

from chain_service.db import reading
from chain_service.events import genealogy
from chain_service.events.models import EventItem
from chain_service.items import service as items
from chain_service.kit import clock
from chain_service.kit.digital_link import Item, parse
from chain_service.partners.models import Partner
from chain_service.partners.roles import to_names
from chain_service.partners.vault import Vault
from chain_service.settings import Network
from chain_service.verification import repository
from chain_service.verification.repository import Parts

TYPE = "chain-service/passport/1"
MOST_NAMES = 500


def assemble(
    engine: Engine, vault: Vault, network: Network, item: Item, reader: str | None = None
) -> dict[str, Any] | None:
    """The passport's JSON as `reader` (a DID, or everybody) may see it; None for an item of which nothing is known.

    A step that is not for the reader is `undisclosed`, also once it is erased; one for the reader that its reporter
    erased is `erased`. Of both only the leaf hash and its place are told, of the latter also who erased it when.
    """
    with reading(engine) as connection:
        if not exists(connection, vault, item.name):
            return None
        journey = genealogy.journey(connection, vault, item.name, reader)
        steps = _with_corrections(connection, journey.steps)
        parts = repository.of_events(connection, vault, [step.event for step in steps])
        shown = [parts[step.event] for step in steps if step.shown and step.event in parts]
        names = items.descriptions(connection, _mentioned(item.name, shown, steps))
        partners = _partners(connection, {each.row.partner for each in shown})
    # Outside of the transaction: a path may need a connection of its own, and waiting for one while holding another
    # could block all.
    entries = [_entry(engine, network, step, parts[step.event]) for step in steps if step.event in parts]
    made = {
        "type": TYPE,
        "network": network.network,
        "item": {"name": item.name, "level": item.level, "keys": item.keys},
        "names": names,
        "partners": partners,
        "steps": entries,
    }
    return {**made, "truncated": True} if journey.truncated else made


def _entry(engine: Engine, network: Network, step: genealogy.Step, parts: Parts) -> dict[str, Any]:
    if step.shown and parts.row.erased_at is not None:
        leaf = repository.sealed_leaf(engine, network, parts)
        return {"erased": {"by": parts.row.partner, "at": clock.iso(parts.row.erased_at), **leaf}}
    if not step.shown or parts.content is None:
        return {"undisclosed": repository.sealed_leaf(engine, network, parts)}
    return {"relation": step.relation, "of": step.of, "receipt": repository.assemble(engine, network, parts)}


def _with_corrections(connection: Connection, steps: list[genealogy.Step]) -> list[genealogy.Step]:
    """The steps and every declaration that one of them was an error, whatever items the declaration itself names."""
    by_event = {step.event: step for step in steps}
    for declaration in repository.declarations_of(connection, [step.event for step in steps if step.shown]):
        corrected = by_event[declaration.corrected]
        by_event.setdefault(
            declaration.id,
            genealogy.Step(declaration.id, declaration.event_time, corrected.relation, corrected.of),
        )
    return sorted(by_event.values(), key=lambda step: (step.time, step.event))


def exists(connection: Connection, vault: Vault, name: str) -> bool:
    """Whether anything is known of this very item: a description or an event that names it."""
    named = select(EventItem.event).where(EventItem.name == vault.fingerprint(name)).limit(1)
    return items.known(connection, name) or connection.execute(named).scalar() is not None


def _mentioned(name: str, shown: Sequence[Parts], steps: Sequence[genealogy.Step]) -> set[str]:
    """Every item, product class and place that the passport speaks of."""
    names = {name, *(step.of for step in steps if step.shown)}
    for content in (parts.content for parts in shown):
        if content is not None:
            names |= {content.read_point, content.biz_location}
    named = (of for parts in shown if parts.content is not None for _, of in parts.content.items)
    names.update(islice(dict.fromkeys(named), MOST_NAMES))
    return names | {product for name in names if (product := product_of(name))}


def product_of(name: str) -> str | None:
    """The class (/01/GTIN) that an instance or a lot belongs to."""
    item = parse(name) if name.startswith("https://id.gs1.org/01/") else None
    return f"https://id.gs1.org/01/{item.keys['01']}" if item and "01" in item.keys else None


def _partners(connection: Connection, dids: set[str]) -> dict[str, Any]:
    query = select(Partner.did, Partner.name, Partner.roles).where(Partner.did.in_(dids))
    return {row.did: {"name": row.name, "roles": to_names(row.roles)} for row in connection.execute(query)}
